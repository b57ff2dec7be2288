import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from midcli.library.tags import Titles, read_titles
from tests.tagged_files import FORMATS, write_audio, write_titles


@pytest.mark.parametrize("suffix", FORMATS)
def test_titles_of_every_format(tmp_path: Path, suffix: str) -> None:
    path = write_audio(tmp_path / f"song{suffix}")
    assert read_titles(path) == Titles()
    write_titles(path, "Żółw – 亀", "Ólafur")
    assert read_titles(path) == Titles("Żółw – 亀", "Ólafur")
    assert read_titles(str(path)).named(path) == "Ólafur – Żółw – 亀"


def test_names_without_titles_are_those_of_the_files(tmp_path: Path) -> None:
    assert Titles().named(tmp_path / "a\x1b[31m.mp3") == "a�[31m.mp3"
    assert Titles(artist="Somebody").named("x/b.mp3") == "b.mp3"
    assert Titles("Song").named("x/b.mp3") == "Song"


def test_titles_are_one_harmless_line(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "song.flac")
    write_titles(path, "two\nlines\x1b[2J \u202e", "   ")
    assert read_titles(path) == Titles("two lines�[2J �", None)


def test_a_title_of_a_megabyte_is_cut(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "song.flac")
    write_titles(path, "la " * 300_000, "Somebody")
    title = read_titles(path).title
    assert title
    assert title.startswith("la la la")
    assert (len(title) <= 200, title[-1]) == (True, "…")


def test_album_artist_stands_in_for_the_artist(tmp_path: Path) -> None:
    mutagen = pytest.importorskip("mutagen")
    path = write_audio(tmp_path / "song.flac")
    file = mutagen.File(path)
    file["ALBUMARTIST"] = "All of them"
    file.save()
    assert read_titles(path).artist == "All of them"


@pytest.mark.parametrize(
    "make",
    [
        lambda _: None,
        lambda path: path.touch(),
        lambda path: path.mkdir(),
        lambda path: path.write_text("no music"),
        lambda path: path.write_bytes(b"ID3\x04\x00\x00\x7f\x7f\x7f\x7fTIT2"),
        lambda path: path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n/etc/hostname\n"),
        lambda path: os.mkfifo(path),
        lambda path: path.symlink_to(path),
    ],
    ids=["gone", "empty", "folder", "text", "broken ID3", "playlist", "pipe", "loop"],
)
def test_titles_never_fail(tmp_path: Path, make: Callable[[Path], Any]) -> None:
    path = tmp_path / "song.mp3"
    make(path)
    assert read_titles(path) == Titles()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), suffix=st.sampled_from(FORMATS))
def test_titles_of_damaged_files_never_fail(tmp_path: Path, data: st.DataObject, suffix: str) -> None:
    path = tmp_path / f"song{suffix}"
    write_titles(write_audio(path), "Title", "Artist")
    content = bytearray(path.read_bytes())
    for place in data.draw(st.lists(st.integers(0, min(3000, len(content) - 1)), max_size=20)):
        content[place] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    assert isinstance(read_titles(path), Titles)


def test_titles_of_a_long_file_take_no_longer(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    soundfile.write(path, np.zeros((44_100 * 120, 2), np.float32), 44_100)
    started = time.process_time()
    for _ in range(20):
        read_titles(path)
    assert (time.process_time() - started) / 20 < 0.05
