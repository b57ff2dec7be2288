"""Each panel's numbers add up as they are shown, whatever draws them."""

import re
from dataclasses import replace
from io import StringIO
from types import SimpleNamespace

import numpy as np
import pytest
from rich.console import Console

from midcli.explanation.comparison import compare
from midcli.explanation.curves import important
from midcli.explanation.words.numbers import decimal
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.views.page.picture import picture
from midcli.views.panels import effects as effects_panel
from midcli.views.panels.difference import difference
from midcli.views.panels.over_time import over_time
from midcli.views.panels.values import profile
from midcli.views.panels.where import where
from midcli.views.piece import Piece
from midcli.views.terminal.curves import emotion_curves
from tests.explanation.test_words_sentences import piece
from tests.views.test_terminal import analysis as made_up


def effects(seed: int, name: str, relative: bool = True, doubtful: bool = False) -> effects_panel.Effects:
    explanation = piece(seed)
    shown = SimpleNamespace(midlevel=explanation.midlevel, doubtful=doubtful)
    return effects_panel.effects(shown, explanation.emotions[name], relative)  # type: ignore[arg-type]


@pytest.mark.parametrize("relative", [True, False])
@pytest.mark.parametrize("seed", range(5))
def test_what_is_shown_adds_up_and_the_largest_push_comes_first(seed: int, relative: bool) -> None:
    emotion = piece(seed).emotions["tension"]
    found = effects(seed, "tension", relative)
    base = emotion.average if relative else emotion.intercept
    assert round(base, 1) + sum(push.shown for push in found.pushes) == pytest.approx(round(emotion.value, 1))
    origin = "average" if relative else "intercept"
    assert found.equation.startswith(f"{decimal(emotion.value)} = {origin} {decimal(base)}")
    assert found.amounts == sorted(found.amounts, reverse=found.upwards)
    assert found.upwards == (round(emotion.value, 1) >= round(base, 1))


def test_remarks_say_what_each_quality_is_like() -> None:
    midlevel = piece(0).midlevel
    remarks = {push.quality: push.remark for push in effects(0, "tension").pushes}
    above = midlevel["dissonance"].value > midlevel["dissonance"].average
    said = {"more dissonant", "less consonant"} if above else {"less dissonant", "more consonant"}
    assert remarks["dissonance"] in said
    absolute = {push.quality: push.remark for push in effects(0, "tension", relative=False).pushes}
    assert absolute == {name: f"at {decimal(quality.value)}" for name, quality in midlevel.items()}


def test_nothing_is_stated_of_what_is_no_music() -> None:
    assert effects(0, "tension", doubtful=True).sentences.startswith("The model would say: ")


def test_a_profile_leans_only_where_a_difference_is_probable() -> None:
    found = profile(made_up(3))
    assert [row.value.name for row in found.emotions] == list(EMOTION_NAMES)
    assert [row.value.name for row in found.qualities] == list(QUALITY_NAMES)
    for row in (*found.emotions, *found.qualities):
        assert row.leaning in (0, row.value.value - row.value.average)
    for row in found.qualities:
        assert row.poles is not None
        assert row.pole == ("" if not row.leaning else row.poles[row.leaning > 0])
    assert any(row.leaning for row in found.qualities)
    assert found.interval
    assert profile(made_up(3, calibrated=False)).interval is None


def test_shares_of_registers_and_rows_add_up_to_the_difference() -> None:
    rng = np.random.default_rng(0)
    shown = made_up(2)
    cells = shown.cells + rng.normal(0, 2, (7, 30, 1))
    moved = replace(shown, cells=cells - cells.mean(axis=1, keepdims=True) + shown.cells)
    found = where(moved.evidence, moved.midlevel.values())
    for place in found.places:
        assert sum(share.shown for share in place.registers) == pytest.approx(place.difference)
        rows = place.rows(found.evidence.row_edges_hz)
        assert sum(row.shown for row in rows) == pytest.approx(place.finely)
        assert place.points.mean() == pytest.approx(place.quality.value - place.quality.average)
        assert 0 < place.share <= 1


def test_curves_stand_in_boxes_of_equal_height() -> None:
    shown = made_up(2)
    rng = np.random.default_rng(1)
    moved = replace(shown, cells=shown.cells + rng.normal(0, 3, (7, 60, 1)))
    found = over_time(moved, EMOTION_NAMES, 5)
    heights = [curve.high - curve.low for curve in found.curves]
    assert heights == pytest.approx([heights[0]] * 8)
    assert len(found.turns) == 5
    points = important(moved.turning_points(), moved.spreads)
    assert found.heading == f"Turning points: the 5 largest of {len(points)} changes"
    assert [turn.point.time_s for turn in found.turns] == sorted(turn.point.time_s for turn in found.turns)
    alone = over_time(moved, ["tension"], 5)
    assert {turn.point.emotion for turn in alone.turns} <= {"tension"}


def test_what_is_shown_of_turning_points_is_not_called_the_largest_where_each_change_has_one() -> None:
    shown = made_up(2)
    moved = replace(shown, cells=shown.cells + np.random.default_rng(1).normal(0, 3, (7, 60, 1)))
    found = over_time(moved, EMOTION_NAMES, 1000)
    assert len(found.turns) < len(moved.turning_points())
    assert found.heading == "Turning points: one of each change"


def test_an_axis_below_zero_has_the_minus_of_all_other_numbers() -> None:
    shown = made_up(2)
    moved = replace(shown, cells=shown.cells + np.random.default_rng(1).normal(0, 3, (7, 60, 1)))
    found = over_time(moved, EMOTION_NAMES, 5)
    assert min(curve.low for curve in found.curves) < 0
    console = Console(width=80, record=True, file=StringIO())
    console.print(emotion_curves(found, 80, coloured=False))
    drawn = re.sub("<style>.+?</style>|<[^>]+>", " ", picture(Piece(moved, over_time=True), dark=False))
    for text in (console.export_text(), drawn):
        assert re.findall(r"(?<![\w-])-\d+", text) == []
        assert re.findall(r"\N{MINUS SIGN}\d+", text)


@pytest.mark.parametrize("seed", range(3))
def test_contributions_to_a_difference_add_up_and_point_to_the_piece_that_has_more(seed: int) -> None:
    a = made_up(5)
    rng = np.random.default_rng(seed)
    midlevel = np.array([value.value for value in a.midlevel.values()]) + rng.normal(0, 1, 7)
    b = replace(a, explanation=a.context.explain(midlevel))
    found = difference(a, b, compare(a, b))
    assert {one.emotion for one in (*found.explained, *found.others)} == set(EMOTION_NAMES)
    for one in (*found.explained, *found.others):
        assert one.amounts == sorted(one.amounts, reverse=True)
        more, less = (number.replace("−", "-") for number in one.equation.split(" ")[1:5:3])
        assert sum(push.shown for push in one.pushes) == pytest.approx(float(more) - float(less), abs=1e-6)
    for pair in (*found.emotions, *found.qualities):
        assert pair.difference == pytest.approx(round(pair.a.value, 1) - round(pair.b.value, 1))
        assert pair.leaning in (0, pair.a.value - pair.b.value)
    named = difference(a, b, compare(a, b), ["sad", "fear"])
    assert [one.emotion for one in named.explained] == ["sad", "fear"]
