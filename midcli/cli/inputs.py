"""Several input files in one call: one that fails does not stop the others."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from midcli.cli.console import print_error
from midcli.errors import EXIT_SOME_FAILED, DataError, InputError, UsageError
from midcli.util.files import exists

if TYPE_CHECKING:
    from midcli.corpora.corpus import Corpus
    from midcli.study.recipes import AnyRecipe


def data_folder(folder: Path | None) -> Path:
    """The folder of corpora that was named. Raises DataError if none was, or it does not exist."""
    from midcli.cli.settings import DATA_VARIABLE
    from midcli.corpora.published import MIDLEVEL_ADDRESS, SOUNDTRACKS_ADDRESS

    if folder is None:
        raise DataError(
            f"no data set named: use --data DIR or set {DATA_VARIABLE}; "
            f"the film excerpts are published at {SOUNDTRACKS_ADDRESS}, their qualities at {MIDLEVEL_ADDRESS}"
        )
    if not exists(folder):
        raise DataError(f"{folder}: no such folder")
    return folder


def each_input(
    files: Sequence[Path],
    work: Callable[[Path], None],
    failed: Callable[[Path, InputError], None] | None = None,
    finished: Callable[[], None] | None = None,
) -> None:
    """Work on each file; tell of those that cannot be read on stderr and, if given, through `failed`.

    `finished` is called after the last file, whether all could be read or not.
    Leaves with 3 if the only file, with 5 if any of several could not be read.
    """
    failures = 0
    for file in files:
        try:
            work(file)
        except InputError as error:
            failures += 1
            print_error(error)
            if failed:
                failed(file, error)
    if finished:
        finished()
    if failures:
        raise typer.Exit(EXIT_SOME_FAILED if len(files) > 1 else InputError.exit_code)


def corpora_beside(places: list[Path], recipe: "AnyRecipe") -> "list[Corpus]":
    """What is learned from beside another corpus. Raises DataError, UsageError if the recipe cannot."""
    from midcli.corpora.own import load_all_beside
    from midcli.study.recipes import RadialRecipe

    if places and not isinstance(recipe, RadialRecipe):
        raise UsageError(f"--recipe {recipe.name} learns from one corpus; --recipe default from several")
    return [corpus for place in places for corpus in load_all_beside(place)]


def columns_of(labels: str) -> list[str]:
    """`epic, groovy` as the names of columns. Raises UsageError if one is empty."""
    columns = [column.strip() for column in labels.split(",")]
    if not all(columns):
        raise UsageError(f"--labels {labels}: expected names of columns, such as epic,groovy")
    return columns
