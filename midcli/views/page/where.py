"""Where in time and register the qualities come from: maps and tables."""

import numpy as np

from midcli.explanation.evidence import Register
from midcli.explanation.words.numbers import decimal, duration, signed, spaced
from midcli.views.page import charts
from midcli.views.page.markup import Markup, element
from midcli.views.page.parts import Outline, data, jump, number_table, time_axis
from midcli.views.panels.where import SEGMENTS, Place, RegisterShare, Where
from midcli.views.piece import Piece
from midcli.views.scales import map_rows

_COARSE_ROWS = 6
_STRONGEST_SHARE = 0.98
"""Cells beyond this are drawn as strong as the strongest: a few must not leave all others blank."""


def where(piece: Piece, outline: Outline) -> Markup:
    """A map for each quality that matters, and the same over time as a table."""
    panel = piece.mapped
    scale = max(float(np.quantile(np.abs(place.points), _STRONGEST_SHARE)) for place in panel.places)
    figures = [_map(piece, place, scale) for place in panel.places]
    note = (
        "Filled: more than the average piece has there. Striped: less. A stronger colour is more of "
        f"either, on one scale for all maps. Each cell {panel.draws_on}."
    )
    return outline.panel(
        "where",
        "Where",
        element("div", *figures, class_="maps"),
        element("p", note, class_="quiet"),
        _evidence_table(panel),
    )


def _map(piece: Piece, place: Place, scale: float) -> Markup:
    average = element("span", spaced(place.finely, 2), class_=charts.direction(place.finely))
    return element(
        "figure",
        element(
            "figcaption",
            element("span", place.noun, class_="noun"),
            " ",
            element(
                "span",
                f"{decimal(place.quality.value, 2)} = average {decimal(place.quality.average, 2)} ",
                average,
                class_="equation",
            ),
        ),
        element(
            "div",
            _drawing(place, scale),
            element("span", class_="cursor", hidden=True),
            class_="timeline map" + (" fine" if len(map_rows(place.points)) > _COARSE_ROWS else ""),
        ),
        element(
            "ul",
            *map(_register, reversed(place.registers)),
            class_="registers",
            aria_label="By register, from high to low",
        ),
        time_axis(piece),
        *_most(place),
        class_="map-figure",
    )


def _drawing(place: Place, scale: float) -> Markup:
    split = ", ".join(f"{one.register.name} {signed(one.shown)}" for one in reversed(place.registers))
    strongest = place.strongest
    span = f"{duration(strongest.start_s)} to {duration(strongest.end_s)}"
    highest = "" if place.share == 1 else f" Highest from {span}."
    width, height = charts.map_size(place.points)
    return element(
        "svg",
        element(
            "title",
            f"Where the {place.noun} comes from, time by register. By register: {split}.{highest}",
        ),
        charts.map_chart(place.points, scale),
        viewBox=f"0 0 {width} {height}",
        preserveAspectRatio="none",
        role="img",
    )


def _register(share: RegisterShare) -> Markup:
    number = data(share.amount, signed(share.shown).strip())
    return element(
        "li",
        element("span", share.register.name),
        " ",
        element("span", number, class_=f"number {charts.direction(share.amount)}"),
        title=_span_hz(share.register),
    )


def _most(place: Place) -> list[Markup]:
    """Where there is most of a quality, unless its strongest stretch is all of the piece."""
    if place.share == 1:
        return []
    said = element(
        "p",
        "Highest from ",
        jump(place.strongest.start_s),
        f" to {duration(place.strongest.end_s)}: {decimal(place.highest)} there, ",
        data(place.quality.value, decimal(place.quality.value)),
        " in the whole piece.",
        class_="quiet",
    )
    return [said]


def _evidence_table(panel: Where) -> Markup:
    by_time = [panel.evidence.over_time(place.quality.name, SEGMENTS) for place in panel.places]
    rows = []
    for together in zip(*by_time, strict=True):
        start = together[0].start_s
        amounts = [segment.contribution.relative for segment in together]
        rows.append((data(start, _finely(start)), [data(one, signed(one, 3).strip()) for one in amounts]))
    heads = [place.noun for place in panel.places]
    title = "What each stretch of time adds to or takes from the average, as a table"
    return number_table(title, "From", heads, rows)


def _span_hz(register: Register) -> str:
    return f"{register.low_hz:.0f} to {register.high_hz:.0f} Hz"


def _finely(time_s: float) -> str:
    """`0:12.3`"""
    minutes, second = divmod(round(time_s, 1), 60)
    return f"{minutes:.0f}:{second:04.1f}"
