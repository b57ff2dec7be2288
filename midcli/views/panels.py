"""The panels of an explanation: the numbers and words of each, which terminal, page and picture draw."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from midcli.explanation.curves import Curves, TurningPoint, important
from midcli.explanation.effects import EmotionValue, QualityValue
from midcli.explanation.evidence import EvidenceMap, Register, Segment
from midcli.explanation.words import certainty, differences, numbers, sentences
from midcli.explanation.words.numbers import decimal, rounded_to_sum, shown_difference, spaced
from midcli.explanation.words.sections import section_words
from midcli.explanation.words.vocabulary import QUALITY_WORDS
from midcli.labels import QUALITY_NAMES
from midcli.views.scales import map_rows

if TYPE_CHECKING:
    from midcli.explanation.analysis import Analysis
    from midcli.explanation.comparison import EmotionDifference

Array = npt.NDArray[np.float64]
Rated = EmotionValue | QualityValue

SEGMENTS = 60
"""Stretches of time that a piece is told in, at most."""


@dataclass(frozen=True)
class ValueRow:
    """One value on its scale."""

    noun: str
    value: Rated
    leaning: float
    """Difference from the average where there probably is one, else 0."""
    standing: str
    """Its place among the reference."""
    likely: str | None
    """Its interval, if the model gives one."""
    poles: tuple[str, str] | None = None
    """The ends of a quality's scale."""

    @property
    def pole(self) -> str:
        """The end that it leans to; empty where there is none."""
        if self.poles is None or not self.leaning:
            return ""
        return self.poles[self.leaning > 0]


@dataclass(frozen=True)
class Profile:
    """What a piece sounds like, and what it is made of."""

    emotions: tuple[ValueRow, ...]
    qualities: tuple[ValueRow, ...]

    @property
    def leaves_scale(self) -> bool:
        """Whether a value is beyond the end of its scale."""
        return _leave_scale(row.value for row in (*self.emotions, *self.qualities))

    @property
    def interval(self) -> str | None:
        """What an interval is, if there are any."""
        return certainty.INTERVAL if any(row.likely for row in self.emotions) else None


def _leave_scale(values: Iterable[Rated]) -> bool:
    return any(certainty.beyond_scale(value.value, value.scale) for value in values)


def profile(analysis: "Analysis") -> Profile:
    """All values of a piece."""
    return Profile(
        tuple(_value_row(value.words.noun, value, analysis.doubtful) for value in analysis.emotions.values()),
        tuple(
            _value_row(words.noun, analysis.midlevel[name], analysis.doubtful, (words.low, words.high))
            for name, words in QUALITY_WORDS.items()
        ),
    )


def _value_row(noun: str, value: Rated, doubtful: bool, poles: tuple[str, str] | None = None) -> ValueRow:
    return ValueRow(
        noun,
        value,
        certainty.leaning(value, doubtful),
        numbers.standing(value.percentile),
        certainty.likely_range(value),
        poles,
    )


@dataclass(frozen=True)
class Push:
    """What one quality adds to a sum, in rating points."""

    quality: str
    noun: str
    amount: float
    shown: float
    """Rounded such that what is shown adds up."""
    remark: str = ""
    """What the quality is like."""


@dataclass(frozen=True)
class Effects:
    """Why an emotion is as it is, or differs between two pieces: a sum of pushes."""

    emotion: str
    caption: str
    """What is summed up."""
    heading: str
    equation: str
    pushes: tuple[Push, ...]
    """The largest in the direction of the sum first."""
    upwards: bool
    """Whether the sum is."""
    sentences: str

    @property
    def amounts(self) -> list[float]:
        return [push.amount for push in self.pushes]


def effects(
    analysis: "Analysis", emotion: EmotionValue, relative: bool, before: EmotionValue | None = None
) -> Effects:
    """Effects against the average or, unless `relative`, from the intercept on.

    `before`: the emotion that is explained just before.
    """
    midlevel = analysis.midlevel
    if relative:
        heading = sentences.relative_heading(emotion, analysis.doubtful)
        origin, base, amounts = "average", emotion.average, emotion.relative_effects
        reasons = sentences.relative_reasons(emotion, midlevel, analysis.doubtful, before)
        remarks = {name: _against_the_average(quality) for name, quality in midlevel.items()}
    else:
        heading = sentences.absolute_heading(emotion)
        origin, base, amounts = "intercept", emotion.intercept, emotion.effects
        reasons = sentences.absolute_reasons(emotion, midlevel)
        remarks = {name: f"at {decimal(quality.value)}" for name, quality in midlevel.items()}
    total = shown_difference(emotion.value, base)
    return Effects(
        emotion.name,
        f"Effects on {emotion.words.noun}",
        heading,
        f"{decimal(emotion.value)} = {origin} {decimal(base)} {spaced(total)}",
        _pushes(amounts, emotion.value, base, remarks),
        total >= 0,
        reasons,
    )


