"""What is known of one piece when it is drawn or written down."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from midcli.explanation.effects import EmotionValue, QualityValue
from midcli.explanation.evidence import EvidenceMap
from midcli.explanation.words import certainty, numbers, sentences
from midcli.util.text import printable
from midcli.views.page.charts import direction

if TYPE_CHECKING:
    from midcli.explanation.analysis import Analysis
    from midcli.explanation.curves import Curves, TurningPoint
    from midcli.explanation.facts import Disagreement, Facts


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
        return numbers.duration(self.analysis.duration_s)

    @property
    def model(self) -> str:
        return printable(f"model {self.analysis.model.name} {self.analysis.model.version}")

    @property
    def doubtful(self) -> bool:
        """Whether the piece is unlike the music that the model knows."""
        return self.analysis.doubtful

    @property
    def summary(self) -> str:
        return sentences.opening(self.analysis.explanation, self.doubtful)

    def leaning(self, value: EmotionValue | QualityValue) -> str:
        """The class of a value: `up` or `down` if it is probably above or below the average, else `level`."""
        return direction(certainty.leaning(value, self.doubtful))
