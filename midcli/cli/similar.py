"""`midcli similar`: short for `midcli find --like`."""

from pathlib import Path
from typing import Annotated

import typer

from midcli.cli.find import (
    AsJson,
    ButWords,
    CompareOn,
    EmbedAudio,
    Flagged,
    Jobs,
    Minutes,
    ModelName,
    On,
    Opposite,
    Output,
    Overwrite,
    Quick,
    Reasons,
    Save,
    Seed,
    Title,
    Top,
    Vary,
)
from midcli.cli.libraries import LibraryPath
from midcli.cli.options import Vocabulary


def similar(
    song: Annotated[Path, typer.Argument(help="An audio file, in the library or not.", show_default=False)],
    library: LibraryPath,
    but: ButWords = None,
    on: CompareOn = On.emotions,
    opposite: Opposite = False,
    top: Top = None,
    minutes: Minutes = None,
    vary: Vary = False,
    seed: Seed = None,
    why: Reasons = False,
    flagged: Flagged = False,
    output: Output = None,
    save: Save = None,
    embed_audio: EmbedAudio = False,
    title: Title = None,
    overwrite: Overwrite = False,
    model: ModelName = None,
    vocabulary: Vocabulary = None,
    jobs: Jobs = None,
    quick: Quick = False,
    as_json: AsJson = False,
) -> None:
    """Find pieces that sound like one: short for `midcli find LIBRARY --like SONG`.

    Example: midcli similar song.mp3 Music --why
    """
    from midcli.cli.delivery import Delivery
    from midcli.cli.search import Wanted, Way, search

    wanted = Wanted(
        like=[song],
        but=but or "",
        on=on.value,
        opposite=opposite,
        way=Way(top, minutes, vary, seed=seed),
        flagged=flagged,
        vocabulary=vocabulary,
    )
    delivery = Delivery(why, output, save, embed_audio, title, overwrite, as_json)
    search(library, wanted, delivery, model, jobs, quick)
