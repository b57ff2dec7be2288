import json
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from midcli.errors import UsageError
from midcli.library.columns import Library
from midcli.library.index import open_library
from midcli.library.query import Bound, Condition, Like, Query
from midcli.library.search import Scale, rank
from midcli.library.smart_playlists import navidrome_settings, smart_playlist
from midcli.library.tags_content import tags_of
from tests.library_files import predictions, qualities, write_library

PIECES = 60


@pytest.fixture
def library(tmp_path: Path, tiny_model: Path) -> Library:
    path = write_library(tmp_path / "library.jsonl", predictions(tiny_model, qualities(PIECES)))
    return open_library(path, tiny_model)


def played(library: Library, playlist: dict[str, Any]) -> list[int]:
    """The pieces that the rules choose by the tags that are written, asked as Navidrome asks its database."""
    database = sqlite3.connect(":memory:")
    database.execute("create table media_file (id integer, tags text)")
    for row in range(len(library)):
        tags = {
            name.lower(): [{"value": value} for value in values]
            for name, values in tags_of(library.record(row)).items()
        }
        database.execute("insert into media_file values (?, ?)", (row, json.dumps(tags)))
    conditions = []
    for rule in playlist["all"]:
        ((operator, fields),) = rule.items()
        ((field, value),) = fields.items()
        sign = {"gt": ">", "lt": "<"}[operator]
        conditions.append(
            f"exists (select 1 from json_tree(media_file.tags, '$.{field}') "  # noqa: S608
            f"where key='value' and CAST(value AS REAL) {sign} {value})"
        )
    found = database.execute(f"select id from media_file where {' and '.join(conditions)}")  # noqa: S608
    return sorted(row for (row,) in found)


def bounds_of(library: Library, query: Query) -> list[tuple[str, float]]:
    medians = [(one.name, Scale(library).median(one.name)) for one in query.conditions]
    return medians + [(one.name, one.points) for one in query.bounds]


@pytest.mark.parametrize(
    "query",
    [
        Query((Condition("tension", 1),)),
        Query((Condition("tension", 1), Condition("dissonance", -1))),
        Query((), (Bound("melodiousness", 1, 5.0), Bound("melodiousness", -1, 5.6))),
        Query((Condition("minorness", -1),), (Bound("articulation", 1, 4.5),)),
    ],
)
def test_the_rules_choose_what_the_search_finds(library: Library, query: Query) -> None:
    chosen = played(library, smart_playlist(library, query, "Test"))
    assert 0 < len(chosen) < PIECES
    for row in set(chosen) ^ set(rank(library, query).rows.tolist()):
        # two decimals cannot tell it from the bound
        values = dict(zip(library.names, library.values[row].tolist(), strict=True))
        assert min(abs(values[name] - points) for name, points in bounds_of(library, query)) <= 0.01


def test_what_is_named_first_comes_first(library: Library) -> None:
    playlist = smart_playlist(library, Query((Condition("sad", -1), Condition("energy", 1))), "Up", 20)
    assert (playlist["name"], playlist["sort"], playlist["order"]) == ("Up", "midcli_sad", "asc")
    assert playlist["limit"] == 20
    assert "limit" not in smart_playlist(library, Query((Condition("sad", 1),)), "Down")
    assert playlist["comment"].startswith("sadness low")


def test_what_no_rule_can_express_is_refused(library: Library) -> None:
    with pytest.raises(UsageError, match="piece to be like"):
        smart_playlist(library, Query(likes=(Like("a.mp3", np.full(7, 5.0)),)), "Like")
    with pytest.raises(UsageError, match="everything"):
        smart_playlist(library, Query(), "All")


def test_settings_name_each_tag_as_a_number() -> None:
    assert navidrome_settings(["rhythmic_stability"]) == (
        "Tags.midcli_rhythmic_stability.Aliases = ['midcli_rhythmic_stability']\n"
        "Tags.midcli_rhythmic_stability.Type = 'float'\n"
    )
