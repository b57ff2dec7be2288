"""`midcli data`: the annotated corpora that training and evaluation need."""

from pathlib import Path
from typing import Annotated

import typer

from midcli.cli.commands import Command, Group

app = typer.Typer(
    cls=Group, help="The annotated corpora that training and evaluation need.", no_args_is_help=True
)


@app.command(cls=Command)
def check(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder of the corpora; MIDCLI_DATA if none.", show_default=False)
    ] = None,
) -> None:
    """Say what is there, what is missing, and where it is published.

    Example: midcli data check ~/corpora

    A folder of the published layout, or a CSV of your own with a `file` column. Leaves with 4 if
    training and evaluation would not find the film excerpts complete.
    """
    from midcli.cli.console import stdout
    from midcli.datasets import check_published, data_folder, load_corpus
    from midcli.display.corpus import corpus_summary, parts_table

    place = data_folder(folder)
    if place.is_dir() and any((place / name).is_dir() for name in ("soundtracks", "midlevel")):
        stdout().print(parts_table(check_published(place)))
    stdout().print(corpus_summary(load_corpus(place)))
