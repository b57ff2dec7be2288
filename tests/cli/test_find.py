"""`midcli find` and `midcli similar` over a library that predict has written."""

import json
import os
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from midcli.explanation.sections import Contrast
from tests.library_files import failure, predictions, qualities, write_library
from tests.model_files import write_model
from tests.tagged_files import write_audio, write_titles

PIECES = 30

Run = Callable[..., tuple[str, str]]


@pytest.fixture
def library(tmp_path: Path, tiny_model: Path) -> Path:
    return write_library(tmp_path / "library.jsonl", predictions(tiny_model, qualities(PIECES), flagged=[4]))


@pytest.fixture
def run(run_midcli: Run) -> Run:
    def run(*arguments: object, command: str = "find", code: int = 0) -> tuple[str, str]:
        stdout, stderr = run_midcli(command, *arguments, code=code)
        assert not code or stderr.splitlines()[-1].startswith("error: ")
        return stdout, stderr

    return run


def test_words_to_a_table_with_reasons(run: Run, library: Path) -> None:
    stdout, stderr = run(library, "tense, not dissonant", "--why", "--top", 3)
    assert "understood: tension high · dissonance low" in stderr
    assert "fit; the first 3" in stderr or "pieces fit" in stderr
    assert "tension dissonance" in stdout
    assert "perhaps" in stdout
    assert "gone" in stdout  # no audio is there


def test_json_is_one_object_a_hit(run: Run, library: Path) -> None:
    stdout, _ = run(library, "tense", "--json", "--top", 4)
    hits = [json.loads(line) for line in stdout.splitlines()]
    assert [hit["rank"] for hit in hits] == [1, 2, 3, 4]
    assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)
    assert "004.wav" not in {hit["file"] for hit in hits}


def test_similar_is_short_for_like(run: Run, library: Path) -> None:
    options = ("--but", "less staccato", "--json")
    assert (
        run("000.wav", library, *options, command="similar")[0]
        == run(library, "--like", "000.wav", *options)[0]
    )


@pytest.mark.parametrize("name", ["list.m3u8", "list.csv", "list.jsonl"])
def test_output_is_written_by_its_ending_and_never_over_a_file(
    run: Run, library: Path, tmp_path: Path, name: str
) -> None:
    stdout, stderr = run(library, "tense", "-o", name)
    assert stdout == ""
    assert f"saved: {name}" in stderr
    written = (tmp_path / name).read_bytes()
    assert written
    _, stderr = run(library, "not tense", "-o", name, code=2)
    assert f"{name}: exists; --overwrite replaces it" in stderr
    assert (tmp_path / name).read_bytes() == written
    run(library, "not tense", "-o", name, "--overwrite")
    assert (tmp_path / name).read_bytes() != written


def test_a_playlist_is_as_long_as_wanted_and_says_what_varying_did(run: Run, library: Path) -> None:
    stdout, stderr = run(library, "tense", "--vary", "--minutes", 7, "--json")
    assert "deviations apart" in stderr
    total = sum(json.loads(line)["duration_s"] for line in stdout.splitlines())
    assert abs(total / 60 - 7) < 1
    assert f"chosen, {total / 60:.0f} minutes\n" in stderr
    _, stderr = run(library, "tense", "--vary", "--minutes", 600, "--json")
    assert "varied: the pieces stay the same" in stderr
    assert " of 600 minutes: nothing else fits" in stderr


def test_pieces_that_are_named_go_by_their_titles_and_may_be_no_music(
    run: Run, library: Path, tmp_path: Path
) -> None:
    write_titles(write_audio(tmp_path / "000.wav", 0), "First", "Somebody")
    _, stderr = run(library, "--like", "000.wav", "--like", "004.wav", "--json")
    assert "understood: like Somebody – First and 004.wav in emotion" in stderr
    assert "warning: 004.wav does not sound like music" in stderr
    _, stderr = run(library, "--between", "000.wav", "005.wav", "--json")
    assert "understood: from Somebody – First to 005.wav" in stderr
    assert "does not sound" not in stderr


def test_what_is_gone_is_in_no_playlist(run: Run, library: Path, tmp_path: Path) -> None:
    run(library, "--between", "003.wav", "005.wav", "--top", 4, "-o", "disk-elsewhere.m3u8")
    (tmp_path / "003.wav").touch()
    _, stderr = run(library, "--between", "003.wav", "005.wav", "--top", 4, "-o", "way.m3u8")
    assert "3 of 4 files are gone from where they were analysed, and left out of the playlist" in stderr
    assert (tmp_path / "disk-elsewhere.m3u8").read_text("utf-8").count("#EXTINF") == 4
    assert (tmp_path / "way.m3u8").read_text("utf-8").splitlines()[2:] == ["003.wav"]


