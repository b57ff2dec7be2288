"""What `midcli explain` shows, says in JSON and writes beyond the card: places, curves, facts."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from midcli.cli.names import known_name, known_names
from midcli.cli.targets import check_targets
from midcli.errors import UsageError
from midcli.labels import QUALITY_NAMES

if TYPE_CHECKING:
    from rich.console import RenderableType

    from midcli.analyser import Analyser
    from midcli.explanation.analysis import Analysis
    from midcli.explanation.curves import Curves, TurningPoint
    from midcli.explanation.effects import EmotionValue
    from midcli.views.page.piece import Piece


@dataclass(frozen=True)
class Levels:
    """What was asked for."""

    where: Sequence[str] = ()
    clip: tuple[str, Path] | None = None
    over_time: bool = False
    labels: Path | None = None
    csv: Path | None = None
    facts: bool = False
    overwrite: bool = False
    save: Sequence[Path] = ()

    def check(self, files: Sequence[Path], others: Sequence[Path] = ()) -> None:
        """Find out before the analysis what could not be done after it; `others` are read besides the audio.

        Raises UsageError, OutputError.
        """
        known_names("--where", self.where, QUALITY_NAMES)
        targets = [path for path in (self.labels, self.csv) if path]
        if self.clip:
            from midcli.audio.clips import clip_format

            known_name("--clip", self.clip[0], QUALITY_NAMES)
            clip_format(self.clip[1])
            targets.append(self.clip[1])
        if targets and len(files) > 1:
            raise UsageError("--clip, --labels and --csv need a single audio file")
        targets += self.save
        if len({os.path.realpath(path) for path in targets}) < len(targets):
            raise UsageError("--clip, --labels, --csv and --save need different files")
        check_targets(targets, [*files, *others], self.overwrite)

    def of(self, analyser: "Analyser", analysis: "Analysis") -> "Further":
        """What was asked for of one analysed file."""
        return Further(self, analyser, analysis)


class Further:
    """One file beyond its card."""

    def __init__(self, levels: Levels, analyser: "Analyser", analysis: "Analysis") -> None:
        self.levels = levels
        self.analysis = analysis
        self._analyser = analyser
        self.evidence = analysis.evidence
        self._mapped = known_names("--where", levels.where, QUALITY_NAMES)
        self._curves: Curves | None = None
        self._turning_points: list[TurningPoint] = []
        if levels.over_time or levels.labels or levels.csv or levels.save:
            self._curves = analysis.curves()
            self._turning_points = analysis.turning_points(self._curves)
        self._facts = analyser.facts(analysis) if levels.facts else None

    def described(self) -> dict[str, Any]:
        """Further keys of the JSON object."""
        from midcli.explanation.json import curves_object, evidence_object, facts_object

        result: dict[str, Any] = {"evidence": evidence_object(self.evidence, self._mapped)}
        if self._curves:
            result["over_time"] = curves_object(self._curves, self._turning_points)
        if self._facts:
            result["facts"] = facts_object(*self._facts)
        return result

    def shown(
        self, explained: Sequence["EmotionValue"], curved: Sequence[str], width: int, coloured: bool
    ) -> Iterator["RenderableType"]:
        """Renderables below the card, for the emotions that it explains; curves of those named."""
        from midcli.explanation.words.certainty import qualities_that_matter

        analysis = self.analysis
        from midcli.views.terminal.evidence import evidence_picture, evidence_strip

        yield evidence_strip(self.evidence, qualities_that_matter(explained, analysis.midlevel), width)
        for quality in self._mapped:
            yield evidence_picture(self.evidence, analysis.midlevel[quality], width)
        if self._curves and self.levels.over_time:
            from midcli.views.terminal.curves import emotion_curves

            yield emotion_curves(self._curves, self._turning_points, curved, width, coloured)
        if self._facts:
            from midcli.views.terminal.facts import facts_table

            yield facts_table(*self._facts, analysis, width)

    def piece(self, explained: Sequence["EmotionValue"], relative: bool, embed_audio: bool) -> "Piece":
        """All of it for a page or a picture, which `--save` asks for."""
        from midcli.explanation.json import explanation_object
        from midcli.explanation.words.certainty import qualities_that_matter
        from midcli.views.page.piece import Piece

        analysis = self.analysis
        if self._curves is None:
            raise ValueError("curves are there only if something is to be saved")
        mapped = dict.fromkeys(self._mapped)
        mapped |= {quality.name: None for quality in qualities_that_matter(explained, analysis.midlevel)}
        mp3 = None
        if embed_audio:
            from midcli.views.page.listening import mp3_bytes

            mp3 = mp3_bytes(Path(analysis.file), self._analyser.max_duration_s)
        return Piece(
            analysis,
            explanation_object(analysis) | self.described(),
            explained,
            relative,
            self.evidence,
            [analysis.midlevel[name] for name in mapped],
            self._curves,
            self._turning_points,
            self._facts,
            mp3,
        )

    def write(self, tell: Callable[[str], None]) -> None:
        """Write the files asked for, and tell what is in them."""
        from midcli.explanation.words.numbers import duration

        levels = self.levels
        if levels.clip:
            from midcli.audio.clips import write_clip

            quality, path = known_name("--clip", levels.clip[0], QUALITY_NAMES), levels.clip[1]
            most = self.evidence.strongest(quality)
            source, limit_s = Path(self.analysis.file), self._analyser.max_duration_s
            write_clip(source, most.start_s, most.end_s, path, limit_s)
            tell(f"{path}: {duration(most.start_s)} to {duration(most.end_s)} of {self.analysis.file}")
        if self._curves:
            from midcli.util.files import write_bytes
            from midcli.views.curve_files import curves_csv, label_track

            if levels.labels:
                write_bytes(levels.labels, label_track(self._turning_points))
                tell(f"{levels.labels}: {len(self._turning_points)} labels")
            if levels.csv:
                write_bytes(levels.csv, curves_csv(self._curves))
                tell(f"{levels.csv}: {len(self._curves.times_s)} rows")
