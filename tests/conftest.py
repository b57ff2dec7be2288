"""Fixtures shared by the whole suite."""

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from midcli.cli import console, logs
from midcli.cli.settings import CONFIG_VARIABLE, SETTINGS
from midcli.cli.threads import let_threads_sleep
from midcli.model.engine import Engine
from midcli.model.limits import check_content
from tests.model_files import write_model

# a suite that runs in the background ignores interrupts or hang-ups, and so would the programs that it starts
signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

let_threads_sleep()
gc.disable()  # what is imported and collected stays: looking through it again and again costs seconds

SAMPLE_RATE_HZ = 44_100
EMOTION_HEADER = "number,valence,energy,tension,anger,fear,happy,sad,tender,TARGET"
ALBUMS = ["The Portait of a Lady ", "The Portrait of a Lady", "Crouching Tiger"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if "MIDCLI_DATA" not in os.environ:
        skip = pytest.mark.skip(reason="MIDCLI_DATA names no data set")
        for item in items:
            if "data" in item.keywords:
                item.add_marker(skip)


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True)
def fresh_consoles() -> Iterator[None]:
    """A console keeps the width that it was made with, a log its file."""
    console.stdout.cache_clear()
    console.stderr.cache_clear()
    yield
    logs.stop()


@pytest.fixture(autouse=True)
def built_in_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    """No default of whoever runs the tests."""
    monkeypatch.setenv(CONFIG_VARIABLE, os.devnull)
    for setting in SETTINGS:
        if setting.name != "data":
            monkeypatch.delenv(setting.variable, raising=False)


@pytest.fixture(autouse=True)
def networks_run_here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """No process of its own for each model that a test makes, but where it is marked `confined`.

    Starting one takes longer than most tests. Programs that tests start confine such models as ever.
    """
    if "confined" not in request.keywords:
        monkeypatch.setattr("midcli.model.confined.Confined", checked_network)


def checked_network(content: bytes, threads: int) -> Engine:
    check_content(content)
    return Engine(content, threads)


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


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """The published layout with made-up ratings and empty audio files."""
    soundtracks, midlevel = tmp_path / "soundtracks", tmp_path / "midlevel/metadata_annotations"
    (soundtracks / "Set1").mkdir(parents=True)
    midlevel.mkdir(parents=True)
    numbers = [f"{number:03}" for number in range(1, 361)]
    for number in numbers:
        (soundtracks / "Set1" / f"{number}.mp3").touch()
    rows = [f"{number},1,2,3,4,5,6,7,{int(number) / 100},HAPPY" for number in numbers]
    (soundtracks / "mean_ratings_set1.csv").write_text("\ufeff" + "\n".join([EMOTION_HEADER, *rows]), "utf-8")
    tracks = [f"{number},Happy,{ALBUMS[int(number) % 3]},6,02:02" for number in numbers]
    (soundtracks / "set1_tracklist.csv").write_text(
        "\n".join(["Nro,Emotion,Album name,Track,Min:Sec", *tracks])
    )
    (soundtracks / "fixed-test-36.txt").write_text("008\n019\n")
    songs = [f"{song},{song / 1000},2,3,4,5,6,7" for song in range(1, 5001)]
    header = "song_id,melody, articulation,rhythm_complexity, rhythm_stability,dissonance,atonality,mode"
    (midlevel / "annotations.csv").write_text("\n".join([header, *songs]))
    (midlevel / "metadata.csv").write_text("song id;Source;ID at file source\n1;other;\n")
    return tmp_path
