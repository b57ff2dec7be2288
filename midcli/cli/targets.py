"""Files that a command is to write: looked at before it does its work, told of afterwards."""

import os
from collections.abc import Sequence
from pathlib import Path

from midcli.errors import OutputError, UsageError
from midcli.util.files import exists, isdir, isfile


def check_targets(targets: Sequence[Path], inputs: Sequence[Path], overwrite: bool) -> None:
    """Raises UsageError if a file to be written is an input, the log, a folder or there already, OutputError
    if its folder is not there or cannot be written.
    """
    check_not_in_use(targets, inputs)
    for path in targets:
        if isdir(path):
            raise UsageError(f"{path}: is a folder; name a file")
        if exists(path) and not overwrite:
            raise UsageError(f"{path}: exists; --overwrite replaces it")
        if not exists(path) or isfile(path):  # no device, no pipe
            _check_folder(Path(os.path.realpath(path)).parent)


def check_not_in_use(targets: Sequence[Path], inputs: Sequence[Path]) -> None:
    """Raises UsageError if a file to be written is an input, the config file or the log file."""
    if not targets:
        return
    from midcli.cli import logs
    from midcli.cli.settings import config_file

    for path in targets:
        if logs.writes_to(path):
            raise UsageError(f"{path}: is the log file; choose another name")
        if _is_one_of(path, inputs):
            raise UsageError(f"{path}: is read by this command itself; choose another name")
        if isfile(path) and _is_one_of(path, [config_file()]):
            raise UsageError(f"{path}: is the config file; choose another name")


def _is_one_of(path: Path, files: Sequence[Path]) -> bool:
    return isfile(path) and any(path.samefile(file) for file in files if exists(file))


def print_written(path: Path, content: str) -> None:
    """Tell on stderr of a written file and what is in it."""
    from midcli.cli.console import print_line
    from midcli.util.text import printable

    print_line("saved", printable(f"{path}: {content}"), "green")


def _check_folder(folder: Path) -> None:
    if not isdir(folder):
        raise OutputError(f"{folder}: no such folder")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"{folder}: cannot be written")
