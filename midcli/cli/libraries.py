"""The library that a command is given: a file that `predict` wrote, or a folder, which is analysed first."""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from midcli.errors import InputError
from midcli.util.files import exists, isdir

if TYPE_CHECKING:
    from midcli.library.columns import Library

LibraryPath = Annotated[
    Path,
    typer.Argument(
        metavar="LIBRARY",
        help="What `predict --output library.jsonl` wrote, or a folder, which is analysed first.",
        show_default=False,
    ),
]


def open_named(path: Path, model: str | None, jobs: int | None, quick: bool = False) -> "Library":
    """The library at a path. Of a folder, what is new or changed is analysed, and stderr says where it is
    kept.

    Raises InputError, DataError, ModelError.
    """
    from midcli.library.index import open_library

    if not exists(path):
        raise InputError(path, "no such file or folder")
    if not isdir(path):
        return open_library(path, model)
    library = open_library(_analysed(path, model, jobs, quick), model)
    return replace(library, folder=_name_of(path))


def _analysed(folder: Path, model: str | None, jobs: int | None, quick: bool) -> Path:
    """Where the predictions of a folder are kept, after what is new has been added."""
    from midcli.cli.console import print_line, print_warning
    from midcli.cli.progress import listened_to
    from midcli.library.batch import model_sha256
    from midcli.library.predicting import WORKER_BYTES, Run, Workers
    from midcli.library.tasks import Hearing
    from midcli.util.containers import usable_cores
    from midcli.util.text import printable

    kept = kept_in(folder, model_sha256(model))
    kept.parent.mkdir(parents=True, exist_ok=True)
    named = os.path.abspath(folder)  # noqa: PTH100 (pathlib cannot)
    workers = Workers(jobs or usable_cores(WORKER_BYTES), hearing=Hearing(quick=quick))
    with Run([named], model, kept, workers=workers) as run:
        batch = run.batch
        if batch.problems and batch.total == len(batch.problems):
            raise batch.problems[0]
        if batch.to_do:
            verb = "is" if len(batch.to_do) == 1 else "are"
            new = f"{len(batch.to_do)} of {batch.total} files {verb} new, moved, changed or failed before"
            print_line("library", f"{new}; what is not known by its content is analysed first", "bold")
        with listened_to(run, bar=True) as records:
            for _ in records:
                pass
    print_line("library", printable(f"{folder} is kept in {kept}"), "bold")
    if batch.failures:
        noun = "file" if len(batch.failures) == 1 else "files"
        print_warning(f"{len(batch.failures)} {noun} could not be read; `midcli predict` names them")
    return kept


def all_kept() -> list[Path]:
    """The libraries of all folders, in the user's data folder."""
    return sorted(_kept_folder().glob("*.jsonl"))


def _kept_folder() -> Path:
    from platformdirs import user_data_path

    return user_data_path("midcli", appauthor=False) / "libraries"


def kept_in(folder: Path, model_sha256: str) -> Path:
    """Where predictions of a folder by a model are kept, in the user's data folder."""
    place = os.path.realpath(folder)
    import hashlib

    digest = hashlib.sha256(os.fsencode(place) + model_sha256.encode()).hexdigest()[:12]
    return _kept_folder() / f"{_name_of(folder) or 'music'}-{digest}.jsonl"


def _name_of(folder: Path) -> str:
    return os.path.basename(os.path.realpath(folder))  # noqa: PTH119
