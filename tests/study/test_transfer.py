"""From one corpus to another: runs, scores and tables."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from midcli.corpora.corpus import Corpus, Excerpt
from midcli.errors import DataError
from midcli.study.recipes import DEFAULT
from midcli.study.results import data_fingerprint
from midcli.study.transfer import (
    LABELS,
    TransferRun,
    find_transfer_runs,
    ratings_of,
    score_transfer,
    stored_rows,
    transfer_from,
    transfer_object,
    write_transfer_run,
)
from midcli.study.transfer_tables import transfer_facts, transfer_tables

VALENCE = LABELS.index("valence")


@pytest.fixture
def corpora(tmp_path: Path) -> list[Corpus]:
    audio = tmp_path / "a.ogg"
    audio.write_bytes(b"x")
    rng = np.random.default_rng(0)
    film = (
        Excerpt(f"{n:03}", audio, rng.uniform(1, 10, 7), rng.uniform(1, 8, 8), f"album {n}")
        for n in range(20)
    )
    clips = (
        Excerpt(
            f"{n}.ogg",
            audio,
            np.full(7, np.nan),
            np.full(8, np.nan),
            f"artist {n}",
            {"valence": f"{rng.uniform(1, 5):.3f}", "arousal": f"{rng.uniform(1, 5):.3f}"},
        )
        for n in range(20)
    )
    return [Corpus("soundtracks", tuple(film)), Corpus("musifeast", tuple(clips))]


def run(corpora: list[Corpus], scheme: str, trained: int, tested: int, noise: float) -> TransferRun:
    corpus = corpora[tested]
    ratings = ratings_of(corpus, DEFAULT)
    values = ratings + noise * np.random.default_rng(1).normal(size=ratings.shape)
    if trained == 1:
        values[:, np.isnan(ratings_of(corpora[1], DEFAULT)).all(axis=0)] = np.nan
    return TransferRun(
        scheme,
        DEFAULT.name,
        corpora[trained].name,
        corpus.name,
        0,
        20,
        stored_rows(corpus.ids, values),
        2.0,
        "2026-01-01",
        DEFAULT.fingerprint(),
        data_fingerprint(corpus),
    )


def all_runs(corpora: list[Corpus]) -> list[TransferRun]:
    noises = {"a2e": 0.0, "joint": 3.0}
    return [run(corpora, s, a, b, noises[s]) for s in noises for a in (0, 1) for b in (0, 1)]


RECIPES = {DEFAULT.name: DEFAULT}


def test_bearings_are_the_ratings_of_corpora_without_ours(corpora: list[Corpus]) -> None:
    film, clips = (ratings_of(corpus, DEFAULT) for corpus in corpora)
    assert np.isfinite(film).all()
    assert [LABELS[k] for k in np.flatnonzero(np.isfinite(clips).all(axis=0))] == ["valence", "energy"]


def test_runs_are_read_as_they_were_written(corpora: list[Corpus], tmp_path: Path) -> None:
    written = run(corpora, "joint", 1, 0, 1.0)
    path = write_transfer_run(tmp_path, written)
    assert path.name == "joint-default-musifeast-on-soundtracks-seed0.json"
    assert find_transfer_runs(tmp_path) == [written]
    path.write_text("{}")
    with pytest.raises(DataError, match="not a result"):
        find_transfer_runs(tmp_path)


def test_scores_of_what_both_corpora_say(corpora: list[Corpus]) -> None:
    (scores,) = score_transfer(all_runs(corpora), corpora, RECIPES)
    pair = scores.pair("a2e", "soundtracks", "musifeast")
    assert pair is not None
    assert pair.r[0, VALENCE] == pytest.approx(1)
    assert np.isnan(pair.r[0, LABELS.index("sad")])
    assert scores.corpora == ("soundtracks", "musifeast")
    assert transfer_object(transfer_from(transfer_object(scores))) == transfer_object(scores)


def test_runs_with_other_data_are_refused(corpora: list[Corpus]) -> None:
    one = run(corpora, "a2e", 0, 1, 0.0)
    with pytest.raises(DataError, match="another data set"):
        score_transfer([replace(one, data_fingerprint="other")], corpora, RECIPES)
    with pytest.raises(DataError, match="not at hand"):
        score_transfer([one], corpora[:1], RECIPES)


def test_tables_tell_what_explanation_costs(corpora: list[Corpus]) -> None:
    (scores,) = score_transfer(all_runs(corpora), corpora, RECIPES)
    tables = {table.name: table for table in transfer_tables(scores)}
    straight, explained, cost = (
        tables[f"pairs-{name}"].rows[0].cells[1].mean for name in ("straight", "explained", "cost")
    )
    assert straight is not None
    assert explained is not None
    assert straight == pytest.approx(1)
    assert cost == pytest.approx(straight - explained)
    assert [row.name for row in tables["qualities"].rows] == ["soundtracks → soundtracks"]
    assert transfer_facts(scores)
