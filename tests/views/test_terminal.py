import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType

from midcli.audio.spectrogram import band_centres_hz
from midcli.cli.settings import BUILT_IN, SETTINGS, Value
from midcli.cli.settings_table import settings_table
from midcli.explanation.analysis import Analysis
from midcli.explanation.context import Context
from midcli.explanation.effects import QualityValue
from midcli.explanation.evidence import Rows
from midcli.explanation.facts import Facts, Tempo
from midcli.explanation.records import ModelInfo
from midcli.explanation.whatif import Search
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.model.file import Reference
from midcli.model.head import Head, Interval
from midcli.model.novelty import Novelty
from midcli.views.panels.effects import effects
from midcli.views.panels.over_time import over_time
from midcli.views.panels.where import where
from midcli.views.piece import Piece
from midcli.views.terminal import bars, theme
from midcli.views.terminal.card import Card, effects_chart
from midcli.views.terminal.compared_facts import compared_facts
from midcli.views.terminal.curves import emotion_curves
from midcli.views.terminal.evidence import evidence_picture, evidence_strip, time_axis
from midcli.views.terminal.facts import facts_table
from midcli.views.terminal.matrix import matrix
from midcli.views.terminal.model import card_lines
from midcli.views.terminal.paragraph import paragraph
from midcli.views.terminal.whatif import search_card, steps_card
from tests.explanation.test_evidence import made_up_map
from tests.tagged_files import write_audio, write_titles

WIDTHS = (60, 80, 140)


def analysis(seed: int = 1, calibrated: bool = True, **changes: Any) -> Analysis:
    rng = np.random.default_rng(seed)
    reference = rng.normal(5, 1.5, (60, 7))
    midlevel = reference.mean(axis=0) + rng.normal(0, 1.5, 7)
    weights, intercept = rng.normal(0, 0.4, (8, 7)), rng.normal(3, 1, 8)
    pieces = Reference(changes.pop("reference", "360 film excerpts"), tuple(map(str, range(60))), reference)
    context = Context(
        model=changes.pop("model", ModelInfo("film", "1.0", "0" * 64)),
        head=Head(weights, intercept, Interval(np.full(8, -1.0), np.full(8, 1.2)) if calibrated else None),
        midlevel_interval=Interval(np.full(7, -0.8), np.full(7, 0.9)) if calibrated else None,
        midlevel_bias=np.zeros(7),
        register_evidence=reference.mean(axis=0)[:, np.newaxis],
        rows=Rows(band_centres_hz(), 149, 149),
        seen_s=3.0,
        reference=pieces,
        corpus=pieces,
    )
    fields: dict[str, Any] = {
        "file": "music/song.mp3",
        "duration_s": 187.2,
        "explanation": context.explain(midlevel),
        "novelty": None,
        "warnings": (),
        "cells": midlevel[:, np.newaxis, np.newaxis],
        "context": context,
    }
    return Analysis(**(fields | changes))


def printed(shown: Analysis, width: int = 80, relative: bool = True, everything: bool = False) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(Card(Piece(shown, EMOTION_NAMES if everything else (), relative)))
    output = console.file
    assert isinstance(output, io.StringIO)
    return output.getvalue()


