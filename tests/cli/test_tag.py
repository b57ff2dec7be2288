"""`midcli tag` on music made here."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tagged_files import write_audio, write_titles

mutagen = pytest.importorskip("mutagen")

Run = Callable[..., tuple[list[str], str]]


@pytest.fixture
def run(run_midcli: Callable[..., tuple[str, str]]) -> Run:
    def run(*arguments: object, command: str = "tag", code: int = 0) -> tuple[list[str], str]:
        stdout, stderr = run_midcli(command, *arguments, code=code)
        return stdout.splitlines(), stderr

    return run


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    for seed, suffix in enumerate((".mp3", ".flac", ".m4a")):
        write_titles(write_audio(folder / f"song{suffix}", seed), f"Title {seed}", "Artist")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def rows(path: Path) -> dict[str, str]:
    """File to hash, of a library without a second row for any file."""
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert len({line["file"] for line in lines}) == len(lines)
    return {line["file"]: line["source"]["sha256"] for line in lines}


def test_a_folder_is_shown_tagged_and_restored_and_never_analysed_again(
    run: Run, music: Path, tmp_path: Path
) -> None:
    before = contents(music)
    shown, stderr = run(music)
    assert [line.startswith(str(Path("music/song."))) for line in shown] == [True] * 3
    assert "3 would be tagged; add --write" in stderr
    assert contents(music) == before

    written, stderr = run(music, "--write")
    assert written == shown
    assert "3 files: 3 tagged" in stderr
    tagged = contents(music)
    assert all(tagged[name] != before[name] for name in before)
    (kept,) = (tmp_path / "data" / "midcli" / "libraries").iterdir()
    known = rows(kept)

    again, stderr = run(music, "--write")
    assert (again, "analysed first" in stderr, "3 left as they are" in stderr) == ([], False, True)
    assert rows(kept) == known
    assert contents(music) == tagged

    restored, stderr = run(music, "--undo")
    assert len(restored) == 3
    assert "3 files: 3 restored" in stderr
    assert sorted(mutagen.File(music / "song.flac").keys()) == ["artist", "title"]
    _, stderr = run(music)
    assert "analysed first" not in stderr
    assert "3 would be tagged" in stderr
    assert run(music, "--undo")[1] == "done: 0 files: nothing to do\n"


def test_what_killed_runs_left_in_a_folder_of_music_is_removed(run: Run, music: Path) -> None:
    for action in ("--write", "--write", "--undo"):
        left = music / ".song.mp3.abc.midcli-new"
        left.touch()
        os.utime(left, (1, 1))
        run(music, action)
        assert not left.exists()


def test_the_rows_of_a_library_take_over_what_its_files_contain(
    run: Run, music: Path, tmp_path: Path
) -> None:
    library = tmp_path / "library.jsonl"
    run(music.name, "-o", library, command="predict")
    before = rows(library)
    run(library, "--write")
    after = rows(library)
    assert after.keys() == before.keys()
    assert all(after[name] != before[name] for name in before)
    _, stderr = run(music.name, "-o", library, command="predict")
    assert "3 unchanged" in stderr
    run(library, "--undo")
    _, stderr = run(music.name, "-o", library, command="predict")
    assert "3 unchanged" in stderr
    assert rows(library).keys() == before.keys()


def test_single_files_as_json(run: Run, music: Path) -> None:
    lines, _ = run(music / "song.mp3", "--json")
    (row,) = map(json.loads, lines)
    assert row["schema"] == "midcli.tag/1"
    assert not row["written"]
    assert row["changes"]["MIDCLI_MODEL"] == ["tiny 0"]
    lines, _ = run(music / "song.mp3", "--json", "--write")
    assert json.loads(lines[0]) == row | {"written": True}
    assert (
        mutagen.File(music / "song.mp3").tags["TXXX:MIDCLI_TENSION"].text == row["changes"]["MIDCLI_TENSION"]
    )
    run(music / "song.mp3", "--undo")
    assert "TXXX:MIDCLI_TENSION" not in mutagen.File(music / "song.mp3").tags


def test_the_library_of_a_folder_follows_what_was_tagged_by_another_way(
    run: Run, music: Path, tmp_path: Path
) -> None:
    library = tmp_path / "library.jsonl"
    run(music)
    run(music.name, "-o", library, command="predict")
    (kept,) = (tmp_path / "data" / "midcli" / "libraries").iterdir()
    before = rows(kept)
    run(music / "song.mp3", "--write")
    assert [name.endswith("song.mp3") for name in before] == [
        rows(kept)[name] != before[name] for name in before
    ]
    (music / "song.m4a").unlink()
    run(library, "--write")
    _, stderr = run(music, "--write")
    assert "analysed first" not in stderr
    run(music / "song.mp3", "--undo")
    assert "analysed first" not in run(music)[1]


def test_files_that_are_gone_are_named_and_no_failures(run: Run, music: Path, tmp_path: Path) -> None:
    library = tmp_path / "library.jsonl"
    run(music.name, "-o", library, command="predict")
    run(library, "--write")
    (music / "song.m4a").unlink()
    for options, rest in ((("--write",), "2 left as they are"), (("--undo",), "2 restored")):
        _, stderr = run(library, *options)
        assert "gone: music/song.m4a" in stderr
        assert f"3 files: {rest}, 1 gone" in stderr
    lines, _ = run(library, "--json")
    assert [row["gone"] for row in map(json.loads, lines)].count(True) == 1


def test_what_links_in_a_folder_lead_to_is_taken_back_with_it(run: Run, music: Path, tmp_path: Path) -> None:
    linked = (music / "song.mp3").rename(tmp_path / "elsewhere.mp3")
    before = linked.read_bytes()
    (music / "song.mp3").symlink_to(linked)
    assert "3 tagged" in run(music, "--write")[1]
    assert "3 restored" in run(music, "--undo")[1]
    assert linked.read_bytes() == before


def test_what_is_taken_back_is_told_beside_what_others_have_changed(run: Run, music: Path) -> None:
    song = music / "song.flac"
    run(song, "--write")
    file = mutagen.File(song)
    file["MIDCLI_TENSION"] = "mine"
    file.save()
    restored, stderr = run(song, "--undo")
    assert "song.flac: changed since by others and kept: MIDCLI_TENSION" in stderr
    assert len(restored) == 1
    assert re.search(r"song.flac: \d+ tags taken back$", restored[0])


def test_a_folder_is_restored_whatever_became_of_its_library(run: Run, music: Path, tmp_path: Path) -> None:
    run(music, "--write")
    (kept,) = (tmp_path / "data" / "midcli" / "libraries").iterdir()
    kept.write_text("")
    assert "3 restored" in run(music, "--undo")[1]


def test_files_that_cannot_be_tagged_do_not_stop_the_others(run: Run, music: Path, tmp_path: Path) -> None:
    library = tmp_path / "library.jsonl"
    (music / "broken.mp3").write_text("no music")
    run(music.name, "-o", library, command="predict", code=5)
    (music / "song.flac").unlink()
    (music / "song.m4a").chmod(0o444)
    protected = (music / "song.m4a").read_bytes()
    written, stderr = run(library, "--write", code=5)
    assert len(written) == 1
    assert "gone: music/song.flac" in stderr
    assert "failed: music/song.m4a: is write-protected" in stderr
    assert "3 files: 1 tagged, 1 gone, 1 failed" in stderr
    assert (music / "song.m4a").read_bytes() == protected
    assert len(rows(library)) == 4


def test_a_file_that_changed_since_is_left(run: Run, music: Path, tmp_path: Path) -> None:
    library = tmp_path / "library.jsonl"
    run(music.name, "-o", library, command="predict")
    write_audio(music / "song.mp3", seed=7)
    other = (music / "song.mp3").read_bytes()
    for options in ((), ("--write",)):
        _, stderr = run(library, *options, code=5)
        assert "song.mp3: has changed since it was analysed; predict again" in stderr
    assert (music / "song.mp3").read_bytes() == other


def test_of_single_files_all_that_would_be_written_is_shown(run: Run, music: Path) -> None:
    shown, _ = run(music / "song.mp3")
    told = json.loads(run(music / "song.mp3", "--json")[0][0])["changes"]
    assert [line.strip() for line in shown[1:]] == [
        f"{name}: {' / '.join(values)}" for name, values in told.items()
    ]
    assert len(run(music / "song.mp3", "--write")[0]) == 1


def test_wrong_calls(run: Run, music: Path) -> None:
    assert "exclude each other" in run(music, "--write", "--undo", code=2)[1]
    assert "no such file or folder" in run("nothing", code=3)[1]
    (music / "list.m3u8").write_text("song.mp3\n")
    for options in ((), ("--write",), ("--undo",)):
        assert "list.m3u8: is a playlist; name its files" in run(music / "list.m3u8", *options, code=2)[1]
    assert "nothing that midcli wrote" in run(music / "song.mp3", "--undo", code=3)[1]


def test_without_the_extra_it_is_named(music: Path) -> None:
    code = "import sys; sys.modules['mutagen'] = None; from midcli.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "tag", str(music)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 4
    assert done.stderr.count("\n") == 1
    assert "mutagen>=" in done.stderr
