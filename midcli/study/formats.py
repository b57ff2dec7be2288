"""Tables as JSON, CSV and Markdown."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from midcli.study.remarks import interval_words, remarks, score
from midcli.study.scores import ScoreBook
from midcli.study.sections import facts_of, tables_of
from midcli.study.tables import FAR_DEVIATIONS, FEWEST_RUNS, Cell, Row, Table

_DECIMALS = 4


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
        "tables": [table_object(table) for table in tables_of(book, protocol, recipe)],
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
        for table in tables_of(book, protocol, recipe):
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


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DECIMALS)


def markdown_report(book: ScoreBook, studies: Sequence[tuple[str, str]]) -> str:
    """Titles, tables and facts of (protocol, recipe) pairs."""
    blocks = []
    for protocol, recipe in studies:
        for table in tables_of(book, protocol, recipe):
            blocks += [f"**{table.title}**", markdown(table)]
            if table.published_by:
                blocks.append(
                    f"Mean ± standard deviation over runs, in brackets the number published "
                    f"({table.published_by}); bold where ours is better, \\* where they are more than "
                    f"{FAR_DEVIATIONS:g} standard deviations of our runs apart (from {FEWEST_RUNS} runs on)."
                )
                blocks += remarks(table)
        blocks.append("\n".join(f"- {line}" for line in facts_of(book, protocol, recipe)))
    return "\n\n".join(block for block in blocks if block) + "\n"
