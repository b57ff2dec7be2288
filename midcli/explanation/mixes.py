"""Two mixes of one performance, compared at the same moments of the music."""

from dataclasses import dataclass

import numpy as np

from midcli.explanation.alignment import Alignment
from midcli.explanation.analysis import Analysis
from midcli.explanation.comparison import EmotionDifference, compare
from midcli.explanation.effects import Explanation


@dataclass(frozen=True)
class SameMoments:
    """Two mixes of one performance, compared where both have it."""

    alignment: Alignment
    start_s: float
    end_s: float
    """Of the first piece."""
    differences: dict[str, EmotionDifference]
    """Over that stretch."""
    farthest: EmotionDifference
    farthest_s: float
    """The moment of the first piece, and the emotion, where they are farthest apart for their emotion."""


def same_moments(a: Analysis, b: Analysis, alignment: Alignment) -> SameMoments:
    """The difference a - b at the same moments of the music."""
    start_s, end_s = alignment.common(a.duration_s, b.duration_s)
    whole = compare(
        _between(a, start_s, end_s), _between(b, start_s + alignment.shift_s, end_s + alignment.shift_s)
    )
    through_a, through_b = a.curves(), b.curves()
    times_s = through_a.times_s[(through_a.times_s >= start_s) & (through_a.times_s <= end_s)]
    if not len(times_s):
        times_s = np.array([(start_s + end_s) / 2])
    mine, theirs = (
        np.array([np.interp(moments, through.times_s, quality) for quality in through.midlevel])
        for moments, through in ((times_s, through_a), (times_s + alignment.shift_s, through_b))
    )
    head = a.context.head
    apart = (head.weights @ (mine - theirs)) / np.maximum(a.context.emotion_spread, 1e-9)[:, np.newaxis]
    k, moment = np.unravel_index(np.abs(apart).argmax(), apart.shape)
    here = compare(a.context.explain(mine[:, moment]), b.context.explain(theirs[:, moment]))
    return SameMoments(
        alignment, start_s, end_s, whole, here[head.names[int(k)]], float(times_s[int(moment)])
    )


def _between(analysis: Analysis, start_s: float, end_s: float) -> Explanation:
    """The stretch of a piece, explained by itself."""
    values, cell_s = analysis.evidence.values, analysis.evidence.cell_s
    first = min(int(max(0.0, start_s) / cell_s), values.shape[1] - 1)
    stop = max(first + 1, min(values.shape[1], round(end_s / cell_s)))
    return analysis.context.explain(values[:, first:stop].mean(axis=1))
