"""What is known of one piece when it is drawn or written down."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from midcli import words
from midcli.evidence import EvidenceMap
from midcli.explanation import EmotionValue, QualityValue
from midcli.output import printable
from midcli.report.charts import direction
from midcli.words import Certainty

if TYPE_CHECKING:
    from midcli.curves import Curves, TurningPoint
    from midcli.facts import Disagreement, Facts
    from midcli.pipeline import Analysis

_SHOWN = Certainty.PROBABLE  # what is less sure gets no colour and no arrow, as on the card


@dataclass(frozen=True)
class Piece:
    """One analysed file; `explained` are the emotions whose effects come first."""

    analysis: "Analysis"
    described: dict[str, Any] = field(repr=False)
    """The object of `explain --json`, with evidence, maps and curves: every number shown stands here."""
    explained: Sequence[EmotionValue]
    relative: bool
    evidence: EvidenceMap = field(repr=False)
    mapped: Sequence[QualityValue]
    """The qualities whose evidence maps are shown."""
    curves: "Curves" = field(repr=False)
    turning_points: Sequence["TurningPoint"] = ()
    facts: "tuple[Facts, list[Disagreement]] | None" = None
    mp3: bytes | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """The file's name, harmless, without its folder."""
        return printable(Path(self.analysis.file).name) or printable(self.analysis.file)

    @property
    def folder(self) -> str:
        """The folder as it was given; empty if none was."""
        folder = Path(self.analysis.file).parent
        return "" if folder == Path() else printable(str(folder))

    @property
    def length(self) -> str:
        return words.duration(self.analysis.duration_s)

    @property
    def model(self) -> str:
        return printable(f"model {self.analysis.model.name} {self.analysis.model.version}")

    @property
    def doubtful(self) -> bool:
        """Whether the piece is unlike the music that the model knows."""
        return self.analysis.doubtful

    @property
    def summary(self) -> str:
        return words.flagged_note() if self.doubtful else words.summary(self.analysis.explanation)

    def leaning(self, value: EmotionValue | QualityValue) -> str:
        """The class of a value: `up` or `down` if it is probably above or below the average, else `level`."""
        sure = Certainty.NONE if self.doubtful else words.certainty(value)
        return direction(value.value - value.average) if sure >= _SHOWN else "level"


@dataclass(frozen=True)
class Effects:
    """Why an emotion is as it is: a heading, a sum, the pushes in order, and sentences."""

    heading: str
    equation: str
    pushes: dict[str, float]
    """Quality name to rating points, the largest in the direction of the sum first."""
    shown: dict[str, float]
    """The same, rounded such that what is shown adds up."""
    remarks: dict[str, str]
    sentences: str


def effects_of(piece: Piece, emotion: EmotionValue, also: bool = False) -> Effects:
    """The effects on one emotion; `also`: it is not the first that is explained."""
    midlevel = piece.analysis.midlevel
    if piece.relative:
        heading = words.relative_heading(emotion, piece.doubtful)
        origin, base, effects = "average", emotion.average, emotion.relative_effects
        sentences = words.relative_reasons(emotion, midlevel, piece.doubtful, also)
        remarks = {name: _relative_remark(quality) for name, quality in midlevel.items()}
    else:
        heading = words.absolute_heading(emotion)
        origin, base, effects = "intercept", emotion.intercept, emotion.effects
        sentences = words.absolute_reasons(emotion, midlevel)
        remarks = {name: f"at {words.decimal(quality.value)}" for name, quality in midlevel.items()}
    total = words.shown_difference(emotion.value, base)
    sign = 1 if total >= 0 else -1
    return Effects(
        heading,
        f"{words.decimal(emotion.value)} = {origin} {words.decimal(base)} {words.spaced(total)}",
        dict(sorted(effects.items(), key=lambda item: -item[1] * sign)),
        words.shown_effects(effects, emotion.value, base),
        remarks,
        sentences,
    )


def _relative_remark(quality: QualityValue) -> str:
    said = words.QUALITY_WORDS[quality.name]
    return (said.raised if quality.value > quality.average else said.lowered).removeprefix("its ")
