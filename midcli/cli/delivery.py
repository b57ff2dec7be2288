"""From hits to where they are wanted: a table, JSON lines, a playlist, a smart playlist, a page."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from midcli.cli.saving import check_page
from midcli.cli.targets import check_targets
from midcli.errors import UsageError
from midcli.library.lists import PLAYLIST_SUFFIXES

if TYPE_CHECKING:
    from midcli.library.hits import Hit
    from midcli.library.search import Ranking
    from midcli.views.page.hits import Player

_SMART = ".nsp"
_FORMATS = (*PLAYLIST_SUFFIXES, _SMART, ".csv", ".jsonl")


@dataclass(frozen=True)
class Delivery:
    """Where hits go."""

    why: bool
    output: Path | None
    save: Path | None
    embed_audio: bool
    title: str | None
    overwrite: bool
    as_json: bool

    @property
    def is_playlist(self) -> bool:
        """Whether the hits are written as a list for players."""
        return self.output is not None and self.output.suffix.lower() in PLAYLIST_SUFFIXES

    @property
    def by_rules(self) -> bool:
        """Whether a smart playlist is written, which holds what is asked for instead of what was found."""
        return self.output is not None and self.output.suffix.lower() == _SMART

    def check(self, inputs: Sequence[Path]) -> None:
        """Raises UsageError or OutputError for what could not be written."""
        if self.output:
            if self.output.suffix.lower() not in _FORMATS:
                raise UsageError(f"--output {self.output}: the name must end in {', '.join(_FORMATS)}")
            check_targets([self.output], inputs, self.overwrite)
        if self.save:
            check_page(self.save, inputs, self.overwrite)
        elif self.embed_audio:
            raise UsageError("--embed-audio needs --save NAME.html")


def deliver(ranking: "Ranking", understood: str, top: int, delivery: Delivery) -> None:
    """Show or write the hits; a smart playlist has `top` of them at most. Raises OutputError, UsageError."""
    from midcli.cli.console import print_json, print_line, stdout, table_width
    from midcli.cli.saving import print_saved
    from midcli.library.hits import hits_of, shown_names
    from midcli.util.files import write_bytes

    hits, names = hits_of(ranking), shown_names(ranking)
    _warn_of_gone(hits, delivery)
    if delivery.output:
        content = _content(ranking, hits, delivery.output, delivery.title, top)
        write_bytes(delivery.output, content)
        print_saved(delivery.output, content)
        if delivery.by_rules:
            print_line("navidrome", "reads what `midcli tag --write` writes: docs/tags.md", "bold")
    if delivery.save:
        from midcli.views.page.hits import hits_page

        players = _players(hits, delivery.save, delivery.embed_audio)
        content = hits_page(ranking, hits, players, names, delivery.title or understood, understood)
        write_bytes(delivery.save, content)
        print_saved(delivery.save, content)
    if delivery.as_json:
        for hit in hits:
            print_json(hit.to_dict(names))
    elif hits and (delivery.why or not delivery.output):
        from midcli.views.terminal.hits import hits_table

        with_reasons = delivery.why or ranking.query.contrast is not None  # no column tells how it changes
        stdout().print(hits_table(hits, names, ranking.library.head, table_width(), with_reasons))


def _warn_of_gone(hits: "Sequence[Hit]", delivery: Delivery) -> None:
    """How many hits are nowhere to be found, and which of them may only be out of reach."""
    from midcli.cli.console import print_warning
    from midcli.cli.names import NOT_TEXT
    from midcli.util.text import has_lost_bytes

    gone = [hit for hit in hits if hit.gone]
    if gone:
        left_out = ", and left out of the playlist" if delivery.is_playlist and len(gone) < len(hits) else ""
        is_gone, they_were = ("is gone", "it was") if len(gone) == 1 else ("are gone", "they were")
        print_warning(f"{len(gone)} of {len(hits)} files {is_gone} from where {they_were} analysed{left_out}")
    for hit in gone:
        if has_lost_bytes(hit.file):
            print_warning(f"{hit.file}: may be there; {NOT_TEXT}")


def _content(ranking: "Ranking", hits: "Sequence[Hit]", output: Path, title: str | None, top: int) -> bytes:
    from midcli.cli.console import print_warning
    from midcli.library.hits import csv_text, listable, m3u8, shown_names
    from midcli.library.smart_playlists import smart_playlist
    from midcli.util.text import json_line

    suffix = output.suffix.lower()
    if suffix == _SMART:
        rules = smart_playlist(ranking.library, ranking.query, title or output.stem, top)
        return f"{json_line(rules)}\n".encode()
    if suffix == ".csv":
        return csv_text(hits).encode()
    if suffix == ".jsonl":
        names = shown_names(ranking)
        return "".join(f"{json_line(hit.to_dict(names))}\n" for hit in hits).encode()
    playable = [hit for hit in hits if not hit.gone] or hits  # where all are, the disk is elsewhere
    folder = Path(os.path.realpath(output)).parent
    listed = listable(playable, folder)
    for hit in playable:
        if hit not in listed:
            print_warning(f"{hit.file}: no playlist can hold a name with a line break; left out of it")
    return m3u8(listed, folder, title).encode()


def _players(hits: "Sequence[Hit]", page: Path, embedded: bool) -> "list[Player]":
    """What plays each hit on a page: the music itself, or the file where it is."""
    from midcli.views.page.hits import embedded_player, linked_player

    folder = Path(os.path.realpath(page)).parent
    return [embedded_player(hit) if embedded else linked_player(hit, folder) for hit in hits]
