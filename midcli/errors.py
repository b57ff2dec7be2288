"""Everything that midcli expects can go wrong.

    MidcliError
    ├── UsageError          2  the call makes no sense (a ValueError)
    ├── InputError          3  a file could not be read as audio (an OSError)
    │   ├── FolderError        it is a folder
    │   ├── LimitError         a file needs more than a limit allows that the user can raise
    │   │   ├── DurationError     it is too long
    │   │   └── SlowError         its analysis takes too long
    │   └── CrashError         the analysis of a file broke down
    └── RequirementError    4  something that is needed is missing or does not fit
        ├── ModelError         a model file (a ValueError)
        ├── DataError          an annotated corpus (a ValueError)
        ├── OutputError        a place to write results to (an OSError)
        ├── ClusterError       a Dask cluster (a ConnectionError)
        ├── WorkerError        processes to work in
        └── ExtraError         an optional dependency (an ImportError)

The number is the exit code of the command line. A message is one line that says what is wrong, and with
which file, in the library's own words; the command line adds the option that helps. As these are errors of
Python's own kinds too, inside midcli a block that catches one of those calls nothing that raises one of
these, or lets `MidcliError` through first.
"""

from pathlib import Path
from typing import ClassVar

EXIT_SOME_FAILED = 5
"""Several inputs and at least one failed, even if all did."""


class MidcliError(Exception):
    """Root of all expected errors."""

    exit_code: ClassVar[int] = 1
    kind: ClassVar[str] = "error"


class UsageError(MidcliError, ValueError):
    """The call makes no sense."""

    exit_code = 2
    kind = "usage"


class InputError(MidcliError, OSError):
    """A file could not be read as audio."""

    exit_code = 3
    kind = "input"

    def __init__(self, path: str | Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = str(path)
        self.problem = problem

    def __reduce__(self) -> tuple[type["InputError"], tuple[str, str]]:
        return type(self), (self.path, self.problem)


class FolderError(InputError):
    """A folder stands where a file is read."""


class LimitError(InputError):
    """A file needs more than a limit allows, which the user can raise."""

    kind = "limit"


class DurationError(LimitError):
    """A file is longer than allowed."""


class SlowError(LimitError):
    """The analysis of a file takes longer than allowed."""


class CrashError(InputError):
    """The analysis of a file broke down: its process died, memory ran out, or there is a bug."""

    kind = "crashed"


class RequirementError(MidcliError):
    """Something that is needed is missing or does not fit."""

    exit_code = 4
    kind = "requirement"


class ModelError(RequirementError, ValueError):
    """A model file is missing, broken or of another kind."""

    kind = "model"


class DataError(RequirementError, ValueError):
    """An annotated corpus is missing or broken."""

    kind = "data"


class OutputError(RequirementError, OSError):
    """Results cannot be written where they should go."""

    kind = "output"


class ClusterError(RequirementError, ConnectionError):
    """A Dask cluster cannot be reached or used."""

    kind = "cluster"


class WorkerError(RequirementError):
    """Worker processes cannot be started."""


class ExtraError(RequirementError, ImportError):
    """An optional dependency is not installed."""

    kind = "extra"

    def __init__(self, purpose: str, *extras: str) -> None:
        """What cannot be done, and the names of the extras that it needs."""
        verb = "needs" if len(extras) == 1 else "need"
        super().__init__(f"{purpose} {verb} packages that are not installed (extra {', '.join(extras)})")
        self.purpose = purpose
        self.extras = extras

    def __reduce__(self) -> tuple[type["ExtraError"], tuple[str, ...]]:
        return type(self), (self.purpose, *self.extras)
