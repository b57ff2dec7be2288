"""Libraries as `predict` writes them, with made-up qualities, for tests that search them."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from midcli.audio.spectrogram import FRONTEND
from midcli.explanation.records import Failure, ModelInfo, Prediction, Record, Source, Value
from midcli.labels import QUALITY_NAMES
from midcli.model.file import Model
from midcli.model.novelty import Novelty
from midcli.util.text import json_line

Array = npt.NDArray[np.float64]


def qualities(pieces: int, seed: int = 0) -> Array:
    """(pieces, 7)"""
    return np.random.default_rng(seed).normal(5.0, 1.0, (pieces, 7)).round(4)


def predictions(
    model: Path, midlevel: Array, names: Sequence[str] = (), flagged: Sequence[int] = ()
) -> list[Prediction]:
    """Records of pieces of these qualities, named `000.wav` ... unless `names` says otherwise."""
    loaded = Model(model, FRONTEND, threads=1)
    info = ModelInfo(loaded.name, loaded.version, loaded.sha256)
    names = names or [f"{number:03}.wav" for number in range(len(midlevel))]
    records = []
    for row, (name, values) in enumerate(zip(names, midlevel, strict=True)):
        emotions = dict(zip(loaded.head.names, loaded.head.emotions(values).tolist(), strict=True))
        records.append(
            Prediction(
                name,
                60.0 + row,
                info,
                "ten pieces",
                {
                    name: Value(value, 5.0, 50.0)
                    for name, value in zip(QUALITY_NAMES, values.tolist(), strict=True)
                },
                {name: Value(value, 5.0, 50.0) for name, value in emotions.items()},
                (),
                Novelty(0.9 if row in flagged else 0.1, row in flagged, "noise"),
                Source(hashlib.sha256(name.encode()).hexdigest(), 1000 + row, 1),
            )
        )
    return records


def write_library(path: Path, records: Sequence[Record]) -> Path:
    """A file of JSON lines."""
    path.write_text("".join(json_line(record.to_dict()) + "\n" for record in records), encoding="utf-8")
    return path


def failure(name: str) -> Failure:
    return Failure(name, "input", "not an audio file that can be read (unknown or broken format)")
