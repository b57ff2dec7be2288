import hashlib
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from midcli.errors import InputError, OutputError
from midcli.explanation.records import Source
from midcli.library.tags import Titles, read_titles
from midcli.library.tags_undo import UndoJournal
from midcli.library.tags_writing import pending, rehearsed, undo_tags, write_tags
from tests.tagged_files import FORMATS, write_audio, write_titles

mutagen = pytest.importorskip("mutagen")

TAGS = {"MIDCLI_TENSION": ("6.10",), "MIDCLI_MODEL": ("film 1.1",), "MIDCLI_MOODS": ("tense", "sad")}


@pytest.fixture
def journal(tmp_path: Path) -> UndoJournal:
    return UndoJournal(tmp_path / "data" / "tags.jsonl")


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def samples(path: Path) -> bytes:
    """All audio as it is decoded."""
    with av.open(str(path)) as container:
        return b"".join(frame.to_ndarray().tobytes() for frame in container.decode(audio=0))


def as_players_read(path: Path) -> dict[str, str]:
    with av.open(str(path)) as container:
        found = {**container.metadata, **container.streams.audio[0].metadata}
    return {name.upper(): value for name, value in found.items()}


@pytest.mark.parametrize("titled", [False, True])
@pytest.mark.parametrize("suffix", FORMATS)
def test_tags_are_written_and_taken_back_and_the_audio_stays(
    tmp_path: Path, journal: UndoJournal, suffix: str, titled: bool
) -> None:
    path = write_audio(tmp_path / f"song{suffix}")
    if titled:
        write_titles(path, "Title", "Artist")
    before, heard = path.read_bytes(), samples(path)
    assert pending(path, TAGS) == {**TAGS, "MOOD": ("tense", "sad")}
    assert path.read_bytes() == before

    source = write_tags(path, TAGS, journal, sha256(path))
    assert (source.sha256, source.bytes) == (sha256(path), path.stat().st_size)
    assert samples(path) == heard
    assert read_titles(path) == (Titles("Title", "Artist") if titled else Titles())
    assert pending(path, TAGS) == {}

    source, restored, kept = undo_tags(path, journal)
    assert set(restored) == {*TAGS, "MOOD"}
    assert (source.sha256, kept) == (sha256(path), ())
    assert samples(path) == heard
    assert pending(path, TAGS) == {**TAGS, "MOOD": ("tense", "sad")}
    if titled or suffix in (".mp3", ".wav", ".aiff", ".wv"):  # those without tags of any kind have none again
        assert path.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["data", path.name]


@pytest.mark.parametrize("suffix", [".mp3", ".flac", ".ogg", ".opus"])
def test_other_programs_read_them(tmp_path: Path, journal: UndoJournal, suffix: str) -> None:
    path = write_audio(tmp_path / f"song{suffix}")
    write_tags(path, TAGS, journal)
    read = as_players_read(path)
    assert read["MIDCLI_TENSION"] == "6.10"
    assert read["TMOO" if suffix == ".mp3" else "MOOD"].startswith("tense")


def test_names_in_mp4_are_those_that_players_look_for(tmp_path: Path, journal: UndoJournal) -> None:
    path = write_audio(tmp_path / "song.m4a")
    write_tags(path, TAGS, journal)
    tags = mutagen.File(path).tags
    assert [bytes(value) for value in tags["----:com.apple.iTunes:MOOD"]] == [b"tense", b"sad"]
    assert [bytes(value) for value in tags["----:com.apple.iTunes:MIDCLI_TENSION"]] == [b"6.10"]


def test_the_mood_of_somebody_else_stays(tmp_path: Path, journal: UndoJournal) -> None:
    path = write_audio(tmp_path / "song.flac")
    file = mutagen.File(path)
    file["Mood"] = "my own"
    file.save()
    assert "MOOD" not in pending(path, TAGS)
    write_tags(path, TAGS, journal)
    assert mutagen.File(path)["mood"] == ["my own"]
    undo_tags(path, journal)
    assert mutagen.File(path)["mood"] == ["my own"]


