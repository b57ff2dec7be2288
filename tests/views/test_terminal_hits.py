"""Hits of a search in a terminal: whole numbers in any width."""

from pathlib import Path

import pytest
from rich.console import Console

from midcli.explanation.words.numbers import decimal
from midcli.library.columns import Library
from midcli.library.hits import hits_of
from midcli.library.index import open_library
from midcli.library.search import find
from midcli.views.terminal.hits import hits_table
from tests.library_files import predictions, qualities, write_library


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Library:
    path = tmp_path_factory.mktemp("library") / "library.jsonl"
    write_library(path, predictions(tiny_model, qualities(30)))
    return open_library(path, tiny_model)


@pytest.mark.parametrize("width", [40, 60, 73, 80, 81, 82, 83, 84, 120])
@pytest.mark.parametrize("title", ["a", "a title of thirty characters .."])
def test_no_line_is_wider_than_the_terminal(library: Library, width: int, title: str) -> None:
    hits = hits_of(find(library, like=["000.wav"], but="sadder"))[:5]
    named = [type(hit)(**{**vars(hit), "title": f"{title}{hit.rank}"}) for hit in hits]
    console = Console(width=width)
    with console.capture() as capture:
        console.print(
            hits_table(named, ["sad", *library.emotion_names[:6]], library.head, width, True), soft_wrap=True
        )
    lines = [line for line in capture.get().splitlines() if line.startswith(" ")]  # without the legend
    assert max(map(len, lines)) <= width
    rows = [line for line in lines if line[1].isdigit()]
    assert all(decimal(hit.values["sad"]) in row for hit, row in zip(hits, rows, strict=True))


def test_without_a_terminal_all_values_stand_near_a_name_of_forty_columns(library: Library) -> None:
    hits = hits_of(find(library, "tense"))[:3]
    named = [type(hit)(**{**vars(hit), "title": f"{hit.rank} {'long ' * 30}"}) for hit in hits]
    console = Console(width=10_000)
    with console.capture() as capture:
        console.print(hits_table(named, library.emotion_names, library.head, None, False), soft_wrap=True)
    rows = [line for line in capture.get().splitlines() if line[1:2].isdigit()]
    for hit, row in zip(hits, rows, strict=True):
        assert len(row) < 130
        assert all(decimal(hit.values[name]) in row for name in library.emotion_names)


@pytest.mark.parametrize(("value", "explained"), [(-0.4, True), (2.0, False)])
def test_values_beyond_the_scale_are_explained(library: Library, value: float, explained: bool) -> None:
    (hit,) = hits_of(find(library, "tense"))[:1]
    shown = type(hit)(**{**vars(hit), "values": {**hit.values, "sad": value}})
    console = Console(width=80)
    with console.capture() as capture:
        console.print(hits_table([shown], ["sad"], library.head, 80, False))
    assert ("beyond the scale" in capture.get()) == explained