def lines_of(shown: RenderableType, width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(shown)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def styled(shown: Analysis, **environment: str) -> str:
    console = Console(
        file=io.StringIO(),
        width=80,
        force_terminal=True,
        color_system="truecolor",
        _environ=environment,
    )
    console.print(Card(Piece(shown)))
    output = console.file
    assert isinstance(output, io.StringIO)
    return output.getvalue()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("relative", [True, False])
@pytest.mark.parametrize("calibrated", [True, False])
def test_the_card_fits_its_width_and_leaves_no_blanks(width: int, relative: bool, calibrated: bool) -> None:
    for seed in range(8):
        text = printed(analysis(seed, calibrated), width, relative, everything=True)
        for line in text.splitlines():
            assert len(line) <= width
            assert line == line.rstrip()
        assert "\x1b" not in text
        assert text.isprintable() or set(re.sub(r"[^\x00-\x1f]", "", text)) == {"\n"}


@pytest.mark.parametrize("width", WIDTHS)
def test_names_numbers_and_bars_are_in_columns(width: int) -> None:
    lines = printed(analysis(), width).splitlines()
    rows = [line for line in lines if re.match(r" [a-z][a-z ]{19} *[−+]?\d+\.\d", line)]
    assert len(rows) >= 8 + 7 + 7
    assert {re.search(r"\d\.\d", line).end() for line in rows} == {26}  # type: ignore[union-attr]
    for sign in ("probably \\d", "[▸◂] |(?<= ) · (?=[a-z])"):
        places = {found.start() for line in rows if (found := re.search(sign, line))}
        assert len(places) <= 1


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_tempi_are_told_in_full(width: int) -> None:
    nothing = Facts(10.0, None, None, None, 0.0, None, None, None, None, None, None, None)
    tempi = tuple(Tempo(20.0 * place, 20.0 * place + 20, 100.0 + 9 * place) for place in range(5))
    changing = replace(nothing, tempi=tempi)
    said = "BPM: 100 from 0:00, 109 from 0:20, 118 from 0:40, 127 from 1:00 and others"
    for shown in (
        facts_table(changing, [], analysis(), width),
        compared_facts(changing, nothing, None, width),
    ):
        lines = lines_of(shown, width)
        assert max(map(len, lines)) <= width
        assert said in " ".join(" ".join(lines).split())


@pytest.mark.parametrize("width", [40, 80])
def test_large_effects_are_not_cut(width: int) -> None:
    shown = analysis()
    tension = shown.emotions["tension"]
    amounts = dict.fromkeys(QUALITY_NAMES, 0.0) | {"rhythmic_complexity": -101.4, "dissonance": 101.4}
    large = replace(tension, effects=amounts, value=tension.intercept)
    lines = lines_of(
        Group(*effects_chart(effects(shown, large, relative=False), [-101.4, 101.4], width)), width
    )
    assert max(map(len, lines)) <= width
    assert len({line.index("│") for line in lines if "│" in line}) == 1
    assert any("rhythmic complexity −101.4 " in line for line in lines)
    assert any(" +101.4 " in line for line in lines)


def test_an_axis_of_time_says_when_the_piece_ends_at_any_width() -> None:
    assert time_axis(3723, 20).plain == "0:00 ······· 1:02:03"
    assert time_axis(3723, 12).plain == "     1:02:03"


@pytest.mark.parametrize("width", [40, 50, 60, 70])
def test_causes_of_turning_points_are_told_in_full(width: int) -> None:
    shown = analysis(2)
    cells = shown.cells + np.random.default_rng(1).normal(0, 3, (7, 60, 1))
    panel = over_time(replace(shown, cells=cells), EMOTION_NAMES, 9)
    lines = lines_of(emotion_curves(panel, width, coloured=False), width)
    assert max(map(len, lines)) <= width
    said = " ".join(" ".join(lines).split())
    for turn in panel.turns:
        assert turn.causes in said


def test_on_a_narrow_terminal_the_title_has_its_line() -> None:
    lines = printed(analysis(file="music/a-rather-long-name.mp3"), 40).splitlines()
    assert lines[0].split() == ["music/a-rather-long-name.mp3", "·", "3:07"]
    assert any("model film 1.0 · ┼ average" in line for line in lines)


@pytest.mark.parametrize("width", WIDTHS)
def test_everything_is_there_at_every_width(width: int) -> None:
    shown = analysis()
    text = printed(shown, width)
    assert text.splitlines()[0].startswith(" music/song.mp3 · 3:07")
    assert "model film 1.0" in text
    for name in (*shown.emotions, *(name.replace("_", " ") for name in shown.midlevel)):
        assert f" {name} " in text
    assert len(re.findall(r"(higher|lower) than", text)) >= 8
    for word in ("Sounds", "Made of", "┼ average"):
        assert word in text
    assert shown.reference in " ".join(text.split())
    if width >= 80:
        for pole in ("legato", "staccato", "major", "minor", "consonant", "dissonant"):
            assert pole in text


@pytest.mark.parametrize("relative", [True, False])
@pytest.mark.parametrize("seed", range(10))
def test_the_numbers_on_the_screen_add_up_exactly(seed: int, relative: bool) -> None:
    text = printed(analysis(seed), relative=relative, everything=True).replace("−", "-")
    blocks = re.findall(
        r"(-?[\d.]+) = (?:average|intercept) (-?[\d.]+) ([+-]) ([\d.]+)\n.*\n((?:.*\n){7})", text
    )
    assert len(blocks) == 8
    for value, base, sign, total, rows in blocks:
        difference = round(float(f"{sign}{total}"), 1)
        assert round(float(base) + difference, 1) == float(value)
        effects = [float(row[20:27]) for row in rows.splitlines()]
        assert round(sum(effects), 1) == difference


def test_every_number_is_that_of_the_analysis() -> None:
    shown = analysis()
    text = printed(shown).replace("−", "-")
    for name, value in (*shown.emotions.items(), *shown.midlevel.items()):
        [number] = re.findall(rf"^ {name.replace('_', ' ')} +(-?[\d.]+)  [━╍─┿┼│·╸╾‹]", text, re.MULTILINE)
        assert float(number) == pytest.approx(value.value, abs=0.0501)


def test_effects_are_sorted_and_their_signs_written() -> None:
    shown = analysis()
    text = printed(shown, everything=True).replace("−", "-")
    for block in re.findall(r" = average .*\n.*\n((?:.*\n){7})", text):
        effects = [float(row[20:27]) for row in block.splitlines()]
        assert effects in (sorted(effects), sorted(effects, reverse=True))
        for row, effect in zip(block.splitlines(), effects, strict=True):
            assert (row[20:27].strip()[0] in "+-") == (effect != 0)
            left, _, right = row[28:52].partition("│")
            if effect > 0:
                assert "━" in right or "╸" in right
            elif effect < 0:
                assert "━" in left or "╺" in left


@pytest.mark.parametrize("relative", [True, False])
@pytest.mark.parametrize("width", [40, 60, 80])
def test_headings_and_sums_are_never_cut(width: int, relative: bool) -> None:
    for seed in range(4):
        shown = analysis(seed)
        text = " ".join(printed(shown, width, relative, everything=True).split())
        assert "…" not in text
        for emotion in shown.emotions.values():
            why = effects(shown, emotion, relative)
            assert f"{why.heading} {why.equation}" in text


def test_up_and_down_have_their_colours() -> None:
    text = styled(analysis(4))
    assert re.search(r"\x1b\[38;5;166m *\+\d", text)
    assert re.search(r"\x1b\[38;5;32m *−\d", text)


def test_no_color_leaves_no_colour() -> None:
    assert "38;5" not in styled(analysis(4), NO_COLOR="1")


def test_colours_are_legible_on_black_and_on_white() -> None:
    for name in (theme.UP, theme.DOWN):
        from rich.color import Color

        channels = [part / 255 for part in Color.parse(name).get_truecolor()]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
        luminance = float(np.dot([0.2126, 0.7152, 0.0722], linear))
        assert 1.05 / (luminance + 0.05) > 3.8
        assert (luminance + 0.05) / 0.05 > 3.8


def test_flagged_input_is_shown_as_a_guess() -> None:
    text = printed(analysis(4, novelty=Novelty(0.9, True, "speech")))
    assert "take every value as a guess" in text
    assert "It sounds" not in text
    assert "▸" not in text
    assert "◂" not in text


def test_warnings_are_shown() -> None:
    text = printed(analysis(warnings=("truncated or broken: analysed the first 3.0 s",)))
    assert "Warning: truncated or broken: analysed the first 3.0 s." in text


@pytest.mark.parametrize(
    "name", ["[bold]x[/bold].wav", "a\x1b[31mb.wav", "a\nb.wav", "é🎻 日本.wav", "[/].wav"]
)
@pytest.mark.parametrize("width", WIDTHS)
def test_names_are_shown_harmlessly(name: str, width: int) -> None:
    text = printed(analysis(file=name), width)
    assert text.splitlines()[0].startswith(f" {name.replace(chr(27), '�').replace(chr(10), '�')} · 3:07")


def test_a_piece_is_called_what_its_tags_say(tmp_path: Path) -> None:
    pytest.importorskip("mutagen")
    path = write_audio(tmp_path / "song.mp3")
    write_titles(path, "Title", "Artist")
    assert printed(analysis(file=str(path))).startswith(" Artist – Title · ")


def test_a_long_path_is_shown_by_its_name() -> None:
    text = printed(analysis(file="/very/long" * 20 + "/song.mp3"))
    assert text.startswith(" song.mp3 · 3:07")
    text = printed(analysis(file="x" * 300 + ".mp3"))
    assert re.match(r" x+…x+\.mp3 · 3:07  model film 1.0\n", text)


def bar(value: float, **options: Any) -> str:
    return bars.scale_bar(value, (1, 9), 16, options.pop("average", 9), **options).plain


def test_scale_bars() -> None:
    assert bar(1) == "···············│"
    assert bar(5) == "━━━━━━━━·······│"
    assert bar(5.25) == "━━━━━━━━╸······│"
    assert bar(9, average=1) == "┿━━━━━━━━━━━━━━━"
    assert bar(0.2) == "‹··············│"
    assert bar(0.96) == bar(1)
    assert bar(12, average=1) == "┿━━━━━━━━━━━━━━›"
    assert bar(12) == bar(9) == "━━━━━━━━━━━━━━━┿"
    assert bar(5, average=5) == "━━━━━━━━│·······"
    assert bar(5, interval=(4, 6)) == "━━━━━━╍╍──·····│"
    assert bar(5.25, interval=(4, 6)) == "━━━━━━╍╍╾─·····│"
    assert bar(5, average=5.1, interval=(4, 6)) == "━━━━━━╍╍┼─······"


@given(st.floats(-20, 20), st.floats(-20, 20), st.floats(0, 5), st.integers(8, 80))
def test_a_scale_bar_always_has_its_width_and_one_tick(
    value: float, average: float, half: float, width: int
) -> None:
    drawn = bars.scale_bar(value, (1, 9), width, average, (value - half, value + half)).plain
    assert len(drawn) == width
    assert len(re.findall("[┿┼│]", drawn)) == 1


def test_effect_bars_share_zero_and_scale() -> None:
    effects = [2.0, 1.0, -1.0, 0.0]
    drawn = [bars.effect_bar(effect, effects, 31).plain.rstrip() for effect in effects]
    assert drawn == [
        f"{' ' * 10}│{'━' * 20}",
        f"{' ' * 10}│{'━' * 10}",
        f"{'━' * 10}│",
        f"{' ' * 10}│",
    ]


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=9), st.integers(10, 80))
def test_effect_bars_fit_and_are_in_proportion(effects: list[float], width: int) -> None:
    lengths = []
    for effect in effects:
        drawn = bars.effect_bar(effect, effects, width).plain
        assert len(drawn) <= width
        assert drawn.index("│") == bars.effect_axis(effects, width)
        lengths.append(drawn.count("━") + 0.5 * (drawn.count("╸") + drawn.count("╺")))
    for (one, length), (other, other_length) in zip(
        zip(effects, lengths, strict=True), list(zip(effects, lengths, strict=True))[1:], strict=False
    ):
        if abs(one) > abs(other):
            assert length >= other_length


