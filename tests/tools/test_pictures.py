import re
from html import unescape

import pytest

from tools.pictures import PICTURES, ROOT, picture


def text(svg: str) -> list[str]:
    return [unescape(run) for run in re.findall(r"<text [^>]*>([^<]*)</text>", svg)]


@pytest.mark.parametrize("name", PICTURES)
def test_the_published_picture_shows_what_is_printed(name: str) -> None:
    # after a change of the model or of the card: python -m tools.pictures
    published = (ROOT / "docs" / f"{name}.svg").read_text(encoding="utf-8")
    assert text(published) == text(picture(name))


def test_all_pictures_are_in_the_readme() -> None:
    shown = re.findall(r"\(docs/([\w-]+)\.svg\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert sorted(shown) == sorted(PICTURES)
    assert {path.stem for path in (ROOT / "docs").glob("*.svg")} >= set(shown)


@pytest.mark.parametrize("name", PICTURES)
def test_the_published_picture_is_small_and_fetches_nothing(name: str) -> None:
    published = (ROOT / "docs" / f"{name}.svg").read_text(encoding="utf-8")
    assert len(published) < 100_000
    assert not re.search(r"url\(['\"]?http|@import|<script|href=", published)
