"""`midcli data`: the annotated corpora that training and evaluation need."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from midcli.cli import options
from midcli.cli.commands import Command, Group
from midcli.errors import DataError, UsageError
from midcli.util.files import isdir

if TYPE_CHECKING:
    from midcli.corpora.corpus import Corpus
    from midcli.corpora.fetch import Fetched

app = typer.Typer(cls=Group, no_args_is_help=True, add_completion=False)


@app.callback()
def data() -> None:
    """The annotated corpora that training and evaluation need.

    Example: midcli data fetch soundtracks ~/corpora
    """


FOLDS = 5
"""Of `train`, unless it is told otherwise."""


class Source(StrEnum):
    """Which of the published corpora."""

    soundtracks = "soundtracks"
    midlevel = "midlevel"


@app.command(cls=Command)
def check(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder of the corpora; MIDCLI_DATA if none.", show_default=False)
    ] = None,
    labels: Annotated[
        str | None,
        typer.Option(metavar="COLUMN,...", help="Columns of your own CSV to learn, as `train` takes them."),
    ] = None,
) -> None:
    """Say what is there, what is missing, and where it is published.

    Example: midcli data check ~/corpora

    Example: midcli data check mine.csv --labels epic,groovy

    A folder of the published layout, a folder of several CSVs, or a CSV of your own with a column `file`,
    columns of ratings and, if some pieces belong together (to an album, say), a column `group`. Of several
    CSVs it says what the default recipe learns from each, beside another corpus. Of a CSV it says for each
    scheme whether `train` would find enough in it. Leaves with 4 if training and evaluation would not find
    the film excerpts complete.
    """
    from midcli.cli.console import stdout
    from midcli.cli.inputs import data_folder
    from midcli.corpora.corpus import rating_gaps
    from midcli.corpora.own import load_corpus
    from midcli.corpora.splits import fixed_parts_absent
    from midcli.views.terminal.corpus import corpus_summary

    place = data_folder(folder)
    if labels:
        _print_labelled(place, labels)
        return
    if not isdir(place / "soundtracks") and isdir(place) and len(list(place.glob("*.csv"))) > 1:
        _print_beside(place)
        return
    _print_parts(place)
    corpus = load_corpus(place)
    stdout().print(corpus_summary(corpus))
    for line in rating_gaps(corpus):
        stdout().print(line)
    if corpus.published and (absent := fixed_parts_absent(corpus, validate=True)):
        stdout().print(absent)
    if not corpus.published:
        _print_enough(corpus)


def _print_labelled(place: Path, labels: str) -> None:
    """What is there of labels of a user's own."""
    from midcli.cli.console import stdout
    from midcli.cli.inputs import columns_of
    from midcli.corpora.corpus import rating_gaps
    from midcli.corpora.own import load_labelled
    from midcli.study.heads import check_groups
    from midcli.views.terminal.corpus import corpus_summary, vocabulary_summary

    corpus = load_labelled(place, columns_of(labels))
    stdout().print(corpus_summary(corpus))
    stdout().print(vocabulary_summary(corpus.vocabulary))
    for line in rating_gaps(corpus):
        stdout().print(line)
    _print_whether(
        corpus.name, "--from MODEL", partial(check_groups, [excerpt.group for excerpt in corpus.excerpts])
    )
    _print_enough(corpus)


def _print_enough(corpus: "Corpus") -> None:
    """For each scheme whether `train` would find enough."""
    from midcli.study.enough import check_enough
    from midcli.study.recipes import SCHEMES

    for scheme in SCHEMES:
        _print_whether(corpus.name, f"--scheme {scheme}", partial(check_enough, corpus, scheme, FOLDS, 0))


def _print_whether(name: str, way: str, check: Callable[[], object]) -> None:
    from midcli.cli.console import stdout

    try:
        check()
        told = "enough"
    except DataError as error:
        told = f"not enough: {str(error).removeprefix(f'{name}: ')}"
    stdout().print(f"train {way}: {told}", markup=False)