def test_a_row_is_cut_and_padded_by_columns_not_characters() -> None:
    line = bars.row(bars.Cell("日本語", 4), bars.Cell("x", 3, "right"), bars.Cell("end", 9))
    assert line.plain == " 日 …   x end"


def test_the_axis_names_ends_and_middle() -> None:
    assert bars.scale_axis((1, 9), 17).plain == "1 ····· 5 ····· 9".ljust(17)
    assert bars.scale_axis((1, 10), 30).plain.split(" ")[0] == "1"
    assert bars.scale_axis((1, 10), 30).plain.endswith(" 10")


@pytest.mark.parametrize("width", WIDTHS)
def test_weights_are_never_cut(width: int) -> None:
    weights = np.full((8, 7), -1.18)
    weights[0] = 0.224
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(matrix("Weights", EMOTION_NAMES, weights, "note", width))
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    assert "…" not in shown
    assert "−1.2" in shown or "−1.18" in shown
    assert "+.22" in shown or "+0.22" in shown


@pytest.mark.parametrize("seed", range(6))
def test_contributions_on_the_screen_add_up(seed: int) -> None:
    made, average = made_up_map(seed, columns=40, rows=3)
    value = made.bias + made.points.mean(axis=(1, 2))
    qualities = [
        QualityValue(name, float(value[j]), float(average[j]), 50.0) for j, name in enumerate(QUALITY_NAMES)
    ]
    console = Console(file=io.StringIO(), width=80, color_system=None)
    panel = where(made, qualities)
    console.print(evidence_strip(panel, 80))
    console.print(evidence_picture(panel, panel.places[4], 80))
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue().replace("−", "-")
    strips = [line for line in shown.splitlines() if re.search("[▁▂▃▄▅▆▇█]{20}", line)][:7]
    assert len(strips) == 7
    for line in strips:
        total, *registers = (float(number) for number in re.findall(r"[+-]?\d+\.\d", line))
        assert len(registers) == 3
        assert sum(registers) == pytest.approx(total)
    heading = re.search(r"([\d.-]+) = average ([\d.]+) ([+-]) ([\d.]+)", shown)
    assert heading
    whole, base, sign, change = heading.groups()
    assert float(whole) == pytest.approx(float(base) + float(sign + change))
    rows = [float(number) for number in re.findall(r"Hz .*([+-]\d\.\d\d| 0\.00)$", shown, re.MULTILINE)]
    assert len(rows) == 3
    assert sum(rows) == pytest.approx(float(sign + change))


