"""`midcli evaluate`: the paper's tables and figures, and scores of finished models."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from midcli.cli.completion import complete_model
from midcli.errors import EXIT_SOME_FAILED, DataError, ExtraError, UsageError
from midcli.paths import isdir

if TYPE_CHECKING:
    from midcli.datasets import Corpus
    from midcli.figure_data import FigureData
    from midcli.results import RunResult
    from midcli.scores import ScoreBook
    from midcli.training.study import Failed, Job, Setting

SCHEMA = "midcli.evaluate/1"
RESULTS_FOLDER = Path("midcli-results")
RECIPE = "paper"
PROTOCOL = "random"


class Protocol(StrEnum):
    """How excerpts are split."""

    random = "random"
    album = "album"
    fixed36 = "fixed36"
    midlevel = "midlevel"


class Form(StrEnum):
    """How results are written to stdout."""

    terminal = "terminal"
    json = "--json"
    csv = "--csv"
    markdown = "--markdown"


def evaluate(
    seeds: Annotated[
        str | None,
        typer.Option(
            metavar="N|LIST", help="Train these: 10 for 0 to 9, or a list such as 0,3,5 (3, for one)."
        ),
    ] = None,
    protocol: Annotated[
        Protocol | None,
        typer.Option(
            help="Random 80:20 splits; whole albums apart; the published 36 test excerpts; all mid-level "
            "excerpts.",
            show_default=PROTOCOL,
        ),
    ] = None,
    recipe: Annotated[
        str | None,
        typer.Option(help="How networks are trained, such as paper or default.", show_default=RECIPE),
    ] = None,
    schemes: Annotated[
        str | None, typer.Option(help="Of a2e, a2mid, a2mid2e, joint.", metavar="LIST", show_default="all")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder of the corpora; MIDCLI_DATA if none.", show_default=False)
    ] = None,
    results: Annotated[
        Path | None,
        typer.Option(
            help="Folder of finished runs; without --seeds, show what is in it.",
            show_default=str(RESULTS_FOLDER),
        ),
    ] = None,
    jobs: Annotated[
        int, typer.Option("--jobs", "-j", min=1, help="Runs at a time; they share the cores.")
    ] = 1,
    device: Annotated[
        str | None, typer.Option(help="cpu, cuda, cuda:1 ...", show_default="the best there is")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Run anew what was made with another recipe or other data.")
    ] = False,
    model: Annotated[
        str | None,
        typer.Option(
            help="Score this finished model (name or .onnx file) on the data.", autocompletion=complete_model
        ),
    ] = None,
    figures: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Draw the paper's figures, also as PNG and SVG into DIR."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="One line a cell on stdout.")] = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Markdown tables on stdout.")] = False,
) -> None:
    """Compare with the paper: emotions with and without explanation, run by run.

    Example: midcli evaluate --seeds 10

    Without --seeds, shows the published results that come with midcli. With --seeds, trains what is not
    finished yet: every run is written to the results folder at once, and the same command goes on where
    it stopped. Leaves with 5 if some runs failed.
    """
    form = _choose_form(as_json, as_csv, as_markdown)
    if figures:
        from midcli.figures import require_figures

        require_figures()
    if model:
        if any(option is not None for option in (seeds, protocol, recipe, schemes)):
            raise UsageError(
                "--model scores a finished model; it takes no seeds, protocol, recipe or schemes"
            )
        failed = _evaluate_model(model, data, results or RESULTS_FOLDER, figures, form)
    elif seeds:
        failed = _run_study(
            _parse_seeds(seeds),
            str(protocol or PROTOCOL),
            recipe or RECIPE,
            schemes,
            data,
            results or RESULTS_FOLDER,
            jobs,
            device,
            replace,
            figures,
            form,
        )
    else:
        if schemes or replace:
            raise UsageError("--schemes and --replace are for training; add --seeds")
        book = _finished_runs(results, data) if results else _published()
        chosen = _choose_studies(book, protocol and str(protocol), recipe)
        _print_book(book, chosen, form, published=not results, data=data, figures=figures)
        failed = False
    if failed:
        raise typer.Exit(EXIT_SOME_FAILED)


def _choose_form(as_json: bool, as_csv: bool, as_markdown: bool) -> Form:
    wanted = {Form.json: as_json, Form.csv: as_csv, Form.markdown: as_markdown}
    chosen = [form for form, is_wanted in wanted.items() if is_wanted]
    if len(chosen) > 1:
        raise UsageError(f"{' and '.join(chosen)} exclude each other")
    return chosen[0] if chosen else Form.terminal


def _parse_seeds(text: str) -> list[int]:
    parts = [part.strip() for part in text.split(",")]
    if len(parts) > 1 and not parts[-1]:
        parts.pop()
    if not all(part.isascii() and part.isdecimal() for part in parts) or len(set(parts)) != len(parts):
        raise UsageError(f"--seeds {text}: expected a number of seeds, or different seeds such as 0,3,5")
    if "," in text:
        return sorted(map(int, parts))
    if int(text) == 0:
        raise UsageError("--seeds 0: expected at least 1; leave it out to train nothing")
    return list(range(int(text)))


def _published() -> "ScoreBook":
    from midcli.scores import read_published

    return read_published()


def _finished_runs(folder: Path, data: Path | None) -> "ScoreBook":
    """Scores of everything in a folder of results."""
    from midcli.datasets import data_folder, load_midlevel, load_soundtracks
    from midcli.results import find_results
    from midcli.scores import compute_scores

    runs = find_results(folder)
    if not runs:
        raise DataError(f"{folder}: no finished runs; add --seeds to train some")
    place = data_folder(data)
    protocols = {run.protocol for run in runs}
    film = load_soundtracks(place) if protocols != {"midlevel"} else None
    return compute_scores(runs, film, load_midlevel(place) if "midlevel" in protocols else None)


def _choose_studies(book: "ScoreBook", protocol: str | None, recipe: str | None) -> list[tuple[str, str]]:
    """(protocol, recipe) of what was asked for; the paper's recipe and protocol first."""
    from midcli.splits import PROTOCOLS

    known = sorted(
        ((study.protocol, study.recipe) for study in book.studies),
        key=lambda pair: (pair[1] != RECIPE, pair[1], PROTOCOLS.index(pair[0])),
    )
    chosen = [(p, r) for p, r in known if protocol in (None, p) and recipe in (None, r)]
    if chosen:
        return chosen
    if not known and protocol in (None, *book.regression) and recipe is None:
        return [(protocol or PROTOCOL, RECIPE)]
    raise DataError(
        f"no results of protocol {protocol or 'any'} and recipe {recipe or 'any'}; there are "
        f"{', '.join(f'{p}/{r}' for p, r in known) or 'none'}; add --seeds to train"
    )


