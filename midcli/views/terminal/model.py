"""A model's card, and the list of models."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.cells import cell_len, chop_cells
from rich.console import Group
from rich.text import Text

from midcli.util.text import printable
from midcli.views.terminal import theme
from midcli.views.terminal.bars import Cell, row
from midcli.views.terminal.paragraph import paragraph

Array = npt.NDArray[np.float64]

_CARD_NAME_WIDTH = len("contradicted correlations")
_LEAST_BESIDE = 60
_MOST_LISTED = 12


def card_lines(
    card: Mapping[str, Any], file: str, vocabularies: Mapping[str, Sequence[str]], available: int
) -> Group:
    """The entries of a model's card, one below the other; vocabularies are names of emotions by name."""
    width = theme.card_width(available)
    lines = [
        row(
            Cell(
                Text(printable(f"{card.get('name', '?')} {card.get('version', '')}"), style=theme.TITLE),
                width - 2,
            )
        )
    ]
    told = {key: card[key] for key in card if key not in ("name", "version")}
    entries = {"file": file, "vocabularies": vocabularies} | told
    for key, value in entries.items():
        label = Text(printable(str(key)).replace("_", " "), style=theme.QUIET)
        parts = [printable(part) for part in _parts(value)]
        room = width - _CARD_NAME_WIDTH - 3
        indent = _CARD_NAME_WIDTH
        if width < _LEAST_BESIDE or any(cell_len(word) > room for part in parts for word in part.split()):
            lines.append(row(Cell(label, width - 2)))
            label, indent, room = Text(), 1, width - 4
        for line in _wrapped(parts, room):
            lines.append(row(Cell(label, indent), Cell(line, room)))
            label = Text()
    return Group(*lines)


def _wrapped(parts: Iterable[str], room: int) -> Iterator[str]:
    """Lines that fit; only words that are longer than one are broken."""
    for part in parts:
        for line in paragraph(part, room + 1).plain.splitlines():
            yield from chop_cells(line.strip(), room)


def models_list(models: Mapping[str, Path], default: str) -> Text:
    """Names and files of the bundled models."""
    if not models:
        return Text("No model is bundled with this installation.")
    widest = max(map(len, models))
    return Text("\n").join(
        Text.assemble(
            (f" {name.ljust(widest)}", theme.TITLE),
            "  default  " if name == default else "           ",
            (printable(str(path)), theme.QUIET),
        )
        for name, path in models.items()
    )


def _parts(value: Any, about: str = "") -> list[str]:
    """What a card says of one thing, each part on lines of its own."""
    if not isinstance(value, Mapping):
        return [_flat(value)]
    parts = []
    for key, item in value.items():
        label = f"{about}{str(key).replace('_', ' ')}"
        if isinstance(item, Mapping) and _deserves_lines(item):
            parts += _parts(item, f"{label}, ")
        else:
            parts.append(f"{label}: {_flat(item)}")
    return parts


def _deserves_lines(value: Mapping[str, Any]) -> bool:
    """Whether what is in it goes further down, or is all text."""
    inner = value.values()
    return any(isinstance(item, Mapping) for item in inner) or all(isinstance(item, str) for item in inner)


def _flat(value: Any) -> str:
    if isinstance(value, Mapping):
        told = {key: item for key, item in value.items() if item is not None}
        return ", ".join(f"{key} {_flat(item)}".replace("_", " ") for key, item in told.items())
    if isinstance(value, list | tuple):
        if len(value) > _MOST_LISTED:
            return f"{_flat(value[0])} … {_flat(value[-1])} ({len(value)})"
        return ", ".join(_flat(item) for item in value)
    return f"{value:.3g}" if isinstance(value, float) else str(value)
