"""Running experiments: all runs, the time left and the tables so far."""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from midcli.study.remarks import rough_duration
from midcli.study.runs import Failed, Finished, Job
from midcli.util.text import printable
from midcli.views.terminal import theme

if TYPE_CHECKING:
    from midcli.study.progress import Progress

_BAR_WIDTH = 20
_GAP = 2


class StudyDisplay:
    """What a live display shows; told of every event, drawn at any time."""

    def __init__(
        self, jobs: Sequence[Job], processes: int, tables: Callable[[], Sequence[RenderableType]]
    ) -> None:
        self.jobs = jobs
        self.processes = processes
        self.tables = tables
        self.progress: dict[Job, Progress] = {}
        self.ended: dict[Job, Finished | Failed] = {}

    def advance(self, job: Job, progress: "Progress") -> None:
        self.progress[job] = progress

    def end(self, outcome: Finished | Failed) -> None:
        self.ended[outcome.job] = outcome

    @property
    def seconds_left(self) -> float | None:
        """Of all runs together, at the speed so far; None before anything is known.

        An upper bound (Graham, Bell System Technical Journal 1966): as if no run stopped early and the
        longest were the last to start.
        """
        progress = self.progress.copy()
        running = [p.seconds_left for job, p in progress.items() if job not in self.ended]
        lengths = [
            self._full_length(job, p)
            for job, p in progress.items()
            if not self._has_failed(job) and p.epoch and (job in self.ended or p.epoch < p.epochs)
        ]
        if not lengths:
            return None
        waiting = len(self.jobs) - len(self.ended) - len(running)
        left = [*running, *waiting * [max(lengths)]]
        if not left:
            return 0.0
        processes = min(self.processes, len(left))
        return sum(left) / processes + max(left) * (1 - 1 / processes)

    def _full_length(self, job: Job, progress: "Progress") -> float:
        """Seconds that all epochs of a job take."""
        outcome = self.ended.get(job)
        if isinstance(outcome, Finished):
            return outcome.results[0].seconds * progress.epochs / progress.epoch
        return progress.seconds_left / (1 - progress.epoch / progress.epochs)

    def _has_failed(self, job: Job) -> bool:
        return isinstance(self.ended.get(job), Failed)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        # the terminal cuts off what is below its last line, so what changes is at the top
        yield self._headline()
        shown, left_out = self._shown(max(1, console.height // 2))
        runs = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style=theme.QUIET)
        for column, justify in (("run", "left"), ("", "left"), ("done", "right"), ("loss", "right")):
            runs.add_column(column, justify=justify, no_wrap=True)  # type: ignore[arg-type]
        runs.add_column("validation r", justify="right", no_wrap=True)
        runs.add_column("at most left", justify="right", no_wrap=True)
        for job in shown:
            self._add_row(runs, job)
        yield runs
        if left_out:
            yield Text(f"and {left_out} more that are done or waiting", style=theme.QUIET)
        yield Text()
        yield from self.tables()

    def _shown(self, most: int) -> tuple[list[Job], int]:
        """Jobs in their order, and how many are left out: done and waiting ones, if they do not fit."""
        if len(self.jobs) <= most:
            return list(self.jobs), 0
        shown = [job for job in self.jobs if self._is_running(job) or self._has_failed(job)]
        return shown, len(self.jobs) - len(shown)

    def _is_running(self, job: Job) -> bool:
        unfinished = [other for other in self.jobs if other not in self.ended]
        return job in unfinished[: self.processes]  # they start in order

    def _headline(self) -> Text:
        failed = sum(isinstance(outcome, Failed) for outcome in self.ended.values())
        words = [f"{len(self.ended) - failed} of {len(self.jobs)} runs done"]
        if failed:
            words.append(f"{failed} failed")
        if self.seconds_left is not None:
            words.append(f"at most {rough_duration(self.seconds_left)} left")
        return Text(", ".join(words), style=theme.TITLE)

    def _add_row(self, runs: Table, job: Job) -> None:
        outcome, progress = self.ended.get(job), self.progress.get(job)
        if isinstance(outcome, Failed):
            runs.add_row(job.name, Text("failed", style="bold red"))
        elif outcome:
            result = outcome.results[0]
            runs.add_row(
                job.name, "done", str(result.epochs), "", "", f"took {rough_duration(result.seconds)}"
            )
        elif progress:
            filled = round(_BAR_WIDTH * progress.epoch / max(progress.epochs, 1))
            validation_r = progress.validation_r
            runs.add_row(
                job.name,
                Text("━" * filled + "╌" * (_BAR_WIDTH - filled)),
                f"{progress.epoch} of {progress.epochs}",
                "" if math.isnan(progress.loss) else f"{progress.loss:.4f}",  # fitted in closed form
                "" if validation_r is None else f"{validation_r:.2f}",
                rough_duration(progress.seconds_left),
            )
        else:
            words = "first epoch" if self._is_running(job) else "waiting"
            runs.add_row(job.name, Text(words, style=theme.QUIET))


def outcome_line(outcome: Finished | Failed, done: int, jobs: int) -> Text:
    """One line about a job that ended, where there is no live display."""
    if isinstance(outcome, Failed):
        return Text(f"{outcome.job.name} failed ({done} of {jobs}): {printable(outcome.reason)}")
    result = outcome.results[0]
    epochs = f"{result.epochs} epochs, " if result.epochs > 1 else ""
    return Text(f"{outcome.job.name} done ({done} of {jobs}): {epochs}{rough_duration(result.seconds)}")
