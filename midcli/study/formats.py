"""Tables as JSON, CSV, Markdown and words."""

import csv
import io
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from midcli.corpora.splits import FIXED_TEST
from midcli.explanation.words.numbers import MINUS
from midcli.study.recipes import DEFAULT, RECIPES, RadialRecipe
from midcli.study.scores import SchemeScores, ScoreBook, Study
from midcli.study.tables import FAR_DEVIATIONS, FEWEST_RUNS, ROUNDING, Cell, Row, Table, paper_tables

_DECIMALS = 4
_SMALLEST_GAIN = 0.005  # rounds to .01
_STUDENT_T = (4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)
"""97.5 % points for 3 to 10 runs; the last is used for more, too."""


def facts(book: ScoreBook, protocol: str, recipe: str) -> list[str]:
    """What a reader must know to judge the tables: what was tested, how runs stopped, where and how long."""
    study = book.study(protocol, recipe)
    if study is None:
        return []
    schemes = list(study.schemes.values())
    about = "about " if protocol == "album" else ""
    sizes = {f"{about}{_parts(scores)}" for scores in schemes}
    closed_form = isinstance(RECIPES.get(recipe), RadialRecipe)
    stopping = {_stopping(scores.stopping, recipe) for scores in schemes}
    lines = [f"Each run: {' or '.join(sorted(sizes))} excerpts; {' or '.join(sorted(stopping))}."]
    for scheme, scores in study.schemes.items():
        line = f"{scheme}: {_count(len(scores.seeds), 'run')} ({_seeds(scores.seeds)}), "
        line += f"{scores.tested} different excerpts tested, "
        if scheme == "a2mid2e":
            line += "with the networks of a2mid"
        else:
            line += "" if closed_form else f"{_count(round(np.mean(scores.epochs)), 'epoch')} on average, "
            line += f"{_devices(scores.devices)}; {rough_duration(scores.seconds)} in all"
        lines.append(line)
    if protocol in book.regression:
        regression = book.regression[protocol]
        lines.append(f"Mid2E: regression on the annotations of {_count(len(regression.runs), 'split')}.")
    lines.append("No run had seen its test excerpts or stopped by them.")
    if recipe == DEFAULT.name and protocol != "fixed36":
        lines.append(
            f"The recipe {recipe} was chosen among the excerpts outside fixed36, and these test parts "
            "overlap with them; fixed36 is free of that."
        )
    if protocol in ("random", "fixed36"):
        known = [share for scores in schemes for share in scores.known_groups]
        lines.append(
            f"Of the {schemes[0].test} test excerpts {_range(known)} are from albums that training knows; "
            "the protocol album is free of that."
        )
    if protocol == "midlevel":
        lines.append("Training knows no artist (of film excerpts, no album) of the test excerpts.")
    if closed_form and protocol == "fixed36":
        lines.append("The published validation part is trained on too: there is nothing to stop by it.")
    if gain := _gain_of_joint_training(study):
        lines.append(gain)
    never = sorted(set.intersection(*(set(scores.never_seen) for scores in schemes)))
    mostly_shared = len(schemes[0].seeds) > 1 and len(never) > schemes[0].test / 2
    if mostly_shared and protocol not in FIXED_TEST:
        lines.append(
            f"{len(never)} of the {schemes[0].test} test excerpts are the same in every run; deviations do "
            "not show how much depends on these."
        )
    lines.append(f"Never seen by any run: {', '.join(never) if never else 'none, as test parts change'}.")
    return lines


def remarks(table: Table) -> list[str]:
    """Every cell that is far from the published number, and how many of them the test excerpts explain."""
    lines = []
    for sign, word in ((1, "better"), (-1, "worse")):
        found = _cells(table, partial(_far_towards, sign))
        if found:
            far = f"More than {FAR_DEVIATIONS:g} standard deviations of our runs"
            lines.append(f"{far} {word} than published: {found}.")
    if lines and any(cell.interval for row in table.rows for cell in row.cells):
        outside = _cells(table, lambda _, cell: cell.far and _outside(cell))
        lines.append(
            "All runs test the same excerpts, so deviations do not show how much depends on these. Of the "
            f"published numbers, those outside our bootstrap intervals are {outside or 'none'}."
        )
    return lines


