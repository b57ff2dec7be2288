"""`midcli evaluate`: the paper's tables and figures, and scores of finished models."""

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from midcli.cli import options
from midcli.cli.completion import complete_model
from midcli.cli.evaluate_tables import (
    FIGURES,
    FURTHER,
    FURTHER_RECIPE,
    MOODS,
    PROTOCOL,
    RECIPE,
    Form,
    Output,
    choose_studies,
    prepare_figures,
    print_book,
    save_mood_figures,
)
from midcli.cli.extras import require
from midcli.cli.inputs import data_folder
from midcli.errors import EXIT_SOME_FAILED, DataError, UsageError

if TYPE_CHECKING:
    from midcli.study.scores import ScoreBook

RESULTS_FOLDER = Path("midcli-results")
_MOST_SEEDS = 1000


class Protocol(StrEnum):
    """How excerpts are split."""

    random = "random"
    album = "album"
    fixed36 = "fixed36"
    midlevel = "midlevel"
    midlevel_artists = "midlevel-artists"
    moods = "moods"
    corpora = "corpora"


Seeds = Annotated[
    str | None,
    typer.Option(metavar="N|LIST", help="Train these: 10 for 0 to 9, or a list such as 0,3,5 (3, for one)."),
]
ProtocolName = Annotated[
    Protocol | None,
    typer.Option(
        help="Random 80:20 splits; whole albums apart; the published 36 test excerpts; all mid-level "
        "excerpts, tested on artists that occur once, or on any; mood clusters of popular music; learned "
        "from each corpus and tested on each.",
        show_default=PROTOCOL,
    ),
]
RecipeName = Annotated[
    str | None, typer.Option(help="How networks are trained, such as paper or default.", show_default=RECIPE)
]
Schemes = Annotated[
    str | None, typer.Option(help="Of a2e, a2mid, a2mid2e, joint.", metavar="LIST", show_default="all")
]
Results = Annotated[
    Path | None,
    typer.Option(
        help="Folder of finished runs; without --seeds, show what is in it.",
        show_default=str(RESULTS_FOLDER),
    ),
]
Beside = Annotated[
    list[Path] | None,
    typer.Option(
        help="With --seeds: what is learned from beside --data, a CSV or a folder of several; repeatable.",
        show_default=False,
    ),
]
Jobs = Annotated[int, typer.Option("--jobs", "-j", min=1, help="Runs at a time; they share the cores.")]
Replace = Annotated[
    bool, typer.Option("--replace", help="Run anew what was made with another recipe or other data.")
]
FinishedModel = Annotated[
    str | None,
    typer.Option(
        help="Score this finished model (name or .onnx file) on the data; it must explain.",
        autocompletion=complete_model,
    ),
]
Figures = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", help="Draw the paper's figures, or weights of moods, also as PNG and SVG into DIR."
    ),
]
AsCsv = Annotated[bool, typer.Option("--csv", help="One line a cell on stdout.")]
AsMarkdown = Annotated[bool, typer.Option("--markdown", help="Markdown tables on stdout.")]