@pytest.mark.parametrize("width", [40, 80])
@pytest.mark.parametrize("folder", ["site-packages/midcli/_models/" * 5, "交響曲" * 20], ids=["long", "wide"])
def test_the_path_of_a_model_is_shown_whole(folder: str, width: int) -> None:
    card = card_lines({"name": "film", "scheme": "joint"}, f"/{folder}/film.onnx", {}, width)
    lines = lines_of(card, width)
    assert max(map(cell_len, lines)) <= width
    assert f"/{folder}/film.onnx" in "".join(line.strip() for line in lines)


def test_a_short_path_of_a_model_is_beside_its_label() -> None:
    assert " file                      film.onnx" in lines_of(card_lines({}, "film.onnx", {}, 80), 80)


@pytest.mark.parametrize("width", [40, 60, 80])
def test_settings_are_readable(width: int) -> None:
    values = {setting.name: Value(None, BUILT_IN) for setting in SETTINGS}
    values["data"] = Value(Path("/a/long/folder" * 8), "MIDCLI_DATA")
    lines = lines_of(settings_table(Path("/config.toml"), values, dict.fromkeys(values, "none")), width)
    assert max(map(len, lines)) <= width
    assert len(lines) <= 6 * len(SETTINGS)
    assert "/a/long/folder" * 8 in "".join(re.findall(r"[/a-z]*/[/a-z]*", "".join(lines[2:])))
    text = " ".join(lines)
    for setting in SETTINGS:
        for word in (*setting.help.split(), setting.variable, "none"):
            assert word in text


