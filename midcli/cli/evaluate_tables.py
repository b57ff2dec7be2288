"""Scores of runs on stdout, as tables or for programs, and the paper's figures after them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from midcli.errors import DataError, OutputError, UsageError
from midcli.util.files import exists, isdir

if TYPE_CHECKING:
    from midcli.corpora.corpus import Corpus
    from midcli.study.figures import FigureData
    from midcli.study.runs import Failed
    from midcli.study.scores import ScoreBook

SCHEMA = "midcli.evaluate/1"
RECIPE = "paper"
PROTOCOL = "random"
MOODS = "moods"
FURTHER = (MOODS, "corpora")
"""Protocols beside those of the paper's tables: another corpus, and from one corpus to another."""
FURTHER_RECIPE = "default"
"""They need a recipe that is fitted in closed form."""
FIGURES = (("drawing figures", "figures"),)
"""What drawing needs, as `require` takes it."""

Studies = Sequence[tuple[str, str]]
"""(protocol, recipe) each."""


class Form(StrEnum):
    """How results are written to stdout."""

    terminal = "terminal"
    json = "--json"
    csv = "--csv"
    markdown = "--markdown"


@dataclass(frozen=True)
class Output:
    """How results are shown, and where figures are drawn."""

    form: Form = Form.terminal
    figures: Path | None = None
    overwrite: bool = False


def choose_studies(book: "ScoreBook", protocol: str | None, recipe: str | None) -> list[tuple[str, str]]:
    """(protocol, recipe) of what was asked for; the paper's recipe and protocol first."""
    from midcli.corpora.splits import PROTOCOLS

    order = (*PROTOCOLS, *FURTHER)
    known = sorted(book.known, key=lambda pair: (pair[1] != RECIPE, pair[1], order.index(pair[0])))
    chosen = [(p, r) for p, r in known if protocol in (None, p) and recipe in (None, r)]
    if chosen:
        return chosen
    if not known and protocol in (None, *book.regression) and recipe is None:
        return [(protocol or PROTOCOL, RECIPE)]
    raise DataError(
        f"no results of protocol {protocol or 'any'} and recipe {recipe or 'any'}; there are "
        f"{', '.join(f'{p}/{r}' for p, r in known) or 'none'}; add --seeds to train"
    )


def print_book(
    book: "ScoreBook",
    studies: Studies,
    output: Output,
    *,
    drawn: "FigureData | None" = None,
    published: bool = False,
    failures: "Sequence[Failed]" = (),
) -> None:
    """Tables and facts to stdout; figures after them."""
    from midcli.cli.console import print_data, print_json
    from midcli.study.formats import csv_text, markdown_report

    save_figures(drawn, output)
    label = _label(book, studies) if published else ""
    if output.form is Form.json:
        print_json(_object(book, studies, published, failures) | pairs(drawn))
    elif output.form is Form.csv:
        print_data(csv_text(book, studies))
        if label:
            typer.echo(label, err=True)
    elif output.form is Form.markdown:
        print_data((f"{label}\n\n" if label else "") + markdown_report(book, studies))
    else:
        if published and len(studies) > 1:
            _print_overview(book, studies, label)
        else:
            _print_tables(book, studies, label)
        print_figures(drawn)


def _object(
    book: "ScoreBook", studies: Studies, published: bool, failures: "Sequence[Failed]"
) -> dict[str, Any]:
    from midcli.study.formats import study_object

    return {
        "schema": SCHEMA,
        "source": "published" if published else "results",
        "date": book.date,
        "studies": [study_object(book, protocol, recipe) for protocol, recipe in studies],
        "failed": [{"run": failure.job.name, "reason": failure.reason} for failure in failures],
    }


def pairs(drawn: "FigureData | None") -> dict[str, Any]:
    """For JSON: the pairs of songs of the figures, if there are figures."""
    from midcli.study.figures import pairs_object

    return pairs_object(drawn) if drawn else {}


def _print_tables(book: "ScoreBook", studies: Studies, label: str) -> None:
    from midcli.cli.console import stdout
    from midcli.study.sections import facts_of, tables_of
    from midcli.views.terminal.tables import fact_lines, shown_table

    if label:
        stdout().print(label, style="bold", markup=False)
    for protocol, recipe in studies:
        for table in tables_of(book, protocol, recipe):
            stdout().print()
            stdout().print(shown_table(table, stdout().width))
        stdout().print(fact_lines(facts_of(book, protocol, recipe)))