def _run_study(
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
    form: Form,
) -> bool:
    """Train what is missing and print the tables; whether some runs failed."""
    from midcli.cli.console import print_line
    from midcli.output import printable
    from midcli.training.recipes import RECIPES, SCHEMES
    from midcli.training.study import check_schemes, make_setting, plan, usable_cores

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
    except DataError as error:
        if data:
            raise
        _print_published_instead(str(error), protocol, recipe_name, form, figures, data)
        return False
    setting = make_setting(corpus, protocol, RECIPES[recipe_name], folder)
    finished, missing = plan(setting, chosen, seeds, replace)
    if missing and not _can_train():
        words = f"{len(missing)} of the runs are not in {folder}, and {ExtraError('training them', 'train')}"
        _print_published_instead(words, protocol, recipe_name, form, figures, data)
        return False
    with_others = _other_corpora(setting, seeds, data)
    failures = _train(setting, missing, finished, with_others, processes, device) if missing else []
    book = with_others(finished)
    _print_book(book, [(protocol, recipe_name)], form, failures=failures, data=data, figures=figures)
    print_line("results", printable(f"{len(finished)} finished runs are in {folder}"), "bold")
    for failure in failures:
        print_line("failed", printable(f"{failure.job.name}: {failure.reason}"), "bold red")
    return bool(failures)


