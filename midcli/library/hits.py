"""Hits as people and programs read them: names, values, reasons; and as a playlist."""

import csv
import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from midcli.explanation.sections import Contrast
from midcli.library.reasons import Reasons, Why
from midcli.library.search import Ranking, is_gone
from midcli.library.tables import harmless_cell
from midcli.library.tags import read_titles
from midcli.util.text import json_text, printable, rounded

FIND_SCHEMA = "midcli.find/1"


@dataclass(frozen=True)
class Hit:
    """One piece that was found.

    >>> from midcli.library.hits import hits_of
    >>> from midcli.library.search import find
    >>> best = hits_of(find("library.jsonl", "energetic"))[0]
    >>> best.rank, best.perhaps in [(), ("energy",)]
    (1, True)
    """

    rank: int
    file: str
    path: Path
    """Where it is from here."""
    title: str
    """From the file's tags, else its name."""
    artist: str | None
    duration_s: float
    score: float
    """0 to 100."""
    values: dict[str, float]
    """All emotions and qualities in points."""
    perhaps: tuple[str, ...]
    """What was asked for and may be missed: the 80 % interval does not clear it."""
    gone: bool
    """Whether nothing is at its place any more."""
    flagged: bool
    """Whether it does not sound like music."""
    why: Why
    contrast: Contrast | None = None
    """How it changes most, if that was asked for."""

    @property
    def named(self) -> str:
        """`Artist – Title`, or the title alone."""
        return f"{self.artist} – {self.title}" if self.artist else self.title

    def to_dict(self, names: Sequence[str]) -> dict[str, Any]:
        """The object of `find --json`, with the values of some names."""
        row: dict[str, Any] = {
            "schema": FIND_SCHEMA,
            "rank": self.rank,
            "file": json_text(self.file),
            "title": json_text(self.title),
            "artist": None if self.artist is None else json_text(self.artist),
            "duration_s": rounded(self.duration_s),
            "score": rounded(self.score),
            "perhaps": list(self.perhaps),
            "gone": self.gone,
            "flagged": self.flagged,
            "values": {name: rounded(self.values[name]) for name in names},
            "why": {
                "words": self.why.words,
                "differences": {name: one.to_dict() for name, one in self.why.differences.items()},
            },
        }
        return row | ({"contrast": self.contrast.to_dict()} if self.contrast else {})


def hits_of(ranking: Ranking) -> list[Hit]:
    """All hits of a ranking in its order; reads the tags of their files.

    >>> from midcli.library.hits import hits_of
    >>> from midcli.library.search import find
    >>> [hit.rank for hit in hits_of(find("library.jsonl", least={"energy": 1}))]
    [1, 2]
    """
    return list(_described(ranking))


def _described(ranking: Ranking) -> Iterator[Hit]:
    library, reasons = ranking.library, Reasons(ranking)
    for place, row in enumerate(ranking.rows.tolist()):
        path = library.locate(row)
        titles = read_titles(path)
        yield Hit(
            place + 1,
            library.files[row],
            path,
            titles.title or printable(path.stem),
            titles.artist,
            float(library.rows["duration_s"][row]),
            float(ranking.scores[place]),
            dict(zip(library.names, library.values[row].tolist(), strict=True)),
            ranking.perhaps(place),
            is_gone(library, row),
            bool(library.rows["flagged"][row]),
            reasons.of(place),
            None if ranking.query.contrast is None else library.contrast(row),
        )


def artists_of(ranking: Ranking) -> list[str | None]:
    """Artists as the files' tags tell them, in lower case; None where they do not."""
    artists = (read_titles(ranking.library.locate(row)).artist for row in ranking.rows.tolist())
    return [artist and artist.casefold() for artist in artists]


def shown_names(ranking: Ranking) -> tuple[str, ...]:
    """The columns that matter for a query: what it names, else what pieces are compared in."""
    query = ranking.query
    if query.likes and not query.opposite:
        from midcli.library.search import names_on

        compared = names_on(ranking.library, "emotions" if query.on == "both" else query.on)
        return tuple(dict.fromkeys((*query.names, *compared)))
    turns = [turn.name for turn in query.contrast or ()]
    named = tuple(dict.fromkeys((*query.names, *turns, *ranking.way)))
    return named or (ranking.library.emotion_names if query.contrast == () else ranking.library.names)


def m3u8(hits: Sequence[Hit], folder: Path, title: str | None = None) -> str:
    """A playlist that stands in a folder, with paths relative to it where they can be.

    What is not `listable` is left out.

    >>> from pathlib import Path
    >>> from midcli.library.hits import hits_of, m3u8
    >>> from midcli.library.search import find
    >>> hits = hits_of(find("library.jsonl", "energetic"))
    >>> m3u8(hits, Path.cwd()).splitlines()[-1] in ("song.ogg", "other.ogg")
    True
    """
    lines = ["#EXTM3U", *([f"#PLAYLIST:{printable(title)}"] if title else [])]
    for hit in listable(hits, folder):
        lines += [f"#EXTINF:{round(hit.duration_s)},{_as_listed(hit)}", relative_place(hit.path, folder)]
    return "".join(f"{line}\n" for line in lines)


def listable(hits: Sequence[Hit], folder: Path) -> list[Hit]:
    """The hits whose paths can stand in a playlist in a folder: those without line breaks.

    >>> from pathlib import Path
    >>> from midcli.library.hits import hits_of, listable
    >>> from midcli.library.search import find
    >>> len(listable(hits_of(find("library.jsonl", "energetic")), Path.cwd()))
    1
    """
    return [hit for hit in hits if len(relative_place(hit.path, folder).splitlines()) == 1]


def csv_text(hits: Sequence[Hit]) -> str:
    """A table with all values, two decimals, and a byte-order mark, by which Excel knows UTF-8.

    >>> from midcli.library.hits import csv_text, hits_of
    >>> from midcli.library.search import find
    >>> text = csv_text(hits_of(find("library.jsonl", least={"energy": 1})))
    >>> [line.partition(",")[0] for line in text.splitlines()]
    ['\ufeffrank', '1', '2']
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = list(hits[0].values) if hits else []
    writer.writerow(
        ["rank", "score", "file", "title", "artist", "duration_s", *names, "perhaps", "gone", "why"]
    )
    for hit in hits:
        writer.writerow(
            [
                hit.rank,
                f"{hit.score:.2f}",
                *map(harmless_cell, (json_text(hit.file), hit.title, hit.artist or "")),
                f"{hit.duration_s:.2f}",
                *(f"{value:.2f}" for value in hit.values.values()),
                " ".join(hit.perhaps),
                "yes" if hit.gone else "",
                hit.why.words,
            ]
        )
    return f"\ufeff{text.getvalue()}"


def relative_place(path: Path, folder: Path) -> str:
    """Where a file is, seen from a folder, with slashes; on another drive its whole path."""
    absolute = Path(os.path.realpath(path.parent)) / path.name  # a linked file keeps its own name
    try:
        relative = json_text(Path(os.path.relpath(absolute, os.path.realpath(folder))).as_posix())
    except ValueError:  # on another drive of Windows
        return json_text(str(absolute))
    looks_like_another = relative.startswith("#") or relative != relative.lstrip()  # to what reads a playlist
    return f"./{relative}" if looks_like_another else relative


def _as_listed(hit: Hit) -> str:
    """`Artist - Title`, as players split it."""
    return f"{hit.artist} - {hit.title}" if hit.artist else hit.title
