"""Training the runs of moods, or from one corpus to another, that are missing; then their tables."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from midcli.cli.evaluate_tables import Output, make_folder, print_book, save_mood_figures
from midcli.cli.extras import require
from midcli.cli.inputs import data_folder
from midcli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from midcli.audio.spectrogram import FloatArray
    from midcli.corpora.corpus import Corpus
    from midcli.study.recipes import RadialRecipe


@dataclass(frozen=True)
class FurtherRequest:
    """Which runs are asked for."""

    seeds: list[int]
    protocol: str
    recipe: str
    data: Path | None
    folder: Path
    """Of results."""
    replace: bool


def run_further(request: FurtherRequest, output: Output) -> None:
    """Run what is missing and print the tables of everything of this protocol in the folder."""
    from midcli.cli.console import print_line
    from midcli.study.book import compute_book
    from midcli.study.recipes import RECIPES, RadialRecipe
    from midcli.util.text import printable

    recipe = RECIPES.get(request.recipe)
    if not isinstance(recipe, RadialRecipe):
        known = ", ".join(name for name, one in RECIPES.items() if isinstance(one, RadialRecipe))
        raise UsageError(f"--protocol {request.protocol} --recipe {request.recipe}: known are {known}")
    data = data_folder(request.data)
    make_folder("results", request.folder)
    run = _run_moods if request.protocol == "moods" else _run_transfer
    run(request, recipe, data)
    book = compute_book(request.folder, data)
    studies = [(request.protocol, request.recipe)]
    save_mood_figures(book, studies, output)
    print_book(book, studies, output)
    print_line("results", printable(f"finished runs are in {request.folder}"), "bold")


def _run_moods(request: FurtherRequest, recipe: "RadialRecipe", data: Path) -> None:
    from midcli.study.book import mood_corpus
    from midcli.study.moods import SCHEMES, find_mood_runs, write_mood_run

    corpus = mood_corpus(data)
    present = {(run.recipe, run.seed) for run in find_mood_runs(request.folder) if run.scheme == SCHEMES[-1]}
    missing = _missing(request, lambda seed: (recipe.name, seed) in present)
    if not missing:
        return
    require((f"the {len(missing)} runs that are not in {request.folder}", "train"))
    from midcli.training.moods import run_moods
    from midcli.training.radial import Describer

    spectrograms = _spectrograms([corpus])[corpus.name]
    describe = Describer(recipe)
    for number, seed in enumerate(missing, 1):
        for run in run_moods(corpus, recipe, seed, spectrograms, describe):
            write_mood_run(request.folder, run)
        _tell(f"seed {seed}", number, len(missing))


def _run_transfer(request: FurtherRequest, recipe: "RadialRecipe", data: Path) -> None:
    from midcli.study.book import transfer_corpora
    from midcli.study.transfer import find_transfer_runs, write_transfer_run

    corpora = transfer_corpora(data)
    runs = find_transfer_runs(request.folder)
    present = {
        (run.trained, run.seed) for run in runs if run.recipe == recipe.name and run.tested == run.trained
    }
    jobs = [(seed, corpus.name) for seed in request.seeds for corpus in corpora]
    jobs = [(seed, name) for seed, name in jobs if request.replace or (name, seed) not in present]
    if not jobs:
        return
    require((f"the {len(jobs)} runs that are not in {request.folder}", "train"))
    from midcli.training.transfer import Transfer

    transfer = Transfer(corpora, recipe, _spectrograms(corpora))
    for number, (seed, name) in enumerate(jobs, 1):
        for run in transfer.run(name, seed):
            write_transfer_run(request.folder, run)
        _tell(f"from {name}, seed {seed}", number, len(jobs))


def _missing(request: FurtherRequest, is_present: Callable[[int], bool]) -> list[int]:
    return [seed for seed in request.seeds if request.replace or not is_present(seed)]


def _spectrograms(corpora: "Sequence[Corpus]") -> "Mapping[str, Mapping[str, FloatArray]]":
    from midcli.cli.console import progress_bar
    from midcli.corpora.spectrograms import cached_spectrograms

    found = {}
    for corpus in corpora:
        with progress_bar(f"spectrograms of {corpus.name}") as on_progress:
            found[corpus.name] = cached_spectrograms(corpus, on_progress)
    return found


def _tell(what: str, number: int, total: int) -> None:
    from midcli.cli.console import print_line

    print_line("done", f"{what} ({number} of {total})", "bold")
