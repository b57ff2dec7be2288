"""Where in time and register the qualities come from: maps and tables."""

from collections.abc import Sequence

import numpy as np

from midcli.explanation.effects import QualityValue
from midcli.explanation.evidence import Register
from midcli.explanation.words.numbers import (
    decimal,
    duration,
    percent,
    rounded_to_sum,
    shown_difference,
    signed,
    spaced,
)
from midcli.explanation.words.sentences import draws_on
from midcli.explanation.words.vocabulary import QUALITY_WORDS
from midcli.labels import QUALITY_NAMES
from midcli.views.page import charts
from midcli.views.page.markup import Markup, element
from midcli.views.page.parts import Outline, data, jump, number_table, time_axis
from midcli.views.page.piece import Piece
from midcli.views.scales import map_rows

_COARSE_ROWS = 6
_STRONGEST_SHARE = 0.98
"""Cells beyond this are drawn as strong as the strongest: a few must not leave all others blank."""


def where(piece: Piece, outline: Outline) -> Markup:
    """A map for each quality that matters, and the same over time as a table."""
    qualities = piece.mapped
    evidence = piece.evidence
    points = {
        quality.name: evidence.relative_points[QUALITY_NAMES.index(quality.name)] for quality in qualities
    }
    scale = max(float(np.quantile(np.abs(one), _STRONGEST_SHARE)) for one in points.values())
    figures = [_map(piece, quality, scale) for quality in qualities]
    note = (
        "Filled: more than the average piece has there. Striped: less. A stronger colour is more of "
        f"either, on one scale for all maps. Each cell {draws_on(evidence)}."
    )
    return outline.panel(
        "where",
        "Where",
        element("div", *figures, class_="maps"),
        element("p", note, class_="quiet"),
        _evidence_table(piece, qualities),
    )


def _map(piece: Piece, quality: QualityValue, scale: float) -> Markup:
    evidence = piece.evidence
    exact = piece.described["evidence"]["qualities"][quality.name]
    points = evidence.relative_points[QUALITY_NAMES.index(quality.name)]
    noun = QUALITY_WORDS[quality.name].noun
    shown = shown_difference(quality.value, quality.average)
    finely = shown_difference(quality.value, quality.average, decimals=2)
    strongest = exact["strongest"]
    share = (strongest["end_s"] - strongest["start_s"]) / evidence.duration_s
    registers = list(reversed(evidence.registers))
    amounts = [exact["relative_registers"][register.name] for register in registers]
    added = rounded_to_sum(amounts, shown)
    split = ", ".join(
        f"{register.name} {signed(amount)}" for register, amount in zip(registers, added, strict=True)
    )
    width, height = charts.map_size(points)
    fine = " fine" if len(map_rows(points)) > _COARSE_ROWS else ""
    drawing = element(
        "svg",
        element(
            "title",
            f"Where the {noun} comes from, time by register. By register: {split}. "
            f"Highest from {duration(strongest['start_s'])} to {duration(strongest['end_s'])}.",
        ),
        charts.map_chart(points, scale),
        viewBox=f"0 0 {width} {height}",
        preserveAspectRatio="none",
        role="img",
    )
    labels = [
        element(
            "li",
            element("span", register.name),
            " ",
            element("span", data(exactly, signed(one).strip()), class_=f"number {charts.direction(exactly)}"),
            title=_span_hz(register),
        )
        for register, exactly, one in zip(registers, amounts, added, strict=True)
    ]
    most = element(
        "p",
        "Highest from ",
        jump(strongest["start_s"]),
        f" to {duration(strongest['end_s'])}: ",
        data(strongest["relative_contribution"], signed(strongest["relative_contribution"], 2).strip()),
        f" of {signed(finely, 2).strip()} in {percent(share)} % of the time.",
        class_="quiet",
    )
    return element(
        "figure",
        element(
            "figcaption",
            element("span", noun, class_="noun"),
            " ",
            element(
                "span",
                f"{decimal(quality.value)} = average {decimal(quality.average)} ",
                element("span", spaced(shown), class_=charts.direction(shown)),
                class_="equation",
            ),
        ),
        element("div", drawing, element("span", class_="cursor", hidden=True), class_=f"timeline map{fine}"),
        element("ul", *labels, class_="registers", aria_label="By register, from high to low"),
        time_axis(piece),
        most,
        class_="map-figure",
    )


def _evidence_table(piece: Piece, qualities: Sequence[QualityValue]) -> Markup:
    exact = piece.described["evidence"]
    edges = exact["edges_s"]
    rows = []
    for number, start in enumerate(edges[:-1]):
        numbers = [exact["qualities"][quality.name]["relative_times"][number] for quality in qualities]
        rows.append((data(start, _finely(start)), [data(one, signed(one, 3).strip()) for one in numbers]))
    heads = [QUALITY_WORDS[quality.name].noun for quality in qualities]
    title = "What each stretch of time adds to or takes from the average, as a table"
    return number_table(title, "From", heads, rows)


def _span_hz(register: Register) -> str:
    return f"{register.low_hz:.0f} to {register.high_hz:.0f} Hz"


def _finely(time_s: float) -> str:
    """`0:12.3`"""
    minutes, second = divmod(round(time_s, 1), 60)
    return f"{minutes:.0f}:{second:04.1f}"
