"""The highlight: the window with the most of the leading emotion, and its exact sum."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

import midcli
from midcli.explanation.highlight import highlight
from midcli.explanation.words.certainty import to_explain


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
    leading = to_explain(analysis.explanation)[0]
    sign = 1 if leading.value > leading.average else -1
    through = analysis.context.head.emotions(analysis.evidence.values.T)
    column = through[:, analysis.context.head.names.index(leading.name)]
    cells = round(length_s / analysis.duration_s * len(column))
    best = max(sign * column[start : start + cells].mean() for start in range(len(column) - cells + 1))
    assert found.emotion == leading.name
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
