"""Path to Analysis: the only place that composes the stages. This is the Python API."""

import logging
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from midcli.audio.limits import MAX_DURATION_S
from midcli.audio.reading import AudioReader
from midcli.audio.spectrogram import (
    FRAMES_PER_SECOND,
    FRONTEND,
    SAMPLE_RATE_HZ,
    FloatArray,
    SpectrogramBuilder,
    band_centres_hz,
)
from midcli.errors import ModelError
from midcli.explanation.curves import Curves, TurningPoint, curves, turning_points
from midcli.explanation.effects import EmotionValue, Explanation, Interval, QualityValue, explain, percentile
from midcli.explanation.evidence import EvidenceMap, Rows, evidence_map
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES, RATING_SCALE
from midcli.model.file import Grid, Model, find_model
from midcli.model.novelty import NoveltyJudge, texture
from midcli.util.prefetch import Ahead, Item
from midcli.util.stopwatch import Stopwatch

if TYPE_CHECKING:
    from midcli.explanation.facts import Disagreement, Facts
    from midcli.explanation.whatif import WhatIf

_log = logging.getLogger(__name__)

TURNING_SPREADS = 1.0
"""A turning point changes an emotion by this many standard deviations of the reference, at least."""

_ITEMS_AHEAD = 16  # blocks of 1 MB each
_SILENCE = "silence"
_SILENT_MAGNITUDE = 0.007  # in a band, of full scale; the dither of 16-bit silence stays below
_QUIET_PEAK = 0.1  # of quieter files, what is not louder than dither may be music
_MUCH_SILENCE = 0.1  # the film excerpts have .03 at most
_SILENCE_PEAK = 1e-4  # -80 dBFS, below any playable level and above the dither of 16-bit silence


@dataclass(frozen=True)
class ModelInfo:
    """Which model made an analysis."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True)
class Novelty:
    """How unlike music the input is."""

    score: float
    """0 (music) to 1."""
    flagged: bool
    """Beyond the model's limit."""
    resembles: str
    """What it is most like besides music: `speech`, `noise`, `a tone`, `clicks`, `applause` or `silence`."""


@dataclass(frozen=True)
class Analysis:
    """What one file sounds like and why. Values are in rating points."""

    file: str
    duration_s: float
    model: ModelInfo
    explanation: Explanation
    novelty: Novelty | None
    warnings: tuple[str, ...]
    evidence: npt.NDArray[np.float32] = field(repr=False, compare=False)
    """(7, T, F), x 0.1 scale: its mean over T and F plus the quality's bias is the quality."""
    grid: Grid = field(repr=False)
    reference: str
    """The corpus that averages and percentiles refer to, such as "360 film excerpts"."""

    @property
    def doubtful(self) -> bool:
        """Whether it is unlike the music that the model knows."""
        return bool(self.novelty and self.novelty.flagged)

    @property
    def midlevel(self) -> dict[str, QualityValue]:
        return self.explanation.midlevel

    @property
    def emotions(self) -> dict[str, EmotionValue]:
        return self.explanation.emotions


@dataclass(frozen=True)
class _Reading:
    """A file that is being read."""

    reader: AudioReader
    blocks: AbstractContextManager[Iterator[FloatArray]]


@dataclass(frozen=True)
class _Heard:
    """What was read of one file."""

    spectrogram: FloatArray
    duration_s: float
    silent: bool
    silent_share: float
    """Of its frames; they are no louder than dither."""
    warnings: list[str]


