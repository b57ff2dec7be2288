"""Emotions of another vocabulary on the screen, on pages and in pictures: their names, unit and scale."""

from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from midcli.analyser import Analyser
from midcli.explanation.analysis import Analysis
from midcli.explanation.comparison import compare
from midcli.explanation.words.certainty import Certainty, certainty
from midcli.views.page.page import Section, page
from midcli.views.page.picture import picture
from midcli.views.panels.difference import difference
from midcli.views.piece import Piece
from midcli.views.terminal.card import Card
from midcli.views.terminal.comparison import comparison_card
from tests.model_files import write_model

UNIT = "felt, in per cent of listeners"


@pytest.fixture(scope="module")
def felt(tmp_path_factory: pytest.TempPathFactory, song: Path) -> Analysis:
    head = {
        "labels": ["joyful_activation", "awe"],
        "scale": [0, 100],
        "weights": [[3.0] * 7, [-2.0] * 7],
        "intercept": [5.0, 60.0],
        "about": UNIT,
        "words": [
            {"noun": noun, "more": more, "less": less, "high": high, "low": f"not {high}", "verb": "feel"}
            for noun, more, less, high in (
                ("joyful activation", "bouncier", "less bouncy", "bouncy"),
                ("awe", "more awesome", "less awesome", "awesome"),
            )
        ],
    }
    model = write_model(tmp_path_factory.mktemp("m") / "m.onnx", heads={"feelings": head})
    return Analyser(model, vocabulary="feelings").analyse(song)


def printed(what: object) -> str:
    console = Console(width=100, force_terminal=False)
    with console.capture() as capture:
        console.print(what)
    return " ".join(capture.get().split())


def test_the_screen_tells_what_the_values_are(felt: Analysis) -> None:
    card = printed(Card(Piece(felt, ["joyful_activation"])))
    assert f"feelings: {UNIT}" in card
    assert "joyful activation" in card
    assert "joyful_activation" not in card
    assert " 0 ·" in card
    assert " 100 " in card
    both = printed(comparison_card(difference(felt, felt, compare(felt, felt)), 100))
    assert f"feelings: {UNIT}" in both
    assert "joyful_activation" not in both
    for shown in (card, both):
        assert "Feels" in shown
        assert "sound" not in shown.lower()


def test_no_scale_of_bars_is_told_where_there_is_room_for_none(felt: Analysis) -> None:
    both = difference(felt, felt, compare(felt, felt))
    assert "All bars have one scale" in printed(comparison_card(both, 60))
    assert "All bars" not in printed(comparison_card(both, 40))


def test_pages_and_pictures_tell_it_too(felt: Analysis) -> None:
    piece = Piece(felt, over_time=True)
    document = page([Section(piece)]).decode()
    assert f"feelings: {UNIT}" in document
    assert "emotions 1 to 9" not in document
    assert "On the scale from 0 to 100" in document
    assert ">Feels<" in document
    assert ">Sounds<" not in document
    assert "feelings: felt" in picture(piece, dark=False)


def test_what_a_vocabulary_cannot_tell_is_neither_a_change_nor_a_difference(
    tmp_path: Path, song: Path
) -> None:
    head = {
        "labels": ["awe", "wit"],
        "scale": [0, 100],
        "weights": [[3.0] * 7, [0.01] * 7],
        "intercept": [5.0, 20.0],
    }
    model = write_model(tmp_path / "m.onnx", heads={"feelings": head})
    analysis = Analyser(model, vocabulary="feelings").analyse(song)
    assert analysis.spreads["wit"] == 1.25  # a tenth of a point of nine
    wit = replace(analysis.emotions["wit"], value=20.3, average=20.0, percentile=99.0)
    assert certainty(wit) == Certainty.NONE
    assert certainty(replace(wit, scale=(1.0, 9.0))) > Certainty.NONE


def test_the_eight_need_no_remark(song: Path, tmp_path: Path) -> None:
    eight = Analyser(write_model(tmp_path / "m.onnx")).analyse(song)
    assert eight.meaning == ""
    assert "emotions 1 to 9, qualities 1 to 10" in page([Section(Piece(eight))]).decode()
