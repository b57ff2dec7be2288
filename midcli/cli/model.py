"""`midcli model`: the model itself."""

from pathlib import Path
from typing import Annotated

import typer

from midcli.cli.commands import Command, Group
from midcli.cli.completion import complete_emotion, complete_model
from midcli.errors import UsageError

app = typer.Typer(cls=Group, invoke_without_command=True)


@app.callback()
def show(
    context: typer.Context,
    model: Annotated[
        str | None,
        typer.Option(help="A bundled model's name or an .onnx file.", autocompletion=complete_model),
    ] = None,
    song: Annotated[
        list[Path] | None,
        typer.Option("--song", "-s", help="Mark this audio file on the plots; at most five."),
    ] = None,
    emotion: Annotated[
        list[str] | None,
        typer.Option(
            "--emotion",
            "-e",
            autocompletion=complete_emotion,
            help="Plot effects on this emotion only; repeatable.",
        ),
    ] = None,
    relative: Annotated[
        bool,
        typer.Option("--relative/--absolute", help="Relative to the average piece, or weight times value."),
    ] = True,
    reference: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Plot over your own music: what `predict --format jsonl` wrote."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, on stdout.")] = False,
) -> None:
    """Print a model's card, its weights and how its effects spread over the reference corpus.

    Example: midcli model --song slow.mp3 --song fast.mp3 --emotion tension
    """
    if context.invoked_subcommand is not None:
        return
    from midcli.analyser import Analyser
    from midcli.cli.console import print_json, print_warning, stdout
    from midcli.cli.names import known_names
    from midcli.explanation.effects import corpus_effects
    from midcli.explanation.json import model_object
    from midcli.labels import EMOTION_NAMES
    from midcli.views.terminal.box_plots import MARKS
    from midcli.views.terminal.model import card_lines, effects_plots, weights_map

    emotions = known_names("--emotion", emotion or [], EMOTION_NAMES) or list(EMOTION_NAMES)
    if len(song or []) > len(MARKS):
        raise UsageError(f"--song: at most {len(MARKS)} songs can be told apart")
    analyser = Analyser(model, reference=reference)
    weights, corpus = analyser.model.head.weights, analyser.reference.midlevel
    effects = corpus_effects(corpus, weights, relative=False)
    relative_effects = corpus_effects(corpus, weights, relative=True)
    analyses = {str(path): analyser.analyse(path) for path in song or []}
    for name, analysis in analyses.items():
        for warning in analysis.warnings:
            print_warning(f"{name}: {warning}")
    if as_json:
        print_json(model_object(analyser.model, analyser.reference.name, effects, relative_effects, analyses))
        return
    console = stdout()
    console.print(card_lines(analyser.model.card, str(analyser.model.path), console.width))
    console.print()
    console.print(weights_map(weights, console.width))
    console.print()
    songs = {name: analysis.explanation for name, analysis in analyses.items()}
    shown = relative_effects if relative else effects
    console.print(effects_plots(shown, emotions, songs, analyser.reference.name, relative, console.width))


@app.command("list", cls=Command)
def list_models() -> None:
    """List the models that come with midcli.

    Example: midcli model list
    """
    from midcli.cli.console import stdout
    from midcli.model.bundled import DEFAULT_MODEL, bundled_models
    from midcli.views.terminal.model import models_list

    stdout().print(models_list(bundled_models(), DEFAULT_MODEL), soft_wrap=True)
