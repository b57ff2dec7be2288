"""Options that several commands share, each worded once."""

import math
from pathlib import Path
from typing import Annotated

import typer

from midcli.cli.completion import complete_emotion, complete_model, complete_vocabulary
from midcli.errors import UsageError
from midcli.labels import EMOTION_NAMES

LEAST_LIMIT = 0.001
"""Of hours and seconds."""
TOP = 20
"""How many pieces a search lists unless told."""


def a_number(option: typer.CallbackParam, value: float) -> float:
    """The value of an option, if it is not NaN, which no minimum refuses."""
    if math.isnan(value):
        raise UsageError(f"{option.opts[0]} nan: is no number")
    return value


Model = Annotated[
    str | None,
    typer.Option(
        help="A bundled model's name or an .onnx file.",
        autocompletion=complete_model,
        show_default="the bundled one",
    ),
]
Reference = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE|KIND",
        help="Compare with your own music (what `predict --format jsonl` wrote) or with a kind of music that "
        "the model knows: film, popular, rock, classical, electronic, jazz, world.",
        show_default="the model's corpus",
    ),
]
MaxHours = Annotated[
    float,
    typer.Option(
        min=LEAST_LIMIT,
        callback=a_number,
        help="Refuse audio that is longer; an hour takes 70 MB of memory.",
    ),
]
Track = Annotated[
    int | None,
    typer.Option(min=1, help="Audio track of files with several, from 1.", show_default="what players play"),
]
Emotions = Annotated[
    list[str] | None,
    typer.Option(
        "--emotion",
        "-e",
        metavar="NAME",
        autocompletion=complete_emotion,
        help=f"Explain this emotion, not those that stand out; repeatable. {', '.join(EMOTION_NAMES)}.",
    ),
]
Every = Annotated[bool, typer.Option("--all", help="Explain all emotions.")]
Vocabulary = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        autocompletion=complete_vocabulary,
        help="Other emotions than the eight, which the model has too; `midcli model` lists them.",
    ),
]
Relative = Annotated[
    bool,
    typer.Option(
        "--relative/--absolute",
        help="Effects against the average of the reference, or counted from the intercept.",
    ),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace existing files.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout, one object a line.")]
Data = Annotated[
    Path | None,
    typer.Option(
        help="Folder of the corpora, or a CSV of your own; MIDCLI_DATA if none.", show_default=False
    ),
]
Device = Annotated[str | None, typer.Option(help="cpu, cuda, cuda:1 ...", show_default="the best there is")]
Facts = Annotated[
    bool,
    typer.Option("--facts", help="Measure tempo, key, roughness ... to compare; needs the extra facts."),
]


def is_named(context: typer.Context, option: str) -> bool:
    """Whether an option stands on the command line."""
    source = context.get_parameter_source(option)
    return source is not None and source.name == "COMMANDLINE"
