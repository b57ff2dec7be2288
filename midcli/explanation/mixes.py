"""Two mixes of one performance, compared at the same moments of the music."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from midcli.explanation.alignment import Alignment, align
from midcli.explanation.analysis import Analysis
from midcli.explanation.comparison import EmotionDifference, compare
from midcli.explanation.effects import Explanation
from midcli.explanation.facts import FRAMES_PER_SECOND, LONGEST_S, Facts
from midcli.util.text import rounded


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


def mixes(a: Analysis, b: Analysis, a_facts: Facts, b_facts: Facts) -> SameMoments | None:
    """The comparison at the same moments, if the two are of one performance.

    Longer pieces than facts are measured of are not aligned.
    """
    if a_facts.onset_strength is None or b_facts.onset_strength is None:
        return None
    if max(a.duration_s, b.duration_s) > LONGEST_S:
        return None
    one, other = a_facts.onset_strength.astype(np.float64), b_facts.onset_strength.astype(np.float64)
    found = align(one, other, FRAMES_PER_SECOND)
    return same_moments(a, b, found) if found else None


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
    apart = (head.weights @ (mine - theirs)) / a.context.emotion_spread[:, np.newaxis]
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


@dataclass(frozen=True)
class ComparedFacts:
    """Facts of two pieces, and their difference at the same moments if they are mixes of one performance."""

    a: Facts
    b: Facts
    same: SameMoments | None

    @classmethod
    def of(cls, a: Analysis, b: Analysis, a_facts: Facts, b_facts: Facts) -> "ComparedFacts":
        return cls(a_facts, b_facts, mixes(a, b, a_facts, b_facts))

    def to_dict(self) -> dict[str, Any]:
        """What `compare --json` adds."""
        from midcli.explanation.json import facts_values

        result: dict[str, Any] = {"facts": {"a": facts_values(self.a), "b": facts_values(self.b)}}
        if self.same:
            result["same_moments"] = {
                "shift_s": rounded(self.same.alignment.shift_s),
                "agreement": rounded(self.same.alignment.agreement),
                "start_s": rounded(self.same.start_s),
                "end_s": rounded(self.same.end_s),
                "differences": {
                    name: rounded(item.difference) for name, item in self.same.differences.items()
                },
                "farthest_s": rounded(self.same.farthest_s),
                "farthest": self.same.farthest.name,
            }
        return result
