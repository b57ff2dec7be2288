import re
from html import unescape

import pytest

from tools.library_pictures import find_map
from tools.pictures import CARDS, PICTURES, ROOT, picture


def text(svg: str) -> list[str]:
    return [unescape(run) for run in re.findall(r"<text [^>]*>([^<]*)</text>", svg)]


def dots(svg: str) -> list[float]:
    return [float(place) for place in re.findall(r' c[xy]="([\d.]+)"', svg)]


@pytest.mark.parametrize("name", PICTURES)
def test_the_published_picture_shows_what_is_printed(name: str) -> None:
    # after a change of the model or of the card: python -m tools.pictures
    if name == "browse":
        pytest.importorskip("textual")
    published = (ROOT / "docs" / f"{name}.svg").read_text(encoding="utf-8")
    assert text(published) == text(picture(name))


def test_the_published_map_has_its_dots_where_the_pieces_lie() -> None:
    published = (ROOT / "docs" / "find-map.svg").read_text(encoding="utf-8")
    assert len(dots(published)) > 80
    assert dots(published) == pytest.approx(dots(find_map()), abs=0.5)


def test_all_cards_are_in_the_readme() -> None:
    shown = re.findall(r"\(docs/([\w-]+)\.svg\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert sorted(shown) == sorted(CARDS)
    assert {path.stem for path in (ROOT / "docs").glob("*.svg")} == set(PICTURES)


@pytest.mark.parametrize("name", PICTURES)
def test_the_published_picture_is_small_and_fetches_nothing(name: str) -> None:
    published = (ROOT / "docs" / f"{name}.svg").read_text(encoding="utf-8")
    assert len(published) < 100_000
    assert not re.search(r"url\(['\"]?http|@import|<script|href=", published)