def _pushes(
    amounts: Mapping[str, float], value: float, base: float, remarks: Mapping[str, str]
) -> tuple[Push, ...]:
    shown = numbers.shown_effects(amounts, value, base)
    sign = 1 if shown_difference(value, base) >= 0 else -1
    return tuple(
        Push(name, QUALITY_WORDS[name].noun, amount, shown[name], remarks.get(name, ""))
        for name, amount in sorted(amounts.items(), key=lambda item: -item[1] * sign)
    )


def _against_the_average(quality: QualityValue) -> str:
    above = quality.value > quality.average
    return QUALITY_WORDS[quality.name].compared(above, certainty.in_upper_half(quality))


@dataclass(frozen=True)
class SectionRow:
    """A section in one line."""

    start_s: float
    end_s: float
    word: str
    """What sets it apart."""
    summary: str
    values: tuple[ValueRow, ...]
    """Its emotions."""

    @property
    def span(self) -> str:
        return f"{numbers.duration(self.start_s)} to {numbers.duration(self.end_s)}"


@dataclass(frozen=True)
class Sections:
    """Where a piece changes."""

    emotions: tuple[str, ...]
    """Names above the columns."""
    rows: tuple[SectionRow, ...]


def sections(analysis: "Analysis") -> Sections:
    """One row a section, also of a piece that has only one."""
    parts = analysis.sections()
    return Sections(
        tuple(name.replace("_", " ") for name in analysis.emotions),
        tuple(
            SectionRow(
                part.start_s,
                part.end_s,
                word,
                summary,
                tuple(
                    _value_row(value.words.noun, value, analysis.doubtful)
                    for value in part.explanation.emotions.values()
                ),
            )
            for part, word, summary in zip(
                parts, section_words(parts), analysis.section_summaries, strict=True
            )
        ),
    )


@dataclass(frozen=True)
class RegisterShare:
    """What one register adds to a quality's distance from the average."""

    register: Register
    amount: float
    shown: float
    """Rounded such that what is shown adds up."""


@dataclass(frozen=True)
class MapRow:
    """One drawn row of a map."""

    low_hz: float
    high_hz: float
    cells: Array
    """(T,): relative evidence, in points."""
    shown: float
    """What it adds, to two decimals, such that what is shown adds up."""


@dataclass(frozen=True)
class Place:
    """Where in time and register one quality comes from, relative to the average piece."""

    quality: QualityValue
    noun: str
    points: Array
    """(T, F): its mean is the quality's distance from the average."""
    difference: float
    """That distance to one decimal."""
    finely: float
    """The same to two decimals, as it is shown beside the value and the average."""
    registers: tuple[RegisterShare, ...]
    """From low to high."""
    strongest: Segment
    share: float
    """Of the time, that of the strongest stretch."""

    @property
    def highest(self) -> float:
        """The quality in the strongest stretch alone, in points."""
        return self.quality.average + self.strongest.contribution.relative / self.share

    def rows(self, edges_hz: Array) -> tuple[MapRow, ...]:
        """Rows of the map as they are drawn, the lowest first."""
        drawn = map_rows(self.points)
        amounts = [float(self.points[:, rows].sum() / self.points.size) for rows in drawn]
        return tuple(
            MapRow(
                float(edges_hz[rows.start]),
                float(edges_hz[rows.stop]),
                self.points[:, rows].mean(axis=1),
                one,
            )
            for rows, one in zip(drawn, rounded_to_sum(amounts, self.finely, decimals=2), strict=True)
        )


@dataclass(frozen=True)
class Where:
    """Where in a piece some qualities come from."""

    evidence: EvidenceMap
    places: tuple[Place, ...]
    draws_on: str
    """How much of the music one cell depends on."""


def where(evidence: EvidenceMap, qualities: Iterable[QualityValue]) -> Where:
    """Places of the qualities."""
    places = tuple(_place(evidence, quality) for quality in qualities)
    return Where(evidence, places, sentences.draws_on(evidence))


def _place(evidence: EvidenceMap, quality: QualityValue) -> Place:
    finely = shown_difference(quality.value, quality.average, decimals=2)
    difference = round(finely, 1)
    amounts = [part.relative for part in evidence.by_register(quality.name).values()]
    shown = rounded_to_sum(amounts, difference)
    strongest = evidence.strongest(quality.name)
    return Place(
        quality,
        QUALITY_WORDS[quality.name].noun,
        evidence.relative_points[QUALITY_NAMES.index(quality.name)],
        difference,
        finely,
        tuple(map(RegisterShare, evidence.registers, amounts, shown)),
        strongest,
        (strongest.end_s - strongest.start_s) / evidence.duration_s,
    )


@dataclass(frozen=True)
class Curve:
    """One emotion through the piece, in a box that has the axis of the others."""

    emotion: str
    noun: str
    values: Array
    """(T,)"""
    low: float
    high: float
    """The ends of the box."""
    average: float
    changes: tuple[TurningPoint, ...]


@dataclass(frozen=True)
class Turn:
    """A turning point in words."""

    point: TurningPoint
    words: str
    causes: str
    """What the music does."""
    effects: str
    """What each cause adds to the emotion."""


