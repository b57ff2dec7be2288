"""A model as a whole: its card, its weights, and the spread of its effects over the reference corpus."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.cells import cell_len, chop_cells
from rich.console import Group
from rich.text import Text

from midcli.explanation.effects import Explanation
from midcli.explanation.words.numbers import decimal, signed
from midcli.explanation.words.vocabulary import QUALITY_WORDS
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.util.text import printable
from midcli.views.terminal import theme
from midcli.views.terminal.bars import QUALITY_WIDTH, Cell, row
from midcli.views.terminal.box_plots import LEGEND, MARKS, box_plot
from midcli.views.terminal.paragraph import paragraph

Array = npt.NDArray[np.float64]

_CARD_NAME_WIDTH = len("contradicted correlations")
_LEAST_BESIDE = 60
_MOST_LISTED = 12
_HEAT = ("", "░", "▒", "▓", "█")
_NARROW, _WIDE = 4, 9
_SHORT = {
    "valence": "val.",
    "energy": "en.",
    "tension": "ten.",
    "anger": "ang.",
    "happy": "hap.",
    "tender": "tend",
}


def card_lines(card: Mapping[str, Any], file: str, available: int) -> Group:
    """The entries of a model's card, one below the other."""
    width = theme.card_width(available)
    lines = [
        row(
            Cell(
                Text(printable(f"{card.get('name', '?')} {card.get('version', '')}"), style=theme.TITLE),
                width - 2,
            )
        )
    ]
    entries = {"file": file} | {key: card[key] for key in card if key not in ("name", "version")}
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


def weights_map(weights: Array, available: int) -> Group:
    """The last layer (8, 7) as a heat map: points of an emotion per point of a quality."""
    width = theme.card_width(available)
    column = max(_NARROW, min(_WIDE, (width - 1 - QUALITY_WIDTH) // len(EMOTION_NAMES) - 1))
    widest = float(np.abs(weights).max())
    heads = [name if len(name) <= column else _SHORT[name] for name in EMOTION_NAMES]
    lines = [
        row(
            Cell(Text("Weights", style=theme.TITLE), QUALITY_WIDTH),
            *(Cell(Text(head, style=theme.QUIET), column, "right") for head in heads),
        )
    ]
    for j, quality in enumerate(QUALITY_NAMES):
        cells = []
        for weight in weights[:, j].tolist():
            level = round(abs(weight) / widest * (len(_HEAT) - 1)) if widest else 0
            number = signed(weight, 2)
            if len(number) > column:
                number = number.replace("0.", ".", 1) if abs(weight) < 1 else signed(weight, 1)
            shade = _HEAT[level] * max(0, column - len(number))
            cells.append(Cell(Text(f"{shade}{number}", style=theme.direction(weight)), column, "right"))
        lines.append(row(Cell(QUALITY_WORDS[quality].noun, QUALITY_WIDTH), *cells))
    note = "How many points of an emotion one point of a quality adds."
    return Group(*lines, paragraph(note, width, theme.QUIET))


def effects_plots(
    effects: Array,
    emotions: Sequence[str],
    songs: Mapping[str, Explanation],
    reference: str,
    relative: bool,
    available: int,
) -> Group:
    """Box plots of the effects (pieces, 8, 7) of every quality on the named emotions, with songs marked."""
    width = theme.card_width(available)
    plot_width = width - 1 - QUALITY_WIDTH - 2
    lines = []
    for emotion in emotions:
        k = EMOTION_NAMES.index(emotion)
        marked = [_effects(song, emotion, relative) for song in songs.values()]
        shown = np.concatenate([effects[:, k].ravel(), *marked])
        ends = (float(shown.min()), float(shown.max()))
        left, right = decimal(ends[0]), decimal(ends[1])
        scale = f"{left} {'·' * max(0, plot_width - len(left) - len(right) - 2)} {right}"
        lines.append(
            row(
                Cell(Text(f"Effects on {emotion}", style=theme.TITLE), QUALITY_WIDTH),
                Cell(Text(scale, style=theme.QUIET), plot_width),
            )
        )
        for j, quality in enumerate(QUALITY_NAMES):
            plot = box_plot(effects[:, k, j], [own[j] for own in marked], ends, plot_width)
            lines.append(row(Cell(QUALITY_WORDS[quality].noun, QUALITY_WIDTH), Cell(plot, plot_width)))
        lines.append(Text(""))
    compared = "relative to the average piece" if relative else "weight times value"
    legend = f"Over {printable(reference)}: {LEGEND}. Effects in points, {compared}."
    lines.append(paragraph(legend, width, theme.QUIET))
    lines += [
        row(Cell(mark, 1), Cell(printable(name), width - 4)) for mark, name in zip(MARKS, songs, strict=False)
    ]
    return Group(*lines)


def _effects(song: Explanation, emotion: str, relative: bool) -> list[float]:
    explained = song.emotions[emotion]
    return list((explained.relative_effects if relative else explained.effects).values())


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
        return ", ".join(f"{key} {_flat(item)}".replace("_", " ") for key, item in value.items())
    if isinstance(value, list | tuple):
        if len(value) > _MOST_LISTED:
            return f"{_flat(value[0])} … {_flat(value[-1])} ({len(value)})"
        return ", ".join(_flat(item) for item in value)
    return f"{value:.3g}" if isinstance(value, float) else str(value)
