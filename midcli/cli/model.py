"""`midcli model`: the model itself."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from midcli.cli import options
from midcli.cli.commands import Command, Group
from midcli.errors import UsageError

if TYPE_CHECKING:
    from midcli.analyser import Analyser
    from midcli.explanation.analysis import Analysis

app = typer.Typer(cls=Group, invoke_without_command=True)


@app.callback()
def show(
    context: typer.Context,
    model: options.Model = None,
    song: Annotated[
        list[Path] | None,
        typer.Option("--song", "-s", help="Mark this audio file on the plots; at most five."),
    ] = None,
    emotion: options.Emotions = None,
    relative: options.Relative = True,
    reference: options.Reference = None,
    as_json: options.AsJson = False,
) -> None:
    """Print a model's card, its weights and how its effects spread over the reference corpus.

    Example: midcli model --song slow.mp3 --song fast.mp3 --emotion tension
    """
    if context.invoked_subcommand is not None:
        return
    from midcli.analyser import Analyser
    from midcli.cli.console import print_json, print_warning
    from midcli.cli.names import known_names
    from midcli.labels import EMOTION_NAMES
    from midcli.views.terminal.box_plots import MARKS

    emotions = known_names("--emotion", emotion or [], EMOTION_NAMES) or list(EMOTION_NAMES)
    if len(song or []) > len(MARKS):
        raise UsageError(f"--song: at most {len(MARKS)} songs can be told apart")
    analyser = Analyser(model, reference=reference)
    analyses = {str(path): analyser.analyse(path) for path in song or []}
    for name, analysis in analyses.items():
        for warning in analysis.warnings:
            print_warning(f"{name}: {warning}")
    if as_json:
        print_json(_object(analyser, analyses))
    else:
        _print(analyser, emotions, analyses, relative)


def _object(analyser: "Analyser", analyses: "dict[str, Analysis]") -> dict[str, Any]:
    from midcli.explanation.effects import corpus_effects
    from midcli.explanation.json import model_object

    model, reference = analyser.model, analyser.reference
    absolute, relative = (
        corpus_effects(reference.midlevel, model.head.weights, relative) for relative in (False, True)
    )
    return model_object(model, reference.name, absolute, relative, analyses)


def _print(
    analyser: "Analyser", emotions: list[str], analyses: "dict[str, Analysis]", relative: bool
) -> None:
    from midcli.cli.console import stdout
    from midcli.explanation.effects import corpus_effects
    from midcli.views.terminal.box_plots import effects_plots, song_effects
    from midcli.views.terminal.matrix import WEIGHTS_NOTE, matrix
    from midcli.views.terminal.model import card_lines

    console, model = stdout(), analyser.model
    console.print(card_lines(model.card, str(model.path), console.width))
    console.print()
    console.print(matrix("Weights", model.head.weights, WEIGHTS_NOTE, console.width))
    console.print()
    effects = corpus_effects(analyser.reference.midlevel, model.head.weights, relative)
    songs = {name: song_effects(analysis.explanation, relative) for name, analysis in analyses.items()}
    console.print(effects_plots(effects, emotions, songs, analyser.reference.name, relative, console.width))


@app.command("list", cls=Command)
def list_models() -> None:
    """List the models that come with midcli.

    Example: midcli model list
    """
    from midcli.cli.console import stdout
    from midcli.model.bundled import DEFAULT_MODEL, bundled_models
    from midcli.views.terminal.model import models_list

    stdout().print(models_list(bundled_models(), DEFAULT_MODEL), soft_wrap=True)