def _print_overview(book: "ScoreBook", studies: Studies, label: str) -> None:
    """Means only, and how to see the rest."""
    from midcli.cli.console import stdout
    from midcli.corpora.published import MIDLEVEL_EXCERPTS
    from midcli.study.tables import paper_tables
    from midcli.views.terminal.overview import Overviewed, overview

    tables = {study: paper_tables(book, *study) for study in studies}
    summed = [Overviewed(*study, tables[study]) for study in studies if tables[study]]
    others = [_command(*study) for study in studies if not tables[study]]
    stdout().print(label, style="bold", markup=False)
    stdout().print()
    stdout().print(overview(summed))
    stdout().print(
        "\nMeans of Pearson's r over eight emotions and seven qualities; A2Mid+ was published of "
        f"{MIDLEVEL_EXCERPTS} excerpts and is here of those there were. All numbers of one study: "
        f"{_command(*studies[0])}; of all: --markdown, --csv or --json."
        + (f" Other scores: {', '.join(others)}." if others else ""),
        markup=False,
    )


def print_figures(drawn: "FigureData | None") -> None:
    """The figures, if there are any, below what is printed already."""
    from midcli.cli.console import stdout
    from midcli.views.terminal.figures import Figures

    if drawn:
        stdout().print()
        stdout().print(Figures(drawn))


def _label(book: "ScoreBook", studies: Studies) -> str:
    from midcli.cli.settings import DATA_VARIABLE
    from midcli.corpora.published import MIDLEVEL_ADDRESS, SOUNDTRACKS_ADDRESS

    date = f" of {book.date}" if book.date else ""
    seeds = book.seeds(*studies[0]) or 10
    tables = ", ".join(f"{name}.csv" for name in book.beside(*studies[0]))
    beside = f" --beside SONGS (a folder with {tables})" if tables else ""
    return (
        f"Published results{date} that come with midcli; nothing was trained here. To train anew: "
        f"the extra train, the data ({SOUNDTRACKS_ADDRESS}, {MIDLEVEL_ADDRESS}) in a folder "
        f"that --data or {DATA_VARIABLE} names, and {'for example ' if len(studies) > 1 else ''}"
        f"{_command(*studies[0])} --seeds {seeds}{beside}."
    )


def _command(protocol: str, recipe: str) -> str:
    """What shows a study."""
    return f"midcli evaluate --recipe {recipe} --protocol {protocol}"


def prepare_figures(model: str | None, corpus: "Corpus", output: Output) -> "FigureData | None":
    """What figures show of a model (None: the bundled one) on a corpus, if figures are asked for.

    Finds out before other work what could not be drawn or written after it; makes the folder if need be.
    """
    from midcli.audio.spectrogram import FRONTEND
    from midcli.cli.targets import check_targets
    from midcli.model.bundled import find_model
    from midcli.model.file import Model
    from midcli.study.figures import figure_data
    from midcli.views.figures import figure_paths

    if not output.figures:
        return None
    drawn = figure_data(Model(find_model(model), FRONTEND), corpus)
    make_folder("figures", output.figures)
    check_targets(figure_paths(output.figures), [], output.overwrite)
    return drawn


def save_figures(drawn: "FigureData | None", output: Output) -> None:
    """Write the figures, if there are any, and tell of them."""
    from midcli.cli.console import print_line
    from midcli.util.text import printable
    from midcli.views.figures import figure_paths, write_figures

    if drawn and output.figures:
        write_figures(output.figures, drawn)
        names = ", ".join(path.name for path in figure_paths(output.figures))
        print_line("figures", printable(f"{names} are in {output.figures}"), "bold")


def save_mood_figures(book: "ScoreBook", studies: Studies, output: Output) -> None:
    """The weights from qualities to mood clusters as heat maps in the folder of figures."""
    from midcli.cli.console import print_line
    from midcli.cli.targets import check_targets
    from midcli.study.moods import CLUSTERS
    from midcli.util.text import printable
    from midcli.views.figures import FORMATS, matrix, save

    if not output.figures:
        return
    make_folder("figures", output.figures)
    recipes = {recipe for _, recipe in studies}
    for scores in (one for one in book.moods if one.recipe in recipes):
        paths = [output.figures / f"mood-weights-{scores.recipe}.{kind}" for kind in FORMATS]
        check_targets(paths, [], output.overwrite)
        title = f"What a point of a quality adds to a mood cluster (joint, recipe {scores.recipe})"
        figure = matrix(scores.weights["joint"], tuple(CLUSTERS.values()), title)
        for path, kind in zip(paths, FORMATS, strict=True):
            save(figure, path, kind)
        print_line("figures", printable(f"{' and '.join(map(str, paths))}"), "bold")


def make_folder(option: str, folder: Path) -> None:
    """Raises UsageError if it is something else, OutputError if it cannot be made."""
    if exists(folder) and not isdir(folder):
        raise UsageError(f"--{option} {folder}: is no folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made: {error.strerror}") from error
