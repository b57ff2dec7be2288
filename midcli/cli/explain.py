"""`midcli explain`: why a file sounds the way it does."""

from pathlib import Path
from typing import Annotated

import typer


def explain(
    files: Annotated[list[Path], typer.Argument(help="Audio files.", show_default=False)],
    model: Annotated[str | None, typer.Option(help="A bundled model's name or an .onnx file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, on stdout.")] = False,
) -> None:
    """Explain why music sounds tense, happy or tender."""
    from midcli.cli.console import stdout
    from midcli.output import explanation_object, json_line
    from midcli.pipeline import Analyser

    analyser = Analyser(model)
    for file in files:
        analysis = analyser.analyse(file)
        if as_json:
            typer.echo(json_line(explanation_object(analysis)))
        else:
            stdout().print(analysis.emotions)
