"""Training the runs of a study that are missing, then its tables."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from midcli.cli.evaluate_tables import (
    FIGURES,
    Output,
    choose_studies,
    make_folder,
    prepare_figures,
    print_book,
)
from midcli.cli.extras import require
from midcli.cli.inputs import corpora_beside, data_folder
from midcli.cli.threads import let_threads_sleep
from midcli.errors import DataError, ExtraError, UsageError
from midcli.util.files import exists, isdir

if TYPE_CHECKING:
    from midcli.corpora.corpus import Corpus
    from midcli.study.figures import FigureData
    from midcli.study.results import RunResult
    from midcli.study.runs import Failed, Job, Setting
    from midcli.study.scores import ScoreBook

    ToBook = Callable[[Sequence[RunResult]], ScoreBook]
    """Runs to scores, with what other corpora add."""


@dataclass(frozen=True)
class Request:
    """Which runs are asked for, and how they are to be made."""

    seeds: list[int]
    protocol: str
    recipe: str
    schemes: str | None
    data: Path | None
    beside: list[Path]
    folder: Path
    """Of results."""
    processes: int
    device: str | None
    replace: bool

    @property
    def chosen_schemes(self) -> tuple[str, ...]:
        from midcli.corpora.splits import MIDLEVEL_PROTOCOLS
        from midcli.study.recipes import SCHEMES

        if self.schemes is not None:
            return tuple(scheme.strip() for scheme in self.schemes.split(","))
        return ("a2mid",) if self.protocol in MIDLEVEL_PROTOCOLS else SCHEMES


def run_study(request: Request, output: Output) -> bool:
    """Train what is missing and print the tables; whether some runs failed.

    Without data or torch, prints what was published before it raises DataError or ExtraError.
    """
    from midcli.cli.console import print_line
    from midcli.study.runs import plan
    from midcli.util.text import printable

    _check(request)
    setting = _setting(request, output)
    finished, missing = plan(setting, request.chosen_schemes, request.seeds, request.replace)
    needed = (
        [(f"training the {len(missing)} runs that are not in {request.folder}", "train")] if missing else []
    )
    try:
        require(*needed, *FIGURES if output.figures else ())
    except ExtraError:
        if missing:
            _print_published(request, output)
        raise
    if missing:
        make_folder("results", request.folder)
    drawn = _figures(request, output)
    to_book = _with_other_corpora(setting, request)
    failures = train_missing(setting, missing, finished, to_book, request) if missing else []
    studies = [(request.protocol, request.recipe)]
    print_book(to_book(finished), studies, output, failures=failures, drawn=drawn)
    print_line("results", printable(f"finished runs in {request.folder}: {len(finished)}"), "bold")
    for failure in failures:
        print_line("failed", printable(f"{failure.job.name}: {failure.reason}"), "bold red")
    return bool(failures)


def _check(request: Request) -> None:
    """Raises UsageError for what needs no data to be found wrong."""
    from midcli.study.recipes import RECIPES
    from midcli.study.runs import check_schemes
    from midcli.util.containers import usable_cores

    if request.recipe not in RECIPES:
        raise UsageError(f"--recipe {request.recipe}: known are {', '.join(RECIPES)}")
    check_schemes(request.chosen_schemes, request.protocol)
    if request.processes > usable_cores():
        raise UsageError(f"--jobs {request.processes}: at most {usable_cores()} here, one a core")


def _setting(request: Request, output: Output) -> "Setting":
    from midcli.corpora.own import check_apart
    from midcli.corpora.splits import fixed_parts_absent
    from midcli.study.recipes import RECIPES
    from midcli.study.runs import make_setting

    try:
        corpus = _load(request.protocol, request.data)
    except DataError:
        if not request.data:
            _print_published(request, output)
        raise
    recipe = RECIPES[request.recipe]
    validates = recipe.stopping == "validation"
    if request.protocol == "fixed36" and (absent := fixed_parts_absent(corpus, validates)):
        raise DataError(absent)
    beside = corpora_beside(request.beside, recipe)
    check_apart([corpus, *beside])
    return make_setting(corpus, request.protocol, recipe, request.folder, beside)


def _figures(request: Request, output: Output) -> "FigureData | None":
    from midcli.corpora.own import load_corpus

    if not output.figures:
        return None
    return prepare_figures(None, load_corpus(data_folder(request.data)), output)


def _load(protocol: str, data: Path | None) -> "Corpus":
    from midcli.corpora.published import load_midlevel, load_soundtracks
    from midcli.corpora.splits import MIDLEVEL_PROTOCOLS

    place = data_folder(data)
    return load_midlevel(place) if protocol in MIDLEVEL_PROTOCOLS else load_soundtracks(place)


def _print_published(request: Request, output: Output) -> None:
    from midcli.cli.console import print_warning
    from midcli.study.scores import read_published

    book = read_published()
    known = choose_studies(book, None, None)
    chosen = [study for study in known if study[0] == request.protocol] or known
    if not book.study(request.protocol, request.recipe):
        words = f"protocol {request.protocol} and recipe {request.recipe}"
        print_warning(f"nothing is published of {words}; others follow")
    print_book(book, chosen, output, published=True)


def _with_other_corpora(setting: "Setting", request: Request) -> "ToBook":
    """A function from runs to scores, to which it adds A2Mid+ runs of the same recipe, if there are any."""
    from midcli.cli.console import print_warning
    from midcli.corpora.published import load_midlevel
    from midcli.corpora.splits import MIDLEVEL_PROTOCOLS
    from midcli.study.runs import make_setting, plan
    from midcli.study.scores import compute_scores

    if setting.protocol in MIDLEVEL_PROTOCOLS:
        return lambda runs: compute_scores(runs, None, setting.corpus)
    if setting.protocol != "random" or not isdir(setting.folder / "midlevel"):
        return lambda runs: compute_scores(runs, setting.corpus)
    midlevel = load_midlevel(data_folder(request.data))
    wide = make_setting(midlevel, "midlevel", setting.recipe, setting.folder)
    others, jobs = plan(wide, ("a2mid",), request.seeds, replace=True)
    if stale := [key.name for job in jobs if exists((key := wide.key("a2mid", job.seed)).path(wide.folder))]:
        print_warning(
            f"A2Mid+ is without midlevel/{', '.join(stale)}: made with another recipe, data set, split or "
            "set of corpora beside"
        )
    return lambda runs: compute_scores([*runs, *others], setting.corpus, midlevel)


def train_missing(
    setting: "Setting",
    jobs: "Sequence[Job]",
    runs: "list[RunResult]",
    to_book: "ToBook",
    request: Request,
) -> "list[Failed]":
    """Run jobs, add their results to `runs`, and return what failed."""
    from midcli.cli.console import log_printed, print_line
    from midcli.study.runs import Finished, run_jobs
    from midcli.study.tables import paper_tables
    from midcli.training.jobs import torch_experiment
    from midcli.views.terminal.study import StudyDisplay, outcome_line
    from midcli.views.terminal.tables import ScoreTable

    failures: list[Failed] = []
    tables: list[ScoreTable] = []
    display = StudyDisplay(jobs, request.processes, lambda: tables)

    def update_tables() -> None:
        if runs:
            made = paper_tables(to_book(runs), setting.protocol, setting.recipe.name)
            tables[:] = [ScoreTable(table) for table in made]

    let_threads_sleep()
    fill_cache(setting.corpus)
    update_tables()
    outcomes = run_jobs(setting, jobs, request.processes, request.device, display.advance, torch_experiment)
    try:
        with closing(outcomes), _shown(display) as show_end:
            for outcome in outcomes:
                if isinstance(outcome, Finished):
                    runs += outcome.results
                    update_tables()
                else:
                    failures.append(outcome)
                display.end(outcome)
                log_printed(outcome_line(outcome, len(display.ended), len(jobs)).plain)
                show_end(outcome)
    except KeyboardInterrupt:
        words = f"{len(display.ended)} of {len(jobs)} runs ended; the same command does the rest"
        print_line("stopped", words, "yellow")
        raise
    return failures


@contextmanager
def _shown(display: Any) -> "Iterator[Any]":
    """A live display on a terminal, elsewhere one line for each run that ends."""
    from midcli.cli.console import stderr
    from midcli.views.terminal.study import outcome_line

    if stderr().is_terminal:
        from rich.live import Live

        with Live(display, console=stderr(), refresh_per_second=2, transient=True):
            yield lambda _: None
    else:
        yield lambda outcome: stderr().print(
            outcome_line(outcome, len(display.ended), len(display.jobs)), soft_wrap=True
        )


def fill_cache(corpus: "Corpus") -> None:
    from midcli.cli.console import progress_bar
    from midcli.corpora.spectrograms import cached_spectrograms

    with progress_bar("spectrograms") as on_progress:
        cached_spectrograms(corpus, on_progress)
