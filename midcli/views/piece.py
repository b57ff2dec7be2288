"""One piece as it is shown: which emotions are explained, which places mapped, and its panels, made once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from midcli.explanation.effects import EmotionValue, QualityValue
from midcli.explanation.words import certainty, numbers, sentences
from midcli.labels import INTERVAL_COVERAGE
from midcli.library.tags import read_titles
from midcli.util.text import printable
from midcli.views.panels.effects import Effects, effects
from midcli.views.panels.values import Profile, profile
from midcli.views.panels.where import Where, where

if TYPE_CHECKING:
    from midcli.explanation.analysis import Analysis
    from midcli.explanation.facts import Disagreement, Facts
    from midcli.explanation.highlight import Highlight
    from midcli.views.panels.sections import Sections


@dataclass(frozen=True)
class Piece:
    """One analysed file, and what of it is to be shown."""

    analysis: "Analysis"
    emotions: Sequence[str] = ()
    """Those to explain; without any, those that stand out."""
    relative: bool = True
    where: Sequence[str] = ()
    """Qualities to map, besides those that matter."""
    facts: "tuple[Facts, list[Disagreement]] | None" = None
    over_time: bool = False
    """Whether curves are asked for."""
    sectioned: bool = False
    """Whether its sections are."""
    highlighted: bool = False
    """Whether its highlight is."""
    mp3: bytes | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """The file's name, harmless, without its folder."""
        return printable(Path(self.analysis.file).name) or printable(self.analysis.file)

    @cached_property
    def titled(self) -> str:
        """`Artist – Title` by the file's own tags; empty where they do not tell."""
        titles = read_titles(self.analysis.file)
        return titles.named(self.analysis.file) if titles.title else ""

    @property
    def folder(self) -> str:
        """The folder as it was given; empty if none was."""
        folder = Path(self.analysis.file).parent
        return "" if folder == Path() else printable(str(folder))

    @property
    def length(self) -> str:
        return numbers.duration(self.analysis.duration_s)

    @property
    def model(self) -> str:
        return printable(f"model {self.analysis.model.name} {self.analysis.model.version}")

    @property
    def among(self) -> str:
        """What its values are compared with."""
        return printable(f"among {self.analysis.reference}")

    @property
    def explained(self) -> list[EmotionValue]:
        """The emotions whose effects come first."""
        named = [self.analysis.emotions[name] for name in self.emotions]
        contrast = self.analysis.contrast
        if self._only_changes and contrast:
            return [self.analysis.emotions[contrast.emotion]]
        return named or certainty.to_explain(self.analysis.explanation)

    @property
    def matter(self) -> list[QualityValue]:
        """The qualities that move the explained emotions most."""
        return certainty.qualities_that_matter(self.explained, self.analysis.midlevel)

    @property
    def short_reasons(self) -> str:
        """Why the first of the explained emotions is as it is: `Probably tenser because it is dissonant ...`

        Of a piece that stands out in nothing but its changes: what happens at the largest.
        """
        return self._turn or sentences.short_reasons(self.explained[0], self.analysis.midlevel)

    @cached_property
    def _turn(self) -> str:
        """Of a piece that stands out in nothing but its changes: `At 0:09 sadness rises by 2.5: ...`"""
        turns = self.analysis.turning_points() if self._only_changes else []
        turns = [turn for turn in turns if turn.emotion == self.explained[0].name] or turns
        if not turns:
            return ""
        from midcli.explanation.words.differences import turning_point_label

        spreads = self.analysis.spreads
        largest = max(turns, key=lambda turn: abs(turn.change) / spreads[turn.emotion])
        return f"At {numbers.duration(largest.time_s)} {turning_point_label(largest)}."

    @property
    def _only_changes(self) -> bool:
        return (
            self.analysis.changes
            and not self.emotions
            and not certainty.standing_out(self.analysis.explanation)
        )

    @property
    def intervals(self) -> str:
        """The values of the emotions that are named, and where they lie: `tension 7.4 (6.3 to 8.5) · ...`"""
        contrast = self.analysis.contrast
        if self._only_changes and contrast:
            noun = self.analysis.emotions[contrast.emotion].words.noun
            moments = ((contrast.low_from_s, contrast.low), (contrast.high_from_s, contrast.high))
            return f"{noun} " + ", ".join(
                f"{numbers.decimal(value)} from {numbers.duration(start_s)}"
                for start_s, value in sorted(moments)
            )
        named = certainty.standing_out(self.analysis.explanation)[: sentences.MOST_NAMED] or self.explained
        shown = [self.analysis.emotions[name] for name in self.emotions] or named
        told = [_value_and_range(emotion) for emotion in shown]
        if any(certainty.beyond_scale(emotion.value, emotion.scale) for emotion in shown):
            told.append(certainty.BEYOND)
        return " · ".join(told).replace("(", f"({100 * INTERVAL_COVERAGE:.0f} %: ", 1)

    @cached_property
    def sections(self) -> "Sections":
        from midcli.views.panels.sections import sections

        return sections(self.analysis)

    @cached_property
    def highlight(self) -> "Highlight":
        from midcli.explanation.highlight import highlight

        return highlight(self.analysis)

    @cached_property
    def profile(self) -> Profile:
        return profile(self.analysis)

    @cached_property
    def whys(self) -> list[Effects]:
        """Effects on the explained emotions."""
        explained = self.explained
        whys = [
            effects(self.analysis, emotion, self.relative, before)
            for before, emotion in zip([None, *explained], explained, strict=False)
        ]
        if turn := self._turn:
            said = whys[0].sentences
            whys[0] = whys[0]._replace(sentences=f"{turn} On the whole, {said[0].lower()}{said[1:]}")
        return whys

    @cached_property
    def other_whys(self) -> list[Effects]:
        """Effects on the emotions that are not explained first."""
        explained = {emotion.name for emotion in self.explained}
        return [
            effects(self.analysis, emotion, self.relative, self.explained[-1])
            for name, emotion in self.analysis.emotions.items()
            if name not in explained
        ]

    @cached_property
    def amounts(self) -> list[float]:
        """All effects that are drawn first; they share one scale."""
        return [push.amount for why in self.whys for push in why.pushes]

    def places(self, qualities: Sequence[QualityValue]) -> Where:
        """Where those qualities come from."""
        return where(self.analysis.evidence, qualities)

    @cached_property
    def mapped(self) -> Where:
        """Where those come from that are to be mapped, and those that matter."""
        names = dict.fromkeys([*self.where, *(quality.name for quality in self.matter)])
        return self.places([self.analysis.midlevel[name] for name in names])

    def to_dict(self, over_time: bool = True) -> dict[str, Any]:
        """The object of `explain --json` with all that is shown."""
        described = self.analysis.to_dict(self.where, over_time, self.facts)
        if self.highlighted:
            described["highlight"] = self.highlight.to_dict()
        return described


def _value_and_range(emotion: EmotionValue) -> str:
    """`sad ‹ -0.1 (below 2.7)`"""
    beyond = certainty.beyond_scale(emotion.value, emotion.scale)
    mark = {-1: f"{certainty.BELOW} ", 1: f"{certainty.ABOVE} "}.get(beyond, "")
    likely = certainty.likely_range(emotion)
    told = f"{emotion.name.replace('_', ' ')} {mark}{numbers.decimal(emotion.value)}"
    return f"{told} ({likely.removeprefix('probably ')})" if likely else told
