"""How far a training is, while it lasts."""

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from midcli.corpora.corpus import Corpus
    from midcli.training.build import BuildProgress


_STAGES = {
    "fold": "predicts a part of the music from the others; averages and intervals come from this",
    "everything": "fits the model that is kept to all of the music",
    "novelty": "learns to tell music from noise, speech and other sounds, which are flagged",
}
"""First word of a step's name to what the step is for."""


class TrainProgress:
    """One line of live progress on stderr for the step at work, one printed line for each that is done."""

    def __enter__(self) -> "TrainProgress":
        from rich.progress import BarColumn, Progress, TextColumn

        from midcli.cli.console import stderr

        self.progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=8),
            TextColumn("{task.fields[facts]}", markup=False),
            console=stderr(),
            transient=True,
            disable=not stderr().is_terminal,
        )
        self.progress.start()
        self.task = self.progress.add_task("reading audio", total=None, facts="")
        self.step = 0
        self._told: set[str] = set()
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()

    def spectrograms(self, corpus: "Corpus") -> dict[str, Any]:
        from midcli.corpora.spectrograms import cached_spectrograms

        def read(done: int, total: int) -> None:
            self.progress.update(self.task, completed=done, total=total, facts=f"{done} of {total}")

        return dict(cached_spectrograms(corpus, read))

    def _tell(self, stage: str) -> None:
        """What a stage does, once, when it begins."""
        if stage in _STAGES and stage not in self._told:
            from midcli.cli.console import log_printed

            self._told.add(stage)
            line = f"{stage}: {_STAGES[stage]}"
            self.progress.console.print(line, style="dim", markup=False)
            log_printed(line)

    def show(self, state: "BuildProgress") -> None:
        from midcli.explanation.words.numbers import duration

        self._tell(state.name.split()[0])
        training = state.training
        if math.isnan(training.loss):  # nothing is trained by epochs
            facts = [f"{training.epoch} of {training.epochs}"]
        else:
            facts = [f"epoch {training.epoch} of {training.epochs}", f"loss {training.loss:.4f}"]
        if training.validation_r is not None:
            facts.append(f"validation r {training.validation_r:.3f}")
        self.progress.update(
            self.task,
            description=state.name,
            completed=training.epoch,
            total=training.epochs,
            facts="  ".join([*facts, f"{duration(state.seconds_left)} left"]),
        )
        if training.seconds_left == 0:
            from midcli.cli.console import log_printed

            line = f"{state.name}: {', '.join(facts)}"
            self.progress.console.print(line, markup=False)
            log_printed(line)
