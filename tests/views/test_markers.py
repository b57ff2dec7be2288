"""Markers as editors read them; a wav that gets cue points keeps its audio bit for bit."""

import csv
import io
import struct
import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from midcli.analyser import Analyser
from midcli.errors import InputError, UsageError
from midcli.explanation.words.sentences import flagged_note
from midcli.model.novelty import Novelty
from midcli.views.markers import (
    Marker,
    audacity_labels,
    check_markers,
    marker_file,
    markers_of,
    reaper_regions,
    wav_with_cues,
)
from midcli.views.panels.sections import sections

MARKERS = [Marker(0.5, 1.25, "tension rises: größer"), Marker(62.0, 64.5, 'a "quoted", one')]


def chunks(content: bytes) -> dict[bytes, bytes]:
    assert content[:4] == b"RIFF"
    assert struct.unpack("<I", content[4:8])[0] == len(content) - 8
    found, place = {}, 12
    while place < len(content):
        size = struct.unpack_from("<I", content, place + 4)[0]
        assert content[place : place + 4] not in found
        found[content[place : place + 4]] = content[place + 8 : place + 8 + size]
        place += 8 + size + size % 2
    return found


def test_markers_of_what_is_no_music_say_that_they_are_guesses(tiny_model: Path, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 4 * 22_050)
    tone = 0.5 * np.sin(np.arange(4 * 22_050) * 2 * np.pi * 440 / 22_050)
    soundfile.write(tmp_path / "changing.wav", np.concatenate([noise, tone]), 22_050)
    analysis = Analyser(tiny_model).analyse(tmp_path / "changing.wav")
    known, unlike = (replace(analysis, novelty=Novelty(0.9, flagged, "noise")) for flagged in (False, True))
    assert markers_of(known)
    first, *others = markers_of(unlike)
    assert first == Marker(0.0, unlike.duration_s, flagged_note())
    assert len(others) == len(markers_of(known))
    words = [row.word for row in sections(unlike).rows]
    assert all(word.endswith("?") for word in words)
    assert {one.text for one in others} >= set(words if len(words) > 1 else [])


def test_audacity_has_seconds_between_tabs() -> None:
    assert audacity_labels(MARKERS).decode().splitlines()[0] == "0.500000\t1.250000\ttension rises: größer"


def test_reaper_has_regions_in_minutes() -> None:
    rows = list(csv.DictReader(io.StringIO(reaper_regions(MARKERS).decode())))
    assert [row["#"] for row in rows] == ["R1", "R2"]
    assert (rows[1]["Start"], rows[1]["End"], rows[1]["Length"]) == ("1:02.000", "1:04.500", "0:02.500")
    assert rows[1]["Name"] == 'a "quoted", one'


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT"])
def test_cue_points_leave_the_audio_as_it_is(tmp_path: Path, subtype: str) -> None:
    path = tmp_path / "song.wav"
    soundfile.write(path, np.random.default_rng(0).normal(0, 0.1, (8001, 1)), 8000, subtype=subtype)
    once = wav_with_cues(path, MARKERS)
    (tmp_path / "once.wav").write_bytes(once)
    twice = wav_with_cues(tmp_path / "once.wav", MARKERS)
    assert twice == once  # earlier cue points are replaced
    before, after = chunks(path.read_bytes()), chunks(once)
    assert after[b"data"] == before[b"data"]
    assert np.array_equal(soundfile.read(path)[0], soundfile.read(tmp_path / "once.wav")[0])
    count, _, place = struct.unpack_from("<III", after[b"cue "])
    assert (count, place) == (2, 4000)
    assert b"tension rises: gr\xc3\xb6\xc3\x9fer\0" in after[b"LIST"]
    if subtype != "FLOAT":
        with wave.open(str(tmp_path / "once.wav")) as file:
            assert file.getnframes() == 8001


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"RIFX nothing", "no RIFF wav"),
        (b"RIFF\0\0\0\0WAVEdata\0\0\0\0", "no sample rate"),
        (b"", "no RIFF wav"),
    ],
)
def test_what_has_no_place_for_cue_points_is_told(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "song.wav"
    path.write_bytes(content)
    with pytest.raises(InputError, match=problem):
        wav_with_cues(path, MARKERS)
    with pytest.raises(InputError, match="cannot be read"):
        wav_with_cues(tmp_path / "none.wav", MARKERS)


@pytest.mark.parametrize("stated", [0, 2**32 - 1])
def test_audio_of_no_stated_length_is_copied_whole(tmp_path: Path, stated: int) -> None:
    source = tmp_path / "piped.wav"
    noise = np.random.default_rng(0).normal(0, 0.1, 22_050)
    soundfile.write(source, noise, 22_050, subtype="PCM_16")
    content = source.read_bytes()
    place = content.index(b"data") + 4
    source.write_bytes(content[:place] + struct.pack("<I", stated) + content[place + 4 :])
    copied = chunks(wav_with_cues(source, MARKERS))
    assert copied[b"data"] == content[place + 4 :]
    assert struct.unpack_from("<I", copied[b"cue "])[0] == len(MARKERS)


def test_endings_say_the_format() -> None:
    check_markers(Path("x.txt"), Path("a.mp3"))
    check_markers(Path("x.wav"), Path("a.WAV"))
    with pytest.raises(UsageError, match=r"written as .txt, .csv, .wav"):
        check_markers(Path("x.mid"), Path("a.wav"))
    with pytest.raises(UsageError, match="copy of a wav, which"):
        check_markers(Path("x.wav"), Path("a.mp3"))
    assert marker_file(Path("x.csv"), [], Path("a.wav")).startswith(b"#,Name")
