"""Figures: the numbers in them, the pairs of songs, and the drawings."""

import subprocess
import sys
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from midcli.audio.spectrogram import FRONTEND
from midcli.corpora.corpus import Corpus
from midcli.errors import DataError, ExtraError
from midcli.explanation.words.numbers import decimal
from midcli.model.file import Model
from midcli.study.figures import FigureData, annotation_correlations, figure_data, pairs_object
from midcli.study.pairs import rank_pairs
from midcli.views.figures import figure_paths, require_figures, write_figures
from midcli.views.terminal.figures import Figures, papers_pair_table
from tests.model_files import write_model
from tests.result_files import rated_corpus

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return rated_corpus(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, corpus: Corpus) -> Model:
    reference = {
        "name": "60 made-up excerpts",
        "ids": list(corpus.ids),
        "midlevel": (0.1 * corpus.midlevel).tolist(),
        "register_evidence": np.zeros((7, 38)).tolist(),
    }
    return Model(write_model(tmp_path_factory.mktemp("model") / "m.onnx", reference=reference), FRONTEND)


@pytest.fixture(scope="module")
def data(model: Model, corpus: Corpus) -> FigureData:
    return figure_data(model, corpus)


def test_effects_sum_to_emotions(data: FigureData, model: Model) -> None:
    assert data.effects.shape == (60, 8, 7)
    sums = data.effects.sum(axis=2) + model.head.intercept
    np.testing.assert_allclose(sums, data.emotions)


def test_correlations_of_annotations(corpus: Corpus) -> None:
    correlations = annotation_correlations(corpus)
    expected = np.corrcoef(corpus.midlevel.T, corpus.emotion.T)[7:, :7]
    np.testing.assert_allclose(correlations, expected)


def test_a_model_of_another_corpus_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="in common"):
        figure_data(Model(tiny_model, FRONTEND), rated_corpus(tmp_path, excerpts=2))


@pytest.mark.parametrize("rated", [0, 2])
def test_pairs_need_excerpts_that_are_rated_in_full(model: Model, corpus: Corpus, rated: int) -> None:
    partly = tuple(
        replace(excerpt, emotion=np.full(8, np.nan)) if number >= rated else excerpt
        for number, excerpt in enumerate(corpus.excerpts)
    )
    with pytest.raises(DataError, match=f"{rated} of its excerpts have all fifteen ratings"):
        figure_data(model, replace(corpus, excerpts=partly))


def test_pairs_by_intent_and_by_the_printed_formula() -> None:
    # a and b: same emotion, different qualities; c and d: different in both
    midlevel = np.array([[0.0], [10.0], [4.0], [13.0], [4.1]])
    emotion = np.array([[0.0], [0.1], [20.0], [-20.0], [20.0]])
    ranking = rank_pairs(("a", "b", "c", "d", "e"), midlevel, emotion)
    assert ranking.best_by_intent == ("a", "b")
    assert ranking.best_by_formula == ("c", "d")
    assert ranking.pairs == 10
    assert ranking.positions(("b", "a")) == (
        1,
        1 + np.count_nonzero(ranking.by_formula > ranking.by_formula[0]),
    )
    assert ranking.positions(("d", "c"))[1] == 1
    assert ranking.positions(("a", "z")) is None
    d_mid, d_e = ranking.distances(("b", "a"))
    assert d_mid - d_e == pytest.approx(ranking.by_intent[0])


def test_the_two_rules_are_those_of_section_7_2() -> None:
    midlevel, emotion = RNG.normal(size=(2, 12, 4))
    ranking = rank_pairs(tuple("abcdefghijkl"), midlevel, emotion)
    distances = []
    for points in (midlevel, emotion):
        d = np.array(
            [np.sqrt(((points[i] - points[j]) ** 2).sum()) for i in range(12) for j in range(i + 1, 12)]
        )
        distances.append((d - d.min()) / (d.max() - d.min()))
    d_mid, d_e = distances
    np.testing.assert_allclose(ranking.by_intent, d_mid - d_e)
    np.testing.assert_allclose(ranking.by_formula, d_e - (1 - d_mid))


@pytest.mark.parametrize("width", [60, 80, 140])
def test_terminal_figures_fit(data: FigureData, width: int) -> None:
    console = Console(width=width, record=True, color_system=None, file=StringIO())
    console.print(Figures(data))
    text = console.export_text()
    assert max(map(len, text.splitlines())) <= max(width, 70)
    for words in ("Figure 3", "Figure 4", "Figure 5", "Table 4", "d_Mid - d_E", "rhythmic complexity"):
        assert words in text


def test_the_papers_own_songs_are_shown_beside_its_numbers(data: FigureData) -> None:
    assert not data.has_the_papers_pair
    named = replace(data, ids=("153", "322", *data.ids[2:]))
    console = Console(width=100, record=True, color_system=None, file=StringIO())
    console.print(papers_pair_table(named))
    songs = pairs_object(named)["songs"]
    assert set(songs) == {*named.pair, "153", "322"}
    assert songs["153"]["predicted"]["valence"] == round(named.emotions[0, 0], 4)
    row = console.export_text().splitlines()[1].split()
    assert row[0] == "valence"
    assert (row[1], row[4]) == ("2.8", "3.9")
    assert [row[2], row[5]] == [decimal(named.emotions[k, 0]) for k in (0, 1)]
    unrated = replace(named, annotated=np.full_like(named.annotated, np.nan))
    assert pairs_object(unrated)["songs"]["322"]["annotated"]["fear"] is None
    assert [row[3], row[6]] == [decimal(named.annotated[k, 0]) for k in (0, 1)]


def test_png_and_svg_are_written_whole(data: FigureData, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    write_figures(tmp_path / "new" / "folder", data)
    paths = figure_paths(tmp_path / "new" / "folder")
    assert sorted((tmp_path / "new" / "folder").iterdir()) == sorted(paths)
    assert {path.stem for path in paths} == {
        "figure-3-effects", "figure-4-correlations", "figure-5-weights", "table-4-pair"
    }  # fmt: skip
    assert len(paths) == 8
    for path in paths:
        start = path.read_bytes()[:200]
        assert start.startswith(b"\x89PNG") if path.suffix == ".png" else b"<?xml" in start


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ExtraError, match="extra figures"):
        require_figures()


def test_only_figures_imports_matplotlib() -> None:
    code = (
        "import sys, midcli.cli.main, midcli.cli.evaluate_study, midcli.cli.evaluate_model\n"
        "import midcli.views.figures, midcli.study.runs, midcli.views.terminal.figures\n"
        "assert not {'matplotlib', 'torch'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
