"""Many experiments: what is still to run, several at a time, each written as soon as it is done."""

import contextlib
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from midcli.corpora.corpus import Corpus
from midcli.corpora.splits import MIDLEVEL_PROTOCOLS, Split, split
from midcli.errors import DataError, MidcliError, UsageError
from midcli.study.progress import Progress
from midcli.study.recipes import SCHEMES, AnyRecipe
from midcli.study.results import (
    Fingerprints,
    RunKey,
    RunResult,
    data_fingerprint,
    difference,
    prediction,
    read_result,
    write_result,
)
from midcli.util.containers import usable_cores
from midcli.util.processes import report, run_processes


class OtherRunError(DataError):
    """A run of the name that is wanted, made with another recipe, data set, split or corpora beside."""


@dataclass(frozen=True)
class Job:
    """One training, which gives the runs of one scheme, or of a2mid and a2mid2e together."""

    seed: int
    schemes: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.schemes[0]} seed {self.seed}"


@dataclass(frozen=True)
class Setting:
    """What all jobs of a study share."""

    corpus: Corpus
    protocol: str
    recipe: AnyRecipe
    folder: Path
    """Where result files go."""
    fingerprints: Fingerprints
    beside: tuple[Corpus, ...] = ()
    """What is learned from too, all of it but the groups of the test part."""

    def key(self, scheme: str, seed: int) -> RunKey:
        return RunKey(self.protocol, scheme, self.recipe.name, seed)


@dataclass(frozen=True)
class Finished:
    """A job whose result files are written."""

    job: Job
    results: tuple[RunResult, ...]


@dataclass(frozen=True)
class Failed:
    """A job that gave nothing, and why."""

    job: Job
    reason: str


Values = dict[str, list[float] | None]
"""{"midlevel": [7] or None, "emotion": [8] or None}, x 0.1 scale."""


@dataclass(frozen=True)
class Outcome:
    """What training and predicting gave."""

    predictions: dict[str, Values]
    """Of exactly the test excerpts, by id."""
    train_midlevel: dict[str, list[float]] | None
    """Of a2mid: the qualities of the training excerpts, x 0.1 scale, for a2mid2e; None without emotions."""
    epochs: int
    seconds: float
    device: str
    versions: dict[str, str]


Experiment = Callable[[Job, Split, Path, Callable[[Progress], None]], Mapping[str, Outcome]]
"""Trains a job on a split, with a checkpoint file and a listener; gives outcomes by scheme."""
MakeExperiment = Callable[[Setting, str | None, int], Experiment]
"""Called once in each worker process with the setting, the device and the number of threads."""


def make_setting(
    corpus: Corpus, protocol: str, recipe: AnyRecipe, folder: Path, beside: Sequence[Corpus] = ()
) -> Setting:
    """The setting of a study, with the fingerprints of its recipe and data."""
    fingerprints = Fingerprints(recipe.fingerprint(), data_fingerprint(corpus))
    return Setting(corpus, protocol, recipe, folder, fingerprints, tuple(beside))


def check_schemes(schemes: Sequence[str], protocol: str) -> None:
    """Raise UsageError for schemes that do not exist or that a protocol cannot have."""
    unknown = [scheme for scheme in schemes if scheme not in SCHEMES]
    if unknown or not schemes:
        raise UsageError(f"schemes {','.join(schemes)}: known are {', '.join(SCHEMES)}")
    if protocol in MIDLEVEL_PROTOCOLS and set(schemes) != {"a2mid"}:
        raise UsageError(f"protocol {protocol} has no emotions; its only scheme is a2mid")


def plan(
    setting: Setting, schemes: Sequence[str], seeds: Sequence[int], replace: bool = False
) -> tuple[list[RunResult], list[Job]]:
    """Runs that are there, and the jobs for those that are not.

    a2mid and a2mid2e come from one training. Raises DataError if a run in the folder is broken, OtherRunError
    if it was made with another recipe, data set, split or corpora beside; with `replace`, the latter is run
    anew.
    """
    finished, jobs = [], []
    for seed in seeds:
        for group in _groups(schemes, setting.protocol):
            present = [_present(setting, setting.key(scheme, seed), replace) for scheme in group]
            known = [result for result in present if result]
            if len(known) == len(group):
                finished += known
            else:
                jobs.append(Job(seed, group))
    return finished, jobs