class Analyser:
    """A loaded model that analyses one file after another.

    `model` is a bundled model's name or a file; `threads` are those of the network (0: all cores), and with
    1 nothing else runs beside it either; `reference` is a file of predictions that averages and percentiles
    refer to instead of the model's corpus; `first` is the file to be analysed first, read while the model
    loads. Raises ModelError if the model, DataError if the reference cannot be used.
    """

    def __init__(
        self,
        model: str | Path | None = None,
        threads: int = 0,
        max_duration_s: float = MAX_DURATION_S,
        reference: str | Path | None = None,
        first: str | Path | None = None,
    ) -> None:
        watch = Stopwatch(_log)
        self.threads = threads
        self.max_duration_s = max_duration_s
        self._first_path = None if first is None else Path(first)
        with ExitStack() as if_it_fails:
            if first is not None:
                self._first = self._read(first)
                if_it_fails.push(self._first.blocks)
            self.model = Model(find_model(model), FRONTEND, threads)
            self._judge = _novelty_judge(self.model)
            watch.lap("model %s %s loaded from %s", self.model.name, self.model.version, self.model.path)
            self.reference = self.model.reference
            if reference is not None:
                from midcli.explanation.reference import read_reference

                own = read_reference(reference, self.model.sha256)
                self.reference = replace(self.reference, name=own.name, ids=own.ids, midlevel=own.midlevel)
            if_it_fails.pop_all()

    def analyse(self, path: str | Path) -> Analysis:
        """Analyse one audio file. Raises InputError if it cannot be read.

        While a file is opened, and while an mp3 is read, what this process and children that it starts then
        write to stdout and stderr is lost: decoders write there.
        """
        watch = Stopwatch(_log)
        heard = self._hear(path)
        frames = len(heard.spectrogram)
        watch.lap("%s: %.1f s read, %d frames of spectrogram", path, heard.duration_s, frames)
        with self._beside(self._judging(heard)) as judging:
            evidence = self.model.evidence(heard.spectrogram)
            novelty = next(judging)
        warnings = [_flag_reason(novelty.resembles)] if novelty and novelty.flagged else []
        shortest_s = self.model.calibration.get("shortest_s", 0.0)
        if heard.duration_s < shortest_s:
            measured_on = f"all music that intervals were measured on (from {shortest_s:g} s)"
            warnings.append(f"shorter than {measured_on}: they hold less often")
        if heard.silent_share > _MUCH_SILENCE and not (novelty and novelty.flagged):
            warnings.append(
                f"{100 * heard.silent_share:.0f} % of it is silence, which counts as if it were music"
            )
        watch.lap("%s: network run", path)
        analysis = Analysis(
            str(path),
            heard.duration_s,
            ModelInfo(self.model.name, self.model.version, self.model.sha256),
            self.explain(self.model.midlevel(evidence)),
            novelty,
            (*heard.warnings, *warnings),
            evidence,
            self.model.grid,
            self.reference.name,
        )
        watch.lap("%s: explained", path)
        return analysis

    def explain(self, midlevel: npt.NDArray[np.float64]) -> Explanation:
        """Explanation of mid-level values (7,), x 0.1 scale, by the model's last layer."""
        return explain(
            midlevel,
            self.model.head.weights,
            self.model.head.intercept,
            self.reference.midlevel,
            _interval(self.model.calibration.get("midlevel")),
            _interval(self.model.calibration.get("emotion")),
        )

    def reference_points(self) -> dict[str, npt.NDArray[np.float64]]:
        """Qualities and emotions of the reference by name, in rating points (pieces,)."""
        midlevel = self.reference.midlevel
        values = np.hstack([midlevel, self.model.emotions(midlevel)]) / RATING_SCALE
        return dict(zip((*QUALITY_NAMES, *EMOTION_NAMES), values.T, strict=True))

    def evidence_map(self, analysis: Analysis) -> EvidenceMap:
        """Where in the audio the qualities come from."""
        average = np.array([quality.average for quality in analysis.midlevel.values()]) * RATING_SCALE
        return evidence_map(
            analysis.evidence,
            self.model.head.midlevel_bias,
            average,
            self.model.reference.register_evidence,
            analysis.duration_s,
            Rows(band_centres_hz(), analysis.grid.stride_bands, analysis.grid.receptive_bands),
            analysis.grid.receptive_frames / FRAMES_PER_SECOND,
        )

    def curves(self, analysis: Analysis, window_s: float | None = None) -> Curves:
        """Qualities and emotions through the piece."""
        head = self.model.head
        values = self.evidence_map(analysis).values
        return curves(values, head.weights, head.intercept, analysis.duration_s, window_s)

    def turning_points(self, through_the_piece: Curves) -> list[TurningPoint]:
        """Where an emotion changes by a good part of what distinguishes the pieces of the reference."""
        spread = self.model.emotions(self.reference.midlevel).std(axis=0) / RATING_SCALE
        return turning_points(through_the_piece, TURNING_SPREADS * spread)

    def what_if(self, analysis: Analysis) -> "WhatIf":
        """Changes to the qualities of the piece, as long as those between pieces of the reference."""
        from midcli.explanation.whatif import WhatIf

        midlevel = np.array([quality.value for quality in analysis.midlevel.values()]) * RATING_SCALE
        head = self.model.head
        return WhatIf(midlevel, head.weights, head.intercept, self.reference.midlevel)

    def facts(self, path: str | Path, analysis: Analysis) -> "tuple[Facts, list[Disagreement]]":
        """Measured facts of the analysed file, and which of them contradict the model.

        Raises ExtraError without librosa.
        """
        from midcli.explanation import facts

        watch = Stopwatch(_log)
        blocks = AudioReader(path, facts.SAMPLE_RATE_HZ, self.max_duration_s).blocks()
        measured = facts.measure(blocks, analysis.duration_s)
        watch.lap("%s: facts measured", path)
        corpus = self.model.reference.midlevel / RATING_SCALE
        percentiles = {
            name: percentile(quality.value, corpus[:, j])
            for j, (name, quality) in enumerate(analysis.midlevel.items())
        }
        return measured, facts.disagreements(measured, percentiles)

    def _hear(self, path: str | Path) -> _Heard:
        if Path(path) == self._first_path:
            self._first_path, reading = None, self._first
        else:
            reading = self._read(path)
        builder = SpectrogramBuilder()
        with reading.blocks as blocks:
            for block in blocks:
                builder.add(block)
        spectrogram = builder.finish()
        silent = builder.peak < _SILENCE_PEAK
        loudest = np.log10(1 + _SILENT_MAGNITUDE / max(builder.peak, _QUIET_PEAK))
        silent_share = float(np.mean(spectrogram.max(axis=1) < loudest))
        return _Heard(spectrogram, reading.reader.duration_s, silent, silent_share, reading.reader.warnings)

    def _read(self, path: str | Path) -> _Reading:
        reader = AudioReader(path, SAMPLE_RATE_HZ, self.max_duration_s)
        return _Reading(reader, self._beside(reader.blocks()))

    def _beside(self, items: Generator[Item, None, None]) -> AbstractContextManager[Iterator[Item]]:
        """Made in a thread of its own, unless this is to be the only one."""
        return nullcontext(items) if self.threads == 1 else Ahead(items, _ITEMS_AHEAD)

    def _judging(self, heard: _Heard) -> Generator[Novelty | None, None, None]:
        yield self._novelty(heard)

    def _novelty(self, heard: _Heard) -> Novelty | None:
        if heard.silent:
            return Novelty(1.0, flagged=True, resembles=_SILENCE)
        if self._judge is None:
            return None
        log_odds = self._judge.log_odds(texture(heard.spectrogram))
        highest = float(log_odds.max())
        return Novelty(
            1 / (1 + float(np.exp(-highest))),
            highest > self._judge.threshold,
            self._judge.kinds[int(log_odds.argmax())],
        )


def analyse(path: str | Path, model: str | Path | None = None) -> Analysis:
    """Analyse one audio file with a bundled model (by name) or a model file.

    Raises InputError if the audio, ModelError if the model cannot be used. For what is lost of stdout and
    stderr meanwhile, see `Analyser.analyse`.
    """
    return Analyser(model, first=path).analyse(path)


def _flag_reason(resembles: str) -> str:
    if resembles == _SILENCE:
        return "silence: its values say nothing about music"
    return f"sounds more like {resembles} than music"


def _novelty_judge(model: Model) -> NoveltyJudge | None:
    stored = model.calibration.get("novelty")
    if stored is None:
        return None
    try:
        return NoveltyJudge.from_json(stored)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{model.path}: its novelty score is incomplete or malformed ({error!r})") from error


def _interval(offsets: dict[str, Any] | None) -> Interval | None:
    if offsets is None:
        return None
    return Interval(np.asarray(offsets["low"], np.float64), np.asarray(offsets["high"], np.float64))
