"""The page of a search: what it shows is what the hits are, and nothing of a file's name is markup."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import soundfile

from midcli.library.hits import hits_of
from midcli.library.index import open_library
from midcli.library.search import Ranking, find
from midcli.views.page.hits import Player, embedded_player, hits_page, linked_player
from tests.library_files import predictions, qualities, write_library


class Elements(HTMLParser):
    """Elements with their attributes, and what is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attributes)))
        if tag not in ("meta", "input", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(page: bytes) -> Elements:
    elements = Elements()
    elements.feed(page.decode())
    assert elements.open == []
    return elements


@pytest.fixture
def ranking(tmp_path: Path, tiny_model: Path) -> Ranking:
    music = tmp_path / "my music"
    music.mkdir()
    names = [str(music / name) for name in ("a.wav", "<b onclick=x>.wav", "c #1.wav", "gone.wav")]
    for name in names[:3]:
        soundfile.write(name, np.random.default_rng(0).normal(0, 0.1, 44_100), 22_050)
    path = write_library(tmp_path / "library.jsonl", predictions(tiny_model, qualities(4), names))
    return find(open_library(path, tiny_model), least={"dissonance": 1})


def page_of(ranking: Ranking, players: list[Player]) -> bytes:
    return hits_page(
        ranking, hits_of(ranking), players, ("dissonance", "tension"), "Reel <3>", "dissonance high"
    )


def test_every_hit_is_in_picture_table_and_list(ranking: Ranking, tmp_path: Path) -> None:
    hits = hits_of(ranking)
    page = page_of(ranking, [linked_player(hit, tmp_path) for hit in hits])
    elements = parsed(page).found
    assert [attributes["id"] for tag, attributes in elements if tag == "article"] == [
        f"hit-{rank}" for rank in (1, 2, 3, 4)
    ]
    links = [
        attributes["href"] for tag, attributes in elements if tag == "a" and attributes.get("class") == "mark"
    ]
    assert sorted(map(str, links)) == [f"#hit-{rank}" for rank in (1, 2, 3, 4)]
    assert sum(tag == "tr" for tag, _ in elements) == 5
    numbers = json.loads(re.findall(rb'<script type="application/json"[^>]*>(.*?)</script>', page)[0])
    assert [hit["score"] for hit in numbers["hits"]] == pytest.approx([hit.score for hit in hits], abs=1e-5)
    assert all(hit.why.words[1:].encode() in page for hit in hits)


def test_names_are_text_and_paths_are_addresses(ranking: Ranking, tmp_path: Path) -> None:
    hits = hits_of(ranking)
    page = page_of(ranking, [linked_player(hit, tmp_path) for hit in hits])
    elements = parsed(page).found
    assert not any("onclick" in attributes for _, attributes in elements)
    sources = {attributes["src"] for tag, attributes in elements if tag == "audio"}
    assert sources == {"my%20music/a.wav", "my%20music/%3Cb%20onclick%3Dx%3E.wav", "my%20music/c%20%231.wav"}
    assert b"gone from where it was analysed" in page
    assert b"<h1>Reel &lt;3&gt;</h1>" in page


def test_music_is_embedded_where_it_can_be(ranking: Ranking) -> None:
    players = [embedded_player(hit) for hit in hits_of(ranking)]
    assert sum(player.source is not None for player in players) == 3
    page = page_of(ranking, players)
    assert page.count(b'src="data:audio/mpeg;base64,') == 3
    assert b"It cannot be played here: no such file." in page


def test_sums_add_up_as_shown(ranking: Ranking) -> None:
    tense = find(ranking.library, "tense")
    page = hits_page(tense, hits_of(tense), [Player(None)] * len(tense), ("tension",), "t", "u").decode()
    shown = re.findall(r"<li>tension (\S+) \([^)]*\) = (\S+?)(?:, (.*?))?</li>", page)
    assert len(shown) == len(tense) > 0

    def number(text: str) -> float:
        return float(text.replace("−", "-"))

    for value, base, terms in shown:
        parts = [number(term.rsplit(" ", 1)[1]) for term in terms.split(", ")] if terms else []
        assert number(base) + sum(parts) == pytest.approx(number(value), abs=1e-9)


def test_a_page_of_none_and_of_one(ranking: Ranking) -> None:
    for places in ([], [0]):
        part = ranking.part(places)
        hits = hits_of(part)
        parsed(hits_page(part, hits, [Player(None)] * len(hits), ("tension",), "t", ""))


def test_pieces_that_were_chosen_have_no_score(ranking: Ranking) -> None:
    hits = hits_of(ranking)
    players = [Player(None)] * len(hits)
    searched, chosen = (
        hits_page(ranking, hits, players, ("tension",), "t", understood).decode()
        for understood in ("dissonance high", "")
    )
    for said in (">score<", "Why each", "midcli find"):
        assert said in searched
        assert said not in chosen
    assert "midcli browse" in chosen
    assert parsed(chosen.encode()).found.count(("td", {})) < parsed(searched.encode()).found.count(("td", {}))


def test_what_perhaps_means_is_said_of_one_and_of_several(ranking: Ranking) -> None:
    hit = hits_of(ranking)[0]
    for names, said in (
        (("tension",), "the interval of tension reaches"),
        (("tension", "sad"), "the interval of tension and of sadness reaches"),
    ):
        hits = [replace(hit, perhaps=names)]
        page = hits_page(ranking, hits, [Player(None)], ("tension",), "t", "u").decode()
        assert f"Perhaps: {said} back to what was not asked for." in page
