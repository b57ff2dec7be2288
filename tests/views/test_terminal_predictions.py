from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from midcli.explanation.records import ModelInfo, Prediction, Value
from midcli.labels import EMOTION_NAMES
from midcli.model.novelty import Novelty
from midcli.views.terminal.predictions import predictions_table


def test_colours_are_explained_where_there_are_any():
    assert "coloured" in printed(row("a.wav"))
    table = predictions_table([row("a.wav")], None, coloured=False)
    assert "coloured" not in "".join(map(str, table.renderables))


def row(file, half=None, flagged=None):
    value = Value(5.0, 5.0, 50.0)
    if half is not None:
        value = Value(5.0, 5.0, 50.0, 5.0 - half, 5.0 + half)
    novelty = None if flagged is None else Novelty(0.5, flagged, "noise")
    emotions = dict.fromkeys(EMOTION_NAMES, value)
    return Prediction(file, 3.0, ModelInfo("tiny", "0", ""), None, {}, emotions, (), novelty)


def test_facts_stand_below_the_emotions():
    facts = {"tempo_bpm": 120.4, "key": "C major", "loudness_lufs": -14.02, "tempi": []}
    text = printed(replace(row("a.wav"), facts=facts), row("b.wav"), width=80)
    measured = text.splitlines()[3:6]
    assert measured[0].split()[:4] == ["file", "BPM", "key", "LUFS"]
    assert measured[1].split()[:6] == ["a.wav", "120", "C", "major", "−14.0", "–"]
    assert measured[2].split()[:3] == ["b.wav", "–", "–"]
    assert "BPM" not in printed(row("a.wav"))


def test_names_are_cut_in_the_middle_and_never_look_alike():
    names = [f"Music/a long folder of songs/{number} the same beginning.ogg" for number in (1, 2)]
    first, second = (line[:24] for line in printed(*map(row, names), width=80).splitlines()[1:3])
    assert first.startswith("Mu…s/1")
    assert second.startswith("Mu…s/2")


def printed(*rows, width=100):
    console = Console(width=width, record=True, file=None, force_terminal=False)
    with console.capture() as capture:
        console.print(predictions_table(rows, width))
    return capture.get()


def test_intervals_are_told_in_words():
    assert "within about 2.0 of the value" in printed(row("b.wav", 2.0))
    assert "within" not in printed(row("a.wav"))


def test_intervals_that_the_scale_cuts_short_do_not_narrow_what_is_said():
    cut = row("a.wav", 1.5)
    cut = replace(
        cut, emotions={name: replace(value, low=value.value) for name, value in cut.emotions.items()}
    )
    assert "within about 1.5 of the value" in printed(cut, row("b.wav", 1.5))
    assert "within" not in printed(cut)


def test_wide_characters_leave_the_numbers_whole():
    for line in printed(row("交響曲第五番運命第一楽章" * 5 + ".ogg"), row("e" * 200)).splitlines()[:3]:
        assert cell_len(line) <= 100
        assert line.count("…") < 2
    assert printed(row("交響曲" * 20 + ".ogg")).count("5.0") == len(EMOTION_NAMES)


def test_what_was_not_heard_whole_is_told():
    whole = row("song.wav")
    assert "1 of 2 heard in excerpts, not whole" in printed(whole, replace(whole, heard_s=63.0))
    assert "excerpts" not in printed(whole)


def test_what_is_flagged_is_marked_and_the_mark_explained():
    text = printed(row("song.wav", flagged=False), row("sea.wav", flagged=True))
    assert "? sea.wav" in text
    assert "? song.wav" not in text
    assert "does not sound like music" in text
    assert "?" not in printed(row("song.wav", flagged=False))


@pytest.mark.parametrize("width", [*range(40, 67), 80])
def test_numbers_are_whole_from_40_columns_on(width):
    song, sea = row("rather/long/folder/song.wav"), row("交響曲第五番運命第一楽章" * 5 + ".ogg")
    for number, name in enumerate(EMOTION_NAMES):
        song.emotions[name] = Value(number + 0.1, 5.0, 50.0)
        sea.emotions[name] = Value(-number - 0.2, 5.0, 50.0)
    lines = printed(song, sea, width=width).splitlines()
    assert max(map(cell_len, lines)) <= width
    tables = [lines[n : n + 3] for n, line in enumerate(lines) if line.startswith("file ")]
    assert "sums are not cut" in " ".join(" ".join(lines).split())
    assert len(tables) == (1 if width >= 63 else 2)
    assert [name for header, *_ in tables for name in header.split()[1:]] == list(EMOTION_NAMES)
    assert [value for _, first, _ in tables for value in first.split()[1:]] == [f"{n}.1" for n in range(8)]
    assert [value for *_, last in tables for value in last.split()[1:]] == [f"−{n}.2" for n in range(8)]
    for header, first, last in tables:
        assert header.startswith("file ")
        assert "g.wav " in first
        assert ".ogg " in last


def test_the_mark_of_doubt_stays_before_a_name_that_is_cut():
    text = printed(row("e" * 200 + ".wav", flagged=True), width=40)
    assert text.count("\n? eee") == 2
    assert text.count(".wav ") == 2
