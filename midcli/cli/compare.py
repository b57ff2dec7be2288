"""`midcli compare`: why two pieces sound different."""

from pathlib import Path
from typing import Annotated

import typer


def compare(
    a: Annotated[Path, typer.Argument(help="An audio file.", show_default=False)],
    b: Annotated[Path, typer.Argument(help="The audio file to compare it with.", show_default=False)],
    emotion: Annotated[
        list[str] | None,
        typer.Option("--emotion", "-e", help="Explain this emotion; may be given several times."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Explain all eight emotions.")] = False,
    model: Annotated[str | None, typer.Option(help="A bundled model's name or an .onnx file.")] = None,
    reference: Annotated[
        Path | None, typer.Option(help="Predictions (jsonl) that averages and percentiles refer to.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, on stdout.")] = False,
) -> None:
    """Split the difference between two pieces exactly into what listeners hear.

    Example: midcli compare slow.mp3 fast.mp3 --emotion energy
    """
    from midcli.cli.console import print_warning, stdout
    from midcli.cli.names import chosen_emotions
    from midcli.comparison import compare as split
    from midcli.display.comparison import comparison_card
    from midcli.output import comparison_object, json_line
    from midcli.pipeline import Analyser
    from midcli.words_comparison import worth_comparing

    wanted = chosen_emotions(emotion or [], every)
    analyser = Analyser(model, reference=reference)
    first, second = analyser.analyse(a), analyser.analyse(b)
    differences = split(first.explanation, second.explanation)
    if as_json:
        typer.echo(json_line(comparison_object(first, second, differences)))
        return
    for analysis in (first, second):
        for warning in analysis.warnings:
            print_warning(f"{analysis.file}: {warning}")
    explained = [differences[name] for name in wanted] or worth_comparing(
        differences, first.explanation, second.explanation
    )
    stdout().print(comparison_card(first, second, explained, stdout().width))