def table_object(table: Table) -> dict[str, Any]:
    """For JSON: numbers rounded to four decimals, null where there is none."""
    return {
        "name": table.name,
        "title": table.title,
        "published_by": table.published_by,
        "rows": [
            {
                "name": row.name,
                "runs": row.runs,
                "cells": {
                    column: _cell_object(cell) for column, cell in zip(table.columns, row.cells, strict=True)
                },
            }
            for row in table.rows
        ],
    }


def study_object(book: ScoreBook, protocol: str, recipe: str) -> dict[str, Any]:
    """For JSON: the tables of a study, and the facts about its runs by scheme."""
    study = book.study(protocol, recipe)
    return {
        "protocol": protocol,
        "recipe": recipe,
        "tables": [table_object(table) for table in paper_tables(book, protocol, recipe)],
        "runs": {
            scheme: {key: value for key, value in vars(scores).items() if key not in ("emotion", "midlevel")}
            for scheme, scores in (study.schemes if study else {}).items()
        },
    }


CSV_COLUMNS = (
    "protocol", "recipe", "table", "row", "runs", "label", "mean", "sd", "low", "high", "published",
)  # fmt: skip


def csv_text(book: ScoreBook, studies: Sequence[tuple[str, str]]) -> str:
    """One line a cell, for (protocol, recipe) pairs."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for protocol, recipe in studies:
        for table in paper_tables(book, protocol, recipe):
            for row in table.rows:
                for column, cell in zip(table.columns, row.cells, strict=True):
                    numbers = _cell_object(cell)
                    low, high = numbers["interval"] or (None, None)
                    place = (protocol, recipe, table.name, row.name, row.runs, column)
                    writer.writerow([*place, numbers["mean"], numbers["sd"], low, high, numbers["published"]])
    return file.getvalue()


def markdown(table: Table) -> str:
    """A Markdown table; cells are `mean ± deviation (published)`, an asterisk marks those far apart."""
    lines = [
        f"| | runs | {' | '.join(column.replace('_', ' ') for column in table.columns)} |",
        f"| --- | --- | {' | '.join('---' for _ in table.columns)} |",
    ]
    for row in table.rows:
        cells = [_markdown_cell(cell, row) for cell in row.cells]
        lines.append(f"| {row.name} | {row.runs or '–'} | {' | '.join(cells)} |")
    intervals = [row for row in table.rows if row.cells[-1].interval]
    if intervals:
        lines += [
            "",
            "95 % bootstrap intervals of the mean over the test excerpts: " + interval_words(intervals),
        ]
    return "\n".join(lines)


def interval_words(rows: Sequence[Row]) -> str:
    """`A2E .69 to .79, ...`: the intervals of the last column."""
    words = []
    for row in rows:
        interval = row.cells[-1].interval
        if interval:
            words.append(f"{row.name} {score(interval[0])} to {score(interval[1])}")
    return ", ".join(words)


def score(value: float | None) -> str:
    """`.82`, `−.04`, `1.00`, `–` for none."""
    if value is None:
        return "–"
    text = f"{abs(value):.2f}"
    sign = MINUS if value < 0 and float(text) else ""
    return sign + text.removeprefix("0")


def rough_duration(seconds: float) -> str:
    """`42 s`, `12 min`, `3.4 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def _cell_object(cell: Cell) -> dict[str, Any]:
    return {
        "mean": _rounded(cell.mean),
        "sd": _rounded(cell.deviation),
        "interval": [_rounded(end) for end in cell.interval] if cell.interval else None,
        "published": cell.published,
        "far": cell.far,
    }


def _markdown_cell(cell: Cell, row: Row) -> str:
    text = score(cell.mean)
    if cell.deviation is not None:
        text += f" ± {score(cell.deviation)}"
    if row.ahead(cell) > 0:
        text = f"**{text}**"
    if cell.published is not None:
        text += f" ({score(cell.published)})"
    return text + (" \\*" if cell.far else "")


def _cells(table: Table, chosen: Callable[[Row, Cell], bool]) -> str:
    """`A2E energy, tension; Joint mean`: rows and columns of the chosen cells."""
    parts = []
    for row in table.rows:
        columns = [
            column.replace("_", " ")
            for column, cell in zip(table.columns, row.cells, strict=True)
            if chosen(row, cell)
        ]
        if columns:
            parts.append(f"{row.name} {', '.join(columns)}")
    return "; ".join(parts)


def _far_towards(sign: int, row: Row, cell: Cell) -> bool:
    return cell.far and row.ahead(cell) == sign


def _outside(cell: Cell) -> bool:
    """Whether the published number is outside the bootstrap interval."""
    if cell.interval is None or cell.published is None:
        return False
    low, high = cell.interval
    return not low - ROUNDING <= cell.published <= high + ROUNDING


def _parts(scores: SchemeScores) -> str:
    """`288 training and 72 test`"""
    sizes = {"training": scores.train, "validation": scores.validation, "test": scores.test}
    *first, last = [f"{size} {part}" for part, size in sizes.items() if size]
    return f"{', '.join(first)} and {last}"


def _stopping(stopping: str, recipe: str) -> str:
    """When runs of a recipe ended."""
    known = RECIPES.get(recipe)
    if isinstance(known, RadialRecipe):
        return "fitted in closed form, so there was nothing to stop"
    if stopping == "fixed":
        return "trained for a number of epochs that was fixed in advance"
    return "stopped early on the validation excerpts alone" + (
        f", after {known.epochs} epochs at the latest" if known else ""
    )


def _gain_of_joint_training(study: Study) -> str | None:
    """How much better emotions are if qualities are trained for them too; unsaid if it may be chance.

    Splits share excerpts, so the error of the mean over runs is that of Nadeau & Bengio (Machine Learning,
    2003); runs that all test the same excerpts tell nothing of others.
    """
    gains = study.differences("joint", "a2mid2e")[:, -1]
    if len(gains) < FEWEST_RUNS or study.protocol in FIXED_TEST:
        return None
    parts = study.schemes["joint"]
    share = parts.test / (parts.train + parts.validation)
    gain, error = gains.mean(), gains.std(ddof=1) * np.sqrt(1 / len(gains) + share)
    most_by_chance = error * _STUDENT_T[min(len(gains) - FEWEST_RUNS, len(_STUDENT_T) - 1)]
    if not gain > max(_SMALLEST_GAIN, most_by_chance):
        return None
    return (
        f"Over {len(gains)} pairs of runs on the same split, emotions of joint are {score(gain)} better than "
        "those of a2mid2e: trained jointly, the qualities carry some emotion beyond what listeners rated."
    )


def _range(numbers: Sequence[int]) -> str:
    """`71 to 72`, or `72` if they are all the same."""
    low, high = min(numbers), max(numbers)
    return str(low) if low == high else f"{low} to {high}"


def _seeds(seeds: Sequence[int]) -> str:
    """`seeds 0 to 9` if they are in a row, otherwise all of them."""
    if len(seeds) > 2 and list(seeds) == list(range(seeds[0], seeds[-1] + 1)):
        return f"seeds {seeds[0]} to {seeds[-1]}"
    return f"seed{'s' if len(seeds) > 1 else ''} {', '.join(map(str, seeds))}"


def _devices(runs: dict[str, int]) -> str:
    """On which processors runs were trained; how many on each, if there are several."""
    return "; ".join(runs if len(runs) == 1 else [f"{count} on {name}" for name, count in runs.items()])


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DECIMALS)


def markdown_report(book: ScoreBook, studies: Sequence[tuple[str, str]]) -> str:
    """Titles, tables and facts of (protocol, recipe) pairs."""
    blocks = []
    for protocol, recipe in studies:
        for table in paper_tables(book, protocol, recipe):
            blocks += [f"**{table.title}**", markdown(table)]
            if table.published_by:
                blocks.append(
                    f"Mean ± standard deviation over runs, in brackets the number published "
                    f"({table.published_by}); bold where ours is better, \\* where they are more than "
                    f"{FAR_DEVIATIONS:g} standard deviations of our runs apart (from {FEWEST_RUNS} runs on)."
                )
                blocks += remarks(table)
        blocks.append("\n".join(f"- {line}" for line in facts(book, protocol, recipe)))
    return "\n\n".join(block for block in blocks if block) + "\n"
