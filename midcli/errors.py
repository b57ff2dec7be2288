"""Everything that midcli expects can go wrong.

    MidcliError
    ├── UsageError          2  the call makes no sense
    ├── InputError          3  a file could not be read as audio
    │   ├── LimitError         a file needs more than a limit allows that the user can raise
    │   └── CrashError         the analysis of a file broke down
    └── RequirementError    4  something that is needed is missing or does not fit
        ├── ModelError         a model file
        ├── DataError          an annotated corpus
        ├── OutputError        a place to write results to
        ├── ClusterError       a Dask cluster
        └── ExtraError         an optional dependency

The number is the exit code of the command line. A message is one line that says what is wrong, with
which file, and what to do.
"""

from pathlib import Path
from typing import ClassVar

EXIT_SOME_FAILED = 5
"""Several inputs and at least one failed, even if all did."""


class MidcliError(Exception):
    """Root of all expected errors."""

    exit_code: ClassVar[int] = 1
    kind: ClassVar[str] = "error"


class UsageError(MidcliError):
    """The call makes no sense."""

    exit_code = 2
    kind = "usage"


class InputError(MidcliError):
    """A file could not be read as audio."""

    exit_code = 3
    kind = "input"

    def __init__(self, path: str | Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = str(path)
        self.problem = problem

    def __reduce__(self) -> tuple[type["InputError"], tuple[str, str]]:
        return type(self), (self.path, self.problem)


class LimitError(InputError):
    """A file needs more than a limit allows, which the user can raise."""

    kind = "limit"


class CrashError(InputError):
    """The analysis of a file broke down: its process died, memory ran out, or there is a bug."""

    kind = "crashed"


class RequirementError(MidcliError):
    """Something that is needed is missing or does not fit."""

    exit_code = 4
    kind = "requirement"


class ModelError(RequirementError):
    """A model file is missing, broken or of another kind."""

    kind = "model"


class DataError(RequirementError):
    """An annotated corpus is missing or broken."""

    kind = "data"


class OutputError(RequirementError):
    """Results cannot be written where they should go."""

    kind = "output"


class ClusterError(RequirementError):
    """A Dask cluster cannot be reached or used."""

    kind = "cluster"


class ExtraError(RequirementError):
    """An optional dependency is not installed."""

    kind = "extra"

    def __init__(self, purpose: str, *extras: str) -> None:
        """What cannot be done, and the names of the extras that it needs."""
        super().__init__(f"{purpose} needs packages that are not installed (extra {', '.join(extras)})")
        self.purpose = purpose
        self.extras = extras

    def __reduce__(self) -> tuple[type["ExtraError"], tuple[str, ...]]:
        return type(self), (self.purpose, *self.extras)
