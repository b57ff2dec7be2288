"""Marked pieces as a playlist or a page."""

import os
from pathlib import Path

import numpy as np

from midcli.errors import OutputError, UsageError
from midcli.library.hits import Hit, hits_of, listable, m3u8
from midcli.library.lists import PLAYLIST_SUFFIXES
from midcli.library.query import Query
from midcli.library.search import Ranking, Scale
from midcli.util.files import exists, write_bytes
from midcli.views.browse.shelf import Shelf

PAGE = ".html"


def export(shelf: Shelf, target: Path) -> int:
    """Write what is marked, in the order of the table. The name's ending says what is written.

    Returns how many pieces it names: not those whose names no playlist can hold. Raises UsageError for
    another ending, OutputError for a file that exists or cannot be written.
    """
    suffix = target.suffix.lower()
    if suffix not in (*PLAYLIST_SUFFIXES, PAGE):
        raise UsageError(f"{target}: the name must end in .m3u8 or {PAGE}")
    if exists(target):
        raise OutputError(f"{target}: exists; choose another name")
    ranking = marked(shelf)
    hits = hits_of(ranking)
    if suffix == PAGE:
        write_bytes(target, _page(ranking, hits, target))
        return len(hits)
    write_bytes(target, m3u8(hits, target.parent).encode())
    return len(listable(hits, target.parent))


def marked(shelf: Shelf) -> Ranking:
    """The marked pieces: those that are shown as they stand there, then the others."""
    shown = [row for row in shelf.rows.tolist() if row in shelf.marked]
    rows = np.array([*shown, *sorted(shelf.marked.difference(shown))], np.intp)
    nothing_asked = np.zeros((len(rows), 0), bool)
    return Ranking(Scale(shelf.library), Query(), rows, np.zeros(len(rows)), nothing_asked)


def _page(ranking: Ranking, hits: list[Hit], target: Path) -> bytes:
    from midcli.views.page.hits import hits_page, linked_player

    players = [linked_player(hit, Path(os.path.realpath(target)).parent) for hit in hits]
    return hits_page(ranking, hits, players, ranking.library.names, target.stem, "")
