"""What one file sounds like and why: everything that can be said of it without hearing it again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from midcli.explanation.context import Context
from midcli.explanation.effects import EmotionValue, Explanation, QualityValue
from midcli.explanation.evidence import EvidenceMap, evidence_map
from midcli.explanation.records import ModelInfo, Prediction, Source, Value
from midcli.explanation.sections import Contrast, Section, change_points, loudest_contrast, sections
from midcli.model.novelty import Novelty

if TYPE_CHECKING:
    from midcli.explanation.comparison import EmotionDifference
    from midcli.explanation.curves import Curves, TurningPoint
    from midcli.explanation.facts import Disagreement, Facts
    from midcli.explanation.whatif import WhatIf

Array = npt.NDArray[np.float64]

TURNING_SPREADS = 1.0
"""A turning point changes an emotion by this many standard deviations of the reference, at least."""
TELLING_SPREADS = 1.0
"""A piece is said to change if an emotion differs by this many between two sections."""


@dataclass(frozen=True)
class Analysis:
    """What one file sounds like and why, in rating points.

    >>> import midcli
    >>> analysis = midcli.analyse("song.ogg")
    >>> tension = analysis.emotions["tension"]
    >>> abs(tension.value - tension.average - sum(tension.relative_effects.values())) < 1e-9
    True
    """

    file: str
    duration_s: float
    explanation: Explanation
    novelty: Novelty | None
    warnings: tuple[str, ...]
    cells: Array = field(repr=False, compare=False)
    """(7, T, F): evidence; its mean over T and F plus the quality's bias is the quality."""
    context: Context = field(repr=False, compare=False)
    heard_s: float | None = None
    """How much was heard, spread over the piece; None: all of it."""
    track: int | None = None
    """The one that was asked for, of a file with several, from 1."""
    spectrum: npt.NDArray[np.float32] | None = field(default=None, repr=False, compare=False)
    """(S, bands): means over equal stretches, in which sections are found; None: not in one piece."""
    pauses: tuple[tuple[float, float], ...] = ()
    """From when to when, in seconds, it is silent for so long within the music that it counts for nothing."""

    @property
    def model(self) -> ModelInfo:
        """Which model it is of: name, version and digest of its file."""
        return self.context.model

    @property
    def reference(self) -> str:
        """What averages and percentiles refer to, such as "360 film excerpts"."""
        return self.context.reference.name

    @property
    def vocabulary(self) -> str:
        """Which emotions of the model these are."""
        return self.context.head.name

    @property
    def scale(self) -> tuple[float, float]:
        """Of the emotions."""
        return self.context.head.scale

    @property
    def heading(self) -> str:
        """What stands above the emotions: `Sounds`, or `Feels` of those that listeners felt."""
        return f"{self.context.head.verb.capitalize()}s"

    @property
    def meaning(self) -> str:
        """What the emotions' values are, unless they are the eight."""
        return self.context.head.meaning

    @property
    def doubtful(self) -> bool:
        """Whether it is unlike the music that the model knows."""
        return bool(self.novelty and self.novelty.flagged)

    @property
    def midlevel(self) -> dict[str, QualityValue]:
        """The seven qualities by name, in rating points."""
        return self.explanation.midlevel

    @property
    def emotions(self) -> dict[str, EmotionValue]:
        """The emotions of the vocabulary by name, in rating points, with the effect of each quality."""
        return self.explanation.emotions

    @cached_property
    def evidence(self) -> EvidenceMap:
        """Where in the audio the qualities come from."""
        context = self.context
        return evidence_map(
            self.cells,
            context.midlevel_bias,
            np.array([quality.average for quality in self.midlevel.values()]),
            context.register_evidence,
            self.duration_s,
            context.rows,
            context.seen_s,
        )

    def curves(self, window_s: float | None = None) -> "Curves":
        """Qualities and emotions through the piece; the default window is a thirtieth of it, 3 to 60 s.

        Raises UsageError for a window that has no length.

        >>> import midcli
        >>> curves = midcli.analyse("song.ogg").curves()
        >>> curves.emotions.shape == (8, len(curves.times_s))
        True
        """
        return self._curves if window_s is None else self._curves_by(window_s)

    def turning_points(self, through_the_piece: "Curves | None" = None) -> "list[TurningPoint]":
        """Where an emotion changes by a good part of what distinguishes the pieces of the reference."""
        from midcli.explanation.curves import turning_points

        return turning_points(
            through_the_piece or self.curves(), TURNING_SPREADS * self.context.emotion_spread
        )

    @cached_property
    def _curves(self) -> "Curves":
        return self._curves_by(None)

    def _curves_by(self, window_s: float | None) -> "Curves":
        from midcli.explanation.curves import curves

        return curves(self.evidence.values, self.context.head, self.duration_s, window_s)

    @cached_property
    def _sections(self) -> tuple[Section, ...]:
        context, values = self.context, self.evidence.values
        borders: list[int] = []
        if self.spectrum is not None:
            borders = change_points(
                values,
                self.spectrum,
                self.duration_s,
                context.corpus.midlevel,
                context.head.weights,
                context.least_spread,
            )
        if not borders:
            return (Section(0.0, self.duration_s, self.explanation),)
        return sections(values, borders, self.duration_s, context.explain, self.pauses)

    def sections(self) -> tuple[Section, ...]:
        """The stretches between which the music changes; one if it does not."""
        return self._sections

    @cached_property
    def contrast(self) -> Contrast | None:
        """The largest difference of an emotion between two sections; None if there is only one."""
        return loudest_contrast(self._sections, self.spreads)

    @cached_property
    def changes(self) -> bool:
        """Whether two sections are so far apart that this is said first."""
        contrast = self.contrast
        if self.doubtful or not contrast:
            return False
        return contrast.high - contrast.low >= TELLING_SPREADS * self.spreads[contrast.emotion]

    @property
    def spreads(self) -> dict[str, float]:
        """Standard deviation of each emotion over the reference."""
        return dict(zip(self.context.head.names, self.context.emotion_spread.tolist(), strict=True))

    def what_if(self) -> "WhatIf":
        """Changes to the qualities of the piece, as long as those between pieces of the reference.

        >>> import midcli
        >>> search = midcli.analyse("song.ogg").what_if().reach({"happy": 6})
        >>> search.outcome is None or round(search.outcome.emotions_after["happy"], 6)
        6.0
        """
        from midcli.explanation.whatif import WhatIf

        midlevel = np.array([quality.value for quality in self.midlevel.values()])
        return WhatIf(midlevel, self.context.head, self.context.reference.midlevel)

    @property
    def summary(self) -> str:
        """What the piece sounds like, in one sentence or two: what changes first."""
        from midcli.explanation.words.sections import changes_sentence
        from midcli.explanation.words.sentences import opening

        if not self.changes:
            return opening(self.explanation, self.doubtful)
        changes = changes_sentence(self._sections, self.contrast)
        return f"{changes} {opening(self.explanation, whole=True)}".rstrip()

    @property
    def section_summaries(self) -> list[str]:
        """What each section sounds like, in one sentence."""
        from midcli.explanation.words.sentences import opening

        return [
            "It is silent." if section.silent else opening(section.explanation, self.doubtful)
            for section in self._sections
        ]

    def reasons(self, emotion: str) -> str:
        """Why an emotion is above or below the average, in one to three sentences.

        Raises UsageError, which is a ValueError, for a name that the model does not have.

        >>> import midcli
        >>> midcli.analyse("song.ogg").reasons("tension").endswith(".")
        True
        """
        from midcli.explanation.words.names import known_name
        from midcli.explanation.words.sentences import relative_reasons

        name = known_name(emotion, tuple(self.emotions), self.context.head.labels)
        return relative_reasons(self.emotions[name], self.midlevel, self.doubtful)

    def to_dict(
        self,
        where: Sequence[str] = (),
        over_time: bool = False,
        facts: "tuple[Facts, list[Disagreement]] | None" = None,
    ) -> dict[str, Any]:
        """The stable object that `explain --json` prints (docs/json.md).

        `where`: qualities whose maps are in it; `over_time`: with curves and turning points; `facts`: what
        `Analyser.facts` measured. Raises UsageError, which is a ValueError, for a name that there is not.

        >>> import midcli
        >>> midcli.analyse("song.ogg").to_dict()["schema"]
        'midcli.explain/1'
        """
        from midcli.explanation.json import curves_object, evidence_object, facts_object
        from midcli.explanation.words.names import known_name

        mapped = [known_name(quality, tuple(self.midlevel)) for quality in where]
        result = self.to_short_dict() | {"evidence": evidence_object(self.evidence, mapped)}
        if over_time:
            result["over_time"] = curves_object(self.curves(), self.turning_points())
        if facts:
            result["facts"] = facts_object(*facts)
        return result

    def to_short_dict(self) -> dict[str, Any]:
        """The same without the places in the music, as `compare` and `model` have it."""
        from midcli.explanation.json import explanation_object, sections_object

        return explanation_object(
            self.prediction(),
            self.explanation,
            self.summary,
            {name: self.reasons(name) for name in self.emotions},
            sections_object(self.sections(), self.section_summaries),
        )

    def prediction(
        self, source: Source | None = None, facts: "tuple[Facts, list[Disagreement]] | None" = None
    ) -> Prediction:
        """What is kept of it in a library; `source` is the content that was analysed, `facts` what
        `Analyser.facts` measured.
        """
        from midcli.explanation.json import facts_object

        return Prediction(
            self.file,
            self.duration_s,
            self.model,
            self.reference,
            {name: Value.of(value) for name, value in self.midlevel.items()},
            {name: Value.of(value) for name, value in self.emotions.items()},
            self.warnings,
            self.novelty,
            source,
            self.vocabulary,
            self.scale,
            None if self.heard_s else self.contrast,  # excerpts have no sections
            self.heard_s,
            facts_object(*facts) if facts else None,
        )

    def _repr_html_(self) -> str:
        """A card for notebooks."""
        from midcli.explanation.notebook import notebook_card
        from midcli.explanation.words.certainty import to_explain

        why = [(emotion, self.reasons(emotion.name)) for emotion in to_explain(self.explanation)]
        return notebook_card(self.prediction(), self.summary, self.emotions, why)


def comparison_dict(
    a: Analysis, b: Analysis, differences: "Mapping[str, EmotionDifference]"
) -> dict[str, Any]:
    """The stable object that `compare --json` prints (docs/json.md)."""
    from midcli.explanation.json import comparison_object
    from midcli.explanation.words.differences import comparison_words

    doubtful = a.doubtful or b.doubtful
    words = {
        name: comparison_words(item, a.explanation, b.explanation, doubtful)
        for name, item in differences.items()
    }
    return comparison_object(a.to_short_dict(), b.to_short_dict(), differences, words)
