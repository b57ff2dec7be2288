"""The stretch of a piece that carries its leading emotion most, and why: exact, as all over time is."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from midcli.explanation.words.certainty import to_explain
from midcli.explanation.words.numbers import decimal, duration, signed
from midcli.explanation.words.vocabulary import QUALITY_WORDS, emotion_words
from midcli.labels import QUALITY_NAMES
from midcli.util.text import rounded

if TYPE_CHECKING:
    from midcli.explanation.analysis import Analysis

HIGHLIGHT_S = 30.0

_MOST_REASONS = 2
_LEAST_REASON = 0.05  # rating points; less is not visible


@dataclass(frozen=True)
class Highlight:
    """Half a minute of a piece, by the emotion that it is heard for.

    >>> import midcli
    >>> from midcli.explanation.highlight import highlight
    >>> found = highlight(midcli.analyse("song.ogg"), 1.0)
    >>> abs(sum(found.contributions.values()) - (found.value - found.of_the_piece)) < 1e-9
    True
    """

    emotion: str
    start_s: float
    end_s: float
    value: float
    """Of the emotion there, in rating points."""
    of_the_piece: float
    contributions: dict[str, float]
    """Quality name to weight x difference from the whole piece; they sum to value - of_the_piece."""
    words: str
    """One line: where, what and why."""

    def to_dict(self) -> dict[str, Any]:
        """The object of `explain --highlight --json`."""
        return {
            "emotion": self.emotion,
            "start_s": rounded(self.start_s),
            "end_s": rounded(self.end_s),
            "value": rounded(self.value),
            "of_the_piece": rounded(self.of_the_piece),
            "contributions": {name: rounded(part) for name, part in self.contributions.items()},
            "words": self.words,
        }


def highlight(analysis: "Analysis", length_s: float = HIGHLIGHT_S) -> Highlight:
    """The stretch of that length (or all of a shorter piece) in which the leading emotion of the piece is
    furthest on the side of the average where the whole piece is.

    >>> import midcli
    >>> from midcli.explanation.highlight import highlight
    >>> round(highlight(midcli.analyse("song.ogg"), 1.0).end_s) <= 3
    True
    """
    leading = to_explain(analysis.explanation)[0]
    head = analysis.context.head
    k = head.names.index(leading.name)
    values = analysis.evidence.values
    cells = values.shape[1]
    cell_s = analysis.duration_s / cells
    window = min(cells, max(1, round(length_s / cell_s)))
    sums = np.concatenate([np.zeros((len(QUALITY_NAMES), 1)), np.cumsum(values, axis=1)], axis=1)
    means = (sums[:, window:] - sums[:, :-window]) / window
    through = head.emotions(means.T)[:, k]
    sign = 1 if leading.value >= leading.average else -1
    first = int(np.argmax(sign * through))
    piece = np.array([quality.value for quality in analysis.midlevel.values()])
    parts = head.weights[k] * (means[:, first] - piece)
    contributions = dict(zip(QUALITY_NAMES, parts.tolist(), strict=True))
    shifts = dict(zip(QUALITY_NAMES, (means[:, first] - piece).tolist(), strict=True))
    start_s, end_s, value = first * cell_s, (first + window) * cell_s, float(through[first])
    noun = emotion_words(head.labels[k]).noun
    words = f"{duration(start_s)} to {duration(end_s)}: "
    if window == cells:
        words += f"the whole piece, {noun} {decimal(value)}"
    else:
        words += f"{noun} {decimal(value)}, {decimal(leading.value)} in the whole piece"
        words += _reasons(contributions, shifts, sign)
    return Highlight(leading.name, start_s, end_s, value, leading.value, contributions, words)


def _reasons(contributions: dict[str, float], shifts: dict[str, float], sign: int) -> str:
    """`; more dissonant there (+0.6)`"""
    pushes = sorted(contributions.items(), key=lambda item: -sign * item[1])[:_MOST_REASONS]
    said = []
    for name, part in pushes:
        if sign * part >= _LEAST_REASON:
            words = QUALITY_WORDS[name]
            said.append(f"{words.more if shifts[name] > 0 else words.less} ({signed(part).strip()})")
    return f"; there it is {' and '.join(said)}" if said else ""
