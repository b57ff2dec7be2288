"""The panel of where in time and register a quality comes from."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from midcli.explanation.effects import QualityValue
from midcli.explanation.evidence import EvidenceMap, Register, Segment
from midcli.explanation.words import sentences
from midcli.explanation.words.numbers import rounded_to_sum, shown_difference
from midcli.explanation.words.vocabulary import QUALITY_WORDS
from midcli.labels import QUALITY_NAMES
from midcli.views.scales import map_rows

Array = npt.NDArray[np.float64]

SEGMENTS = 60
"""Stretches of time that a piece is told in, at most."""


class RegisterShare(NamedTuple):
    """What one register adds to a quality's distance from the average."""

    register: Register
    amount: float
    shown: float
    """Rounded such that what is shown adds up."""


class MapRow(NamedTuple):
    """One drawn row of a map."""

    low_hz: float
    high_hz: float
    cells: Array
    """(T,): relative evidence, in points."""
    shown: float
    """What it adds, to two decimals, such that what is shown adds up."""


class Place(NamedTuple):
    """Where in time and register one quality comes from, relative to the average piece."""

    quality: QualityValue
    noun: str
    points: Array
    """(T, F): its mean is the quality's distance from the average."""
    difference: float
    """That distance to one decimal."""
    finely: float
    """The same to two decimals, as it is shown beside the value and the average."""
    registers: tuple[RegisterShare, ...]
    """From low to high."""
    strongest: Segment
    share: float
    """Of the time, that of the strongest stretch."""

    @property
    def highest(self) -> float:
        """The quality in the strongest stretch alone, in points."""
        return self.quality.average + self.strongest.contribution.relative / self.share

    def rows(self, edges_hz: Array) -> tuple[MapRow, ...]:
        """Rows of the map as they are drawn, the lowest first."""
        drawn = map_rows(self.points)
        amounts = [float(self.points[:, rows].sum() / self.points.size) for rows in drawn]
        return tuple(
            MapRow(
                float(edges_hz[rows.start]),
                float(edges_hz[rows.stop]),
                self.points[:, rows].mean(axis=1),
                one,
            )
            for rows, one in zip(drawn, rounded_to_sum(amounts, self.finely, decimals=2), strict=True)
        )


class Where(NamedTuple):
    """Where in a piece some qualities come from."""

    evidence: EvidenceMap
    places: tuple[Place, ...]
    draws_on: str
    """How much of the music one cell depends on."""


def where(evidence: EvidenceMap, qualities: Iterable[QualityValue]) -> Where:
    """Places of the qualities."""
    places = tuple(_place(evidence, quality) for quality in qualities)
    return Where(evidence, places, sentences.draws_on(evidence))


def _place(evidence: EvidenceMap, quality: QualityValue) -> Place:
    finely = shown_difference(quality.value, quality.average, decimals=2)
    difference = round(finely, 1)
    amounts = [part.relative for part in evidence.by_register(quality.name).values()]
    shown = rounded_to_sum(amounts, difference)
    strongest = evidence.strongest(quality.name)
    return Place(
        quality,
        QUALITY_WORDS[quality.name].noun,
        evidence.relative_points[QUALITY_NAMES.index(quality.name)],
        difference,
        finely,
        tuple(map(RegisterShare, evidence.registers, amounts, shown)),
        strongest,
        (strongest.end_s - strongest.start_s) / evidence.duration_s,
    )
