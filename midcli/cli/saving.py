"""`--save`: explanations outside the terminal, as a page or as pictures."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from midcli.cli.names import of_option
from midcli.cli.targets import check_targets, print_written
from midcli.errors import UsageError

if TYPE_CHECKING:
    from midcli.explanation.analysis import Analysis
    from midcli.views.files import Report


def open_report(paths: Sequence[Path], pieces: int, embed_audio: bool) -> "Report | None":
    """The files that `--save` names, if it does. Raises UsageError, ExtraError for what cannot be."""
    from midcli.views.files import PAGE, Report

    if embed_audio and not any(path.suffix.lower() == PAGE for path in paths):
        raise UsageError(f"--embed-audio needs --save NAME{PAGE}")
    if not paths:
        return None
    with of_option("--save"):
        return Report(paths, pieces, embed_audio)


def write_report(report: "Report | None") -> None:
    """Write the files, if there are any, and tell of each on stderr. Raises OutputError."""
    for path, size in report.write().items() if report else ():
        print_written(path, _kilobytes(size))


def print_saved(path: Path, content: bytes) -> None:
    """Tell on stderr of a written file."""
    print_written(path, _kilobytes(len(content)))


def check_page(path: Path, files: Sequence[Path], overwrite: bool) -> None:
    """Raises UsageError or OutputError unless a page can be written there; `files` are read."""
    from midcli.views import files as saved

    with of_option("--save"):
        saved.check_page(path)
    check_targets([path], files, overwrite)


def save_page(a: "Analysis", b: "Analysis", path: Path, emotions: Sequence[str]) -> None:
    """Write a page of two pieces where one can be written, and tell of it on stderr. Raises OutputError."""
    from midcli.views.files import save_comparison

    print_written(path, _kilobytes(save_comparison(a, b, path, emotions, overwrite=True)))


def _kilobytes(size: int) -> str:
    return f"{size} bytes" if size < 1000 else f"{size / 1000:.0f} kB"