def _load(protocol: str, data: Path | None) -> "Corpus":
    from midcli.datasets import data_folder, load_midlevel, load_soundtracks

    place = data_folder(data)
    return load_midlevel(place) if protocol == "midlevel" else load_soundtracks(place)


def _can_train() -> bool:
    from importlib.util import find_spec

    return all(find_spec(name) for name in ("torch", "torchaudio"))


def _print_published_instead(
    reason: str, protocol: str, recipe: str, form: Form, figures: Path | None, data: Path | None
) -> None:
    from midcli.cli.console import print_warning

    book = _published()
    known = _choose_studies(book, None, None)
    chosen = [study for study in known if study[0] == protocol] or known
    if not book.study(protocol, recipe):
        reason += f"; of protocol {protocol} and recipe {recipe} nothing was published either, others follow"
    print_warning(f"nothing was trained: {reason}")
    _print_book(book, chosen, form, published=True, data=data, figures=figures)


def _other_corpora(setting: "Setting", seeds: Sequence[int], data: Path | None) -> Any:
    """A function from runs to scores, to which it adds A2Mid+ runs of the same recipe, if there are any."""
    from midcli.datasets import data_folder, load_midlevel
    from midcli.scores import compute_scores
    from midcli.training.study import make_setting, plan

    if setting.protocol == "midlevel":
        return lambda runs: compute_scores(runs, None, setting.corpus)
    if setting.protocol != "random" or not isdir(setting.folder / "midlevel"):
        return lambda runs: compute_scores(runs, setting.corpus)
    midlevel = load_midlevel(data_folder(data))
    others, _ = plan(make_setting(midlevel, "midlevel", setting.recipe, setting.folder), ("a2mid",), seeds)
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
    from midcli.display.study import StudyDisplay, outcome_line
    from midcli.display.tables import ScoreTable
    from midcli.tables import paper_tables
    from midcli.training.study import Finished, run_jobs

    failures: list[Failed] = []
    tables: list[ScoreTable] = []
    display = StudyDisplay(jobs, processes, lambda: tables)

    def update_tables() -> None:
        if runs:
            made = paper_tables(to_book(runs), setting.protocol, setting.recipe.name)
            tables[:] = [ScoreTable(table) for table in made]

    _fill_cache(setting.corpus)
    update_tables()
    outcomes = run_jobs(setting, jobs, processes, device, display.advance)
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
    from midcli.display.study import outcome_line

    if stderr().is_terminal:
        from rich.live import Live

        with Live(display, console=stderr(), refresh_per_second=2, transient=True):
            yield lambda _: None
    else:
        yield lambda outcome: stderr().print(
            outcome_line(outcome, len(display.ended), len(display.jobs)), soft_wrap=True
        )


def _fill_cache(corpus: "Corpus") -> None:
    from midcli.spectrogram_cache import cached_spectrograms

    with _progress("spectrograms") as on_progress:
        cached_spectrograms(corpus, on_progress)


@contextmanager
def _progress(what: str) -> "Iterator[Any]":
    """A progress bar on stderr, as a listener that hears how many are done, of how many."""
    from rich.progress import Progress

    from midcli.cli.console import stderr

    with Progress(console=stderr(), transient=True, disable=not stderr().is_terminal) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _print_book(
    book: "ScoreBook",
    studies: Sequence[tuple[str, str]],
    form: Form,
    *,
    data: Path | None,
    figures: Path | None,
    published: bool = False,
    failures: "Sequence[Failed]" = (),
) -> None:
    """Tables and facts to stdout; figures after them."""
    from midcli.cli.console import print_data, print_json, stdout
    from midcli.figure_data import pairs_object
    from midcli.table_formats import csv_text, facts, markdown_report, study_object

    drawn = _draw_figures(None, data, figures) if figures else None
    label = _label(book, studies) if published else None
    if form is Form.json:
        value: dict[str, Any] = {
            "schema": SCHEMA,
            "source": "published" if published else "results",
            "date": book.date,
            "studies": [study_object(book, protocol, recipe) for protocol, recipe in studies],
            "failed": [{"run": failure.job.name, "reason": failure.reason} for failure in failures],
        }
        print_json(value | (pairs_object(drawn) if drawn else {}))
        return
    if form is Form.csv:
        print_data(csv_text(book, studies))
        if label:
            typer.echo(label, err=True)
        return
    if form is Form.markdown:
        print_data((f"{label}\n\n" if label else "") + markdown_report(book, studies))
        return
    from midcli.display.figures import Figures
    from midcli.display.tables import ScoreTable, fact_lines
    from midcli.tables import paper_tables

    if label:
        stdout().print(label, style="bold", markup=False)
    for protocol, recipe in studies:
        for table in paper_tables(book, protocol, recipe):
            stdout().print()
            stdout().print(ScoreTable(table))
        stdout().print(fact_lines(facts(book, protocol, recipe)))
    if drawn:
        stdout().print()
        stdout().print(Figures(drawn))