def evaluate(
    seeds: Seeds = None,
    protocol: ProtocolName = None,
    recipe: RecipeName = None,
    schemes: Schemes = None,
    data: options.Data = None,
    beside: Beside = None,
    results: Results = None,
    jobs: Jobs = 1,
    device: options.Device = None,
    replace: Replace = False,
    model: FinishedModel = None,
    figures: Figures = None,
    overwrite: options.Overwrite = False,
    as_json: options.AsJson = False,
    as_csv: AsCsv = False,
    as_markdown: AsMarkdown = False,
) -> None:
    """Compare with the paper: emotions with and without explanation, run by run.

    Example: midcli evaluate --seeds 10

    Without --seeds, shows the published results that come with midcli. With --seeds, trains what is not
    finished yet: every run is written to the results folder at once, and the same command goes on where
    it stopped. Leaves with 5 if some runs failed, and if none can be trained, without torch or data, with 4
    after the published results.
    """
    output = _choose_output(as_json, as_csv, as_markdown, figures, overwrite)
    place, failed = results or RESULTS_FOLDER, False
    if figures and (seeds is None or protocol in FURTHER):
        require(*FIGURES)
    _check_of_protocol(protocol, figures, beside, trains=seeds is not None and not model)
    if model:
        if replace or any(option is not None for option in (seeds, protocol, recipe, schemes)):
            raise UsageError(
                "--model scores a finished model; it takes no seeds, protocol, recipe, schemes or --replace"
            )
        from midcli.cli.evaluate_model import evaluate_model

        failed = evaluate_model(model, data, place, output)
    elif seeds is not None and protocol in FURTHER:
        if schemes or device or jobs > 1:
            raise UsageError(f"--protocol {protocol} takes no --schemes, --device or --jobs")
        from midcli.cli.evaluate_further import FurtherRequest, run_further

        chosen = recipe or FURTHER_RECIPE
        run_further(FurtherRequest(parse_seeds(seeds), str(protocol), chosen, data, place, replace), output)
    elif seeds is not None:
        from midcli.cli.evaluate_study import Request, run_study

        named = (parse_seeds(seeds), str(protocol or PROTOCOL), recipe or RECIPE, schemes)
        failed = run_study(Request(*named, data, beside or [], place, jobs, device, replace), output)
    else:
        if schemes or replace:
            raise UsageError("--schemes and --replace are for training; add --seeds")
        _show_finished(protocol and str(protocol), recipe, data, results, output)
    if failed:
        raise typer.Exit(EXIT_SOME_FAILED)


def _check_of_protocol(
    protocol: Protocol | None, figures: Path | None, beside: list[Path] | None, *, trains: bool
) -> None:
    if figures and protocol in FURTHER and protocol != MOODS:
        raise UsageError(f"--protocol {protocol} takes no --figures")
    if beside and (not trains or protocol in FURTHER):
        raise UsageError("--beside is for --seeds with the protocols of the paper's tables")


def _show_finished(
    protocol: str | None, recipe: str | None, data: Path | None, results: Path | None, output: Output
) -> None:
    """Published results, or those in a folder."""
    from midcli.corpora.own import load_corpus
    from midcli.study.scores import read_published

    book = _finished_runs(results, data) if results else read_published()
    chosen = choose_studies(book, protocol, recipe)
    drawn = None
    if protocol == MOODS:
        save_mood_figures(book, chosen, output)
    elif output.figures:
        drawn = prepare_figures(None, load_corpus(data_folder(data)), output)
    print_book(book, chosen, output, drawn=drawn, published=not results)


def _choose_output(
    as_json: bool, as_csv: bool, as_markdown: bool, figures: Path | None, overwrite: bool
) -> Output:
    wanted = {Form.json: as_json, Form.csv: as_csv, Form.markdown: as_markdown}
    chosen = [form for form, is_wanted in wanted.items() if is_wanted]
    if len(chosen) > 1:
        raise UsageError(f"{' and '.join(chosen)} exclude each other")
    if overwrite and not figures:
        raise UsageError("--overwrite is for --figures")
    return Output(chosen[0] if chosen else Form.terminal, figures, overwrite)


def parse_seeds(text: str) -> list[int]:
    parts = [part.strip() for part in text.split(",")]
    if len(parts) > 1 and not parts[-1]:
        parts.pop()
    seeds = [int(part) for part in parts if re.fullmatch("[0-9]{1,9}", part)]
    if len(set(seeds)) != len(parts):
        raise UsageError(f"--seeds {text}: expected a number of seeds, or different seeds such as 0,3,5")
    if "," in text:
        return sorted(seeds)
    if not 1 <= seeds[0] <= _MOST_SEEDS:
        raise UsageError(f"--seeds {text}: expected 1 to {_MOST_SEEDS} seeds; leave it out to train nothing")
    return list(range(seeds[0]))


def _finished_runs(folder: Path, data: Path | None) -> "ScoreBook":
    """Scores of everything in a folder of results."""
    from midcli.study.book import compute_book

    book = compute_book(folder, data_folder(data))
    if not book.known:
        raise DataError(f"{folder}: no finished runs; add --seeds to train some")
    return book
