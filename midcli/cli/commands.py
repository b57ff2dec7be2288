"""What all commands share: help that fits, a log, and saying which setting a failure comes from."""

import copy
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

from typer.core import TyperCommand, TyperGroup

from midcli.errors import MidcliError, UsageError

_LOG_OPTIONS = ("verbose", "log_file")


class Helpful:
    """Help whose reader may leave early; files are looked at by what reads them, one by one, but an empty
    name, which pathlib takes for the working folder, is none.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for param in self.params:  # type: ignore[attr-defined]
            if hasattr(param.type, "readable"):
                param.type.readable = False
                param.type_cast_value = partial(_cast_names, param, param.type_cast_value)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        try:
            super().format_help(ctx, formatter)  # type: ignore[misc]
        except SystemExit as error:  # in which rich turns a broken pipe
            raise BrokenPipeError from error


def _cast_names(param: Any, cast: Callable[[Any, Any], Any], ctx: Any, value: Any) -> Any:
    """What a parameter that names files makes of one text, or of several."""
    if value == "" or (isinstance(value, list | tuple) and "" in value):
        option = f"{param.opts[0]} " if param.opts[0].startswith("-") else ""
        raise UsageError(f'{option}"": names no file or folder; a variable may be unset')
    return cast(ctx, value)


class _Shared(Helpful):
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
