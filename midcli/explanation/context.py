"""What all analyses by one model against one reference share."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from midcli.explanation.curves import LEAST_CHANGE
from midcli.explanation.effects import Explanation, Habits, explain, habits
from midcli.explanation.evidence import Rows
from midcli.explanation.records import ModelInfo
from midcli.labels import QUALITY_NAMES
from midcli.model.file import Reference
from midcli.model.head import Head, Interval

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Context:
    """What all analyses by one model against one reference share, in rating points."""

    model: ModelInfo
    head: Head
    midlevel_interval: Interval | None
    midlevel_bias: Array
    """(7,)"""
    register_evidence: Array
    """(7, F): mean evidence of each register over the model's corpus."""
    rows: Rows
    seen_s: float
    """Length of the music that a cell of the evidence draws on."""
    reference: Reference
    corpus: Reference
    """The model's own reference, whatever the other is."""

    def explain(self, midlevel: Array, error_scale: Array | None = None) -> Explanation:
        """Explanation of qualities (7,).

        `error_scale` (7 + 8,) are the errors to be expected of qualities and the eight emotions, relative to
        the usual ones.
        """
        head, of_qualities = self.head, self.midlevel_interval
        if error_scale is not None and of_qualities:
            of_qualities = of_qualities * error_scale[: len(QUALITY_NAMES)]
            if head.interval and head.main:
                head = replace(head, interval=head.interval * error_scale[len(QUALITY_NAMES) :])
        return explain(midlevel, head, self.reference.midlevel, of_qualities, self._habits)

    @cached_property
    def _habits(self) -> Habits:
        return habits(self.head, self.reference.midlevel)

    @property
    def emotion_spread(self) -> Array:
        """(emotions,): standard deviations over the reference, and what is visible where they are less.

        In units of less, an emotion that a vocabulary cannot tell would be what changes most.
        """
        spread: Array = self.head.emotions(self.reference.midlevel).std(axis=0)
        return np.maximum(spread, self.least_spread)

    @property
    def least_spread(self) -> float:
        """What is visible on the scale of the emotions."""
        return LEAST_CHANGE * self.head.point
