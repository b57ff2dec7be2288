"""Names that are cut to fit."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from midcli.views.terminal.names import cut_name, cut_names

NAMES = st.lists(st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=60), max_size=12)


@given(NAMES, st.integers(12, 40))
def test_cut_names_fit_and_tell_apart(names: list[str], room: int) -> None:
    cut = cut_names(names, room)
    assert all(cell_len(name) <= room for name in cut)
    assert len(set(cut)) == len(set(names))


def test_the_middle_goes_first() -> None:
    assert cut_name("music/an album/a very long title.flac", 21) == "music/an a…title.flac"
    assert cut_name("short.ogg", 9) == "short.ogg"


def test_what_differs_is_kept_where_it_is() -> None:
    names = [f"music/album {number} and a long way to/the same title.flac" for number in (1, 2)]
    first, second = cut_names(names, 30)
    assert first != second
    assert first.endswith(".flac")
