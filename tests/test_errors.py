"""One tree of errors; each is also of the kind of Python's own that fits, and survives a process."""

import errno
import pickle
from collections.abc import Iterator

import pytest

from midcli import errors
from midcli.cli.hints import HINTS, with_hint
from midcli.errors import (
    ClusterError,
    CrashError,
    DataError,
    DurationError,
    ExtraError,
    FolderError,
    InputError,
    LimitError,
    MidcliError,
    ModelError,
    OutputError,
    RequirementError,
    SlowError,
    UsageError,
    WorkerError,
)

MADE = (
    UsageError("no such quality"),
    InputError("song.mp3", "no such file"),
    FolderError("songs", "is a folder"),
    LimitError("song.mp3", "larger than allowed"),
    DurationError("song.mp3", "longer than the limit of 24 hours"),
    SlowError("song.mp3", "took longer than the limit of 9 s"),
    CrashError("song.mp3", "memory ran out"),
    RequirementError("something is missing"),
    ModelError("model.onnx: broken"),
    DataError("data: no such folder"),
    OutputError("out.html: exists"),
    ClusterError("tcp://here:1: nobody answers"),
    WorkerError("worker processes cannot start"),
    ExtraError("measuring facts", "facts"),
)


def subclasses(kind: type[MidcliError]) -> Iterator[type[MidcliError]]:
    for one in kind.__subclasses__():
        yield one
        yield from subclasses(one)


def test_all_of_the_tree_is_tested() -> None:
    here = {one for one in subclasses(MidcliError) if one.__module__ == errors.__name__}
    assert here == {type(error) for error in MADE}


@pytest.mark.parametrize(
    ("kind", "builtin", "code"),
    [
        (UsageError, ValueError, 2),
        (InputError, OSError, 3),
        (DurationError, OSError, 3),
        (ModelError, ValueError, 4),
        (DataError, ValueError, 4),
        (OutputError, OSError, 4),
        (ClusterError, ConnectionError, 4),
        (ExtraError, ImportError, 4),
    ],
)
def test_errors_are_of_pythons_kinds_too(
    kind: type[MidcliError], builtin: type[Exception], code: int
) -> None:
    assert issubclass(kind, builtin)
    assert kind.exit_code == code


@pytest.mark.parametrize("error", MADE, ids=lambda error: type(error).__name__)
def test_errors_survive_the_way_between_processes(error: MidcliError) -> None:
    error.add_note("set by MIDCLI_MODEL")
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert (copy.kind, copy.exit_code) == (error.kind, error.exit_code)
    assert "\n" not in str(error)
    if isinstance(error, OSError):
        assert error.errno is None  # or a full disk would be seen in it
        assert error.errno != errno.ENOSPC


def test_an_input_error_knows_file_and_problem() -> None:
    error = pickle.loads(pickle.dumps(InputError("song.mp3", "no such file")))  # noqa: S301
    assert (error.path, error.problem) == ("song.mp3", "no such file")


def test_the_table_of_hints_names_errors_that_exist() -> None:
    import midcli.corpora.archives
    import midcli.corpora.fetch
    import midcli.library.lines
    import midcli.study.runs  # noqa: F401

    assert set(HINTS) <= {one.__name__ for one in subclasses(MidcliError)}


def test_hints_come_after_the_fact_and_before_where_a_setting_is_from() -> None:
    error = DurationError("song.mp3", "longer than the limit of 1 hours")
    error.add_note("set by MIDCLI_MAX_HOURS")
    assert with_hint(error) == (
        "song.mp3: longer than the limit of 1 hours; raise --max-hours or cut the file "
        "(set by MIDCLI_MAX_HOURS)"
    )
    assert with_hint(InputError("song.mp3", "no such file")) == "song.mp3: no such file"
