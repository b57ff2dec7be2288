"""The highlight: the window with the most of the leading emotion, and its exact sum."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

import midcli
from midcli.explanation.effects import Explanation, explain
from midcli.explanation.highlight import highlight, leading_emotion
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.model.head import Head, Interval


@pytest.fixture(scope="module")
def analysis(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> midcli.Analysis:
    rng = np.random.default_rng(0)
    loud = np.sin(np.arange(22_050 * 60) * 0.1) * 0.05
    loud[22_050 * 25 : 22_050 * 40] += rng.normal(0, 0.3, 22_050 * 15)
    path = tmp_path_factory.mktemp("audio") / "long.wav"
    soundfile.write(path, loud, 22_050)
    return midcli.analyse(path, tiny_model)


@pytest.mark.parametrize("length_s", [5.0, 30.0])
def test_no_other_window_has_more(analysis: midcli.Analysis, length_s: float) -> None:
    found = highlight(analysis, length_s)
    leading, sign = leading_emotion(analysis)
    through = analysis.context.head.emotions(analysis.evidence.values.T)
    column = through[:, analysis.context.head.names.index(leading)]
    cells = round(length_s / analysis.duration_s * len(column))
    best = max(sign * column[start : start + cells].mean() for start in range(len(column) - cells + 1))
    assert found.emotion == leading
    assert sign * found.value == pytest.approx(best)
    assert found.end_s - found.start_s == pytest.approx(length_s, abs=0.5)
    assert sum(found.contributions.values()) == pytest.approx(found.value - found.of_the_piece)
    assert found.words.count("\n") == 0
    assert found.to_dict()["value"] == pytest.approx(found.value, abs=1e-6)


def test_of_a_short_piece_it_is_all(song: Path, tiny_model: Path) -> None:
    analysis = midcli.analyse(song, tiny_model)
    found = highlight(analysis)
    assert (found.start_s, found.end_s) == (0, pytest.approx(analysis.duration_s))
    assert found.value == pytest.approx(found.of_the_piece)


def test_of_a_short_piece_it_is_the_whole(analysis: midcli.Analysis) -> None:
    found = highlight(analysis, 90.0)
    assert (found.start_s, found.end_s) == (0.0, pytest.approx(analysis.duration_s))
    assert found.words.startswith("0:00 to 1:00: the whole piece, ")


WEIGHTS = np.zeros((8, 7))
for emotion, quality, weight in (("anger", "dissonance", 1.0), ("tender", "articulation", -1.0)):
    WEIGHTS[EMOTION_NAMES.index(emotion), QUALITY_NAMES.index(quality)] = weight
HEAD = Head(WEIGHTS, 5 - WEIGHTS.sum(axis=1) * 5, Interval(np.full(8, -0.5), np.full(8, 0.5)))
CORPUS = np.random.default_rng(0).normal(5, 1, (200, 7))


def made_up(*parts: dict[str, float]) -> Explanation:
    """Of the mean of parts, by how far their qualities are from 5."""
    shifts = [[part.get(name, 0.0) for name in QUALITY_NAMES] for part in parts]
    return explain(5 + np.mean(shifts, axis=0), HEAD, CORPUS)


def led_by(*parts: dict[str, float]) -> tuple[str, int]:
    whole, sections = made_up(*parts), [SimpleNamespace(explanation=made_up(part)) for part in parts]
    piece = SimpleNamespace(explanation=whole, emotions=whole.emotions, sections=lambda: sections)
    return leading_emotion(piece)  # type: ignore[arg-type]


def test_a_lack_leads_no_piece() -> None:
    calm = {"dissonance": -4.0}
    assert led_by(calm | {"articulation": -3.0}) == ("tender", 1)
    assert led_by(calm)[0] != "anger"


def test_what_leads_in_a_section_leads_where_the_whole_piece_is_average() -> None:
    assert led_by({"articulation": -3.0, "dissonance": -2.0}, {"articulation": 3.2}) == ("tender", 1)
    assert led_by({"dissonance": 4.0}, {"dissonance": -4.5, "articulation": 0.1}) == ("anger", 1)