def _label(book: "ScoreBook", studies: Sequence[tuple[str, str]]) -> str:
    from midcli.datasets import DATA_VARIABLE, MIDLEVEL_ADDRESS, SOUNDTRACKS_ADDRESS

    date = f" of {book.date}" if book.date else ""
    return (
        f"Published results{date} that come with midcli; nothing was trained here. To train anew: "
        f"pipx install 'midcli[train]', the data ({SOUNDTRACKS_ADDRESS}, {MIDLEVEL_ADDRESS}) in a folder "
        f"that --data or {DATA_VARIABLE} names, and {', '.join(_command(book, *study) for study in studies)}."
    )


def _command(book: "ScoreBook", protocol: str, recipe: str) -> str:
    """What makes the runs of a study."""
    study = book.study(protocol, recipe)
    seeds = max((len(scores.seeds) for scores in study.schemes.values()), default=0) if study else 10
    return f"midcli evaluate --recipe {recipe} --protocol {protocol} --seeds {seeds}"


def _draw_figures(model: str | None, data: Path | None, folder: Path) -> "FigureData":
    from midcli.cli.console import print_line
    from midcli.datasets import data_folder, load_corpus
    from midcli.figure_data import figure_data
    from midcli.figures import write_figures
    from midcli.model import Model, find_model
    from midcli.output import printable
    from midcli.spectrogram import FRONTEND

    corpus = load_corpus(data_folder(data))
    drawn = figure_data(Model(find_model(model), FRONTEND), corpus)
    paths = write_figures(folder, drawn)
    print_line("figures", printable(f"{', '.join(path.name for path in paths)} are in {folder}"), "bold")
    return drawn


def _evaluate_model(model: str, data: Path | None, results: Path, figures: Path | None, form: Form) -> bool:
    """Score a finished model on a corpus; whether some files failed."""
    from midcli.cli.console import print_data, print_json, print_line, print_warning, stdout
    from midcli.datasets import data_folder, load_corpus
    from midcli.display.figures import Figures
    from midcli.display.tables import ModelScoreTable
    from midcli.figure_data import pairs_object
    from midcli.model_scores import (
        overlap_warning,
        predictions_csv,
        score_model,
        scores_object,
        write_predictions,
    )
    from midcli.output import printable
    from midcli.pipeline import Analyser

    if form is Form.markdown:
        raise UsageError("--markdown is for the paper's tables; use --json or --csv with --model")
    analyser = Analyser(model)
    corpus = load_corpus(data_folder(data))
    with _progress("excerpts") as on_progress:
        scores = score_model(analyser, corpus, on_progress)
    path = write_predictions(results, scores)
    drawn = _draw_figures(model, data, figures) if figures else None
    if form is Form.json:
        print_json(scores_object(scores) | (pairs_object(drawn) if drawn else {}))
    elif form is Form.csv:
        print_data(predictions_csv(scores))
    else:
        stdout().print(ModelScoreTable(scores))
        if drawn:
            stdout().print(Figures(drawn))
    warning = overlap_warning(scores)
    if warning:
        print_warning(warning)
    for failure in scores.failures:
        print_line("failed", printable(str(failure)), "bold red")
    print_line("predictions", printable(f"of every excerpt are in {path}"), "bold")
    return bool(scores.failures)
