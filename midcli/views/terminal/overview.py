"""Studies in a page: each system by its mean over the columns of a table, beside the published mean."""

from collections.abc import Sequence

from rich.console import Group
from rich.text import Text

from midcli.study.tables import Row, Table
from midcli.views.terminal import theme
from midcli.views.terminal.bars import Cell, row

_SYSTEM_WIDTH, _NUMBER_WIDTH, _GROUP_WIDTH = 16, 9, 14


def overview(study: str, tables: Sequence[Table]) -> Group:
    """A heading, and a line a system and table."""
    lines = [Text(f" {study}", style=theme.TITLE)]
    for table in tables:
        lines += [_line(table.name, one) for one in table.rows if not one.is_cost and one.runs]
    return Group(*lines)


def _line(table: str, system: Row) -> Text:
    ours = [cell.mean for cell in system.cells if cell.mean is not None]
    published = [cell.published for cell in system.cells if cell.published is not None]
    beside = f"published {_mean(published)}" if len(published) == len(ours) else ""
    return row(
        Cell(Text(table, style=theme.QUIET), _GROUP_WIDTH),
        Cell(system.name, _SYSTEM_WIDTH),
        Cell(_mean(ours), _NUMBER_WIDTH),
        Cell(Text(beside, style=theme.QUIET), 2 * _NUMBER_WIDTH),
    )


def _mean(numbers: Sequence[float]) -> str:
    return f"{sum(numbers) / len(numbers):.2f}".replace("0.", ".") if numbers else ""
