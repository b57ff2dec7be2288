"""Playlists and lists of paths."""

import os
from pathlib import Path

import pytest

from midcli.errors import InputError, UsageError
from midcli.library.finding import find_files
from midcli.library.lists import listed_paths, read_playlist


@pytest.fixture
def music(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("lists", "songs/a.mp3", "songs/#1 hit.mp3", "songs/Bé.mp3", "songs/x [live].mp3"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch() if path.suffix else path.mkdir()
    return tmp_path


def playlist(music: Path, content: str | bytes, name: str = "lists/a.m3u8") -> Path:
    path = music / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_comments_are_skipped_and_paths_start_from_the_list(music: Path) -> None:
    absolute = music / "songs/Bé.mp3"
    lines = ["\ufeff#EXTM3U", "#EXTINF:123,A - B", "../songs/a.mp3", "", "#PLAYLIST:x", str(absolute), ""]
    path = playlist(music, "\r\n".join(lines))
    assert read_playlist(path) == [str(music / "songs/a.mp3"), str(absolute)]


def test_names_that_look_like_comments(music: Path) -> None:
    path = playlist(music, "#EXTM3U\n#1 hit.mp3\n#EXTINF:1,x\n#2 hit.mp3\na.mp3\n", "songs/b.m3u")
    assert [Path(entry).name for entry in read_playlist(path)] == ["#1 hit.mp3", "a.mp3"]


@pytest.mark.skipif(os.sep != "/", reason="names of Windows elsewhere")
def test_lists_that_were_written_on_windows(music: Path) -> None:
    path = playlist(music, "..\\songs\\a.mp3\n..\\songs\\Bé.mp3\n".encode("cp1252"))
    assert read_playlist(path) == [str(music / "songs/a.mp3"), str(music / "songs/Bé.mp3")]


def test_addresses_of_files(music: Path) -> None:
    path = playlist(music, f"#EXTM3U\n{(music / 'songs/x [live].mp3').as_uri()}\n")
    assert read_playlist(path) == [str(music / "songs/x [live].mp3")]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n1.ts\n", "segments of one stream"),
        ("#EXTM3U\nsong one.mp3\nsong two.mp3\n".encode("utf-16"), "UTF-16"),
    ],
)
def test_lists_that_are_refused(music: Path, content: str | bytes, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        read_playlist(playlist(music, content))
    files, problems = find_files(["lists/a.m3u8"])
    assert (files, len(problems)) == ([], 1)


def test_a_playlist_among_the_files_to_find(music: Path) -> None:
    playlist(music, "#EXTM3U\n../songs/a.mp3\nhttp://radio/stream.mp3\n../songs\nmissing [x].mp3\n")
    files, problems = find_files(["lists/a.m3u8", "songs/a.mp3"])
    names = [file.path.name for file in files]
    assert names == ["a.mp3", "#1 hit.mp3", "Bé.mp3", "x [live].mp3", "missing [x].mp3"]
    [problem] = problems
    assert str(problem).startswith("http://radio/stream.mp3: is an address on the net, named in ")
    playlist(music, "#EXTM3U\n")
    assert "names no files" in str(find_files(["lists/a.m3u8"])[1][0])


@pytest.mark.usefixtures("music")
def test_stdin_lists_files_plainly_or_as_a_playlist() -> None:
    assert listed_paths(b"#EXTM3U\n#EXTINF:1,x\nsongs/a.mp3\n") == ["songs/a.mp3"]
    assert listed_paths(b"#1 hit.mp3\n # x\n") == ["#1 hit.mp3", " # x"]
    assert listed_paths(b"a\nb.mp3\0c.mp3\0") == ["a\nb.mp3", "c.mp3"]
    with pytest.raises(UsageError, match="-: the list on stdin is UTF-16"):
        listed_paths("songs/a.mp3\n".encode("utf-16"))
