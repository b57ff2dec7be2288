"""A search as a smart playlist of Navidrome (.nsp): rules over the tags that `tag` writes.

A rule knows no library, so what is relative to it becomes a bound at its median, in points. Navidrome reads
the tags as numbers once its settings name them (`navidrome_settings`).
"""

from collections.abc import Iterable
from typing import Any

from midcli.errors import UsageError
from midcli.library.columns import Library
from midcli.library.query import Query, in_words
from midcli.library.search import Scale
from midcli.library.tags_content import tag_name

_HALF_STEP = 0.005  # tags have two decimals, and rules say "more than"


def smart_playlist(library: Library, query: Query, name: str, limit: int | None = None) -> dict[str, Any]:
    """The object of a smart playlist with all pieces that fit a search, ordered by what it names first.

    Raises UsageError for a search that no rule can express.

    >>> from midcli.library.index import open_library
    >>> from midcli.library.query import Bound, Query
    >>> from midcli.library.smart_playlists import smart_playlist
    >>> query = Query(bounds=(Bound("energy", 1, 6.0),))
    >>> smart_playlist(open_library("library.jsonl"), query, "Awake")["all"]
    [{'gt': {'midcli_energy': 5.995}}]
    """
    if query.likes:
        raise UsageError(
            "a smart playlist has no rule for a piece to be like; ask for emotions and qualities"
        )
    if query.contrast is not None:
        raise UsageError("a smart playlist has no rule for a contrast; ask for emotions and qualities")
    if query.is_empty:
        raise UsageError("a smart playlist of everything has no rule; ask for emotions and qualities")
    scale = Scale(library)
    wanted = [(one.name, one.sign, scale.median(one.name)) for one in query.conditions]
    wanted += [(one.name, one.sign, one.points) for one in query.bounds]
    first, sign, _ = wanted[0]
    rules: dict[str, Any] = {
        "name": name,
        "comment": f"{in_words(query)} (by midcli)",
        "all": [_rule(*one) for one in wanted],
        "sort": _field(first),
        "order": "desc" if sign > 0 else "asc",
    }
    return rules if limit is None else rules | {"limit": limit}


def navidrome_settings(names: Iterable[str]) -> str:
    """Lines for navidrome.toml by which it reads the tags of some emotions and qualities as numbers.

    >>> from midcli.library.smart_playlists import navidrome_settings
    >>> print(navidrome_settings(["energy"]), end="")
    Tags.midcli_energy.Aliases = ['midcli_energy']
    Tags.midcli_energy.Type = 'float'
    """
    lines = []
    for name in names:
        lines += [f"Tags.{_field(name)}.Aliases = ['{_field(name)}']", f"Tags.{_field(name)}.Type = 'float'"]
    return "".join(f"{line}\n" for line in lines)


def _rule(name: str, sign: int, points: float) -> dict[str, dict[str, float]]:
    return {"gt" if sign > 0 else "lt": {_field(name): round(points - sign * _HALF_STEP, 3)}}


def _field(name: str) -> str:
    return tag_name(name).lower()
