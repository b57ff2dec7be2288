"""The stretch of a piece that carries its leading emotion most, and why: exact, as all over time is."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from midcli.explanation.words.certainty import is_lack, remarkableness, standing_out
from midcli.explanation.words.numbers import decimal, duration, signed
from midcli.explanation.words.sections import remarkable
from midcli.explanation.words.sentences import clauses
from midcli.explanation.words.vocabulary import QUALITY_WORDS, emotion_words
from midcli.labels import QUALITY_NAMES, QUALITY_RANGE
from midcli.util.text import rounded

if TYPE_CHECKING:
    from midcli.explanation.analysis import Analysis

Array = npt.NDArray[np.float64]

HIGHLIGHT_S = 30.0

_MIDDLE = sum(QUALITY_RANGE) / 2
_MOST_REASONS = 2
_LEAST_REASON = 0.05  # points of a scale from 1 to 9; less is not visible


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
    furthest on its side of the average.

    >>> import midcli
    >>> from midcli.explanation.highlight import highlight
    >>> round(highlight(midcli.analyse("song.ogg"), 1.0).end_s) <= 3
    True
    """
    leading, sign = leading_emotion(analysis)
    head = analysis.context.head
    k = head.names.index(leading)
    values = analysis.evidence.values
    cells = values.shape[1]
    cell_s = analysis.duration_s / cells
    window = min(cells, max(1, round(length_s / cell_s)))
    sums = np.concatenate([np.zeros((len(QUALITY_NAMES), 1)), np.cumsum(values, axis=1)], axis=1)
    means = (sums[:, window:] - sums[:, :-window]) / window
    through = head.emotions(means.T)[:, k]
    first = int(np.argmax(sign * through))
    piece = np.array([quality.value for quality in analysis.midlevel.values()])
    parts = head.weights[k] * (means[:, first] - piece)
    contributions = dict(zip(QUALITY_NAMES, parts.tolist(), strict=True))
    of_the_piece = analysis.emotions[leading].value
    start_s, end_s, value = first * cell_s, (first + window) * cell_s, float(through[first])
    noun = emotion_words(head.labels[k]).noun
    words = f"{duration(start_s)} to {duration(end_s)}: "
    if window == cells:
        words += f"the whole piece, {noun} {decimal(value)}"
    else:
        words += f"{noun} {decimal(value)}, {decimal(of_the_piece)} in the whole piece"
        words += _reasons(contributions, means[:, first], piece, sign, head.point)
    return Highlight(leading, start_s, end_s, value, of_the_piece, contributions, words)


def leading_emotion(analysis: "Analysis") -> tuple[str, int]:
    """The emotion that the piece is heard for, and on which side of the average: what stands out of the whole
    piece, else of one of its sections, else what there is more of than in most pieces; never a mere lack.
    """
    found = [emotion for emotion in standing_out(analysis.explanation) if not is_lack(emotion)]
    found = found or [emotion for part in analysis.sections() for emotion in remarkable(part)]
    everything = analysis.emotions.values()
    found = found or [emotion for emotion in everything if not is_lack(emotion)] or list(everything)
    leading = max(found, key=remarkableness)
    return leading.name, 1 if leading.value >= leading.average else -1


def _reasons(contributions: dict[str, float], there: Array, piece: Array, sign: int, point: float) -> str:
    """`; there it is more dissonant (+0.6), and its beat is steadier (+0.2)`"""
    pushes = sorted(contributions.items(), key=lambda item: -sign * item[1])[:_MOST_REASONS]
    said = []
    for name, part in pushes:
        if sign * part >= _LEAST_REASON * point:
            words, j = QUALITY_WORDS[name], QUALITY_NAMES.index(name)
            comparative = words.comparative(there[j] > piece[j], there[j] > _MIDDLE)
            said.append((words.subject, f"{comparative.removesuffix(' than most')} ({signed(part).strip()})"))
    return f"; there {clauses(said)}" if said else ""