def test_what_no_playlist_can_hold_is_told(run: Run, tmp_path: Path, tiny_model: Path) -> None:
    records = predictions(tiny_model, qualities(2), ["a\nb.wav", "c.wav"])
    library = write_library(tmp_path / "odd.jsonl", records)
    _, stderr = run(library, "--min", "dissonance=1", "-o", "list.m3u8")
    assert "warning: a\N{REPLACEMENT CHARACTER}b.wav: no playlist can hold a name with a line break" in stderr
    assert (tmp_path / "list.m3u8").read_text("utf-8").splitlines()[2:] == ["c.wav"]


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="names of files are text there")
def test_what_is_not_found_by_its_name_is_told(run: Run, tmp_path: Path, song: Path) -> None:
    (tmp_path / "music").mkdir()
    Path(os.fsdecode(bytes(tmp_path) + b"/music/caf\xe9.wav")).write_bytes(song.read_bytes())
    run("music", "-o", "x.jsonl", command="predict")
    told = "music/caf\N{REPLACEMENT CHARACTER}.wav: may be there; its name is not UTF-8"
    assert f"warning: {told}" in run("x.jsonl", "--min", "dissonance=1")[1]
    assert f"gone: {told}" in run("x.jsonl", command="tag")[1]


def test_a_playlist_says_why_where_it_is_asked_for(run: Run, library: Path) -> None:
    assert run(library, "tense", "-o", "a.m3u8")[0] == ""
    assert "higher than" in run(library, "tense", "-o", "b.m3u8", "--why")[0]


def test_an_arc_and_a_path(run: Run, library: Path) -> None:
    stdout, _ = run(library, "--from", "consonant", "--to", "dissonant", "--top", 5, "--json")
    assert len(stdout.splitlines()) == 5
    stdout, _ = run(library, "--between", "000.wav", "001.wav", "--top", 5, "--json", "--on", "qualities")
    files = [json.loads(line)["file"] for line in stdout.splitlines()]
    assert (files[0], files[-1]) == ("000.wav", "001.wav")


def test_an_arc_that_artists_bend_is_told(run: Run, tmp_path: Path, tiny_model: Path) -> None:
    pieces = predictions(
        tiny_model, np.full((3, 7), 5.0) + np.arange(3)[:, np.newaxis], [f"{i}.wav" for i in "abc"]
    )
    library = write_library(tmp_path / "library.jsonl", pieces)
    arc = (library, "--from", "consonant", "--to", "dissonant", "--top", 3)
    for name, artist in (("a", "Bach"), ("b", "Ravel"), ("c", "Ravel")):
        write_audio(tmp_path / f"{name}.wav")
        write_titles(tmp_path / f"{name}.wav", name, artist)
    _, stderr = run(*arc)
    assert "warning: 2 of 3 pieces are not where their step is, so that no artist follows himself" in stderr
    write_titles(tmp_path / "c.wav", "c", "Satie")
    assert "warning" not in run(*arc)[1]


def test_an_emotion_that_was_not_learned_is_told(run: Run, tmp_path: Path) -> None:
    feelings = {
        "labels": ["wonder", "calm"],
        "scale": [0, 100],
        "weights": [[3.0] * 7, [-2.0] * 7],
        "intercept": [5.0, 60.0],
        "about": "felt",
        "scores": {"wonder": 0.5, "calm": 0.02},
    }
    model = write_model(tmp_path / "m.onnx", heads={"feelings": feelings})
    library = write_library(tmp_path / "library.jsonl", predictions(model, qualities(PIECES)))
    asked = ("--model", model, "--vocabulary", "feelings")
    warning = "warning: calm: what the model says of it is no better than a guess"
    assert warning in run(library, "not calm", *asked)[1]
    assert warning in run(library, "--from", "wonder", "--to", "calm", *asked)[1]
    assert "guess" not in run(library, "wonder", *asked)[1]


def test_a_short_list_is_told_in_seconds(run: Run, tmp_path: Path, tiny_model: Path) -> None:
    short = [replace(piece, duration_s=18.0) for piece in predictions(tiny_model, qualities(3))]
    library = write_library(tmp_path / "short.jsonl", short)
    for minutes, told in (
        (0.1, "1 chosen, 18 seconds"),
        (9, "3 chosen, 54 seconds of 9 minutes: nothing else fits"),
    ):
        assert told in run(library, "--min", "dissonance=1", "--minutes", minutes)[1]


