"""Hits of a search to one page: where they lie, a table that sorts, and a player and the reason for each."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import numpy as np
import numpy.typing as npt

from midcli.errors import InputError
from midcli.explanation.words.numbers import (
    decimal,
    duration,
    pieces,
    shown_effects,
    signed,
    standing,
    tick,
)
from midcli.explanation.words.vocabulary import QUALITY_WORDS
from midcli.library.hits import Hit, relative_place
from midcli.library.query import noun_of
from midcli.library.reasons import Difference
from midcli.library.search import Ranking
from midcli.util.text import printable, rounded
from midcli.views.page.document import document, footer, numbers_script
from midcli.views.page.listening import MEDIA_TYPE, mp3_bytes
from midcli.views.page.markup import Markup, element, joined
from midcli.views.page.parts import data

Array = npt.NDArray[np.float64]

_MOST_DOTS = 2000  # of the library
_WIDTH, _HEIGHT, _MARGIN = 720, 460, 48
_MOST_TICKS = 10
_USUAL_AXES = ("valence", "energy")
_SUMS = (
    "An emotion differs from what it is compared with by exactly the sum of what the seven qualities "
    "contribute."
)


@dataclass(frozen=True)
class Player:
    """What plays a hit on the page: an address, or why there is none."""

    source: str | None
    problem: str = ""


def embedded_player(hit: Hit) -> Player:
    """The music itself, as a small mono file."""
    try:
        content = mp3_bytes(hit.path)
    except InputError as error:
        return Player(None, f"It cannot be played here: {error.problem}.")
    return Player(f"data:{MEDIA_TYPE};base64,{base64.b64encode(content).decode()}")


def linked_player(hit: Hit, folder: Path) -> Player:
    """The file where it is, seen from a page in that folder."""
    if hit.gone:
        return Player(None, "Its file is gone from where it was analysed.")
    place = relative_place(hit.path, folder)
    return Player(Path(place).as_uri() if Path(place).is_absolute() else quote(place))


def hits_page(
    ranking: Ranking,
    hits: Sequence[Hit],
    players: Sequence[Player],
    names: Sequence[str],
    title: str,
    understood: str,
) -> bytes:
    """The page (UTF-8) of the hits of a ranking, with the values of some names in the table.

    `understood`: what was searched for; empty for pieces that somebody chose, which have no score.
    """
    count = pieces(len(hits))
    length = duration(sum(hit.duration_s for hit in hits))
    about = [count, length, f"of {len(ranking.library)} in {printable(ranking.library.called)}"]
    model = ranking.library.model
    about.append(f"{printable(model.name)} {printable(model.version)}")
    content = [
        element(
            "header",
            element("h1", title),
            element("p", " · ".join(about), class_="meta"),
            element("p", f"Searched for: {understood}.", class_="summary") if understood else Markup(),
            class_="top",
        ),
        _panel("where", "Where they lie", _picture(ranking, hits)),
        _panel("overview", "Overview", _overview(hits, names, scored=bool(understood))),
        _panel("pieces", "Why each" if understood else "Each piece", *map(_piece, hits, players)),
        numbers_script({"hits": [hit.to_dict(tuple(hit.values)) for hit in hits]}),
    ]
    media = "data: 'self' file:"  # players of files beside the page
    command = "midcli find" if understood else "midcli browse"
    return document(title, content, footer(_SUMS, command, ranking.library.head), "hits", media)


def _panel(name: str, title: str, *children: str) -> Markup:
    heading = element("h2", title, id=f"{name}-title")
    return element("section", heading, *children, class_=f"panel {name}", aria_labelledby=f"{name}-title")


def _picture(ranking: Ranking, hits: Sequence[Hit]) -> Markup:
    """The library as dots and the hits as numbers, on the first two names that were asked for."""
    library = ranking.library
    axes = _axes(ranking)
    columns = [library.names.index(name) for name in axes]
    music = library.values[library.is_music][:, columns]
    step = max(1, -(-len(music) // _MOST_DOTS))
    mine = np.array([[hit.values[name] for name in axes] for hit in hits]).reshape(-1, 2)
    shown = np.concatenate([music, mine])
    low = np.floor(shown.min(axis=0))
    high = np.maximum(np.ceil(shown.max(axis=0)), low + 1)

    def place(points: Array) -> list[list[float]]:
        share = (points - low) / (high - low)
        x = _MARGIN + share[:, 0] * (_WIDTH - 2 * _MARGIN)
        y = _HEIGHT - _MARGIN - share[:, 1] * (_HEIGHT - 2 * _MARGIN)
        places: list[list[float]] = np.stack([x, y], axis=1).round(1).tolist()
        return places

    parts = [*_grid(low, high), *_axis_names(axes)]
    parts += [element("circle", cx=x, cy=y, r=2, class_="piece") for x, y in place(music[::step])]
    for hit, (x, y) in reversed(list(zip(hits, place(mine), strict=True))):
        parts.append(
            element(
                "a",
                element("title", f"{hit.rank}. {printable(hit.named)}"),
                element("circle", cx=x, cy=y, r=11, class_="hit"),
                element("text", str(hit.rank), x=x, y=y + 4),
                href=f"#hit-{hit.rank}",
                class_="mark",
            )
        )
    said = f"{pieces(len(hits))} among {len(music)}, by {noun_of(axes[0])} and {noun_of(axes[1])}"
    drawing = element(
        "svg",
        element("title", said),
        *parts,
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="group",
        aria_label=said,
        class_="map",
    )
    drawn = "every piece" if step == 1 else f"one piece of {step}"
    return joined(
        [drawing, element("p", f"Dots: {drawn} of the library. Numbers: those below.", class_="quiet")]
    )


def _axes(ranking: Ranking) -> tuple[str, str]:
    """The first two names of the query, filled up with the usual ones."""
    library = ranking.library
    usual = [name for name in _USUAL_AXES if name in library.names]
    candidates = [*ranking.query.names, *usual, *library.names]
    first, second, *_ = dict.fromkeys(candidates)
    return first, second


def _grid(low: Array, high: Array) -> list[Markup]:
    """A line and a number at every whole point, or at every few."""
    parts = []
    for axis in (0, 1):
        step = max(1, round((high[axis] - low[axis]) / _MOST_TICKS))
        for points in np.arange(low[axis], high[axis] + 1e-9, step).tolist():
            share = (points - low[axis]) / (high[axis] - low[axis])
            if axis == 0:
                x = _MARGIN + share * (_WIDTH - 2 * _MARGIN)
                line = {"x1": x, "x2": x, "y1": _MARGIN, "y2": _HEIGHT - _MARGIN}
                place = {"x": x, "y": _HEIGHT - _MARGIN + 18}
            else:
                y = _HEIGHT - _MARGIN - share * (_HEIGHT - 2 * _MARGIN)
                line = {"x1": _MARGIN, "x2": _WIDTH - _MARGIN, "y1": y, "y2": y}
                place = {"x": _MARGIN - 16, "y": y + 4}
            parts.append(element("line", **line, class_="grid"))
            parts.append(element("text", tick(points), **place, class_="tick"))
    return parts


def _axis_names(axes: tuple[str, str]) -> list[Markup]:
    return [
        element("text", f"{noun_of(axes[0])} →", x=_WIDTH - _MARGIN, y=_HEIGHT - 8, class_="axis-name end"),
        element("text", f"↑ {noun_of(axes[1])}", x=_MARGIN, y=_MARGIN - 14, class_="axis-name"),
    ]


def _overview(hits: Sequence[Hit], names: Sequence[str], scored: bool) -> Markup:
    """A table; the script makes its heads buttons that sort."""
    heads = ["#", *["score"] * scored, "piece", "length", *map(noun_of, names)]
    rows = [_row(hit, names, scored) for hit in hits]
    table = element(
        "table",
        element("thead", element("tr", *(element("th", head, scope="col") for head in heads))),
        element("tbody", *rows),
        class_="sortable",
    )
    return element("div", table, class_="scroll", tabindex=0, role="region", aria_label="Overview")


def _row(hit: Hit, names: Sequence[str], scored: bool) -> Markup:
    marks = [text for text, said in (("perhaps", hit.perhaps), ("gone", hit.gone)) if said]
    name = [element("a", printable(hit.named), href=f"#hit-{hit.rank}")]
    name += [element("span", f" {text}", class_="quiet") for text in marks]
    return element(
        "tr",
        element("td", data(hit.rank, str(hit.rank))),
        *[element("td", data(rounded(hit.score), f"{hit.score:.0f}"))] * scored,
        element("th", *name, scope="row"),
        element("td", data(rounded(hit.duration_s), duration(hit.duration_s))),
        *(element("td", data(rounded(hit.values[name]), decimal(hit.values[name]))) for name in names),
    )


def _piece(hit: Hit, player: Player) -> Markup:
    parts = [
        element("h3", f"{hit.rank}. {printable(hit.named)}"),
        element("p", f"{duration(hit.duration_s)} · {printable(hit.file)}", class_="meta"),
    ]
    if player.source:
        parts.append(
            element(
                "audio",
                controls=True,
                preload="none",
                src=player.source,
                aria_label=printable(hit.named),
            )
        )
    elif player.problem:
        parts.append(element("p", printable(player.problem), class_="note"))
    if hit.flagged:
        parts.append(element("p", "Does not sound like music: take its values as guesses.", class_="note"))
    parts.append(element("p", _sentence(hit.why.words), class_="why"))
    if hit.perhaps:
        nouns = " and of ".join(map(noun_of, hit.perhaps))
        text = f"Perhaps: the interval of {nouns} reaches back to what was not asked for."
        parts.append(element("p", text, class_="quiet"))
    if sums := [_sum(one) for one in hit.why.differences.values() if one.contributions]:
        parts.append(element("details", element("summary", "The exact sums"), element("ul", *sums)))
    return element("article", *parts, id=f"hit-{hit.rank}", class_="hit")


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}." if words else ""


def _sum(one: Difference) -> Markup:
    """`tension 7.1 (higher than 96 %) = 4.7 + dissonance 1.8 ...`, adding up as shown."""
    shown = shown_effects(one.contributions, one.value, one.base)
    ordered = sorted(shown.items(), key=lambda item: -abs(item[1]))
    terms = [f"{QUALITY_WORDS[name].noun} {signed(part).strip()}" for name, part in ordered if part]
    text = f"{noun_of(one.name)} {decimal(one.value)} ({standing(one.standing)}) = {decimal(one.base)}"
    return element("li", ", ".join([text, *terms]))
