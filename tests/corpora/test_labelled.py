"""A user's own labels: ratings and categories, and what is refused."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from midcli.corpora.labelled import read_labelled
from midcli.corpora.own import load_labelled
from midcli.errors import DataError


def table(folder: Path, header: str, *rows: str) -> Path:
    for row in rows:
        (folder / row.split(",")[0]).touch()
    path = folder / "mine.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def test_numbers_are_ratings_on_a_scale_of_whole_points(tmp_path: Path) -> None:
    rows = [f"{k}.wav,artist {k % 5},{k / 2 if k else ''}" for k in range(20)]
    labelled = read_labelled(table(tmp_path, "file,group,Very Epic", *rows), ["Very Epic"])
    (label,) = labelled.labels
    assert label.name == "very_epic"
    assert label.scale == (0, 10)
    assert labelled.unit == "ratings from 0 to 10"
    assert not label.is_category
    assert np.isnan(label.values[0])
    assert set(labelled.groups) == {f"artist {k}" for k in range(5)}
    assert labelled.paths[3] == tmp_path / "3.wav"


@pytest.mark.parametrize(
    ("epic", "groovy"),
    [
        (lambda k: k / 20, lambda k: k / 40),
        (lambda k: k % 5, lambda k: 5 * k),
        (lambda k: k, lambda k: 200 * k),
    ],
)
def test_ratings_that_cannot_be_read_beside_each_other_become_per_cent(
    tmp_path: Path, epic: Callable[[int], float], groovy: Callable[[int], float]
) -> None:
    rows = [f"{k}.wav,{epic(k)},{groovy(k)}" for k in range(20)]
    labelled = read_labelled(table(tmp_path, "file,epic,groovy", *rows), ["epic", "groovy"])
    assert {label.scale for label in labelled.labels} == {(0, 100)}
    assert "per cent" in labelled.unit
    for label, rated in zip(labelled.labels, (epic, groovy), strict=True):
        ratings = np.array([rated(k) for k in range(20)])
        np.testing.assert_allclose(label.values, 100 * (ratings - ratings.min()) / np.ptp(ratings))


def test_other_columns_name_categories(tmp_path: Path) -> None:
    rows = [f"{k}.wav,{['groovy', 'epic', 'calm'][k % 3]}" for k in range(21)]
    labelled = read_labelled(table(tmp_path, "file,kind", *rows), ["kind"])
    assert [label.name for label in labelled.labels] == ["calm", "epic", "groovy"]
    assert {label.scale for label in labelled.labels} == {(0, 100)}
    assert sum(label.values for label in labelled.labels).tolist() == [100] * 21
    assert labelled.groups == tuple(f"{k}.wav" for k in range(21))


@pytest.mark.parametrize(
    ("ratings", "scale", "unit"),
    [
        (lambda k: f"{5 * k}", (0, 100), "ratings from 0 to 100"),
        (lambda k: f"{k / 20}", (0, 10), "in tenths of the way from the lowest to the highest rating"),
        (lambda k: ["epic", "calm"][k % 2], (0, 10), "in tenths, 10 for songs that are called so"),
    ],
)
def test_networks_learn_ratings_as_they_are_and_per_cent_in_tenths(
    tmp_path: Path, ratings: Callable[[int], str], scale: tuple[float, float], unit: str
) -> None:
    corpus = load_labelled(
        table(tmp_path, "file,mine", *[f"{k}.wav,{ratings(k)}" for k in range(21)]), ["mine"]
    )
    assert corpus.vocabulary.scale == scale
    assert corpus.vocabulary.unit == unit
    assert (corpus.emotion.min(), corpus.emotion.max()) == pytest.approx(scale)


@pytest.mark.parametrize(
    ("header", "cells", "columns", "complaint"),
    [
        ("file,epic", [str(k) for k in range(14)], ["epic"], "14 songs; a label needs at least 15"),
        ("file,epic", ["3"] * 20, ["epic"], "is 3 everywhere"),
        ("file,epic", [""] * 20, ["epic"], "is empty"),
        ("file,epic", [str(k) for k in range(20)], ["groovy"], "has no column `groovy`"),
        ("file,kind", ["a"] * 18 + ["b"] * 2, ["kind"], "18 of 20 songs are called so; at least 5"),
        ("file,kind", [f"k{k}" for k in range(20)], ["kind"], "has 20 different values"),
        ("file,dissonance", [str(k) for k in range(20)], ["dissonance"], "called like a column"),
        ("file,Key", [str(k) for k in range(20)], ["Key"], "the label key would be called like a column"),
        (f"file,{'x' * 41}", [str(k) for k in range(20)], ["x" * 41], "cannot be the name of a label"),
    ],
)
def test_what_is_too_little_or_makes_no_sense(
    tmp_path: Path, header: str, cells: list[str], columns: list[str], complaint: str
) -> None:
    path = table(tmp_path, header, *[f"{k}.wav,{cell}" for k, cell in enumerate(cells)])
    with pytest.raises(DataError, match=complaint):
        read_labelled(path, columns)


def test_known_headers_are_in_any_case_but_for_labels(tmp_path: Path) -> None:
    rows = [f"{k}.wav,Artist {k % 4},{k}" for k in range(20)]
    labelled = read_labelled(table(tmp_path, "FILE,Group,Valence", *rows), ["Valence"])
    assert [label.name for label in labelled.labels] == ["valence"]
    assert len(set(labelled.groups)) == 4


def test_ratings_and_categories_do_not_mix_and_files_must_be_there(tmp_path: Path) -> None:
    path = table(tmp_path, "file,epic,kind", *[f"{k}.wav,{k},{'ab'[k % 2]}" for k in range(20)])
    with pytest.raises(DataError, match="make a model of each"):
        read_labelled(path, ["epic", "kind"])
    (tmp_path / "7.wav").unlink()
    with pytest.raises(DataError, match=r"7\.wav: no such file beside the table"):
        read_labelled(path, ["epic"])


def test_a_table_of_ones_own_is_published_nowhere(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"mine\.csv: missing$"):
        read_labelled(tmp_path / "mine.csv", ["epic"])