def test_an_arc_is_shown_as_it_was_understood(run: Run, library: Path) -> None:
    _, stderr = run(library, "--from", "very relaxed, not angry, blurb", "--to", "scared")
    assert "warning: not understood: blurb" in stderr
    assert "understood: from tension very low, anger low to fear high\n" in stderr
    _, stderr = run(library, "--from", "calm", "--to", "blurb", code=2)
    assert stderr == "error: not understood: blurb; `midcli glossary` lists the words\n"


def test_what_is_asked_for_twice_counts_once(run: Run, library: Path) -> None:
    once = run(library, "tense, sad", "--why")
    assert run(library, "tense, sad", "--high", "tension", "--why") == once
    assert (
        run(library, "sad", "--high", "tension", "--high", "tension", "--json")[0]
        == (run(library, "sad", "--high", "tension", "--json")[0])
    )


def test_the_same_seed_the_same_list(run: Run, library: Path) -> None:
    lists = [run(library, "tense", "--top", 8, "--seed", seed, "--json")[0] for seed in (1, 1, 2)]
    assert lists[0] == lists[1] != lists[2]


def test_a_folder_is_analysed_first_and_resumed(run: Run, tmp_path: Path, song: Path) -> None:
    folder = tmp_path / "Music"
    folder.mkdir()
    samples, rate_hz = soundfile.read(song)
    for number in range(3):
        soundfile.write(
            folder / f"{number}.wav", np.roll(samples, 4000 * number) * (1 - 0.2 * number), rate_hz
        )
    (folder / "broken.mp3").write_bytes(b"no music")
    stdout, stderr = run("Music", "--min", "dissonance=1", "--json", "--flagged")
    assert "4 of 4 files are new, moved, changed or failed before" in stderr
    assert "is kept in" in stderr
    assert "1 file could not be read" in stderr
    assert len(stdout.splitlines()) == 3
    kept = list((tmp_path / "data" / "midcli" / "libraries").glob("Music-*.jsonl"))
    assert len(kept) == 1
    _, stderr = run("Music", "--min", "dissonance=1", "--json", "--flagged")
    assert (
        "1 of 4 files is new, moved, changed or failed before" in stderr
    )  # what failed is tried again, as always
    assert not list(folder.glob("*.jsonl*"))
    run("Music", "tense", "--save", "page.html")
    page = (tmp_path / "page.html").read_text("utf-8")
    assert re.search(r"of \d+ in Music ·", page)  # not the name of the file in which it is kept


def test_words_that_mean_nothing_are_told(run: Run, library: Path) -> None:
    _, stderr = run(library, "tense, cinematic")
    assert "warning: not understood: cinematic" in stderr
    _, stderr = run(library, "tens", code=2)
    assert "did you mean tense?" in stderr
    assert stderr.count("\n") == 1


def test_what_is_asked_for_becomes_a_smart_playlist(run: Run, library: Path, tmp_path: Path) -> None:
    _, stderr = run(library, "tense", "--max", "dissonance=5", "-o", "Tense.nsp", "--top", 7)
    assert "saved: Tense.nsp" in stderr
    assert "midcli tag --write" in stderr
    rules = json.loads((tmp_path / "Tense.nsp").read_text())
    assert (rules["name"], rules["limit"], rules["sort"]) == ("Tense", 7, "midcli_tension")
    assert rules["all"][1] == {"lt": {"midcli_dissonance": 5.005}}


def test_pieces_that_change_say_how(run: Run, tmp_path: Path, tiny_model: Path) -> None:
    records = predictions(tiny_model, qualities(4))
    records[2] = replace(records[2], contrast=Contrast("tension", 2.0, 6.0, 0.0, 70.0))
    records[3] = replace(records[3], heard_s=61.0)
    library = write_library(tmp_path / "library.jsonl", records)
    stdout, stderr = run(library, "--contrast", "calm to tense")
    assert "understood: changing from relaxed to tense" in stderr
    assert "1 of 4 pieces were heard in excerpts: no contrast is known" in stderr
    assert "002" in stdout
    assert "from relaxed (2.0, at 0:00) to tense (6.0, at 1:10)" in stdout


