"""Many experiments: planned, run apart, resumed, and failures kept to themselves."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from midcli.errors import DataError, UsageError
from midcli.study.recipes import PAPER
from midcli.study.results import find_results, read_result, write_result
from midcli.study.runs import (
    Failed,
    Finished,
    Job,
    check_schemes,
    make_setting,
    plan,
    run_jobs,
)
from midcli.util.containers import usable_cores
from tests.result_files import fake_experiment, made_up_run, made_with, rated_corpus

ALL = ("a2e", "a2mid", "a2mid2e", "joint")


@pytest.fixture
def setting(tmp_path):
    return make_setting(rated_corpus(tmp_path), "random", PAPER, tmp_path / "results")


def write_finished(setting, scheme, seed, **differing):
    prints = {"recipe": setting.fingerprints.recipe, "data": setting.fingerprints.data} | differing
    return write_result(setting.folder, made_with(made_up_run(setting.corpus, scheme, seed), **prints))


def run(setting, jobs, processes=1, on_progress=lambda *_: None):
    return list(run_jobs(setting, jobs, processes, None, on_progress, fake_experiment))


def test_a2mid_and_a2mid2e_are_one_job(setting):
    finished, jobs = plan(setting, ALL, [0, 1])
    assert finished == []
    assert [job.schemes for job in jobs] == [("a2e",), ("a2mid", "a2mid2e"), ("joint",)] * 2
    assert plan(setting, ["a2mid2e"], [5])[1] == [Job(5, ("a2mid", "a2mid2e"))]


def test_what_is_there_is_not_run_again(setting):
    write_finished(setting, "a2e", 0)
    write_finished(setting, "a2mid", 0)
    finished, jobs = plan(setting, ALL, [0])
    assert [result.scheme for result in finished] == ["a2e"]
    assert [job.schemes for job in jobs] == [("a2mid", "a2mid2e"), ("joint",)]


@pytest.mark.parametrize("changed", ["recipe", "data"], ids=str.upper)
def test_another_recipe_or_data_set_is_noticed(setting, changed):
    path = write_finished(setting, "joint", 0, **{changed: "other"})
    with pytest.raises(DataError, match=rf"joint-paper-seed0\.json: was made with another {changed}"):
        plan(setting, ["joint"], [0])
    before = path.read_bytes()
    assert plan(setting, ["joint"], [0], replace=True) == ([], [Job(0, ("joint",))])
    assert path.read_bytes() == before


def test_other_corpora_beside_are_noticed(setting):
    write_finished(setting, "joint", 0)
    songs = replace(setting.corpus, name="songs", excerpts=setting.corpus.excerpts[:8])
    beside = replace(setting, beside=(songs,))
    with pytest.raises(DataError, match="was made with another set of corpora beside"):
        plan(beside, ["joint"], [0])
    assert plan(beside, ["joint"], [0], replace=True)[1] == [Job(0, ("joint",))]
    (outcome,) = run(beside, [Job(0, ("joint",))])
    assert isinstance(outcome, Finished)
    assert plan(beside, ["joint"], [0]) == ([read_result(outcome.results[0].key.path(setting.folder))], [])
    with pytest.raises(DataError, match="was made with another set of corpora beside"):
        plan(setting, ["joint"], [0])


def test_other_published_test_excerpts_are_noticed(setting):
    fixed = replace(setting, protocol="fixed36")
    run_of_now = made_up_run(setting.corpus, protocol="fixed36")
    write_result(fixed.folder, made_with(run_of_now, **vars(fixed.fingerprints)))
    assert plan(fixed, ["joint"], [0])[1] == []
    other = replace(setting.corpus, fixed_test=setting.corpus.ids[20:26])
    with pytest.raises(DataError, match="was made with another split"):
        plan(replace(fixed, corpus=other), ["joint"], [0])


def test_what_a_killed_run_left_does_not_fail_the_next(setting):
    folder = setting.folder / "checkpoints" / "random" / "joint-paper-seed0"
    folder.mkdir(parents=True)
    (folder / ".checkpoint.pt.x1y2").write_bytes(b"half")
    (outcome,) = run(setting, [Job(0, ("joint",))])
    assert isinstance(outcome, Finished)
    assert not folder.exists()
    folder.mkdir()
    (folder / "notes").touch()
    (outcome,) = run(setting, [Job(0, ("joint",))])
    assert isinstance(outcome, Finished)
    assert [path.name for path in folder.iterdir()] == ["notes"]


def test_finished_runs_are_files_with_the_split_of_their_seed(setting):
    told = []
    outcomes = run(
        setting, plan(setting, ALL, [2])[1], on_progress=lambda job, p: told.append((job, p.epoch))
    )
    assert all(isinstance(outcome, Finished) for outcome in outcomes)
    results = find_results(setting.folder)
    assert sorted(result.scheme for result in results) == sorted(ALL)
    for result in results:
        assert (result.train, result.test) == (
            made_up_run(setting.corpus, seed=2).train,
            made_up_run(setting.corpus, seed=2).test,
        )
        assert result.fingerprints == setting.fingerprints
        assert result.device == f"made up, {usable_cores()} threads"
    assert plan(setting, ALL, [2])[1] == []
    assert {job.schemes[0] for job, _ in told} == {"a2e", "a2mid", "joint"}
    assert not list((setting.folder / "checkpoints").rglob("*.pt"))


def test_a_failure_and_a_death_leave_the_rest_alone(setting):
    jobs = [Job(seed, ("joint",)) for seed in (13, 14, 15)]
    outcomes = {outcome.job.seed: outcome for outcome in run(setting, jobs, processes=min(2, usable_cores()))}
    assert outcomes[13] == Failed(jobs[0], "ValueError: unlucky")
    assert isinstance(outcomes[14], Failed)
    assert "exit code 9" in outcomes[14].reason
    assert isinstance(outcomes[15], Finished)
    assert [result.seed for result in find_results(setting.folder)] == [15]
    kept = sorted(path.parent.name for path in (setting.folder / "checkpoints").rglob("*.pt"))
    assert kept == ["joint-paper-seed13", "joint-paper-seed14"]


def test_progress_is_received_without_torch():
    code = (
        "import pickle, sys\n"
        "from midcli.study.progress import Progress\n"
        "pickle.loads(pickle.dumps(Progress(1, 2, 0.5, None, 3.0)))\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("schemes", "protocol"), [(["a2x"], "random"), ([""], "random"), (["joint"], "midlevel"), ([], "album")]
)
def test_schemes_that_cannot_be(schemes, protocol):
    with pytest.raises(UsageError):
        check_schemes(schemes, protocol)


def tiny_recipe_experiment(setting, device, threads):
    """The real experiment on made-up spectrograms in place of the cache."""
    import midcli.corpora.spectrograms
    from midcli.training.jobs import torch_experiment
    from tests.training_corpus import made_up_corpus

    midcli.corpora.spectrograms.cached_spectrograms = lambda corpus: made_up_corpus(len(corpus.ids))[1]
    return torch_experiment(setting, device, threads)


def test_torch_runs(tmp_path: Path):
    pytest.importorskip("torch")
    pytest.importorskip("torchaudio")
    from tests.training_corpus import TINY, made_up_corpus

    corpus, _ = made_up_corpus(30)
    excerpts = []
    for excerpt in corpus.excerpts:
        path = tmp_path / excerpt.path.name
        path.touch()
        excerpts.append(replace(excerpt, path=path))
    setting = make_setting(
        replace(corpus, excerpts=tuple(excerpts)), "random", replace(TINY, epochs=2), tmp_path / "out"
    )
    outcomes = list(
        run_jobs(
            setting, plan(setting, ["a2mid2e"], [0])[1], 1, "cpu", lambda *_: None, tiny_recipe_experiment
        )
    )
    assert [outcome.reason for outcome in outcomes if isinstance(outcome, Failed)] == []
    result = read_result(setting.folder / "random" / "a2mid2e-tiny-seed0.json")
    a2mid = read_result(setting.folder / "random" / "a2mid-tiny-seed0.json")
    assert [p.midlevel for p in result.predictions.values()] == [
        p.midlevel for p in a2mid.predictions.values()
    ]


def test_a_device_that_is_not_there_is_said_once(setting):
    pytest.importorskip("torch")
    from midcli.training.jobs import torch_experiment

    with pytest.raises(UsageError, match="device toaster"):
        torch_experiment(setting, "toaster", 1)
