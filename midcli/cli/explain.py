"""`midcli explain`: why a file sounds the way it does."""

from pathlib import Path
from typing import Annotated

import typer

from midcli.audio.limits import MAX_HOURS
from midcli.cli.completion import complete_emotion, complete_model, complete_quality
from midcli.cli.inputs import MaxHours
from midcli.labels import EMOTION_NAMES


def explain(
    files: Annotated[list[Path], typer.Argument(help="Audio files.", show_default=False)],
    emotion: Annotated[
        list[str] | None,
        typer.Option(
            "--emotion",
            "-e",
            help=f"Explain this emotion, not those that stand out; repeatable. {', '.join(EMOTION_NAMES)}.",
            metavar="NAME",
            autocompletion=complete_emotion,
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Explain all eight emotions.")] = False,
    relative: Annotated[
        bool,
        typer.Option(
            "--relative/--absolute",
            help="Effects against the average of the reference, or counted from the intercept.",
        ),
    ] = True,
    where: Annotated[
        list[str] | None,
        typer.Option(
            metavar="QUALITY",
            autocompletion=complete_quality,
            help="Map where in time and register it comes from; repeatable.",
        ),
    ] = None,
    clip: Annotated[
        tuple[str, Path] | None,
        typer.Option(metavar="QUALITY FILE", help="Save the five seconds that add most to a quality."),
    ] = None,
    over_time: Annotated[
        bool, typer.Option("--over-time", help="Draw the emotions through the piece, with turning points.")
    ] = False,
    labels: Annotated[
        Path | None, typer.Option(help="Write the turning points as labels that Audacity reads.")
    ] = None,
    csv: Annotated[Path | None, typer.Option(help="Write the curves through the piece as a table.")] = None,
    save: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Write a page (.html), also of several pieces, or a picture (.svg, .png) of values and "
            "effects; repeatable.",
        ),
    ] = None,
    embed_audio: Annotated[
        bool, typer.Option("--embed-audio", help="Put a player with the music into the page.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace existing files.")] = False,
    facts: Annotated[
        bool,
        typer.Option("--facts", help="Measure tempo, key, roughness ... to compare; needs midcli\\[facts]."),
    ] = False,
    reference: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Compare with your own music: what `predict --format jsonl` wrote."
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(help="A bundled model's name or an .onnx file.", autocompletion=complete_model),
    ] = None,
    max_hours: MaxHours = MAX_HOURS,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json", help="One JSON object a line, on stdout: all emotions, both kinds of effects."
        ),
    ] = False,
) -> None:
    """Explain why music sounds tense, happy or tender.

    Example: midcli explain song.mp3 --emotion tension

    What the qualities and the emotions mean, and what listeners were asked: midcli glossary
    """
    from midcli.cli.console import print_json, print_line, stdout, waiting
    from midcli.cli.inputs import each_input
    from midcli.cli.levels import Levels
    from midcli.cli.names import chosen_emotions
    from midcli.cli.saving import Saving
    from midcli.errors import InputError
    from midcli.explanation.json import EXPLAIN_SCHEMA, error_object, explanation_object, printable

    wanted = chosen_emotions(emotion or [], every)
    levels = Levels(where or (), clip, over_time, labels, csv, facts, overwrite, save or ())
    saving = Saving(save or (), embed_audio, len(files))
    saving.check()
    levels.check(files, [Path(file) for file in (model, reference) if file])
    from midcli.analyser import Analyser

    analyser = Analyser(model, max_duration_s=max_hours * 3600, reference=reference, first=files[0])
    # here, while the first file is still being read
    import midcli.views.terminal.evidence  # noqa: F401
    from midcli.explanation.words.vocabulary import to_explain
    from midcli.views.terminal.card import Card
    from midcli.views.terminal.theme import shows_colours

    shown = 0

    def show(file: Path) -> None:
        nonlocal shown
        with waiting(str(file)):
            analysis = analyser.analyse(file)
            further = levels.of(analyser, analysis)
            explained = [analysis.emotions[name] for name in wanted] or to_explain(analysis.explanation)
            if save:
                saving.add(further.piece(explained, relative, embed_audio))
        further.write(lambda message: print_line("saved", printable(message), "green"))
        if as_json:
            print_json(explanation_object(analysis) | further.described())
            return
        if shown:
            stdout().print()
        stdout().print(Card(analysis, explained, relative))
        for renderable in further.shown(
            explained, wanted or EMOTION_NAMES, stdout().width, coloured=shows_colours(stdout())
        ):
            stdout().print()
            stdout().print(renderable)
        shown += 1

    def failed(file: Path, error: InputError) -> None:
        saving.failed(file, error)
        if as_json:
            print_json(error_object(EXPLAIN_SCHEMA, str(file), error))

    each_input(files, show, failed, saving.write)
