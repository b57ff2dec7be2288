"""The commands by name, each imported and built when it is asked for: a start pays for one of them."""

import inspect
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Any

import typer

from midcli.cli.commands import Command

NAMES = (
    *("explain", "predict", "find", "similar", "browse", "tag", "compare", "whatif", "glossary"),
    *("train", "evaluate", "config", "model", "data"),
)
"""Each a module of midcli.cli, with a function of that name, or with the commands below it as `app`."""


class Commands(Mapping[str, Any]):
    """Built whole."""

    def __getitem__(self, name: str) -> Any:
        if name not in NAMES:
            raise KeyError(name)
        return _built(name)

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)

    def __contains__(self, name: object) -> bool:
        return name in NAMES


class Summaries(Commands):
    """With what a list of them says, and without their options."""

    def __getitem__(self, name: str) -> Any:
        return Command(name, help=inspect.cleandoc(_help(name)))


def _help(name: str) -> str:
    module = import_module(f"midcli.cli.{name}")
    function = getattr(module, name, None) or module.app.registered_callback.callback
    return str(function.__doc__)


@cache
def _built(name: str) -> Any:
    module = import_module(f"midcli.cli.{name}")
    app = getattr(module, "app", None)
    if app is None:
        app = typer.Typer(add_completion=False)
        app.command(name, cls=Command)(getattr(module, name))
    command = typer.main.get_command(app)
    command.name = name
    return command
