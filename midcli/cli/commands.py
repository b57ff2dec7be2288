"""What all commands share: exit codes of expected failures, a user's defaults, a log."""

import copy
import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from midcli.errors import MidcliError, OutputError, RequirementError, UsageError
from midcli.util.files import exists

_OUTPUT_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG, errno.EBADF}
_NO_MEMORY_TO_LOAD = ("failed to map segment", "annot allocate memory")
_LOG_OPTIONS = ("verbose", "log_file")


class _Helpful:
    """Help whose reader may leave early; files are looked at by what reads them, one by one."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for param in self.params:  # type: ignore[attr-defined]
            if hasattr(param.type, "readable"):
                param.type.readable = False

    def format_help(self, ctx: Any, formatter: Any) -> None:
        try:
            super().format_help(ctx, formatter)  # type: ignore[misc]
        except SystemExit as error:  # in which rich turns a broken pipe
            raise BrokenPipeError from error


class Root(_Helpful, TyperGroup):
    """All commands, with the user's defaults and the exit codes of expected failures."""

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


class _Shared(_Helpful):
    """Help that wraps at the terminal's width; the root's log options, after the command too."""

    def __init__(self, *args: Any, help: str | None = None, **options: Any) -> None:  # noqa: A002
        paragraphs = (help or "").split("\n\n")
        wrapping = "\n\n".join(paragraph.replace("\n", " ") for paragraph in paragraphs)
        super().__init__(*args, help=wrapping, **options)

    def get_params(self, ctx: Any) -> list[Any]:
        root = ctx.find_root().command
        shared = [_repeated(option) for option in root.params if option.name in _LOG_OPTIONS]
        params: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        return [*params, *shared]


class Command(_Shared, TyperCommand):
    """One command; what fails because of a setting is said with where that comes from."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except MidcliError as error:
            if source := _source_of_setting(error, ctx):
                error.add_note(f"set by {source}")
            raise


def _source_of_setting(error: MidcliError, ctx: Any) -> str | None:
    """The variable or file of a setting that the error speaks of."""
    for name, value in ctx.params.items():
        is_text = isinstance(value, str | Path) and str(value) in str(error)
        if is_text and ctx.get_parameter_source(name).name == "DEFAULT_MAP":
            sources = [one.source for one in ctx.obj.values() if str(one.value) == str(value)]
            return sources[0] if sources else None
    return None


class Group(_Shared, TyperGroup):
    """A command with commands of its own."""


@cache
def _repeated(option: Any) -> Any:
    repeated = copy.copy(option)
    repeated.hidden = True
    repeated.expose_value = False
    repeated.callback = _start_log
    return repeated


def _start_log(_: Any, option: Any, value: Any) -> None:
    if value:
        from midcli.cli import logs

        logs.start(**({"verbosity": value} if option.name == "verbose" else {"file": value}))
