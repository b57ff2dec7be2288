"""`midcli model`: the model itself."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from midcli.cli.commands import Command, Group
from midcli.cli.completion import complete_emotion
from midcli.cli.options import AsJson, Model, Reference, Relative, Vocabulary
from midcli.errors import UsageError

if TYPE_CHECKING:
    from midcli.analyser import Analyser
    from midcli.explanation.analysis import Analysis

app = typer.Typer(cls=Group, invoke_without_command=True, add_completion=False)


@app.callback()
def show(
    context: typer.Context,
    model: Model = None,
    vocabulary: Vocabulary = None,
    song: Annotated[
        list[Path] | None,
        typer.Option("--song", "-s", help="Mark this audio file on the plots; at most five."),
    ] = None,
    emotion: Annotated[
        list[str] | None,
        typer.Option(
            "--emotion",
            "-e",
            metavar="NAME",
            autocompletion=complete_emotion,
            help="Plot effects on this emotion only; repeatable.",
        ),
    ] = None,
    relative: Relative = True,
    reference: Reference = None,
    as_json: AsJson = False,
) -> None:
    """Print a model's card, its weights and how its effects spread over the reference corpus.

    Example: midcli model --song slow.mp3 --song fast.mp3 --emotion tension
    """
    if context.invoked_subcommand is not None:
        return
    from midcli.analyser import Analyser
    from midcli.cli.console import print_json, print_warnings
    from midcli.cli.names import known_names
    from midcli.explanation.json import model_object
    from midcli.views.terminal.box_plots import MARKS

    if len(song or []) > len(MARKS):
        raise UsageError(f"--song: at most {len(MARKS)} songs can be told apart")
    analyser = Analyser(model, reference=reference, vocabulary=vocabulary)
    head = analyser.context.head
    emotions = known_names("--emotion", emotion or [], head.names, head.labels) or list(head.names)
    songs = [analyser.analyse(path) for path in song or []]
    print_warnings(*songs)
    if as_json:
        described = {song.file: song.to_short_dict() for song in songs}
        print_json(model_object(analyser.model, analyser.context, described))
    else:
        _print_model(analyser, emotions, relative, songs)


def _print_model(
    analyser: "Analyser", emotions: Sequence[str], relative: bool, songs: Sequence["Analysis"]
) -> None:
    from midcli.cli.console import stdout
    from midcli.explanation.effects import corpus_effects
    from midcli.explanation.words.numbers import decimal
    from midcli.views.terminal.box_plots import effects_plots, song_effects
    from midcli.views.terminal.matrix import WEIGHTS_NOTE, matrix
    from midcli.views.terminal.model import card_lines

    console, model, head = stdout(), analyser.model, analyser.context.head
    vocabularies = {name: one.names for name, one in model.heads.items()}
    console.print(card_lines(model.card, str(model.path), vocabularies, console.width))
    console.print()
    note = f"{WEIGHTS_NOTE} {head.meaning}"
    if head.scores:
        worth = ", ".join(f"{name} {decimal(r, 2)}" for name, r in head.scores.items()).replace("_", " ")
        note += f"; r on songs of groups that the weights were not fitted to: {worth}"
    console.print(matrix("Weights", head.names, head.weights, note, console.width))
    console.print()
    effects = corpus_effects(analyser.reference.midlevel, head.weights, relative)
    marked = {analysis.file: song_effects(analysis.explanation, relative) for analysis in songs}
    console.print(
        effects_plots(effects, head.names, emotions, marked, analyser.reference.name, relative, console.width)
    )


@app.command("list", cls=Command)
def list_models() -> None:
    """List the models that come with midcli.

    Example: midcli model list
    """
    from midcli.cli.console import stdout
    from midcli.model.bundled import DEFAULT_MODEL, bundled_models
    from midcli.views.terminal.model import models_list

    stdout().print(models_list(bundled_models(), DEFAULT_MODEL), soft_wrap=True)