def run_jobs(
    setting: Setting,
    jobs: Sequence[Job],
    processes: int,
    device: str | None,
    on_progress: Callable[[Job, Progress], None],
    make_experiment: MakeExperiment,
) -> Generator[Finished | Failed, None, None]:
    """Run jobs in that many processes that share the cores; outcomes in order of completion.

    A job that fails, or whose process dies, does not stop the others. Leaving early kills what runs;
    it goes on from its checkpoints when it is planned again.
    """
    threads = max(1, usable_cores() // max(1, min(processes, len(jobs))))
    start = partial(_start, setting, device, threads, make_experiment)
    yield from run_processes(start, jobs, Failed, processes, heard=lambda note: on_progress(*note))


def _groups(schemes: Sequence[str], protocol: str) -> list[tuple[str, ...]]:
    """Schemes by the training that they come from, in the order of SCHEMES."""
    groups: list[tuple[str, ...]] = []
    for scheme in SCHEMES:
        if scheme == "a2mid" and protocol not in MIDLEVEL_PROTOCOLS and {"a2mid", "a2mid2e"} & set(schemes):
            groups.append(("a2mid", "a2mid2e"))
        elif scheme != "a2mid2e" and scheme in schemes:
            groups.append((scheme,))
    return groups


def _present(setting: Setting, key: RunKey, replace: bool) -> RunResult | None:
    path = key.path(setting.folder)
    if not path.exists():
        return None
    result = read_result(path)
    differs = difference(result, setting.fingerprints, setting.corpus)
    if differs is None and result.beside != _learned_beside(setting, result.parts):
        differs = "set of corpora beside"
    if differs is None:
        return result
    if replace:
        return None
    raise OtherRunError(f"{path}: was made with another {differs} than this one")


def _start(
    setting: Setting,
    device: str | None,
    threads: int,
    make_experiment: MakeExperiment,
) -> Callable[[Job], Finished | Failed]:
    experiment = make_experiment(setting, device, threads)

    def run(job: Job) -> Finished | Failed:
        try:
            return Finished(job, _run_job(setting, job, experiment, lambda progress: report((job, progress))))
        except MidcliError as error:
            return Failed(job, str(error))
        except Exception as error:
            return Failed(job, f"{type(error).__name__}: {error}")

    return run


def _run_job(
    setting: Setting, job: Job, experiment: Experiment, on_progress: Callable[[Progress], None]
) -> tuple[RunResult, ...]:
    validate = setting.recipe.stopping == "validation"
    parts = split(setting.corpus, setting.protocol, job.seed, validate)
    key = setting.key(job.schemes[0], job.seed)
    checkpoints = setting.folder / "checkpoints" / key.protocol / key.name
    checkpoints.mkdir(parents=True, exist_ok=True)
    outcomes = experiment(job, parts, checkpoints / "checkpoint.pt", on_progress)
    results = tuple(_result(setting, job, scheme, parts, outcomes[scheme]) for scheme in job.schemes)
    for result in results:
        write_result(setting.folder, result)
    with contextlib.suppress(OSError):  # the runs are finished, whatever becomes of these
        for checkpoint in (*checkpoints.glob("checkpoint*.pt"), *checkpoints.glob(".checkpoint*.pt.*")):
            checkpoint.unlink(missing_ok=True)
        checkpoints.rmdir()
    return results


def _result(setting: Setting, job: Job, scheme: str, parts: Split, outcome: Outcome) -> RunResult:
    return RunResult(
        scheme=scheme,
        recipe=setting.recipe.name,
        protocol=setting.protocol,
        seed=job.seed,
        stopping=setting.recipe.stopping,
        train=parts.train,
        validation=parts.validation,
        test=parts.test,
        predictions={
            name: prediction(values["midlevel"], values["emotion"])
            for name, values in outcome.predictions.items()
        },
        epochs=outcome.epochs,
        seconds=round(outcome.seconds, 1),
        device=outcome.device,
        versions=outcome.versions,
        date=datetime.now(UTC).date().isoformat(),
        fingerprints=setting.fingerprints,
        beside=_learned_beside(setting, parts),
    )


def _learned_beside(setting: Setting, parts: Split) -> dict[str, int]:
    held_out = {excerpt.group for excerpt in setting.corpus.excerpts if excerpt.id in parts.test}
    return {
        corpus.name: sum(excerpt.group not in held_out for excerpt in corpus.excerpts)
        for corpus in setting.beside
    }
