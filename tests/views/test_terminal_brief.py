"""The brief card: five lines, what happens in pieces that change, and what else is asked for."""

import re
from html import unescape

import numpy as np
import pytest
from rich.console import Console

from midcli.explanation.analysis import TELLING_SPREADS, Analysis
from midcli.labels import QUALITY_NAMES
from midcli.views.page.page import Section, page
from midcli.views.page.picture import picture
from midcli.views.piece import Piece
from midcli.views.terminal.explanation import in_brief
from tests.views.test_terminal import analysis

HALF = 40  # cells of half a second


def moving(apart: float) -> Analysis:
    """20 s that are that much more dissonant than average, then 20 s that are that much less."""
    average = analysis().context.reference.midlevel.mean(axis=0)
    levels = np.tile(average[:, np.newaxis], (1, 2 * HALF))
    sign = np.repeat([1.0, -1.0], HALF)
    levels[QUALITY_NAMES.index("dissonance")] += apart * sign
    spectrum = np.tile(sign, (149, 1)).T.astype(np.float32)
    shown = analysis(cells=levels[:, :, np.newaxis], spectrum=spectrum, duration_s=float(HALF))
    return Analysis(**(vars_of(shown) | {"explanation": shown.context.explain(levels.mean(axis=1))}))


def vars_of(shown: Analysis) -> dict[str, object]:
    return {name: getattr(shown, name) for name in Analysis.__dataclass_fields__}


def printed(piece: Piece) -> str:
    console = Console(width=80, color_system=None)
    with console.capture() as capture:
        for part in in_brief(piece, 80, coloured=False):
            console.print(part)
    return capture.get()


def test_a_piece_that_only_changes_is_told_by_its_largest_change() -> None:
    changing = moving(4.0)
    text = printed(Piece(changing))
    assert changing.changes
    assert "It changes: " in text
    assert re.search(r"At 0:(19|20|21) \w+ (rises|falls) by \d\.\d: it gets more consonant\.", text)
    assert re.search(r"\w+ [−\d.]+ from 0:00, [−\d.]+ from 0:20", text)


def test_the_card_explains_what_changes_most() -> None:
    piece = Piece(moving(4.0))
    contrast = piece.analysis.contrast
    assert contrast
    (why,) = piece.whys
    assert why.emotion == contrast.emotion
    assert re.match(r"At 0:\d\d .*\. On the whole, i[ts]", why.sentences)


def test_a_change_of_less_than_a_spread_is_not_said() -> None:
    still = moving(4.0)
    contrast = still.contrast
    assert contrast
    size = (contrast.high - contrast.low) / still.spreads[contrast.emotion]
    calmer = moving(4.0 * 0.9 * TELLING_SPREADS / size)
    assert not calmer.changes
    assert "changes" not in calmer.summary


def test_an_emotion_that_is_asked_for_is_explained_instead() -> None:
    assert "At 0:" not in printed(Piece(moving(4.0), emotions=["happy"]))


@pytest.mark.parametrize(
    ("asked", "heading"),
    [("sectioned", "Sections"), ("highlighted", "Highlight"), ("over_time", "Over time")],
)
def test_what_else_is_asked_for_stands_below(asked: str, heading: str) -> None:
    assert heading in printed(Piece(moving(4.0), **{asked: True}))
    assert heading not in printed(Piece(moving(4.0)))


def test_pages_and_pictures_show_the_highlight_too() -> None:
    shown = Piece(moving(4.0), over_time=True, highlighted=True)
    words = shown.highlight.words
    _, after = words.split(" to ", 1)
    assert after in unescape(page([Section(shown)]).decode())
    assert words in unescape(picture(shown, dark=False))
    assert "Highlight" not in picture(Piece(moving(4.0)), dark=False)