@dataclass(frozen=True)
class OverTime:
    """Emotions through a piece."""

    through: Curves
    curves: tuple[Curve, ...]
    heading: str
    """What stands above the turning points, or instead of them."""
    turns: tuple[Turn, ...]
    """The largest, in the order of time."""
    note: str


def over_time(analysis: "Analysis", emotions: Sequence[str], most_turns: int) -> OverTime:
    """Curves and the largest turning points of the named emotions."""
    through = analysis.curves()
    points = [point for point in analysis.turning_points() if point.emotion in emotions]
    values = {name: through.emotions[through.head.names.index(name)] for name in emotions}
    low, high = _axis(analysis.context.head.scale, list(values.values()))
    shown = differences.largest_turning_points(important(points, analysis.spreads), most_turns)
    return OverTime(
        through,
        tuple(
            Curve(
                name,
                analysis.emotions[name].words.noun,
                curve,
                low,
                high,
                analysis.emotions[name].average,
                tuple(point for point in points if point.emotion == name),
            )
            for name, curve in values.items()
        ),
        differences.turning_points_heading(len(shown), len(points)),
        tuple(map(_turn, shown)),
        differences.curves_note(through),
    )


def _turn(point: TurningPoint) -> Turn:
    return Turn(
        point,
        differences.turning_point_words(point),
        differences.turning_point_causes(point),
        differences.turning_point_effects(point),
    )


def _axis(scale: tuple[float, float], curves: Sequence[Array]) -> tuple[float, float]:
    """The scale, widened to whole points where a value leaves it."""
    low, high = scale
    lowest, highest = (float(find([find(curve) for curve in curves])) for find in (np.min, np.max))
    return min(low, float(np.floor(lowest))), max(high, float(np.ceil(highest)))


@dataclass(frozen=True)
class Pair:
    """One value of two pieces."""

    noun: str
    a: Rated
    b: Rated
    difference: float
    """a - b as it is shown."""
    leaning: float
    """a - b where they probably differ, else 0."""
    causes: tuple[str, ...] = ()
    """Why one has more of an emotion, said of that one."""


@dataclass(frozen=True)
class Difference:
    """Two pieces, A and B, side by side, and why they differ."""

    a: "Analysis"
    b: "Analysis"
    emotions: tuple[Pair, ...]
    qualities: tuple[Pair, ...]
    explained: tuple[Effects, ...]
    """Counted towards the piece that has more."""
    others: tuple[Effects, ...]

    @property
    def leaves_scale(self) -> bool:
        """Whether a value of either is beyond the end of its scale."""
        pairs = (*self.emotions, *self.qualities)
        return _leave_scale(value for pair in pairs for value in (pair.a, pair.b))


def difference(
    a: "Analysis", b: "Analysis", split: "Mapping[str, EmotionDifference]", emotions: Sequence[str] = ()
) -> Difference:
    """All values of both, and what contributes to the differences that `split` has.

    Explained are the named emotions; without any, those in which they differ most surely.
    """
    doubtful = a.doubtful or b.doubtful
    first = list(emotions) or [
        item.name for item in differences.worth_comparing(split, a.explanation, b.explanation)
    ]
    return Difference(
        a,
        b,
        tuple(
            _pair(
                value.words.noun,
                value,
                b.emotions[name],
                doubtful,
                () if doubtful else differences.comparison_causes(split[name], a.explanation, b.explanation),
            )
            for name, value in a.emotions.items()
        ),
        tuple(
            _pair(words.noun, a.midlevel[name], b.midlevel[name], doubtful)
            for name, words in QUALITY_WORDS.items()
        ),
        tuple(_contributions(split[name], a, b, doubtful) for name in first),
        tuple(_contributions(item, a, b, doubtful) for name, item in split.items() if name not in first),
    )


def _pair(noun: str, a: Rated, b: Rated, doubtful: bool, causes: Sequence[str] = ()) -> Pair:
    probable = differences.gap(a, b) > differences.Gap.NONE and not doubtful
    return Pair(
        noun, a, b, shown_difference(a.value, b.value), a.value - b.value if probable else 0.0, tuple(causes)
    )


def _contributions(item: "EmotionDifference", a: "Analysis", b: "Analysis", doubtful: bool) -> Effects:
    sign = 1 if item.difference >= 0 else -1
    more, less = ("A", "B")[::sign]
    most, least = (a.emotions[item.name].value, b.emotions[item.name].value)[::sign]
    amounts = {name: sign * amount for name, amount in item.contributions.items()}
    return Effects(
        item.name,
        f"Contributions to the difference in {item.words.noun}",
        differences.comparison_heading(item, a.explanation, b.explanation, doubtful),
        f"{more} {decimal(most)} = {less} {decimal(least)} + {decimal(shown_difference(most, least))}",
        _pushes(amounts, most, least, {}),
        True,
        differences.comparison_sentence(item, a.explanation, b.explanation, doubtful),
    )