@pytest.mark.parametrize(
    ("arguments", "code", "problem"),
    [
        (["LIBRARY"], 2, "nothing is asked for"),
        (["LIBRARY", "  "], 2, "nothing is asked for"),
        (["LIBRARY", "tense", "--from", "", "--to", "calm"], 2, "an arc needs --from and --to, each with"),
        (["LIBRARY", "tense", "--from", "calm", "--to", " "], 2, "an arc needs --from and --to, each with"),
        (["LIBRARY", "--contrast", "staccato"], 2, "--contrast staccato: contrasts are those of emotions"),
        (["LIBRARY", "tense", "--vary", "-o", "list.nsp"], 2, "no rule for --vary; write .m3u8 instead"),
        (["LIBRARY", "--like", "000.wav", "-o", "list.nsp"], 2, "no rule for --like; write .m3u8 instead"),
        (["LIBRARY", "tense, relaxed"], 2, "contradicts itself"),
        (["LIBRARY", "--high", "tension", "--low", "tension"], 2, "contradicts itself"),
        (["LIBRARY", "--min", "energy=6", "--max", "energy=3"], 2, "contradicts itself"),
        (["LIBRARY", "--min", "energy"], 2, "expected a name and points"),
        (["LIBRARY", "--min", "energy="], 2, "--min energy=: expected a name and points"),
        (["LIBRARY", "--max", "=6"], 2, "--max =6: expected a name and points"),
        (["LIBRARY", "--min", "energy=much"], 2, "--min energy=much: not a number"),
        (["LIBRARY", "tense", "--vocabulary", "haiku"], 2, "--vocabulary haiku: no such name"),
        (["LIBRARY", "--min", "energy=99"], 2, "energy goes from 1 to 9"),
        (["LIBRARY", "--high", "tensoin"], 2, "--high tensoin: no such name; did you mean tension?"),
        (["LIBRARY", "tense", "--but", "sadder"], 2, "--but is relative to a piece"),
        (["LIBRARY", "tense", "--opposite"], 2, "--opposite is relative to a piece"),
        (["LIBRARY", "tense", "--from", "calm"], 2, "an arc needs --from and --to"),
        (["LIBRARY", "tense", "--top", "3", "--minutes", "5"], 2, "exclude each other"),
        (["LIBRARY", "tense", "--minutes", "0"], 2, "is none"),
        (["LIBRARY", "tense", "--top", "0"], 2, "--top 0: a list of so many pieces is none"),
        (["LIBRARY", "tense", "-o", "list.txt"], 2, "the name must end in .m3u, .m3u8"),
        (["LIBRARY", "tense", "-o", "LIBRARY"], 2, "is read by this command itself"),
        (["LIBRARY", "tense", "--embed-audio"], 2, "--embed-audio needs --save"),
        (["LIBRARY", "--like", "nowhere.wav"], 3, "nowhere.wav: no such file"),
        (["nowhere.jsonl", "tense"], 3, "nowhere.jsonl: no such file or folder"),
        (["empty.jsonl", "tense"], 4, "holds no analysed piece"),
        (["failures.jsonl", "tense"], 4, "only 1 that could not be analysed"),
        (["other.jsonl", "tense"], 4, "was made by another model"),
        (
            ["notes.txt", "tense"],
            4,
            "line 1 is no result of a prediction; a library is a folder of music, or",
        ),
        (["table.csv", "tense"], 4, "table.csv.jsonl"),
        (["LIBRARY", "not very"], 2, "not understood: not; `midcli glossary` lists"),
        (["LIBRARY", "--like", "000.wav", "--but", "more"], 2, '"more" names no emotion or quality'),
        (["empty", "tense"], 3, "the folder contains no audio files"),
    ],
)
def test_bad_input_is_one_clear_line(
    run: Run, library: Path, tmp_path: Path, arguments: list[str], code: int, problem: str
) -> None:
    (tmp_path / "empty.jsonl").touch()
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("buy milk\n")
    (tmp_path / "table.csv").write_text("file,tension\n")
    (tmp_path / "table.csv.jsonl").touch()
    write_library(tmp_path / "failures.jsonl", [failure("a.wav")])
    other = write_model(tmp_path / "other.onnx", seed=5)
    write_library(tmp_path / "other.jsonl", predictions(other, qualities(3)))
    before = library.read_bytes()
    stdout, stderr = run(*(str(library) if text == "LIBRARY" else text for text in arguments), code=code)
    assert stdout == ""
    assert problem in stderr
    assert [line for line in stderr.splitlines() if line.startswith("error: ")] == stderr.splitlines()[-1:]
    assert library.read_bytes() == before


def test_one_that_fits_fits(run: Run, library: Path) -> None:
    rows = library.read_bytes().splitlines(keepends=True)
    library.with_name("alone.jsonl").write_bytes(rows[0])
    _, stderr = run(library.with_name("alone.jsonl"), "--min", "dissonance=1")
    assert "found: 1 of 1 piece fits" in stderr


def test_none_that_fits_is_no_error(run: Run, library: Path) -> None:
    stdout, stderr = run(library, "--min", "dissonance=9.9")
    assert stdout == ""
    assert f"none of {PIECES} pieces fits" in stderr
