"""Fixtures shared by the whole suite."""

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tests.model_files import write_model

SAMPLE_RATE_HZ = 44_100


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if "MIDCLI_DATA" not in os.environ:
        skip = pytest.mark.skip(reason="MIDCLI_DATA names no data set")
        for item in items:
            if "data" in item.keywords:
                item.add_marker(skip)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working model file with random weights."""
    return write_model(tmp_path_factory.mktemp("model") / "tiny.onnx")


@pytest.fixture(scope="session")
def chord() -> npt.NDArray[np.float32]:
    """Three seconds of a decaying minor chord, mono, 44.1 kHz."""
    time_s = np.arange(3 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    tones = sum(np.sin(2 * np.pi * hz * time_s) for hz in (220.0, 261.63, 329.63))
    return (0.2 * tones * np.exp(-(time_s % 0.5) * 4)).astype(np.float32)


@pytest.fixture(scope="session")
def song(tmp_path_factory: pytest.TempPathFactory, chord: npt.NDArray[np.float32]) -> Path:
    """The chord as a wav file."""
    import soundfile

    path = tmp_path_factory.mktemp("audio") / "song.wav"
    soundfile.write(path, chord, SAMPLE_RATE_HZ)
    return path