def test_a_new_analysis_replaces_the_old_one_and_its_moods(tmp_path: Path, journal: UndoJournal) -> None:
    path = write_audio(tmp_path / "song.mp3")
    before = path.read_bytes()
    write_tags(path, TAGS | {"MIDCLI_OLD": ("1.00",)}, journal)
    new = {"MIDCLI_TENSION": ("2.00",), "MIDCLI_MOODS": ()}
    write_tags(path, new, journal)
    tags = mutagen.File(path).tags
    assert sorted(tags.keys()) == ["TXXX:MIDCLI_TENSION"]
    undo_tags(path, journal)
    assert path.read_bytes() == before


def test_what_somebody_changed_since_is_left_and_told(tmp_path: Path, journal: UndoJournal) -> None:
    path = write_audio(tmp_path / "song.ogg")
    write_tags(path, TAGS, journal)
    file = mutagen.File(path)
    file["MOOD"] = "mine now"
    file.save()
    assert undo_tags(path, journal)[2] == ("MOOD",)
    assert dict(mutagen.File(path)) == {"mood": ["mine now"]}


def test_a_file_that_was_moved_is_known_by_its_content(tmp_path: Path, journal: UndoJournal) -> None:
    path = write_audio(tmp_path / "song.mp3")
    before = path.read_bytes()
    write_tags(path, TAGS, journal)
    moved = path.rename(tmp_path / "moved.mp3")
    undo_tags(moved, journal)
    assert moved.read_bytes() == before
    with pytest.raises(InputError, match="nothing that midcli wrote"):
        undo_tags(moved, journal)


@pytest.mark.parametrize("version", [3, 4])
def test_the_version_of_id3_and_the_tag_at_the_end_stay(
    tmp_path: Path, journal: UndoJournal, version: int
) -> None:
    from mutagen import id3

    path = write_audio(tmp_path / "song.mp3")
    tags = id3.ID3()
    tags.add(id3.TIT2(encoding=1, text=["A title that is longer than thirty characters are"]))
    tags.add(id3.TYER(encoding=0, text=["1999"]))
    tags.add(id3.APIC(encoding=0, mime="image/png", type=3, desc="", data=b"picture"))
    tags.save(path, v2_version=version, v1=0)
    end = b"TAG" + b"Another title".ljust(30) + b"Somebody".ljust(30) + b"x" * 65
    with path.open("ab") as file:
        file.write(end)
    write_tags(path, TAGS, journal)
    content = path.read_bytes()
    assert content[3] == version
    assert content[-128:] == end
    assert b"TYER" in content
    assert b"TDRC" not in content
    undo_tags(path, journal)
    assert path.read_bytes()[-128:] == end


def test_a_frame_that_mutagen_would_lose_keeps_the_file_as_it_is(
    tmp_path: Path, journal: UndoJournal
) -> None:
    def frame(name: bytes, content: bytes) -> bytes:
        return name + len(content).to_bytes(4, "big") + b"\0\0" + content

    path = write_audio(tmp_path / "song.mp3")
    audio = path.read_bytes()
    sound = frame(b"TIT2", b"\0Title") + frame(b"TCOM", b"\0")
    for frames, is_kept in ((sound, False), (sound + frame(b"TPE1", b"\x09no such encoding"), True)):
        size = len(frames)
        header = b"ID3\x03\0\0" + bytes([size >> 21, size >> 14 & 127, size >> 7 & 127, size & 127])
        path.write_bytes(header + frames + audio)
        before = path.read_bytes()
        if is_kept:
            for attempt in (lambda: rehearsed(path, TAGS), lambda: write_tags(path, TAGS, journal)):
                with pytest.raises(InputError, match="other tags"):
                    attempt()
            assert path.read_bytes() == before
        else:
            rehearsed(path, TAGS)
            write_tags(path, TAGS, journal)
            assert read_titles(path).title == "Title"


def test_a_new_tag_says_what_the_old_one_at_the_end_says(tmp_path: Path, journal: UndoJournal) -> None:
    path = write_audio(tmp_path / "song.mp3")
    with path.open("ab") as file:
        file.write(
            b"TAG" + b"Old title".ljust(30, b"\0") + b"Somebody".ljust(30, b"\0") + b"\0" * 64 + b"\xff"
        )
    before = path.read_bytes()
    write_tags(path, TAGS, journal)
    assert read_titles(path) == Titles("Old title", "Somebody")
    undo_tags(path, journal)
    assert path.read_bytes() == before


