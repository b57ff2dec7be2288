"""The panel of two pieces side by side, and of why they differ."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from midcli.explanation.words import differences
from midcli.explanation.words.numbers import decimal, shown_difference
from midcli.explanation.words.vocabulary import QUALITY_WORDS
from midcli.views.panels.effects import Effects, pushes
from midcli.views.panels.values import Rated, leave_scale

if TYPE_CHECKING:
    from midcli.explanation.analysis import Analysis
    from midcli.explanation.comparison import EmotionDifference


class Pair(NamedTuple):
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


class Difference(NamedTuple):
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
        return leave_scale(value for pair in pairs for value in (pair.a, pair.b))


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
        pushes(amounts, most, least, {}),
        True,
        differences.comparison_sentence(item, a.explanation, b.explanation, doubtful),
    )
