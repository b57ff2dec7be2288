"""The card that `midcli explain` prints: what a piece sounds like, what it is made of, and why."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from midcli.explanation.words.certainty import BEYOND
from midcli.explanation.words.numbers import decimal, signed
from midcli.explanation.words.vocabulary import QUALITY_WORDS
from midcli.labels import QUALITY_RANGE
from midcli.util.text import printable
from midcli.views.panels.effects import Effects
from midcli.views.panels.values import ValueRow
from midcli.views.piece import Piece
from midcli.views.terminal import bars, theme
from midcli.views.terminal.bars import QUALITY_WIDTH, Cell, row
from midcli.views.terminal.names import cut_name
from midcli.views.terminal.paragraph import paragraph

_NAME = QUALITY_WIDTH
_NUMBER = len("−10.2")
_STANDING = len("higher than 99 %")
_LOW_POLE = max(len(quality.low) for quality in QUALITY_WORDS.values())
_HIGH_POLE = max(len(quality.high) for quality in QUALITY_WORDS.values())
_POLES = _LOW_POLE + 3 + _HIGH_POLE
_GAP = 2

_LEAST_BAR = 8
_NARROW = 76  # below: no poles on both sides
_LEAST_FOR_MODEL = 60  # columns; of fewer, the title needs all
_LEAST_FOR_WORDS = 1 + _NAME + 1 + _NUMBER + _GAP + _STANDING  # below: bars, but nothing beside them
_WIDE = 100  # from here: place among the reference beside the poles


class Card:
    """A piece as it is printed."""

    def __init__(self, piece: Piece) -> None:
        self.piece = piece

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = theme.card_width(options.max_width)
        yield from self._title(width)
        yield Text()
        yield from self._emotions(width)
        yield Text()
        yield from self._qualities(width)
        for effects in self.piece.whys:
            yield Text()
            yield from effects_chart(effects, self.piece.amounts, width)
            yield paragraph(effects.sentences, width)
        yield Text()
        yield paragraph(self._legend(width), width, theme.QUIET)

    def _legend(self, width: int) -> str:
        text = "" if self._title_names_model(width) else f"{self.piece.model} · "
        text += "┼ average"
        if not self._header_names_reference(width):
            text += f" of {printable(self.piece.analysis.reference)}"
        if self.piece.profile.interval:
            text += f" · dashed and thin: {self.piece.profile.interval}"
        if self.piece.profile.leaves_scale:
            text += f" · {BEYOND}"
        if self.piece.analysis.meaning:
            text += f" · {self.piece.analysis.meaning}"
        return text

    def _title(self, width: int) -> Iterator[Text]:
        analysis = self.piece.analysis
        model = self.piece.model if self._title_names_model(width) else ""
        length = f" · {self.piece.length}"
        room = max(8, width - 2 - len(model) - _GAP - len(length))
        titled = self.piece.titled
        whole = titled or printable(analysis.file)
        if not titled and cell_len(whole) > room:
            whole = self.piece.name
        name = Text(cut_name(whole, room), style=theme.TITLE)
        name.append(length, style="not bold")
        yield row(
            Cell(name, width - 2 - len(model) - _GAP),
            Cell(Text(model, style=theme.QUIET), len(model)),
            gap=_GAP,
        )
        for warning in analysis.warnings:
            yield paragraph(f"Warning: {printable(warning)}.", width, theme.NOTE)
        yield paragraph(analysis.summary, width, theme.NOTE if analysis.doubtful else "")

    def _title_names_model(self, width: int) -> bool:
        return width >= _LEAST_FOR_MODEL

    def _emotions(self, width: int) -> Iterator[Text]:
        bar_width = _bar_width(width)
        among = self.piece.among if self._header_names_reference(width) else ""
        yield _header(self.piece.analysis.heading, self.piece.analysis.scale, bar_width, among, width)
        for shown in self.piece.profile.emotions:
            yield _value_row(
                shown.value.name.replace("_", " "), shown, bar_width, _emotion_words(shown, width)
            )

    def _header_names_reference(self, width: int) -> bool:
        return cell_len(self.piece.among) <= _remark_room(width, _bar_width(width))

    def _qualities(self, width: int) -> Iterator[Text]:
        bar_width = _bar_width(width)
        yield _header("Made of", QUALITY_RANGE, bar_width, "", width)
        for shown in self.piece.profile.qualities:
            yield _value_row(shown.noun, shown, bar_width, _quality_words(shown, width))


def _value_row(label: str, shown: ValueRow, bar_width: int, remarks: Sequence[Cell]) -> Text:
    value = shown.value
    interval = None if value.low is None or value.high is None else (value.low, value.high)
    colour = theme.direction(shown.leaning)
    bar = bars.scale_bar(value.value, value.scale, bar_width, value.average, interval, colour)
    return _chart_row(label, decimal(value.value), bar, bar_width, remarks)


def _emotion_words(shown: ValueRow, width: int) -> list[Cell]:
    if width < _LEAST_FOR_WORDS:
        return []
    remarks = [_standing(shown)]
    if width >= _WIDE:
        remarks.append(Cell(shown.likely or "", _POLES))
    return remarks


def _quality_words(shown: ValueRow, width: int) -> list[Cell]:
    if width < _LEAST_FOR_WORDS or shown.poles is None:
        return []
    leaning, colour = shown.leaning, theme.direction(shown.leaning)
    if width < _NARROW:
        return [Cell(Text(shown.pole, style=colour), _STANDING)]
    low = Text(shown.poles[0], style=colour if leaning < 0 else theme.QUIET)
    low.align("right", _LOW_POLE)
    arrow = Text(" ▸ " if leaning > 0 else " ◂ " if leaning < 0 else " · ", style=colour)
    high = Text(shown.poles[1], style=colour if leaning > 0 else theme.QUIET)
    poles = Cell(Text.assemble(low, arrow, high), _POLES)
    return [_standing(shown), poles] if width >= _WIDE else [poles]


def _standing(shown: ValueRow) -> Cell:
    return Cell(Text(shown.standing, style=theme.direction(shown.leaning)), _STANDING)


def effects_chart(effects: Effects, scale: Sequence[float], width: int) -> Iterator[Text]:
    """A heading, the sum, and a bar for each push; all effects of `scale` fit."""
    equation = Cell(effects.equation, len(effects.equation))
    room = width - 2 - equation.width - _GAP
    if len(effects.heading) <= room:
        yield row(Cell(Text(effects.heading, style=theme.TITLE), room), equation, gap=_GAP)
    else:
        yield paragraph(effects.heading, width, theme.TITLE)
        yield row(equation)
    number_width = max(_NUMBER, *(len(signed(push.shown)) for push in effects.pushes))
    bar_width = width - _NAME - number_width - _GAP - 3
    if width >= _NARROW:
        bar_width -= _POLES + _GAP
    yield _pushes_header(scale, bar_width, number_width, effects.upwards)
    for push in effects.pushes:
        bar = bars.effect_bar(push.amount, scale, bar_width)
        number = Text(signed(push.shown), style=theme.direction(push.shown))
        remark = Cell(Text(push.remark, style=theme.QUIET), _POLES)
        remarks = [remark] if width >= _NARROW else []
        yield _chart_row(push.noun, number, bar, bar_width, remarks, number_width)


def _bar_width(width: int) -> int:
    """Columns of the bars of values; 0 where only what is said beside them fits."""
    remarks = _STANDING if width < _NARROW else _POLES if width < _WIDE else _STANDING + _GAP + _POLES
    beside_name = width - 1 - _NAME - 1 - _NUMBER - _GAP
    if width < _LEAST_FOR_WORDS:
        return beside_name - 1
    room = beside_name - _GAP - remarks - 1
    return room if room >= _LEAST_BAR else 0


def _remark_room(width: int, bar_width: int) -> int:
    return width - _NAME - _NUMBER - bar_width - 2 * _GAP - 3


def _chart_row(
    label: str,
    number: str | Text,
    bar: Text,
    bar_width: int,
    remarks: Sequence[Cell],
    number_width: int = _NUMBER,
) -> Text:
    """name, number, bar, remarks: one row of every chart on the card."""
    line = row(Cell(label, _NAME), Cell(number, number_width, "right"))
    line.end = ""
    line.pad_right(1 + _NAME + 1 + number_width + _GAP - line.cell_len)
    bar = bar.copy()
    if remarks:
        bar.align("left", bar_width)
    line.append_text(bar)
    line.append_text(row(*remarks, gap=_GAP, indent=_GAP if bar_width else 0))
    line.rstrip()
    line.end = "\n"
    return line


def _header(title: str, scale: tuple[float, float], bar_width: int, remark: str, width: int) -> Text:
    remarks = [Cell(Text(remark, style=theme.QUIET), _remark_room(width, bar_width))] if remark else []
    line = _chart_row(title, "", bars.scale_axis(scale, bar_width), bar_width, remarks)
    line.stylize(theme.TITLE, 1, 1 + len(title))
    return line


def _pushes_header(effects: Sequence[float], bar_width: int, number_width: int, upwards: bool) -> Text:
    axis = bars.effect_axis(effects, bar_width)
    left = Text(_longest_that_fits(axis, "holding back" if upwards else "pulling down", "down"))
    left.align("right", axis)
    right = _longest_that_fits(bar_width - axis - 2, "pushing up", "up")
    labels = Text.assemble(left, " ", right, style=theme.QUIET)
    return _chart_row("", "", labels, bar_width, [], number_width)


def _longest_that_fits(room: int, *words: str) -> str:
    return next((word for word in words if len(word) <= room), "")