def test_a_copy_of_a_tagged_file_leaves_it_its_own_undo(tmp_path: Path, journal: UndoJournal) -> None:
    path = write_audio(tmp_path / "song.mp3")
    before = path.read_bytes()
    write_tags(path, TAGS, journal)
    copy = tmp_path / "copy.mp3"
    for _ in range(2):
        copy.write_bytes(path.read_bytes())
        undo_tags(copy, journal)
        assert copy.read_bytes() == before
    undo_tags(path, journal)
    assert path.read_bytes() == before


def test_of_several_places_a_moved_file_comes_from_the_one_that_is_gone(
    tmp_path: Path, journal: UndoJournal
) -> None:
    stays, goes = (write_audio(tmp_path / name) for name in ("a.mp3", "b.mp3"))
    for path in (stays, goes):
        write_tags(path, TAGS, journal)
    undo_tags(goes.rename(tmp_path / "moved.mp3"), journal)
    assert journal.places_in(tmp_path) == [stays]


def test_links_modes_and_copies_stay(tmp_path: Path, journal: UndoJournal) -> None:
    path = write_audio(tmp_path / "song.mp3")
    path.chmod(0o640)
    link, twin = tmp_path / "link.mp3", tmp_path / "twin.mp3"
    link.symlink_to(path)
    os.link(path, twin)
    untouched = twin.read_bytes()
    write_tags(link, TAGS, journal)
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert twin.read_bytes() == untouched
    assert path.read_bytes() != untouched


def test_a_file_that_is_another_than_was_analysed_is_left(tmp_path: Path, journal: UndoJournal) -> None:
    path = write_audio(tmp_path / "song.mp3")
    before = path.read_bytes()
    with pytest.raises(InputError, match="changed since it was analysed"):
        write_tags(path, TAGS, journal, "0" * 64)
    with pytest.raises(InputError, match="changed since it was analysed"):
        rehearsed(path, TAGS, Source("0" * 64, 1, 1))
    moved = Source(sha256(path), path.stat().st_size, 1)
    assert rehearsed(path, TAGS, moved) == pending(path, TAGS)
    assert path.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["song.mp3"]


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda path: path.unlink(), "no such file"),
        (lambda path: path.chmod(0o444), "write-protected"),
        (lambda path: path.write_text("no music at all"), "no tags that can be written|broken"),
        (lambda path: path.write_bytes(b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + path.read_bytes()), "its"),
        (lambda path: path.write_bytes(b""), "no tags|broken"),
    ],
    ids=["gone", "write-protected", "text", "broken ID3", "empty"],
)
@pytest.mark.parametrize("suffix", [".mp3", ".flac", ".m4a", ".ogg"])
def test_what_cannot_be_tagged_is_one_line_and_stays(
    tmp_path: Path, journal: UndoJournal, make: Callable[[Path], Any], problem: str, suffix: str
) -> None:
    path = write_audio(tmp_path / f"song{suffix}")
    make(path)
    before = path.read_bytes() if path.exists() else None
    with pytest.raises(InputError, match=problem):
        rehearsed(path, TAGS)
    with pytest.raises(InputError, match=problem) as caught:
        write_tags(path, TAGS, journal)
    assert "\n" not in str(caught.value)
    assert (path.read_bytes() if path.exists() else None) == before
    assert not journal.path.exists()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), suffix=st.sampled_from(FORMATS))
