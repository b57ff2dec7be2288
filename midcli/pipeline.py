"""Path to Analysis: the only place that composes the stages. This is the Python API."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from midcli.audio import MAX_DURATION_S, AudioReader
from midcli.explanation import EmotionValue, Explanation, Interval, QualityValue, explain
from midcli.model import Grid, Model, find_model
from midcli.spectrogram import FRONTEND, SAMPLE_RATE_HZ, SpectrogramBuilder

_SILENCE_PEAK = 1e-4  # -80 dBFS, below any playable level and above the dither of 16-bit silence


@dataclass(frozen=True)
class ModelInfo:
    """Which model made an analysis."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True)
class Novelty:
    """How unlike the music that the model knows the input is; flagged beyond the model's limit."""

    score: float
    flagged: bool


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

    @property
    def midlevel(self) -> dict[str, QualityValue]:
        return self.explanation.midlevel

    @property
    def emotions(self) -> dict[str, EmotionValue]:
        return self.explanation.emotions


class Analyser:
    """A loaded model that analyses one file after another.

    `model` is a bundled model's name or a file; `threads` are those of the network (0: all cores).
    Raises ModelError if the model cannot be used.
    """

    def __init__(
        self,
        model: str | Path | None = None,
        threads: int = 0,
        max_duration_s: float = MAX_DURATION_S,
    ) -> None:
        self.model = Model(find_model(model), FRONTEND, threads)
        self.max_duration_s = max_duration_s

    def analyse(self, path: str | Path) -> Analysis:
        """Analyse one audio file. Raises InputError if it cannot be read."""
        reader = AudioReader(path, SAMPLE_RATE_HZ, self.max_duration_s)
        builder = SpectrogramBuilder()
        for block in reader.blocks():
            builder.add(block)
        warnings = list(reader.warnings)
        silent = builder.peak < _SILENCE_PEAK
        if silent:
            warnings.append("silence: the values below say nothing about music")
        evidence = self.model.evidence(builder.finish())
        return Analysis(
            str(path),
            reader.duration_s,
            ModelInfo(self.model.name, self.model.version, self.model.sha256),
            self.explain(self.model.midlevel(evidence)),
            Novelty(1.0, flagged=True) if silent else None,
            tuple(warnings),
            evidence,
            self.model.grid,
        )

    def explain(self, midlevel: npt.NDArray[np.float64]) -> Explanation:
        """Explanation of mid-level values (7,), x 0.1 scale, by the model's last layer."""
        return explain(
            midlevel,
            self.model.head.weights,
            self.model.head.intercept,
            self.model.reference.midlevel,
            _interval(self.model.calibration.get("midlevel")),
            _interval(self.model.calibration.get("emotion")),
        )


def analyse(path: str | Path, model: str | Path | None = None) -> Analysis:
    """Analyse one audio file with a bundled model (by name) or a model file.

    Raises InputError if the audio, ModelError if the model cannot be used.
    """
    return Analyser(model).analyse(path)


def _interval(offsets: dict[str, Any] | None) -> Interval | None:
    if offsets is None:
        return None
    return Interval(np.asarray(offsets["low"], np.float64), np.asarray(offsets["high"], np.float64))
