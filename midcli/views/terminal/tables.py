"""Evaluation tables in a terminal."""

from collections.abc import Iterator, Sequence

import numpy as np
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.table import Table as RichTable
from rich.text import Text

from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.study.finished import LabelScore, ModelScores, mean_of
from midcli.study.mood_tables import WEIGHTS
from midcli.study.remarks import interval_words, remarks, score
from midcli.study.tables import FAR_DEVIATIONS, FEWEST_RUNS, Cell, Row, Table
from midcli.util.text import printable
from midcli.views.terminal import theme
from midcli.views.terminal.matrix import matrix

_GAP = 2


class ScoreTable:
    """A table of the paper: `mean±deviation published`, in as many blocks as the terminal is narrow."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text(self.table.title, style=theme.TITLE)
        per_block = self._columns_per_block(options.max_width)
        blocks = -(-len(self.table.columns) // per_block)
        per_block = -(-len(self.table.columns) // blocks)
        for start in range(0, len(self.table.columns), per_block):
            yield self._block(range(start, min(start + per_block, len(self.table.columns))))
        yield Text(" ".join(self._notes(theme.shows_colours(console))), style=theme.QUIET)
        for remark in remarks(self.table):
            yield Text(remark)

    @property
    def _published_width(self) -> int:
        return max(len(score(cell.published)) for row in self.table.rows for cell in row.cells)

    def _columns_per_block(self, width: int) -> int:
        label = max(len(row.name) for row in self.table.rows)
        runs = len("runs")
        cell = max(self._cell(row, cell).cell_len for row in self.table.rows for cell in row.cells)
        column = max(cell, *(len(name) for name in map(_header, self.table.columns)))
        return max(1, (width - label - runs - _GAP) // (column + _GAP))

    def _block(self, columns: range) -> RichTable:
        block = RichTable(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style=theme.QUIET)
        block.add_column("", no_wrap=True)
        block.add_column("runs", justify="right", style=theme.QUIET, no_wrap=True)
        for column in columns:
            block.add_column(_header(self.table.columns[column]), justify="right", no_wrap=True)
        for row in self.table.rows:
            cells = [self._cell(row, row.cells[column]) for column in columns]
            block.add_row(row.name, str(row.runs or "–"), *cells)
        return block

    def _cell(self, row: Row, cell: Cell) -> Text:
        ours = score(cell.mean)
        if cell.deviation is not None:
            ours += f"±{score(cell.deviation)}"
        text = Text(ours, style=theme.direction(row.ahead(cell)))
        if self.table.published_by:
            text.append("*" if cell.far else " ", style=theme.TITLE)
            published = "" if cell.published is None else score(cell.published)
            text.append(f"{published:>{self._published_width}}", style=theme.QUIET)
        return text

    def _notes(self, coloured: bool) -> Iterator[str]:
        yield "Mean ± standard deviation over runs."
        if self.table.published_by:
            colours = "is orange where better, blue where worse, and " if coloured else ""
            yield (
                f"Beside it the number published ({self.table.published_by}): ours {colours}has a * where "
                f"they are over {FAR_DEVIATIONS:g} standard deviations of our runs apart (from {FEWEST_RUNS} "
                "runs on)."
            )
        intervals = [row for row in self.table.rows if row.cells[-1].interval]
        if intervals:
            yield (
                "Bootstrap over the test excerpts, 95 % intervals of the mean: "
                f"{interval_words(intervals)}; more runs would not narrow them."
            )


def shown_table(table: Table, width: int) -> ScoreTable | Group:
    """A table as a terminal of that width shows it: weights as a heat map."""
    if table.name != WEIGHTS:
        return ScoreTable(table)
    values = np.array([[cell.mean for cell in row.cells] for row in table.rows], np.float64)
    return matrix("Weights", [row.name for row in table.rows], values, f"{table.title}.", width)


class ModelScoreTable:
    """r, error and coverage of a finished model, label by label."""

    def __init__(self, scores: ModelScores) -> None:
        self.scores = scores

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        model = self.scores.model
        title = f"{model.name} {model.version} on {self.scores.corpus}: {len(self.scores.ids)} excerpts"
        yield Text(printable(title), style=theme.TITLE)
        unseen = self.scores.unseen_labels
        parts = {"all excerpts": self.scores.labels}
        if unseen:
            parts["outside its training set"] = unseen
        for name, labels in parts.items():
            yield self._table(name, labels)

    def _table(self, name: str, labels: dict[str, LabelScore]) -> RichTable:
        table = RichTable(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style=theme.QUIET)
        table.add_column(name, no_wrap=True)
        for column in ("rated", "r", "RMSE in points", "inside interval"):
            table.add_column(column, justify="right")
        for group, title in ((EMOTION_NAMES, "emotions"), (QUALITY_NAMES, "qualities")):
            if not any(labels[label].rated for label in group):
                continue
            for label in group:
                one = labels[label]
                table.add_row(
                    _header(label), str(one.rated), score(one.r), score(one.rmse), _percent(one.coverage)
                )
            means = [mean_of(labels, group, what) for what in ("r", "rmse", "coverage")]
            table.add_row(
                f"mean of {title}",
                "",
                score(means[0]),
                score(means[1]),
                _percent(means[2]),
                style=theme.TITLE,
            )
        return table


def fact_lines(lines: Sequence[str]) -> Text:
    """Facts about runs, a line each."""
    return Text("\n".join(printable(line) for line in lines))


def _header(column: str) -> str:
    return column.replace("_", " ")


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f} %"
