"""Evidence map to contributions per time and register: where in the audio a quality comes from.

A quality is its bias plus the mean of its map over time and register, so any partition of the map splits
the value exactly. Relative contributions compare each register with its average over the reference
corpus and sum to the distance from the average piece.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from midcli.explanation.words.names import index_of
from midcli.labels import QUALITY_NAMES

Array = npt.NDArray[np.float64]

LOW_BELOW_HZ = 250.0
HIGH_FROM_HZ = 2000.0
STRONGEST_S = 5.0


class Register(NamedTuple):
    """Neighbouring rows of the map, named as musicians would."""

    name: str
    low_hz: float
    high_hz: float
    rows: slice


class Rows(NamedTuple):
    """How the rows of the map lie on the bands of the spectrogram."""

    band_centres_hz: npt.NDArray[np.float32]
    stride_bands: int
    seen_bands: int
    """Height of the receptive field."""

    @property
    def seen_octaves(self) -> float | None:
        """None if a cell draws on all bands. Counted where bands are equally wide, in the upper half."""
        centres = self.band_centres_hz
        if self.seen_bands >= len(centres):
            return None
        return float(np.log2(centres[-1] / centres[-1 - self.seen_bands]))

    def edges_hz(self, rows: int) -> Array:
        """(rows + 1,): a row covers as many bands as the map strides, the last one those that remain."""
        bands = len(self.band_centres_hz)
        edges = np.minimum(np.arange(rows + 1) * self.stride_bands, bands)
        edges[-1] = bands
        return np.exp(np.interp(edges - 0.5, np.arange(bands), np.log(self.band_centres_hz)))


class Contribution(NamedTuple):
    """What one part of the music adds to a quality, in rating points.

    >>> import midcli
    >>> analysis = midcli.analyse("song.ogg")
    >>> parts = analysis.evidence.by_register("dissonance")
    >>> dissonance = analysis.midlevel["dissonance"]
    >>> far = sum(part.relative for part in parts.values())
    >>> abs(dissonance.value - dissonance.average - far) < 1e-6
    True
    """

    absolute: float
    """All parts and the bias sum to the value."""
    relative: float
    """All parts sum to the distance from the average."""


class Segment(NamedTuple):
    """What one stretch of time adds to a quality.

    >>> import midcli
    >>> [round(part.end_s) for part in midcli.analyse("song.ogg").evidence.over_time("dissonance", 1)]
    [3]
    """

    start_s: float
    end_s: float
    contribution: Contribution


@dataclass(frozen=True)
class EvidenceMap:
    """Evidence of the seven qualities in rating points; columns tile the piece, rows tile the spectrum.

    A cell is centred on its place, but the network saw more than the cell: the receptive field around it.
    Methods that take a quality raise UsageError, which is a ValueError, for a name that there is not.

    >>> import midcli
    >>> evidence = midcli.analyse("song.ogg").evidence
    >>> most = evidence.strongest("dissonance", seconds=1.0)
    >>> 0 <= most.start_s < most.end_s
    True
    """

    points: Array
    """(7, T, F): its mean over T and F plus the bias is the quality."""
    bias: Array
    """(7,)"""
    baseline: Array
    """(7, F): the average piece, row by row; its mean over F plus the bias is the average."""
    duration_s: float
    row_edges_hz: Array
    """(F + 1,)"""
    seen_s: float
    """Length of the music that a cell draws on."""
    seen_octaves: float | None
    """Width of the register that a cell draws on; None if it is the whole spectrum."""

    @property
    def columns(self) -> int:
        return int(self.points.shape[1])

    @property
    def cell_s(self) -> float:
        return self.duration_s / self.columns

    @property
    def relative_points(self) -> Array:
        """(7, T, F): its mean over T and F is the quality's distance from the average."""
        return self.points - self.baseline[:, np.newaxis, :]

    @property
    def values(self) -> Array:
        """(7, T): the quality column by column; its mean over T is the quality of the piece."""
        values: Array = self.bias[:, np.newaxis] + self.points.mean(axis=2)
        return values

    @property
    def registers(self) -> tuple[Register, ...]:
        """Low, middle and high, as far as the map has rows in them."""
        centres_hz = np.sqrt(self.row_edges_hz[:-1] * self.row_edges_hz[1:])
        first_middle, first_high = np.searchsorted(centres_hz, [LOW_BELOW_HZ, HIGH_FROM_HZ])
        bounds = [0, int(first_middle), int(first_high), len(centres_hz)]
        return tuple(
            Register(
                name, float(self.row_edges_hz[first]), float(self.row_edges_hz[stop]), slice(first, stop)
            )
            for name, first, stop in zip(("low", "middle", "high"), bounds, bounds[1:], strict=False)
            if stop > first
        )

    def by_register(self, quality: str) -> dict[str, Contribution]:
        """Contribution of each register by its name."""
        return {register.name: self._part(quality, rows=register.rows) for register in self.registers}

    def over_time(self, quality: str, segments: int) -> list[Segment]:
        """The piece in at most that many stretches of (nearly) equal length."""
        j = index_of(quality, QUALITY_NAMES)
        bounds = np.linspace(0, self.columns, min(segments, self.columns) + 1).round().astype(int)
        sums = np.add.reduceat(self.points[j].sum(axis=1), bounds[:-1])
        absolute = sums / self.points[j].size
        relative = (sums - np.diff(bounds) * self.baseline[j].sum()) / self.points[j].size
        edges_s = (bounds * self.cell_s).tolist()
        contributions = map(Contribution, absolute.tolist(), relative.tolist())
        return list(map(Segment, edges_s[:-1], edges_s[1:], contributions))

    def strongest(self, quality: str, seconds: float = STRONGEST_S) -> Segment:
        """The stretch of that length (in whole cells) that adds most to the quality."""
        length = min(self.columns, max(1, round(seconds / self.cell_s)))
        sums = np.concatenate([[0.0], np.cumsum(self.points[index_of(quality, QUALITY_NAMES)].sum(axis=1))])
        first = int(np.argmax(sums[length:] - sums[:-length]))
        return self._segment(quality, first, first + length)

    def _segment(self, quality: str, first: int, stop: int) -> Segment:
        return Segment(
            float(first * self.cell_s),
            float(stop * self.cell_s),
            self._part(quality, columns=slice(first, stop)),
        )

    def _part(self, quality: str, columns: slice = slice(None), rows: slice = slice(None)) -> Contribution:
        j = index_of(quality, QUALITY_NAMES)
        part = self.points[j, columns, rows]
        cells = self.points[j].size
        expected = self.baseline[j, rows].sum() * part.shape[0]
        return Contribution(float(part.sum() / cells), float((part.sum() - expected) / cells))


def evidence_map(
    evidence: Array,
    bias: Array,
    average: Array,
    register_evidence: Array,
    duration_s: float,
    rows: "Rows",
    seen_s: float,
) -> EvidenceMap:
    """Map of a network's evidence (7, T, F) and bias (7,), relative to a reference.

    `average` (7,) is the reference's mean quality and `register_evidence` (7, F) its mean evidence. What the
    two and the bias disagree about (outputs of several folds, a reference of the user's own) is spread evenly
    over the rows, so that relative contributions always sum exactly. `seen_s` is the length of the receptive
    field.
    """
    unexplained = average - bias - register_evidence.mean(axis=1)
    return EvidenceMap(
        evidence,
        bias,
        register_evidence + unexplained[:, np.newaxis],
        duration_s,
        rows.edges_hz(evidence.shape[2]),
        seen_s,
        rows.seen_octaves,
    )
