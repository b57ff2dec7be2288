"""`midcli tag`: moods and numbers into the files' own tags, and out of them again."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from midcli.cli.find import Jobs, ModelName
from midcli.cli.libraries import all_kept, kept_in, open_named
from midcli.cli.options import AsJson
from midcli.errors import EXIT_SOME_FAILED, DataError, InputError, ModelError, OutputError, UsageError
from midcli.util.files import exists, isdir

if TYPE_CHECKING:
    from midcli.library.columns import Library
    from midcli.library.journal import Journal
    from midcli.library.tagging import Piece, Rewritten, Tagged
    from midcli.library.tags_undo import UndoJournal

_LIBRARIES = frozenset({".jsonl", ".json", ".ndjson"})


def tag(
    targets: Annotated[
        list[Path],
        typer.Argument(
            metavar="LIBRARY_OR_FILES",
            help="What `predict --output library.jsonl` wrote, or folders and files, which are analysed "
            "first.",
            show_default=False,
        ),
    ],
    write: Annotated[bool, typer.Option("--write", help="Write what is shown without it.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Put back what was there before.")] = False,
    model: ModelName = None,
    jobs: Jobs = None,
    as_json: AsJson = False,
) -> None:
    """Write moods and numbers into the tags of your music; without --write, only show them.

    Example: midcli tag Music --write

    Every emotion and quality becomes a tag of its own (MIDCLI_TENSION ...), and one or two words for what is
    clear become the mood, where there is none yet. No other tag and no sample of the audio is touched, and
    what does not sound like music is left out. What was there before is kept in a journal, for --undo.
    """
    from midcli.library.lists import PLAYLIST_SUFFIXES
    from midcli.library.tags_formats import require_mutagen
    from midcli.library.tags_undo import UndoJournal

    if write and undo:
        raise UsageError("--write and --undo exclude each other")
    for target in targets:
        if not exists(target):
            raise InputError(target, "no such file or folder")
        if target.suffix.lower() in PLAYLIST_SUFFIXES and not isdir(target):
            raise UsageError(f"{target}: is a playlist; name its files, or what `midcli predict` wrote of it")
    require_mutagen()
    journal = UndoJournal(_undo_file())
    report = _Report(write, undo, as_json)
    files = [path for path in targets if not isdir(path) and path.suffix.lower() not in _LIBRARIES]
    for target in (target for target in targets if target not in files):
        library = _library(target, model, jobs, undo)
        with _rows(library if write or undo else None) as rows:
            report.show(_of_library(library, target, journal, rows, write, undo))
    report.show(_of_files(files, model, journal, write, undo, report), in_full=True)
    _let_follow(report.rewritten, model)
    report.finish()


def _undo_file() -> Path:
    from platformdirs import user_data_path

    return user_data_path("midcli", appauthor=False) / "tags.jsonl"


def _library(target: Path, model: str | None, jobs: int | None, undo: bool) -> "Library | None":
    """The library at a path; to take tags back, nothing is analysed, and a folder may have none."""
    if not undo or not isdir(target):
        return open_named(target, model, jobs)
    from midcli.library.batch import model_sha256

    return _opened(kept_in(target, model_sha256(model)), model)


@contextmanager
def _rows(library: "Library | None") -> "Iterator[Journal | None]":
    """The rows that follow their files."""
    from midcli.library.journal import Journal

    if library is None:
        yield None
        return
    with Journal(library.path) as rows:
        yield rows
        rows.tidy()


def _let_follow(rewritten: "Sequence[Rewritten]", model: str | None) -> None:
    """Let the libraries of all folders follow, which nobody had to name."""
    from midcli.cli.console import print_warning
    from midcli.library.tagging import follow

    for kept in all_kept() if rewritten else ():
        library = _opened(kept, model) or _opened(kept, None)
        try:
            if library:
                follow(library, rewritten)
        except (UsageError, OutputError) as error:
            print_warning(f"{error}; what was tagged will be analysed again for it")


def _opened(kept: Path, model: str | None) -> "Library | None":
    """A library, unless it is of another model, or of no use to anybody."""
    from midcli.library.index import open_library

    try:
        return open_library(kept, model)
    except (DataError, InputError, ModelError):
        return None


def _of_library(
    library: "Library | None",
    target: Path,
    journal: "UndoJournal",
    rows: "Journal | None",
    write: bool,
    undo: bool,
) -> "Iterator[Tagged]":
    from midcli.library.tagging import pieces_of, untag

    if not undo:
        assert library is not None  # noqa: S101
        return _tagged(pieces_of(library), journal, rows, write)
    if isdir(target):
        paths = journal.places_in(target)
    else:
        paths = [piece.path for piece in pieces_of(library) if journal.of(piece.path)] if library else []
    return untag(paths, journal, library, rows)


def _of_files(
    files: Sequence[Path],
    model: str | None,
    journal: "UndoJournal",
    write: bool,
    undo: bool,
    report: "_Report",
) -> "Iterator[Tagged]":
    from midcli.library.tagging import untag

    return untag(files, journal) if undo else _tagged(_analysed(files, model, report), journal, None, write)


def _tagged(
    pieces: "Iterable[Piece]", journal: "UndoJournal", rows: "Journal | None", write: bool
) -> "Iterator[Tagged]":
    from midcli.library.tagging import preview, tag

    return tag(pieces, journal, rows) if write else preview(pieces)


def _analysed(files: Sequence[Path], model: str | None, report: "_Report") -> "Iterator[Piece]":
    """Pieces of single files, which no library keeps."""
    from midcli.cli.console import waiting
    from midcli.library.predicting import predict
    from midcli.library.tagging import Piece, Tagged

    for file in files:
        with waiting(str(file)):
            predictions = predict(file, model=model)
        report.show(Tagged(failure.file, {}, problem=failure.message) for failure in predictions.failures)
        yield from (Piece(record, file) for record in predictions)


class _Report:
    """What became of each file, a line for it, and how many there were."""

    def __init__(self, write: bool, undo: bool, as_json: bool) -> None:
        self.changes = write or undo
        self.undo = undo
        self.as_json = as_json
        self.total = self.changed = self.flagged = self.gone = self.failed = 0
        self.rewritten: list[Rewritten] = []

    def show(self, several: "Iterable[Tagged]", in_full: bool = False) -> None:
        """A line for each; of what is only shown, in full, all that would be written."""
        from midcli.cli.console import print_json, stdout

        for one in several:
            self.total += 1
            self.changed += bool(one.changes)
            self.flagged += one.flagged
            self.gone += one.gone
            self.failed += one.problem is not None
            if one.rewritten:
                self.rewritten.append(one.rewritten)
            if self.as_json:
                print_json(one.to_dict(self.changes))
            self._say(one)
            if in_full and not (self.changes or self.as_json or one.problem):
                stdout().print("".join(_tags(one)), end="", soft_wrap=True, markup=False)

    def finish(self) -> None:
        """Counts on stderr. Leaves with 3 or 5 if files failed."""
        from midcli.cli.console import print_line

        verb = "restored" if self.undo else "tagged" if self.changes else "would be tagged"
        same = self.total - self.changed - self.flagged - self.gone - self.failed
        counts = {
            verb: self.changed,
            "left as they are": same,
            "left out as not music": self.flagged,
            "gone": self.gone,
            "failed" if self.changes else "cannot be tagged": self.failed,
        }
        said = ", ".join(f"{count} {what}" for what, count in counts.items() if count) or "nothing to do"
        noun = "file" if self.total == 1 else "files"
        how = "" if self.changes or not self.changed else "; add --write to write the tags"
        print_line("done", f"{self.total} {noun}: {said}{how}", "bold")
        if self.failed:
            raise typer.Exit(EXIT_SOME_FAILED if self.total > 1 else InputError.exit_code)

    def _say(self, one: "Tagged") -> None:
        from midcli.cli.console import print_line, print_warning, stdout
        from midcli.cli.names import NOT_TEXT
        from midcli.util.text import has_lost_bytes, printable

        if one.problem is not None:
            print_line("failed", printable(f"{_here(one.file)}: {one.problem}"), "bold red")
        elif one.gone:
            may_be_there = f": may be there; {NOT_TEXT}" if has_lost_bytes(one.file) else ""
            print_line("gone", printable(_here(one.file) + may_be_there), "bold")
        if one.kept:
            print_warning(f"{_here(one.file)}: changed since by others and kept: {', '.join(one.kept)}")
        if one.changes and not self.as_json:
            stdout().print(_line(one, self.undo), soft_wrap=True, markup=False)


def _line(one: "Tagged", undo: bool) -> str:
    """`song.mp3: tense, sad; and 16 tags more`"""
    from midcli.util.text import printable

    if undo:
        return printable(f"{_here(one.file)}: {len(one.changes)} tags taken back")
    numbers = f"{sum(1 for values in one.changes.values() if values)} tags"
    return printable(f"{_here(one.file)}: {', '.join((*one.moods, numbers))}")


def _tags(one: "Tagged") -> "Iterator[str]":
    from midcli.util.text import printable

    for name, values in one.changes.items():
        yield printable(f"    {name}: {' / '.join(values) or 'goes'}") + "\n"


def _here(file: str) -> str:
    """The path of a file, from the working folder if it lies below it."""
    path = Path(file)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else file
