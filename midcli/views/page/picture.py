"""A piece to a picture: the card as SVG, for slides, letters and the web."""

from unicodedata import east_asian_width

import numpy as np

from midcli.explanation.words.certainty import BEYOND
from midcli.explanation.words.numbers import decimal, duration, signed, tick
from midcli.labels import QUALITY_RANGE
from midcli.util.text import printable
from midcli.views.page import charts
from midcli.views.page.markup import Markup, element, joined
from midcli.views.page.styles import picture_style
from midcli.views.panels.effects import Effects
from midcli.views.panels.over_time import over_time
from midcli.views.panels.values import ValueRow
from midcli.views.piece import Piece

WIDTH = 1200

_MARGIN = 48
_GUTTER = 56
_COLUMN = (WIDTH - 2 * _MARGIN - _GUTTER) / 2
_ROW = 29
_LINE = 22
_NUMBER = 206
_CHART = 226
_CHART_END = 382
_SPAN = 150
_CURVE, _CURVE_HEIGHT = 140, 76
_MAP_HEIGHT = 120
_MOST_TURNS = 6
_CHARACTER_EM = 0.56
"""Width of a character in text, on the wide side of sans-serif fonts."""
_WIDEST_EM = 0.68
"""That of bold text in the widest of them, where two texts share a line."""


