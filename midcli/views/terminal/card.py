"""The card that `midcli explain` prints: what a piece sounds like, what it is made of, and why."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from midcli.explanation.effects import EmotionValue, QualityValue
from midcli.explanation.words import certainty, numbers, sentences, vocabulary
from midcli.explanation.words.effects import effects_of
from midcli.labels import EMOTION_RANGE, QUALITY_RANGE
from midcli.util.text import printable
from midcli.views.terminal import bars, theme
from midcli.views.terminal.bars import QUALITY_WIDTH, Cell, row
from midcli.views.terminal.paragraph import paragraph

if TYPE_CHECKING:
    from midcli.explanation.analysis import Analysis

_NAME = QUALITY_WIDTH
_NUMBER = len("−10.2")
_STANDING = len("higher than 99 %")
_LOW_POLE = max(len(quality.low) for quality in vocabulary.QUALITY_WORDS.values())
_HIGH_POLE = max(len(quality.high) for quality in vocabulary.QUALITY_WORDS.values())
_POLES = _LOW_POLE + 3 + _HIGH_POLE
_GAP = 2

_LEAST_BAR = 8
_NARROW = 76  # below: no poles on both sides
_LEAST_FOR_WORDS = 1 + _NAME + 1 + _NUMBER + _GAP + _STANDING  # below: bars, but nothing beside them
_WIDE = 100  # from here: place among the reference beside the poles


class Card:
    """An analysis as it is printed; `explained` are the emotions whose effects are shown."""

    def __init__(
        self, analysis: "Analysis", explained: Sequence[EmotionValue], relative: bool = True
    ) -> None:
        self.analysis = analysis
        self.explained = explained
        self.relative = relative
        self.doubtful = analysis.doubtful

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = theme.card_width(options.max_width)
        yield from self._title(width)
        yield Text()
        yield from self._emotions(width)
        yield Text()
        yield from self._qualities(width)
        for number, emotion in enumerate(self.explained):
            yield Text()
            yield from self._effects(emotion, width, also=number > 0)
        yield Text()
        yield paragraph(self._legend(width), width, theme.QUIET)

    def _legend(self, width: int) -> str:
        text = "┼ average"
        if not self._header_names_reference(width):
            text += f" of {printable(self.analysis.reference)}"
        if any(value.low is not None for value in self.analysis.emotions.values()):
            text += f" · dashed and thin: {certainty.INTERVAL}"
        return text

    def _title(self, width: int) -> Iterator[Text]:
        analysis = self.analysis
        model = printable(f"model {analysis.model.name} {analysis.model.version}")
        length = f" · {numbers.duration(analysis.duration_s)}"
        room = max(8, width - 2 - len(model) - _GAP - len(length))
        name = Text(printable(analysis.file), style=theme.TITLE)
        if name.cell_len > room:
            name = Text(printable(Path(analysis.file).name), style=theme.TITLE)
        name.truncate(room, overflow="ellipsis")
        name.append(length, style="not bold")
        yield row(
            Cell(name, width - 2 - len(model) - _GAP),
            Cell(Text(model, style=theme.QUIET), len(model)),
            gap=_GAP,
        )
        for warning in analysis.warnings:
            yield paragraph(f"Warning: {printable(warning)}.", width, theme.NOTE)
        opening = sentences.opening(analysis.explanation, self.doubtful)
        yield paragraph(opening, width, theme.NOTE if self.doubtful else "")

    def _emotions(self, width: int) -> Iterator[Text]:
        bar_width = _bar_width(width)
        among = f"among {printable(self.analysis.reference)}" if self._header_names_reference(width) else ""
        yield _header("Sounds", EMOTION_RANGE, bar_width, among, width)
        for name, emotion in self.analysis.emotions.items():
            yield self._value_row(
                name, emotion, EMOTION_RANGE, bar_width, self._emotion_words(emotion, width)
            )

    def _header_names_reference(self, width: int) -> bool:
        named = f"among {printable(self.analysis.reference)}"
        return cell_len(named) <= _remark_room(width, _bar_width(width))

    def _qualities(self, width: int) -> Iterator[Text]:
        bar_width = _bar_width(width)
        yield _header("Made of", QUALITY_RANGE, bar_width, "", width)
        for name, quality in self.analysis.midlevel.items():
            label = vocabulary.QUALITY_WORDS[name].noun
            yield self._value_row(
                label, quality, QUALITY_RANGE, bar_width, self._quality_words(quality, width)
            )

    def _value_row(
        self,
        label: str,
        value: EmotionValue | QualityValue,
        scale: tuple[float, float],
        bar_width: int,
        remarks: Sequence[Cell],
    ) -> Text:
        interval = None if value.low is None or value.high is None else (value.low, value.high)
        bar = bars.scale_bar(value.value, scale, bar_width, value.average, interval, self._colour(value))
        return _chart_row(label, numbers.decimal(value.value), bar, bar_width, remarks)

    def _emotion_words(self, emotion: EmotionValue, width: int) -> list[Cell]:
        if width < _LEAST_FOR_WORDS:
            return []
        remarks = [self._standing(emotion)]
        if width >= _WIDE:
            remarks.append(Cell(certainty.likely_range(emotion) or "", _POLES))
        return remarks

    def _quality_words(self, quality: QualityValue, width: int) -> list[Cell]:
        said = vocabulary.QUALITY_WORDS[quality.name]
        if width < _LEAST_FOR_WORDS:
            return []
        leaning = self._leaning(quality)
        if width < _NARROW:
            pole = said.high if leaning > 0 else said.low if leaning < 0 else ""
            return [Cell(Text(pole, style=self._colour(quality)), _STANDING)]
        low = Text(said.low, style=self._colour(quality) if leaning < 0 else theme.QUIET)
        low.align("right", _LOW_POLE)
        arrow = Text(" ▸ " if leaning > 0 else " ◂ " if leaning < 0 else " · ", style=self._colour(quality))
        high = Text(said.high, style=self._colour(quality) if leaning > 0 else theme.QUIET)
        poles = Cell(Text.assemble(low, arrow, high), _POLES)
        return [self._standing(quality), poles] if width >= _WIDE else [poles]

    def _standing(self, value: EmotionValue | QualityValue) -> Cell:
        return Cell(Text(numbers.standing(value.percentile), style=self._colour(value)), _STANDING)

    def _effects(self, emotion: EmotionValue, width: int, also: bool) -> Iterator[Text]:
        effects = effects_of(self.analysis, emotion, self.relative, also)
        equation = Cell(effects.equation, len(effects.equation))
        room = width - 2 - equation.width - _GAP
        if len(effects.heading) <= room:
            yield row(Cell(Text(effects.heading, style=theme.TITLE), room), equation, gap=_GAP)
        else:
            yield paragraph(effects.heading, width, theme.TITLE)
            yield row(equation)
        bar_width = width - _NAME - _NUMBER - _GAP - 3
        if width >= _NARROW:
            bar_width -= _POLES + _GAP
        amounts = list(effects.pushes.values())
        yield _pushes_header(amounts, bar_width, effects.upwards)
        for name, amount in effects.pushes.items():
            bar = bars.effect_bar(amount, amounts, bar_width)
            shown = effects.shown[name]
            number = Text(numbers.signed(shown), style=theme.direction(shown))
            remark = Cell(Text(effects.remarks[name], style=theme.QUIET), _POLES)
            remarks = [remark] if width >= _NARROW else []
            yield _chart_row(vocabulary.QUALITY_WORDS[name].noun, number, bar, bar_width, remarks)
        yield paragraph(effects.sentences, width)

    def _leaning(self, value: EmotionValue | QualityValue) -> float:
        return certainty.leaning(value, self.doubtful)

    def _colour(self, value: EmotionValue | QualityValue) -> str:
        return theme.direction(self._leaning(value))


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


def _chart_row(label: str, number: str | Text, bar: Text, bar_width: int, remarks: Sequence[Cell]) -> Text:
    """name, number, bar, remarks: one row of every chart on the card."""
    line = row(Cell(label, _NAME), Cell(number, _NUMBER, "right"))
    line.end = ""
    line.pad_right(1 + _NAME + 1 + _NUMBER + _GAP - line.cell_len)
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


def _pushes_header(effects: Sequence[float], bar_width: int, upwards: bool) -> Text:
    axis = bars.effect_axis(effects, bar_width)
    pulling = "holding back" if upwards else "pulling down"
    left = Text(pulling if axis > len(pulling) else "")
    left.align("right", axis)
    right = "pushing up" if bar_width - axis - 2 >= len("pushing up") else ""
    labels = Text.assemble(left, " ", right, style=theme.QUIET)
    return _chart_row("", "", labels, bar_width, [])
