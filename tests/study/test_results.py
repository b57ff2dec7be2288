"""Raw-prediction files: what is written is read, and nothing wrong gets in or out."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from midcli.errors import DataError, OutputError
from midcli.study.results import data_fingerprint, find_results, prediction, read_result, write_result
from tests.result_files import made_up_run, rated_corpus


@pytest.mark.parametrize("scheme", ["a2e", "a2mid", "a2mid2e", "joint"])
def test_what_is_written_is_read(tmp_path: Path, scheme: str) -> None:
    run = made_up_run(rated_corpus(tmp_path), scheme, seed=3)
    path = write_result(tmp_path / "out", run)
    assert path == tmp_path / "out" / "random" / f"{scheme}-paper-seed3.json"
    assert read_result(path) == run
    assert find_results(tmp_path / "out") == [run]
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_fields_are_those_of_the_design(tmp_path: Path) -> None:
    path = write_result(tmp_path, made_up_run(rated_corpus(tmp_path)))
    value = json.loads(path.read_text())
    assert {
        "scheme", "recipe", "protocol", "seed", "stopping", "train", "validation", "test", "predictions",
        "epochs", "seconds", "device", "versions",
    } <= set(value)  # fmt: skip
    assert set(value["predictions"]) == set(value["test"])
    row = value["predictions"][value["test"][0]]
    assert [len(row["midlevel"]), len(row["emotion"])] == [7, 8]


def test_arrays_are_in_the_order_of_the_test_part(tmp_path: Path) -> None:
    run = made_up_run(rated_corpus(tmp_path))
    assert run.emotion is not None
    np.testing.assert_array_equal(run.emotion[1], run.predictions[run.test[1]].emotion)
    assert made_up_run(rated_corpus(tmp_path), "a2e").midlevel is None


def test_wrong_runs_are_not_written(tmp_path: Path) -> None:
    run = made_up_run(rated_corpus(tmp_path))
    some = dict(list(run.predictions.items())[1:])
    wrong = [
        replace(run, predictions=some),
        replace(run, train=run.test),
        replace(run, stopping="by feeling"),
        replace(run, scheme="a2e"),
        replace(run, predictions={**some, run.test[0]: prediction([np.nan] * 7, [0.5] * 8)}),
        replace(run, predictions={**some, run.test[0]: prediction([0.5] * 6, [0.5] * 8)}),
    ]
    for one in wrong:
        with pytest.raises(ValueError):
            write_result(tmp_path / "out", one)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"scheme": "joint"}', "not json", "null", "\x00"], ids=repr
)
def test_foreign_files_are_refused_by_name(tmp_path: Path, content: str) -> None:
    path = tmp_path / "random" / "joint-paper-seed0.json"
    path.parent.mkdir()
    path.write_text(content)
    with pytest.raises(DataError, match="joint-paper-seed0"):
        find_results(tmp_path)


def test_a_renamed_file_is_refused(tmp_path: Path) -> None:
    path = write_result(tmp_path, made_up_run(rated_corpus(tmp_path)))
    renamed = path.rename(path.with_name("joint-paper-seed1.json"))
    with pytest.raises(DataError, match="random/joint-paper-seed0"):
        read_result(renamed)


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(OutputError, match="out"):
        write_result(tmp_path / "out", made_up_run(rated_corpus(tmp_path)))


def test_the_fingerprint_changes_with_ratings_groups_and_audio(tmp_path: Path) -> None:
    corpus = rated_corpus(tmp_path)
    first, *rest = corpus.excerpts
    prints = {data_fingerprint(corpus)}
    for changed in (
        replace(first, midlevel=first.midlevel + 0.01),
        replace(first, emotion=first.emotion * np.nan),
        replace(first, group="another"),
    ):
        prints.add(data_fingerprint(replace(corpus, excerpts=(changed, *rest))))
    first.path.write_bytes(b"other audio")
    prints.add(data_fingerprint(corpus))
    assert len(prints) == 5
    assert data_fingerprint(corpus) in prints
