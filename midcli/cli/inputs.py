"""Several input files in one call: one that fails does not stop the others."""

from collections.abc import Callable, Sequence
from pathlib import Path

import typer

from midcli.cli.console import print_error
from midcli.errors import EXIT_SOME_FAILED, InputError


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
