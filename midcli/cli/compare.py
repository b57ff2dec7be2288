"""`midcli compare`: why two pieces sound different."""

from pathlib import Path
from typing import Annotated

import typer

from midcli.audio.limits import MAX_HOURS
from midcli.cli.completion import complete_emotion, complete_model
from midcli.cli.inputs import MaxHours


def compare(
    a: Annotated[Path, typer.Argument(help="An audio file.", show_default=False)],
    b: Annotated[Path, typer.Argument(help="The audio file to compare it with.", show_default=False)],
    emotion: Annotated[
        list[str] | None,
        typer.Option(
            "--emotion",
            "-e",
            autocompletion=complete_emotion,
            help="Explain this emotion; may be given several times.",
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Explain all eight emotions.")] = False,
    model: Annotated[
        str | None,
        typer.Option(help="A bundled model's name or an .onnx file.", autocompletion=complete_model),
    ] = None,
    reference: Annotated[
        Path | None, typer.Option(help="Predictions (jsonl) that averages and percentiles refer to.")
    ] = None,
    save: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write a page that holds all of it.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an existing file.")] = False,
    max_hours: MaxHours = MAX_HOURS,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, on stdout.")] = False,
) -> None:
    """Split the difference between two pieces exactly into what listeners hear.

    Example: midcli compare slow.mp3 fast.mp3 --emotion energy
    """
    from midcli.analyser import Analyser
    from midcli.cli.console import print_json, print_warning, stdout
    from midcli.cli.names import chosen_emotions
    from midcli.cli.saving import check_page, print_saved
    from midcli.explanation.comparison import compare as split
    from midcli.explanation.json import comparison_object
    from midcli.explanation.words.differences import worth_comparing
    from midcli.views.terminal.comparison import comparison_card

    wanted = chosen_emotions(emotion or [], every)
    if save:
        check_page(save, [Path(file) for file in (a, b, model, reference) if file], overwrite)
    analyser = Analyser(model, max_duration_s=max_hours * 3600, reference=reference)
    first, second = analyser.analyse(a), analyser.analyse(b)
    differences = split(first.explanation, second.explanation)
    explained = [differences[name] for name in wanted] or worth_comparing(
        differences, first.explanation, second.explanation
    )
    described = comparison_object(first, second, differences)
    if save:
        from midcli.util.files import write_bytes
        from midcli.views.page.comparison import comparison_page

        content = comparison_page(first, second, differences, explained, described)
        write_bytes(save, content)
        print_saved(save, content)
    if as_json:
        print_json(described)
        return
    for analysis in (first, second):
        for warning in analysis.warnings:
            print_warning(f"{analysis.file}: {warning}")
    stdout().print(comparison_card(first, second, explained, stdout().width))
