"""Many files to records: what is new, what became of it, and what to say at the end."""

import hashlib
import logging
import os
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from midcli.errors import InputError
from midcli.explanation.records import Failure, Record
from midcli.library.finding import AudioFile
from midcli.library.journal import Journal
from midcli.library.tasks import USUAL, Hearing, Outcome, Task, crashed, expired, failure, load
from midcli.model.bundled import bundled_models, find_model
from midcli.model.file import read_model

_log = logging.getLogger(__name__)

Runner = Callable[[Iterable[Task]], Generator[Outcome, None, None]]
"""Tasks to outcomes, in order of completion."""


class Batch:
    """The files of one run, without those whose analysis is in the journal already."""

    def __init__(
        self, files: Sequence[AudioFile], problems: Sequence[InputError], journal: Journal | None
    ) -> None:
        self.problems = problems
        self.journal = journal
        self.to_do = [file for file in files if not (journal and journal.has(file.path))]
        self.total = len(files) + len(problems)
        self.unchanged = len(files) - len(self.to_do)
        self.analysed = 0
        self.copies = 0
        """Files with the content of others, whether they were analysed too or not, which is chance."""
        self._contents: set[str] = set()
        self.failures: list[Failure] = []
        self.warnings: list[tuple[str, str]] = []
        """File and what is odd about it."""
        noun = "file" if self.total == 1 else "files"
        _log.info("%d %s: %d to analyse, %d unchanged", self.total, noun, len(self.to_do), self.unchanged)

    @property
    def finished(self) -> int:
        return self.unchanged + self.analysed + self.copies + len(self.failures)

    def records(self, run: Runner) -> Generator[Record, None, None]:
        """Records of what is to do, each in the journal before it comes out.

        Raises InputError if a folder that was named has vanished.
        """
        for problem in self.problems:
            yield self._take(failure(problem))
        if not self.to_do:
            return
        with closing(run(map(self._task, self.to_do))) as outcomes:
            for outcome in outcomes:
                if isinstance(outcome.record, Failure) and not os.path.lexists(outcome.file):
                    self._check_folders()
                yield self._take(outcome)

    def _task(self, file: AudioFile) -> Task:
        known = self.journal.contents_like(file.path) if self.journal else frozenset[str]()
        return Task(str(file.path), known)

    def _take(self, outcome: Outcome) -> Record:
        is_copy = self._is_copy(outcome)
        if self.journal:
            record = self.journal.add(outcome)
        else:
            assert outcome.record is not None  # noqa: S101
            record = outcome.record
        if outcome.record is None:
            self.copies += is_copy
            self.unchanged += not is_copy
            _log.info("%s: moved, or its content is known", outcome.file)
        elif isinstance(outcome.record, Failure):
            self.failures.append(outcome.record)
            _log.info("%s: %s", outcome.file, outcome.record.message)
            if outcome.traceback:
                _log.debug("%s: %s", outcome.file, outcome.traceback)
        else:
            self.copies += is_copy
            self.analysed += not is_copy
            if outcome.source:
                self._contents.add(outcome.source.sha256)
            _log.info("%s: analysed in %.3f s", outcome.file, outcome.seconds)
            self.warnings += [(outcome.file, warning) for warning in outcome.record.warnings]
        return record

    def _is_copy(self, outcome: Outcome) -> bool:
        if outcome.source is None:
            return False
        if outcome.record is None and self.journal:
            return self.journal.is_copy(outcome.file, outcome.source)
        return outcome.source.sha256 in self._contents

    def _check_folders(self) -> None:
        for folder in {file.folder for file in self.to_do if file.folder}:
            if not folder.is_dir():
                raise InputError(folder, "the folder has vanished while its files were analysed")


def model_sha256(model: str | None) -> str:
    """Hash of a bundled model or a model file. Raises ModelError if there is none."""
    return hashlib.sha256(read_model(find_model(model))).hexdigest()


def single_runner(model: str | None, sha256: str, hearing: Hearing = USUAL) -> Runner:
    """This process, with all cores for the one file that there is."""

    def run(tasks: Iterable[Task]) -> Generator[Outcome, None, None]:
        yield from map(load(model, sha256, 0, hearing), tasks)

    return run


def local_runner(
    model: str | None, sha256: str, jobs: int, limit_s: float | None = None, hearing: Hearing = USUAL
) -> Runner:
    """Worker processes on this machine, with one thread each, and a limit of time for each file."""
    from midcli.util.processes import run_processes

    start = partial(load, model, sha256, 1, hearing)
    too_slow = partial(expired, limit_s=limit_s)
    return lambda tasks: run_processes(start, tasks, crashed, jobs, limit_s, too_slow)


def cluster_runner(address: str, model: str | None, sha256: str, hearing: Hearing = USUAL) -> Runner:
    """A Dask cluster, whose machines know bundled models by name and others by their whole path."""
    from midcli.library.cluster import run_cluster

    known = model is None or model in bundled_models()
    everywhere = model if known else str(Path(str(model)).absolute())
    return lambda tasks: run_cluster(address, everywhere, sha256, tasks, hearing)
