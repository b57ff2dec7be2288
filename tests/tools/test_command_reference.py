"""docs/commands.md describes every command as its help does, and every help has an example that works."""

import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from midcli.cli.main import app
from tools.command_reference import DOCUMENT, MADE_WITH, reference, with_reference


def commands(command: Any, path: tuple[str, ...] = ("midcli",)) -> Iterator[tuple[str, Any]]:
    yield " ".join(path), command
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*path, name))


ALL = dict(commands(typer.main.get_command(app)))


def test_the_reference_is_what_the_help_texts_say() -> None:
    document = DOCUMENT.read_text("utf-8")
    if MADE_WITH not in document:
        pytest.skip("the reference was made with another version of typer")
    assert with_reference(document, reference()) == document, "python -m tools.command_reference renews it"


@pytest.mark.parametrize("path", [path for path in ALL if path != "midcli"])
def test_every_command_is_in_the_reference_with_its_options(path: str) -> None:
    _, heading, rest = DOCUMENT.read_text("utf-8").partition(f"\n### `{path}`\n")
    section = rest.partition("\n### ")[0]
    assert heading, f"{path} is not documented; python -m tools.command_reference documents it"
    names = [name for parameter in ALL[path].params for name in parameter.opts if name.startswith("--")]
    assert [name for name in names if name not in section] == []
    summary = ALL[path].help.splitlines()[0]
    assert summary in section


@pytest.mark.parametrize("path", ALL)
def test_every_help_has_an_example_that_can_be_parsed(path: str) -> None:
    examples = re.findall(r"^ *Example: (midcli .*)$", ALL[path].help, re.MULTILINE)
    assert examples
    for example in examples:
        assert path == "midcli" or example.startswith(path)
        words = shlex.split(example)[1:]
        parse(ALL["midcli"], words)


def parse(command: Any, words: list[str], parent: Any = None) -> None:
    """Parse a command line down to its last command, running nothing."""
    if words and words[0] in getattr(command, "commands", {}):
        context = command.make_context(command.name, words[:1], parent=parent)
        parse(command.commands[words[0]], words[1:], context)
    else:
        command.make_context(command.name, words, parent=parent)


@pytest.mark.parametrize("path", ALL)
def test_every_option_has_a_help_text(path: str) -> None:
    assert [parameter.name for parameter in ALL[path].params if not parameter.help] == []
