"""`midcli find`: the right pieces of a library, and why."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from midcli.cli.completion import complete_model
from midcli.cli.libraries import LibraryPath
from midcli.cli.options import TOP, Vocabulary


class On(StrEnum):
    """What pieces are compared in."""

    emotions = "emotions"
    qualities = "qualities"
    both = "both"


Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="WORDS",
        help="Emotions, qualities, their poles, with more, less, very, not.",
        show_default=False,
    ),
]
High = Annotated[list[str] | None, typer.Option(metavar="NAME", help="High, for this library; repeatable.")]
Low = Annotated[list[str] | None, typer.Option(metavar="NAME", help="Low, for this library; repeatable.")]
Least = Annotated[
    list[str] | None, typer.Option("--min", metavar="NAME=POINTS", help="At least; repeatable.")
]
Most = Annotated[list[str] | None, typer.Option("--max", metavar="NAME=POINTS", help="At most; repeatable.")]
Like = Annotated[
    list[Path] | None,
    typer.Option(metavar="FILE", help="Like this piece, in the library or not; several: like their mean."),
]
Start = Annotated[str | None, typer.Option("--from", metavar="WORDS", help="Start of an arc; needs --to.")]
End = Annotated[str | None, typer.Option("--to", metavar="WORDS", help="End of an arc; needs --from.")]
Between = Annotated[
    tuple[Path, Path] | None, typer.Option(metavar="FILE FILE", help="A path from one piece to another.")
]
Contrast = Annotated[
    str | None,
    typer.Option(
        metavar="WORDS",
        help="Pieces that change: `any`, most in an emotion (`tense`), or so (`calm to tense`).",
    ),
]
Top = Annotated[
    int | None, typer.Option(help="How many pieces; in a smart playlist, at most.", show_default=f"{TOP}")
]
Minutes = Annotated[
    float | None, typer.Option(metavar="MINUTES", help="As many pieces as come nearest to this length.")
]
ButWords = Annotated[
    str | None, typer.Option("--but", metavar="WORDS", help="What is to differ: `sadder, less staccato`.")
]
CompareOn = Annotated[On, typer.Option("--on", help="What pieces are compared in.")]
Opposite = Annotated[
    bool, typer.Option("--opposite", help="Alike in emotion, far apart in qualities: the paper's pairs.")
]
Vary = Annotated[
    bool, typer.Option("--vary", help="Keep the mood, spread the qualities, and say by how much.")
]
Seed = Annotated[
    int | None, typer.Option(min=0, help="Another list of the same kind; the same number, the same list.")
]
Reasons = Annotated[bool, typer.Option("--why", help="A line for each: what it shares, where it departs.")]
Flagged = Annotated[bool, typer.Option("--flagged", help="Also what does not sound like music.")]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Write the hits as .m3u8, .csv or .jsonl, or what is asked for as a smart playlist (.nsp).",
    ),
]
Save = Annotated[
    Path | None, typer.Option(metavar="FILE.html", help="Write a page with a player and the reasons.")
]
EmbedAudio = Annotated[bool, typer.Option("--embed-audio", help="Put the music itself into the page.")]
Title = Annotated[str | None, typer.Option(help="Title of the page or playlist.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace an existing file.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a hit, on stdout.")]
ModelName = Annotated[
    str | None,
    typer.Option(help="The model of the library, where it is not bundled.", autocompletion=complete_model),
]
Jobs = Annotated[
    int | None,
    typer.Option("--jobs", "-j", min=1, help="Worker processes for a folder.", show_default="all cores"),
]

Quick = Annotated[bool, typer.Option("--quick", help="Hear 1 to 2 minutes of each long piece of a folder.")]


def find(
    library: LibraryPath,
    words: Words = None,
    high: High = None,
    low: Low = None,
    least: Least = None,
    most: Most = None,
    like: Like = None,
    but: ButWords = None,
    on: CompareOn = On.emotions,
    opposite: Opposite = False,
    contrast: Contrast = None,
    top: Top = None,
    minutes: Minutes = None,
    vary: Vary = False,
    start: Start = None,
    end: End = None,
    between: Between = None,
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
    """Find pieces by how they sound, with the reason for each.

    Example: midcli find Music "tense, not dissonant" --why

    High and low are relative to the library, --min and --max in rating points. Hits whose intervals do not
    clear what was asked say "perhaps". How they are ranked: docs/playlists.md
    """
    from midcli.cli.delivery import Delivery
    from midcli.cli.search import Wanted, Way, search

    wanted = Wanted(
        words=" ".join(words or []),
        high=high or (),
        low=low or (),
        least=least or (),
        most=most or (),
        like=like or (),
        but=but or "",
        on=on.value,
        opposite=opposite,
        way=Way(top, minutes, vary, start, end, between, seed),
        flagged=flagged,
        vocabulary=vocabulary,
        contrast=contrast,
    )
    delivery = Delivery(why, output, save, embed_audio, title, overwrite, as_json)
    search(library, wanted, delivery, model, jobs, quick)
