"""What `midcli explain` was asked for beyond the card: maps, curves, and files of its own."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from midcli.cli.names import known_name
from midcli.cli.targets import check_targets, print_written
from midcli.errors import UsageError
from midcli.labels import QUALITY_NAMES

if TYPE_CHECKING:
    from midcli.explanation.analysis import Analysis


class Levels(NamedTuple):
    """What was asked for."""

    over_time: bool = False
    clip: tuple[str, Path] | None = None
    labels: Sequence[Path] = ()
    csv: Path | None = None
    save: Sequence[Path] = ()

    @property
    def curved(self) -> bool:
        """Whether anything shows the emotions through the piece."""
        return bool(self.over_time or self.labels or self.csv or self.save)

    def check(self, files: Sequence[Path], others: Sequence[Path], overwrite: bool) -> None:
        """Find out before the analysis what could not be done after it; `others` are read besides the audio.

        Raises UsageError, OutputError.
        """
        targets = [*self.labels, *([self.csv] if self.csv else [])]
        if self.clip:
            from midcli.audio.clips import clip_format

            known_name("--clip", self.clip[0], QUALITY_NAMES)
            clip_format(self.clip[1])
            targets.append(self.clip[1])
        for path in self.labels:
            from midcli.views.markers import check_markers

            check_markers(path, files[0])
        if targets and len(files) > 1:
            raise UsageError("--clip, --labels and --csv need a single audio file")
        targets += self.save
        if len({os.path.realpath(path) for path in targets}) < len(targets):
            raise UsageError("--clip, --labels, --csv and --save need different files")
        check_targets(targets, [*files, *others], overwrite)

    def write(self, analysis: "Analysis", max_duration_s: float) -> None:
        """Write clip, labels and table, and tell what is in them. Raises InputError, OutputError."""
        if self.clip:
            from midcli.audio.clips import write_clip
            from midcli.explanation.words.numbers import duration

            most = analysis.evidence.strongest(known_name("--clip", self.clip[0], QUALITY_NAMES))
            write_clip(
                Path(analysis.file), most.start_s, most.end_s, self.clip[1], max_duration_s, analysis.track
            )
            stretch = f"{duration(most.start_s)} to {duration(most.end_s)}"
            print_written(self.clip[1], f"{stretch} of {analysis.file}")
        for path in self.labels:
            from midcli.views.files import save_labels

            labels = save_labels(analysis, path)
            print_written(path, f"{labels} label" if labels == 1 else f"{labels} labels")
        if self.csv:
            from midcli.views.files import save_curves

            print_written(self.csv, f"{save_curves(analysis, self.csv)} rows")
