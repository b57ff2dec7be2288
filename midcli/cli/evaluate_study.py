"""Training the runs of a study that are missing, then its tables."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from midcli.cli.evaluate_tables import Form, choose_studies, make_folder, prepare_figures, print_book
from midcli.cli.threads import let_threads_sleep
from midcli.errors import DataError, ExtraError, UsageError
from midcli.util.files import exists, isdir

if TYPE_CHECKING:
    from midcli.corpora.corpus import Corpus
    from midcli.study.results import RunResult
    from midcli.study.runs import Failed, Job, Setting


def run_study(
    seeds: list[int],
    protocol: str,
    recipe_name: str,
    schemes: str | None,
    data: Path | None,
    folder: Path,
    processes: int,
    device: str | None,
    replace: bool,
    figures: Path | None,
    overwrite: bool,
    form: Form,
) -> bool:
    """Train what is missing and print the tables; whether some runs failed.

    Without data or torch, prints what was published before it raises DataError or ExtraError.
    """
    from midcli.cli.console import print_line
    from midcli.cli.inputs import data_folder
    from midcli.corpora.own import load_corpus
    from midcli.corpora.splits import fixed_parts_absent
    from midcli.study.recipes import RECIPES, SCHEMES
    from midcli.study.runs import check_schemes, make_setting, plan
    from midcli.util.processes import usable_cores
    from midcli.util.text import printable

    if recipe_name not in RECIPES:
        raise UsageError(f"--recipe {recipe_name}: known are {', '.join(RECIPES)}")
    chosen: tuple[str, ...] = ("a2mid",) if protocol == "midlevel" else SCHEMES
    if schemes is not None:
        chosen = tuple(scheme.strip() for scheme in schemes.split(","))
    check_schemes(chosen, protocol)
    if processes > usable_cores():
        raise UsageError(f"--jobs {processes}: at most {usable_cores()} here, one a core")
    try:
        corpus = _load(protocol, data)
    except DataError:
        if not data:
            _print_published(protocol, recipe_name, form)
        raise
    recipe = RECIPES[recipe_name]
    if protocol == "fixed36" and (absent := fixed_parts_absent(corpus, recipe.stopping == "validation")):
        raise DataError(absent)
    setting = make_setting(corpus, protocol, recipe, folder)
    finished, missing = plan(setting, chosen, seeds, replace)
    if missing and not _can_train():
        _print_published(protocol, recipe_name, form)
        raise ExtraError(f"training the {len(missing)} runs that are not in {folder}", "train")
    if missing:
        make_folder("results", folder)
    drawn = prepare_figures(None, load_corpus(data_folder(data)), figures, overwrite) if figures else None
    with_others = _other_corpora(setting, seeds, data)
    failures = _train(setting, missing, finished, with_others, processes, device) if missing else []
    book = with_others(finished)
    print_book(book, [(protocol, recipe_name)], form, failures=failures, drawn=drawn, figures=figures)
    print_line("results", printable(f"finished runs in {folder}: {len(finished)}"), "bold")
    for failure in failures:
        print_line("failed", printable(f"{failure.job.name}: {failure.reason}"), "bold red")
    return bool(failures)


def _load(protocol: str, data: Path | None) -> "Corpus":
    from midcli.cli.inputs import data_folder
    from midcli.corpora.published import load_midlevel, load_soundtracks

    place = data_folder(data)
    return load_midlevel(place) if protocol == "midlevel" else load_soundtracks(place)


def _can_train() -> bool:
    from importlib.util import find_spec

    return all(find_spec(name) for name in ("torch", "torchaudio"))


def _print_published(protocol: str, recipe: str, form: Form) -> None:
    from midcli.cli.console import print_warning
    from midcli.study.scores import read_published

    book = read_published()
    known = choose_studies(book, None, None)
    chosen = [study for study in known if study[0] == protocol] or known
    if not book.study(protocol, recipe):
        print_warning(f"nothing is published of protocol {protocol} and recipe {recipe}; others follow")
    print_book(book, chosen, form, drawn=None, figures=None, published=True)


def _other_corpora(setting: "Setting", seeds: Sequence[int], data: Path | None) -> Any:
    """A function from runs to scores, to which it adds A2Mid+ runs of the same recipe, if there are any."""
    from midcli.cli.console import print_warning
    from midcli.cli.inputs import data_folder
    from midcli.corpora.published import load_midlevel
    from midcli.study.runs import make_setting, plan
    from midcli.study.scores import compute_scores

    if setting.protocol == "midlevel":
        return lambda runs: compute_scores(runs, None, setting.corpus)
    if setting.protocol != "random" or not isdir(setting.folder / "midlevel"):
        return lambda runs: compute_scores(runs, setting.corpus)
    midlevel = load_midlevel(data_folder(data))
    wide = make_setting(midlevel, "midlevel", setting.recipe, setting.folder)
    others, jobs = plan(wide, ("a2mid",), seeds, replace=True)
    if stale := [key.name for job in jobs if exists((key := wide.key("a2mid", job.seed)).path(wide.folder))]:
        print_warning(
            f"A2Mid+ is without midlevel/{', '.join(stale)}: made with another recipe, data set or split"
        )
    return lambda runs: compute_scores([*runs, *others], setting.corpus, midlevel)


def _train(
    setting: "Setting",
    jobs: "Sequence[Job]",
    runs: "list[RunResult]",
    to_book: Any,
    processes: int,
    device: str | None,
) -> "list[Failed]":
    """Run jobs, add their results to `runs`, and return what failed."""
    from midcli.cli import logs
    from midcli.cli.console import print_line
    from midcli.study.runs import Finished, run_jobs
    from midcli.study.tables import paper_tables
    from midcli.training.jobs import torch_experiment
    from midcli.views.terminal.study import StudyDisplay, outcome_line
    from midcli.views.terminal.tables import ScoreTable

    failures: list[Failed] = []
    tables: list[ScoreTable] = []
    display = StudyDisplay(jobs, processes, lambda: tables)

    def update_tables() -> None:
        if runs:
            made = paper_tables(to_book(runs), setting.protocol, setting.recipe.name)
            tables[:] = [ScoreTable(table) for table in made]

    let_threads_sleep()
    _fill_cache(setting.corpus)
    update_tables()
    outcomes = run_jobs(setting, jobs, processes, device, display.advance, torch_experiment)
    try:
        with closing(outcomes), _shown(display) as show_end:
            for outcome in outcomes:
                if isinstance(outcome, Finished):
                    runs += outcome.results
                    update_tables()
                else:
                    failures.append(outcome)
                display.end(outcome)
                logs.printed(outcome_line(outcome, len(display.ended), len(jobs)).plain)
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


def _fill_cache(corpus: "Corpus") -> None:
    from midcli.cli.console import progress_bar
    from midcli.corpora.spectrograms import cached_spectrograms

    with progress_bar("spectrograms") as on_progress:
        cached_spectrograms(corpus, on_progress)