def test_damaged_files_keep_their_audio_or_stay_as_they_are(
    tmp_path: Path, journal: UndoJournal, data: st.DataObject, suffix: str
) -> None:
    path = tmp_path / f"song{suffix}"
    write_titles(write_audio(path), "Title", "Artist")
    content = bytearray(path.read_bytes())
    for place in data.draw(st.lists(st.integers(0, min(3000, len(content) - 1)), max_size=8)):
        content[place] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(len(content) // 2, len(content)))])
    before = path.read_bytes()
    titles = read_titles(path)
    try:
        write_tags(path, TAGS, journal)
    except InputError:
        assert path.read_bytes() == before
    else:
        assert read_titles(path) == titles
        assert pending(path, TAGS) == {}


def test_what_was_noted_but_not_written_is_taken_back_without_touching_the_file(
    tmp_path: Path, journal: UndoJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_audio(tmp_path / "song.mp3")
    write_titles(path, "Title", "Artist")
    before, replace = path.read_bytes(), Path.replace
    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_tags(path, TAGS, journal)
    monkeypatch.setattr(Path, "replace", replace)
    assert (path.read_bytes(), len(journal.of(path))) == (before, 1)
    assert undo_tags(path, journal)[1:] == ({}, ())
    assert path.read_bytes() == before
    assert journal.of(path) == []


@pytest.mark.skipif(sys.platform != "linux", reason="lists open files as Linux does")
def test_no_file_is_open_when_it_is_replaced_as_windows_wants_it(
    tmp_path: Path, journal: UndoJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, replaced = Path.replace, []

    def checked(new: Path, target: Path) -> Path:
        opened = [os.path.realpath(link) for link in Path("/proc/self/fd").iterdir()]
        assert os.path.realpath(target) not in opened
        replaced.append(target)
        return replace(new, target)

    monkeypatch.setattr(Path, "replace", checked)
    path = write_audio(tmp_path / "song.mp3")
    write_tags(path, TAGS, journal)
    undo_tags(path, journal)
    assert replaced == [path, path]


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_torn_line_of_the_journal_costs_no_other(tmp_path: Path, journal: UndoJournal) -> None:
    paths = [write_audio(tmp_path / f"{number}.mp3", number) for number in range(2)]
    before = [path.read_bytes() for path in paths]
    write_tags(paths[0], TAGS, journal)
    with journal.path.open("ab") as file:
        file.write(b'{"schema": "midcli.tags/1", "fi')
    write_tags(paths[1], TAGS, journal)
    for path in paths:
        undo_tags(path, UndoJournal(journal.path))
    assert [path.read_bytes() for path in paths] == before
    assert [json.loads(line)["undone"] for line in journal.path.read_bytes().splitlines()[-2:]] == [
        True,
        True,
    ]


def test_rows_of_strangers_in_the_journal_cost_no_other(tmp_path: Path, journal: UndoJournal) -> None:
    path = write_audio(tmp_path / "song.mp3")
    before = path.read_bytes()
    write_tags(path, TAGS, journal)
    [row] = journal.path.read_text().splitlines()
    foreign = [
        *(json.loads(row) | {"file": file} for file in ([], {}, 7, f"{tmp_path}/\0", f"{tmp_path}/\ud800")),
        *(json.loads(row) | {"before": tags} for tags in (None, [], {"A": 1}, {"A": [1]}, {"A": [["a"]]})),
        json.loads(row) | {"sha256": {}},
        {},
        [],
    ]
    lines = [*map(json.dumps, foreign), "[" * 100_000, "9" * 10_000, "\0" * 4096]
    journal.path.write_text("\n".join([*lines, row, *lines]))
    again = UndoJournal(journal.path)
    assert again.places_in(tmp_path) == [path]
    undo_tags(path, again)
    assert path.read_bytes() == before


def test_without_a_journal_nothing_is_written(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "song.mp3")
    before = path.read_bytes()
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written"):
        write_tags(path, TAGS, UndoJournal(tmp_path / "file" / "tags.jsonl"))
    assert path.read_bytes() == before


def test_a_folder_that_takes_no_copy(
    tmp_path: Path, journal: UndoJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_audio(tmp_path / "song.mp3")
    monkeypatch.setattr(os, "access", lambda place, _mode: Path(place) != tmp_path.resolve())
    for attempt in (lambda: rehearsed(path, TAGS), lambda: write_tags(path, TAGS, journal)):
        with pytest.raises(InputError, match="folder is write-protected"):
            attempt()


@pytest.mark.skipif(os.name != "posix", reason="such names are of POSIX")
def test_names_that_are_no_text(tmp_path: Path, journal: UndoJournal) -> None:
    path = write_audio(tmp_path / "song.mp3").rename(tmp_path / os.fsdecode(b"caf\xe9.mp3"))
    before = path.read_bytes()
    write_tags(path, TAGS, journal)
    undo_tags(path, UndoJournal(journal.path))
    assert path.read_bytes() == before
