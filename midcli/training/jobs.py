"""The jobs of a study, trained with torch; it is imported where they run, in worker processes."""

from collections.abc import Callable, Mapping
from pathlib import Path

from midcli.corpora.splits import Split
from midcli.study.progress import Progress
from midcli.study.recipes import RadialRecipe
from midcli.study.runs import Experiment, Job, Outcome, Setting


def torch_experiment(setting: Setting, device: str | None, threads: int) -> Experiment:
    """The real thing: torch on that many threads, spectrograms from the cache. Raises UsageError."""
    import torch

    from midcli.corpora.spectrograms import cached_spectrograms
    from midcli.training.beside import Beside
    from midcli.training.device import choose_device
    from midcli.training.experiment import a2mid2e_from_a2mid, run_experiment
    from midcli.training.radial import Describer

    choose_device(device)
    torch.set_num_threads(threads)
    spectrograms = cached_spectrograms(setting.corpus)
    beside = Beside(setting.beside, {other.name: cached_spectrograms(other) for other in setting.beside})
    describe = Describer(setting.recipe) if isinstance(setting.recipe, RadialRecipe) else None

    def experiment(
        job: Job, parts: Split, checkpoint: Path, on_progress: Callable[[Progress], None]
    ) -> Mapping[str, Outcome]:
        scheme = job.schemes[0]
        result = run_experiment(
            setting.corpus,
            parts,
            scheme,
            setting.recipe,
            job.seed,
            spectrograms,
            beside=beside,
            describe=describe,
            checkpoint=checkpoint,
            on_progress=on_progress,
            device=device,
        )
        outcomes: dict[str, Outcome] = {scheme: result}
        if "a2mid2e" in job.schemes:
            outcomes["a2mid2e"] = a2mid2e_from_a2mid(setting.corpus, result)
        return outcomes

    return experiment
