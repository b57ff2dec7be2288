"""The commands by name, each imported and built when it is asked for: a start pays for one of them."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Any

import typer

from midcli.cli.commands import Command

SUMMARIES = {
    "explain": "Explain why music sounds tense, happy or tender.",
    "predict": "Predict emotions and mid-level qualities of many files.",
    "find": "Find pieces by how they sound, with the reason for each.",
    "similar": "Find pieces that sound like one: short for `midcli find LIBRARY --like SONG`.",
    "browse": "Look through a library: sort, filter, read why, mark, play, export.",
    "tag": "Write moods and numbers into the tags of your music; without --write, only show them.",
    "compare": "Split the difference between two pieces exactly into what listeners hear.",
    "whatif": "Change the qualities of a piece and see its emotions change: "
    "the model's arithmetic, not advice.",
    "glossary": "Say what each quality and emotion means, and what listeners were asked.",
    "train": "Train networks and write a model file.",
    "evaluate": "Compare with the paper: emotions with and without explanation, run by run.",
    "config": "Show your defaults, where each comes from, and how to set it.",
    "model": "Print a model's card, its weights and how its effects spread over the reference corpus.",
    "data": "The annotated corpora that training and evaluation need.",
}
"""Each a module of midcli.cli, with a function of that name, or with the commands below it as `app`.

What a list of commands says stands here too, so that it needs none of them.
"""


class Commands(Mapping[str, Any]):
    """Built whole."""

    def __getitem__(self, name: str) -> Any:
        if name not in SUMMARIES:
            raise KeyError(name)
        return _built(name)

    def __iter__(self) -> Iterator[str]:
        return iter(SUMMARIES)

    def __len__(self) -> int:
        return len(SUMMARIES)

    def __contains__(self, name: object) -> bool:
        return name in SUMMARIES


class Summaries(Commands):
    """With what a list of them says, and without their options."""

    def __getitem__(self, name: str) -> Any:
        return Command(name, help=SUMMARIES[name])


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
