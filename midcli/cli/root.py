"""The program as a whole: its commands, a user's defaults, and exit codes of expected failures."""

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from midcli.cli.commands import Helpful
from midcli.cli.on_demand import Commands, Summaries
from midcli.errors import MidcliError, OutputError, RequirementError, UsageError
from midcli.util.files import exists

_OUTPUT_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG, errno.EBADF}
_NO_MEMORY_TO_LOAD = ("failed to map segment", "annot allocate memory")


class Root(Helpful, TyperGroup):
    """All commands, with the user's defaults and the exit codes of expected failures."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.commands = Commands()  # type: ignore[assignment]

    def list_commands(self, _: Any) -> list[str]:
        return list(self.commands)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        self.commands = Summaries()  # type: ignore[assignment]
        super().format_help(ctx, formatter)

    def make_context(self, *args: Any, **options: Any) -> Any:
        with _expected_failures():  # --help and --version print here
            return super().make_context(*args, **options)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """A file where a command is expected is one to explain."""
        if args and args[0] not in self.commands and _names_a_file(args[0]):
            args = ["explain", *args]
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        from midcli.audio.noise import hushed_by
        from midcli.audio.quiet import silenced
        from midcli.cli.settings import defaults, read_settings

        with _expected_failures(), hushed_by(silenced):
            ctx.obj = read_settings(self)
            ctx.default_map = defaults(ctx.obj, self)
            return super().invoke(ctx)


def _names_a_file(text: str) -> bool:
    """Whether it is there, or looks like a file that ought to be."""
    return not text.startswith("-") and (bool(Path(text).suffix) or len(Path(text).parts) > 1 or exists(text))


@contextmanager
def _expected_failures() -> Iterator[None]:
    """Turns expected failures into one line on stderr and their exit code; stdout is flushed at the end."""
    from midcli.cli.console import discard_stdout, stdout_failure

    try:
        try:
            yield
        except typer.Exit:
            sys.stdout.flush()
            raise
        sys.stdout.flush()
    except MidcliError as error:
        _fail(error)
    except MemoryError as error:
        _fail(RequirementError("memory ran out; close other programs, or raise the limit of this one"), error)
    except ImportError as error:
        if not any(sign in str(error) for sign in _NO_MEMORY_TO_LOAD):
            raise
        _fail(RequirementError("there is too little memory to load what midcli needs"), error)
    except BrokenPipeError as error:
        # the reader of our pipe has left; what remains to be flushed has no taker
        discard_stdout()
        raise typer.Exit from error
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            _fail(UsageError(f"{error.filename}: the name is too long"), error)
        if error.errno == errno.ENOENT and error.filename is None:  # of getcwd
            _fail(OutputError("the working folder is gone; change to another"), error)
        if error.filename is not None or error.errno not in _OUTPUT_ERRORS:
            raise
        _fail(stdout_failure(error), error)


def _fail(failure: MidcliError, cause: BaseException | None = None) -> NoReturn:
    from midcli.cli.console import print_error

    print_error(failure)
    raise typer.Exit(failure.exit_code) from cause or failure