Addresses = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ADDRESS|FILE",
        help="A zip archive of the corpus, at an address or downloaded already; repeatable: the first "
        "that delivers is taken.",
        show_default="where it is published",
    ),
]
MaxGb = Annotated[
    float,
    typer.Option(
        min=0.001,
        max=1e6,
        callback=options.a_number,
        help="Refuse archives that are, or unpack to, more than this.",
    ),
]


@app.command(cls=Command)
def fetch(
    corpus: Annotated[Source, typer.Argument(help="Which corpus.", show_default=False)],
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="Folder of the corpora; made if need be; MIDCLI_DATA if none.", show_default=False
        ),
    ] = None,
    url: Addresses = None,
    max_gb: MaxGb = 4.0,
    overwrite: options.Overwrite = False,
) -> None:
    r"""Download a published corpus, or check the one that is there, and say what is there then.

    Example: midcli data fetch soundtracks ~/corpora

    Interrupted, it leaves everything as it was. Checksums of the first
    download are kept beside the files (SHA256SUMS); later downloads have to
    agree with them. Needs the extra fetch.

    The public addresses could not be tried when this was written. If one fails,
    download the archive in a browser and name it with --url.
    """
    from midcli.cli.console import print_warning
    from midcli.corpora.fetch import PUBLISHED
    from midcli.corpora.fetch import fetch as fetch_corpus

    if folder is None:
        raise UsageError(f"no folder named: midcli data fetch {corpus} DIR, or set MIDCLI_DATA")
    try:
        with _progress(str(corpus)) as on_progress:
            fetched = fetch_corpus(
                PUBLISHED[corpus],
                folder,
                url or (),
                max_bytes=round(max_gb * 1e9),
                overwrite=overwrite,
                on_progress=on_progress,
            )
    except KeyboardInterrupt:
        print_warning("interrupted; everything is as it was")
        raise
    _print_fetched(fetched, folder / corpus)
    _print_rest(folder, corpus)


def _print_fetched(fetched: "Fetched", place: Path) -> None:
    from midcli.cli.console import print_line, print_warning
    from midcli.util.text import printable

    root = printable(str(place))
    if fetched.source is None:
        print_line("there", f"{root}: all {fetched.kept} files, nothing downloaded", "bold")
    else:
        counts = f"{fetched.placed} files from {printable(fetched.source)}, {fetched.kept} were there"
        print_line("fetched", f"{root}: {counts}", "bold")
    if fetched.differing:
        print_warning(
            f"{root}: {len(fetched.differing)} files that were there, such as {fetched.differing[0]}, "
            "are not as published; --overwrite replaces them"
        )


def _print_beside(place: Path) -> None:
    """What each of several corpora offers to be learned from beside another."""
    from midcli.cli.console import stdout
    from midcli.corpora.own import load_all_beside
    from midcli.study.recipes import DEFAULT
    from midcli.views.terminal.corpus import beside_summary

    for corpus in load_all_beside(place):
        stdout().print(beside_summary(corpus, DEFAULT))


def _print_parts(place: Path) -> None:
    from midcli.cli.console import stdout
    from midcli.corpora.published import check_published
    from midcli.views.terminal.corpus import parts_table

    if isdir(place) and any(isdir(place / name) for name in Source):
        stdout().print(parts_table(check_published(place)))


def _print_rest(place: Path, fetched: Source) -> None:
    """What `check` says, but a corpus that has not been fetched yet is no failure."""
    from midcli.cli.console import print_line

    other = next(source for source in Source if source is not fetched)
    if isdir(place / other):
        check(place)
        return
    _print_parts(place)
    print_line("next", f"training and evaluation need both: midcli data fetch {other} {place}", "bold")


@contextmanager
def _progress(name: str) -> Iterator[Callable[[int, int | None], None]]:
    """A bar on stderr, if someone is watching."""
    from midcli.cli.console import stderr

    if not stderr().is_terminal:
        yield lambda done, total: None  # noqa: ARG005
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

    columns = (
        "{task.description}",
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=stderr(), transient=True) as progress:
        task = progress.add_task(name, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