def test_a_paragraph_counts_columns_not_characters() -> None:
    lines = paragraph("音楽を聴く " * 30 + "and plain words " * 9 + "音" * 90, 60).plain.split("\n")
    assert all(line.startswith(" ") and cell_len(line) <= 60 for line in lines)
    assert len("".join(lines).split()) > 40


@pytest.mark.parametrize("width", range(8, 30))
def test_a_number_stays_with_its_per_cent(width: int) -> None:
    lines = paragraph("tonal stability 6.8, higher than 53 % of them", width).plain.split("\n")
    assert any("53 %" in line for line in lines)
    assert all(cell_len(line) <= max(width, len(" stability")) for line in lines)


def test_what_if_says_that_the_piece_is_no_music() -> None:
    impossible = Search(None, {"happy": (3.0, 5.0)})
    for flagged in (True, False):
        console = Console(file=io.StringIO(), width=80)
        piece = analysis(novelty=Novelty(0.9, flagged, "noise"))
        console.print(search_card(piece, {"happy": 8.0}, impossible, 2.0, 80))
        assert isinstance(console.file, io.StringIO)
        assert ("take every value as a guess" in console.file.getvalue()) == flagged


@pytest.mark.parametrize("width", [40, 80])
def test_what_one_point_more_would_do_is_never_cut(width: int) -> None:
    shown = analysis()
    lines = lines_of(steps_card(shown, shown.what_if().steps(), width), width)
    assert not any("…" in line for line in lines)
    assert len(re.findall(r"[+−]?\d\.\d", "".join(lines))) == 7 * 3


def test_a_map_says_where_most_is_only_of_a_part_of_the_piece() -> None:
    for duration_s, said in ((3.0, False), (20.0, True)):
        made, average = made_up_map(0, columns=8, rows=3, duration_s=duration_s)
        value = made.bias + made.points.mean(axis=(1, 2))
        panel = where(
            made,
            [
                QualityValue(name, float(value[j]), float(average[j]), 50.0)
                for j, name in enumerate(QUALITY_NAMES)
            ],
        )
        lines = lines_of(evidence_picture(panel, panel.places[4], 40), 40)
        assert ("is highest from" in " ".join(lines)) == said
        assert all(line.startswith(" ") or not line for line in lines)