def picture(piece: Piece, dark: bool) -> str:
    """The picture (SVG); `dark`: also in dark colours, where a browser's reader prefers them."""
    drawing = _Drawing(piece)
    root = element(
        "svg",
        element("title", f"What {piece.name} sounds like, and why"),
        element("desc", _described(piece)),
        element("style", Markup(picture_style(dark))),
        element("rect", width=WIDTH, height=drawing.height, class_="paper"),
        *drawing.parts,
        xmlns="http://www.w3.org/2000/svg",
        width=WIDTH,
        height=drawing.height,
        viewBox=f"0 0 {WIDTH} {drawing.height:.0f}",
        role="img",
        lang="en",
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{root}\n'


class _Drawing:
    """The parts of the picture from top to bottom."""

    def __init__(self, piece: Piece) -> None:
        self.piece = piece
        self.parts: list[Markup] = []
        y = self._head(_MARGIN)
        y = max(self._emotions(_MARGIN, y), self._qualities(_MARGIN + _COLUMN + _GUTTER, y))
        for number in range(0, len(piece.whys), 2):
            y += 26
            self.parts.append(_line(_MARGIN, WIDTH - _MARGIN, y - 14))
            y = max(
                self._effects(effects, _MARGIN + column * (_COLUMN + _GUTTER), y)
                for column, effects in enumerate(piece.whys[number : number + 2])
            )
        if piece.sectioned:
            y = self._sections(y + 26)
        if piece.highlighted:
            y = self._highlight(y + 26)
        if piece.over_time:
            y = self._curves(y + 26)
        if piece.where:
            y = self._maps(y + 26)
        self.height = round(self._legend(y + 26) + _MARGIN - 16)

    def _head(self, y: float) -> float:
        piece = self.piece
        about = f"{piece.length} · {piece.model} · {piece.among}"
        room = WIDTH - 2 * _MARGIN - _width(about, 15, _WIDEST_EM) - 32
        self.parts.append(_text(_MARGIN, y + 22, _cut(piece.titled or piece.name, 30, room), "title"))
        self.parts.append(_text(WIDTH - _MARGIN, y + 22, about, "quiet", "end"))
        y += 58
        for warning in piece.analysis.warnings:
            y = self._paragraph(
                _MARGIN, y, f"Warning: {printable(warning)}.", "strong", 15, WIDTH - 2 * _MARGIN
            )
        y = self._paragraph(_MARGIN, y, piece.analysis.summary, "summary", 20, WIDTH - 2 * _MARGIN)
        return y + 22

    def _emotions(self, x: float, y: float) -> float:
        y = self._scale_head(x, y, self.piece.analysis.heading, self.piece.analysis.scale)
        for row in self.piece.profile.emotions:
            y = self._value(x, y, row, row.standing)
        return y

    def _qualities(self, x: float, y: float) -> float:
        y = self._scale_head(x, y, "Made of", QUALITY_RANGE)
        for row in self.piece.profile.qualities:
            y = self._value(x, y, row, row.pole)
        return y

    def _scale_head(self, x: float, y: float, title: str, scale: tuple[float, float]) -> float:
        low, high = scale
        middle = charts.middle_of(scale)
        centre = x + _CHART + charts.middle_place(scale) * (_CHART_END - _CHART)
        self.parts += [
            _text(x, y, title, "heading"),
            _text(x + _CHART, y, f"{low:g}", "quiet small", "middle"),
            _text(centre, y, f"{middle:g}", "quiet small", "middle"),
            _text(x + _CHART_END, y, f"{high:g}", "quiet small", "middle"),
        ]
        return y + 9

    def _value(self, x: float, y: float, row: ValueRow, remark: str) -> float:
        chart = charts.scale_chart(row)
        base = y + _ROW - 9
        self.parts += [
            _text(x, base, row.noun),
            _text(x + _NUMBER, base, decimal(row.value.value), "strong", "end"),
            _frame(
                x + _CHART,
                base - 5 - charts.SCALE_HEIGHT / 2,
                _CHART_END - _CHART,
                charts.SCALE_HEIGHT,
                chart,
            ),
            _text(x + _COLUMN, base, remark, f"small {charts.direction(row.leaning)}", "end"),
        ]
        return y + _ROW

    def _effects(self, effects: Effects, x: float, y: float) -> float:
        top = y
        self.parts.append(_text(x, y + 18, effects.heading, "heading"))
        if _width(effects.heading, 18, _WIDEST_EM) + _width(effects.equation, 15, _WIDEST_EM) > _COLUMN:
            y += _LINE
        self.parts.append(_text(x + _COLUMN, y + 18, effects.equation, "quiet", "end"))
        y += 30
        for push in effects.pushes:
            base = y + 19
            chart = charts.effect_chart(push.amount, self.piece.amounts)
            class_ = f"strong {charts.direction(push.shown)}"
            self.parts += [
                _text(x, base, push.noun),
                _text(x + _NUMBER, base, signed(push.shown).strip(), class_, "end"),
                _frame(
                    x + _CHART,
                    base - 5 - charts.EFFECT_HEIGHT / 2,
                    _COLUMN - _CHART,
                    charts.EFFECT_HEIGHT,
                    chart,
                ),
            ]
            y += 25
        if len(self.piece.whys) == 1:  # the other column is free
            self._paragraph(x + _COLUMN + _GUTTER, top + 18, effects.sentences, "", 15, _COLUMN)
            return y + 14
        return self._paragraph(x, y + 26, effects.sentences, "", 15, _COLUMN)

    def _sections(self, y: float) -> float:
        self.parts += [_line(_MARGIN, WIDTH - _MARGIN, y - 14), _text(_MARGIN, y + 18, "Sections", "heading")]
        y += 44
        for one in self.piece.sections.rows:
            self.parts.append(_text(_MARGIN, y, one.span, "quiet"))
            self.parts.append(_text(_MARGIN + _SPAN, y, one.word, "strong"))
            y = self._paragraph(_MARGIN + 2 * _SPAN, y, one.summary, "", 15, WIDTH - 2 * _MARGIN - 2 * _SPAN)
        return y

    def _highlight(self, y: float) -> float:
        rule, heading = (
            _line(_MARGIN, WIDTH - _MARGIN, y - 14),
            _text(_MARGIN, y + 18, "Highlight", "heading"),
        )
        self.parts += [rule, heading]
        return self._paragraph(_MARGIN, y + 44, self.piece.highlight.words, "", 15, WIDTH - 2 * _MARGIN)

    def _curves(self, y: float) -> float:
        names = self.piece.emotions or tuple(self.piece.analysis.emotions)
        panel = over_time(self.piece.analysis, names, most_turns=_MOST_TURNS)
        self.parts += [
            _line(_MARGIN, WIDTH - _MARGIN, y - 14),
            _text(_MARGIN, y + 18, "Over time", "heading"),
            _text(WIDTH - _MARGIN, y + 18, f"0:00 to {self.piece.length}", "quiet", "end"),
        ]
        y += 34
        for number, curve in enumerate(panel.curves):
            x = _MARGIN + number % 2 * (_COLUMN + _GUTTER)
            drawn = charts.curve_chart(curve, self.piece.analysis.duration_s)
            self.parts += [
                _text(x, y + 18, curve.noun),
                _text(x, y + 38, f"average {decimal(curve.average)}", "quiet small"),
                _text(x + _CURVE - 8, y + 12, tick(curve.high), "quiet small", "end"),
                _text(x + _CURVE - 8, y + _CURVE_HEIGHT, tick(curve.low), "quiet small", "end"),
                _scaled(x + _CURVE, y, _COLUMN - _CURVE, _CURVE_HEIGHT, drawn, charts.CURVE_UNITS),
            ]
            y += (_CURVE_HEIGHT + 18) * (number % 2)
        y += (_CURVE_HEIGHT + 18) * (len(panel.curves) % 2)
        for turn in panel.turns:
            said = f"{turn.words} by {decimal(abs(turn.point.change))}: {turn.causes} ({turn.effects})"
            self.parts.append(_text(_MARGIN, y + 14, duration(turn.point.time_s), "quiet"))
            y = self._paragraph(_MARGIN + 64, y + 14, said, "", 15, WIDTH - 2 * _MARGIN - 64) - 14
        return y + 14

    def _maps(self, y: float) -> float:
        asked = self.piece.places([self.piece.analysis.midlevel[name] for name in self.piece.where])
        scale = max(float(np.abs(place.points).max()) for place in asked.places)
        self.parts.append(_line(_MARGIN, WIDTH - _MARGIN, y - 14))
        for place in asked.places:
            units = charts.map_size(place.points)
            said = (
                f"Where the {place.noun} comes from: {signed(place.difference).strip()} against the average"
            )
            self.parts += [
                _text(_MARGIN, y + 18, said, "heading"),
                _scaled(
                    _MARGIN,
                    y + 32,
                    WIDTH - 2 * _MARGIN,
                    _MAP_HEIGHT,
                    charts.map_chart(place.points, scale),
                    units,
                ),
                _text(_MARGIN, y + _MAP_HEIGHT + 52, "0:00, low below, high above", "quiet small"),
                _text(WIDTH - _MARGIN, y + _MAP_HEIGHT + 52, self.piece.length, "quiet small", "end"),
            ]
            y += _MAP_HEIGHT + 84
        return y

    def _legend(self, y: float) -> float:
        said = "Tick: average. Dot: this piece."
        if self.piece.profile.interval:
            said += f" Band: {self.piece.profile.interval}."
        if self.piece.profile.leaves_scale:
            said += f" {BEYOND}."
        said += " Orange: more than average, or pushing up. Blue: less, or pulling down."
        if self.piece.over_time:
            said += " Ticks on curves: where they rise (upwards) or fall by much."
        if meaning := self.piece.analysis.meaning:
            said += f" {meaning}."
        return self._paragraph(_MARGIN, y, said, "quiet small", 14, WIDTH - 2 * _MARGIN)

    def _paragraph(self, x: float, y: float, text: str, class_: str, size: float, width: float) -> float:
        """Lines of text from the base line y; the base line after it."""
        for line in _wrapped(text, size, width):
            self.parts.append(_text(x, y, line, class_))
            y += _LINE * size / 15
        return y


def _described(piece: Piece) -> str:
    """All values in words, for those who cannot see the picture."""
    rows = (*piece.profile.emotions, *piece.profile.qualities)
    values = ", ".join(f"{row.noun} {decimal(row.value.value)}" for row in rows)
    whys = " ".join(effects.sentences for effects in piece.whys)
    return f"{piece.analysis.summary} {values}. {whys}"


def _text(x: float, y: float, text: str, class_: str = "", anchor: str | None = None) -> Markup:
    if not text:
        return Markup()
    return element("text", text, x=x, y=y, class_=class_.strip() or None, text_anchor=anchor)


def _line(x1: float, x2: float, y: float) -> Markup:
    return element("line", x1=x1, x2=x2, y1=y, y2=y, class_="rule")


def _frame(x: float, y: float, width: float, height: float, chart: Markup) -> Markup:
    return element("svg", joined([chart]), x=x, y=y, width=width, height=height, overflow="visible")


def _scaled(
    x: float, y: float, width: float, height: float, chart: Markup, units: tuple[float, float]
) -> Markup:
    """A chart in coordinates of its own, stretched to the space that there is."""
    return element(
        "svg",
        chart,
        x=x,
        y=y,
        width=width,
        height=height,
        viewBox=f"0 0 {units[0]} {units[1]}",
        preserveAspectRatio="none",
        overflow="visible",
    )


def _width(text: str, size: float, character_em: float = _CHARACTER_EM) -> float:
    ems = sum(1.0 if east_asian_width(character) in "WF" else character_em for character in text)
    return ems * size


def _cut(text: str, size: float, room: float) -> str:
    """As much of a bold text as there is room for, without its middle."""
    if _width(text, size, _WIDEST_EM) <= room:
        return text
    kept = len(text)
    while kept and _width(f"{_ends(text, kept)}", size, _WIDEST_EM) > room:
        kept -= 1
    return _ends(text, kept)


def _ends(text: str, kept: int) -> str:
    head = (kept + 1) // 2
    return f"{text[:head].rstrip()}…{text[len(text) - (kept - head) :]}"


def _wrapped(text: str, size: float, room: float) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and _width(f"{lines[-1]} {word}", size) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
