"""Mood clusters: runs, scores and tables."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from midcli.corpora.corpus import Corpus, Excerpt
from midcli.errors import DataError
from midcli.study.mood_tables import WEIGHTS, mood_facts, mood_tables
from midcli.study.moods import (
    CLUSTERS,
    MEASURES,
    MoodRun,
    clusters_of,
    find_mood_runs,
    mood_split,
    moods_from,
    moods_object,
    score_moods,
    write_mood_run,
)
from midcli.study.results import data_fingerprint


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    audio = tmp_path / "a.ogg"
    audio.write_bytes(b"x")
    excerpts = (
        Excerpt(
            f"{n}.ogg",
            audio,
            np.full(7, 5.0),
            np.full(8, np.nan),
            f"artist {n // 2}",
            {"cluster": str(1 + n % 5)},
        )
        for n in range(50)
    )
    return Corpus("mirex", tuple(excerpts))


def run(corpus: Corpus, scheme: str, seed: int, right: float) -> MoodRun:
    """A run of which that share of the test pieces is right."""
    parts = mood_split(corpus, seed)
    true = dict(zip(corpus.ids, clusters_of(corpus), strict=True))
    hits = round(right * len(parts.test))
    rows = {
        name: tuple(np.roll(true[name], 0 if number < hits else 1).tolist())
        for number, name in enumerate(parts.test)
    }
    explains = scheme != "a2e"
    return MoodRun(
        scheme,
        "default",
        seed,
        parts.train,
        parts.test,
        rows,
        dict.fromkeys(parts.test, (5.0,) * 7) if explains else None,
        tuple((0.1 * k,) * 7 for k in range(5)) if explains else None,
        1.5,
        "2026-01-01",
        "recipe",
        data_fingerprint(corpus),
    )


def test_runs_are_read_as_they_were_written(corpus: Corpus, tmp_path: Path) -> None:
    runs = [run(corpus, "a2e", 0, 1), run(corpus, "joint", 0, 0.5)]
    for one in runs:
        write_mood_run(tmp_path, one)
    assert find_mood_runs(tmp_path) == runs


def test_broken_runs_are_refused(corpus: Corpus, tmp_path: Path) -> None:
    path = write_mood_run(tmp_path, replace(run(corpus, "a2e", 0, 1), clusters={}))
    with pytest.raises(DataError, match=path.name):
        find_mood_runs(tmp_path)


def test_scores(corpus: Corpus) -> None:
    runs = [
        run(corpus, scheme, seed, right) for scheme, right in (("a2e", 1), ("joint", 0.5)) for seed in (0, 1)
    ]
    (scores,) = score_moods(runs, corpus)
    assert scores.schemes["a2e"].tolist() == [[1.0] * len(MEASURES)] * 2
    assert scores.schemes["joint"][:, 0] == pytest.approx(0.5, abs=0.06)
    assert scores.guess == pytest.approx(0.2)
    assert (scores.pieces, scores.groups, scores.seeds) == (50, 25, (0, 1))
    again = moods_from(moods_object(scores))
    assert moods_object(again) == moods_object(scores)


def test_runs_with_other_data_are_refused(corpus: Corpus) -> None:
    with pytest.raises(DataError, match="another data set or split"):
        score_moods([replace(run(corpus, "a2e", 0, 1), data_fingerprint="other")], corpus)
    with pytest.raises(DataError, match="another data set or split"):
        score_moods([replace(run(corpus, "a2e", 0, 1), seed=1)], corpus)


def test_a_cluster_that_is_none(corpus: Corpus) -> None:
    first, *rest = corpus.excerpts
    odd = replace(corpus, excerpts=(replace(first, cells={"cluster": "6"}), *rest))
    with pytest.raises(DataError, match=r"0\.ogg: cluster '6' is none of 1, 2"):
        clusters_of(odd)


def test_tables_tell_the_cost_and_the_weights(corpus: Corpus) -> None:
    (scores,) = score_moods([run(corpus, "a2e", 0, 1), run(corpus, "joint", 0, 0.5)], corpus)
    table, weights = mood_tables(scores)
    cost = table.rows[-1]
    assert cost.is_cost
    assert cost.cells[0].mean == pytest.approx(0.5, abs=0.06)
    assert weights.name == WEIGHTS
    assert [row.name for row in weights.rows] == list(CLUSTERS.values())
    assert weights.rows[2].cells[0].mean == pytest.approx(0.2)
    assert any("footnote 3" in line for line in mood_facts(scores))
