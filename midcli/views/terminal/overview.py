"""Studies in a page: the mean of each system over the columns of its table, a line a protocol and recipe."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.table import Table as RichTable

from midcli.study.remarks import score
from midcli.study.tables import Row, Table
from midcli.views.terminal import theme

PUBLISHED = "published"

_Means = dict[tuple[str, str], float]
"""By table and system."""


@dataclass(frozen=True)
class Overviewed:
    """The tables of one recipe under one protocol."""

    protocol: str
    recipe: str
    tables: tuple[Table, ...]

    def means(self, published: bool = False) -> _Means:
        """Of our runs, or as published."""
        found = {}
        for table in self.tables:
            for system in table.rows:
                mean = None if system.is_cost else _mean(system, published)
                if mean is not None:
                    found[table.name, _short(system.name)] = mean
        return found


def overview(studies: Sequence[Overviewed]) -> RichTable:
    """Studies of one protocol stand together, below what was published of it."""
    protocols = list(dict.fromkeys(study.protocol for study in studies))
    ordered = sorted(studies, key=lambda study: protocols.index(study.protocol))
    columns = sorted(
        dict.fromkeys(column for study in ordered for column in study.means()), key=lambda column: column[0]
    )
    shown = RichTable(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style=theme.QUIET)
    shown.add_column("\nprotocol")
    shown.add_column("\nrecipe")
    group = ""
    for table, system in columns:
        shown.add_column(f"{'' if table == group else table}\n{system}", justify="right", overflow="fold")
        group = table
    before = ""
    for protocol, recipe, means in _rows(ordered):
        cells = [score(means[column]) if column in means else "" for column in columns]
        style = theme.QUIET if recipe == PUBLISHED else ""
        shown.add_row("" if protocol == before else protocol, recipe, *cells, style=style)
        before = protocol
    return shown


def _rows(studies: Sequence[Overviewed]) -> Iterator[tuple[str, str, _Means]]:
    """(protocol, recipe, means); what was published stands once, before the first study beside it."""
    told: list[_Means] = []
    for study in studies:
        published = study.means(published=True)
        if not any(published.items() <= means.items() for means in told):
            yield study.protocol, PUBLISHED, published
            told.append(published)
        yield study.protocol, study.recipe, study.means()


def _mean(system: Row, published: bool) -> float | None:
    numbers = [cell.published if published else cell.mean for cell in system.cells[:-1]]
    known = [number for number in numbers if number is not None]
    return sum(known) / len(known) if known and len(known) == len(numbers) else None


def _short(system: str) -> str:
    """`Joint` of `A2Mid2E-Joint`, `A2Mid+` of `A2Mid+ (828)`."""
    return system.removeprefix("A2Mid2E-").split(" ")[0]
