"""The panel of all values of a piece, each on its scale."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from midcli.explanation.effects import EmotionValue, QualityValue
from midcli.explanation.words import certainty, numbers
from midcli.explanation.words.vocabulary import QUALITY_WORDS

if TYPE_CHECKING:
    from midcli.explanation.analysis import Analysis

Rated = EmotionValue | QualityValue


class ValueRow(NamedTuple):
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


class Profile(NamedTuple):
    """What a piece sounds like, and what it is made of."""

    emotions: tuple[ValueRow, ...]
    qualities: tuple[ValueRow, ...]

    @property
    def leaves_scale(self) -> bool:
        """Whether a value is beyond the end of its scale."""
        return leave_scale(row.value for row in (*self.emotions, *self.qualities))

    @property
    def interval(self) -> str | None:
        """What an interval is, if there are any."""
        return certainty.INTERVAL if any(row.likely for row in self.emotions) else None


def leave_scale(values: Iterable[Rated]) -> bool:
    return any(certainty.beyond_scale(value.value, value.scale) for value in values)


def profile(analysis: "Analysis") -> Profile:
    """All values of a piece."""
    return Profile(
        tuple(value_row(value.words.noun, value, analysis.doubtful) for value in analysis.emotions.values()),
        tuple(
            value_row(words.noun, analysis.midlevel[name], analysis.doubtful, (words.low, words.high))
            for name, words in QUALITY_WORDS.items()
        ),
    )


def value_row(noun: str, value: Rated, doubtful: bool, poles: tuple[str, str] | None = None) -> ValueRow:
    return ValueRow(
        noun,
        value,
        certainty.leaning(value, doubtful),
        numbers.standing(value.percentile),
        certainty.likely_range(value),
        poles,
    )
