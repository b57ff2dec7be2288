import numpy as np
import pytest

from midcli.views.scales import MOST_MAP_ROWS, map_rows, one_scale


@pytest.mark.parametrize("registers", [1, 3, 20, 21, 38, 149])
def test_rows_of_a_map_cover_it_once(registers: int) -> None:
    rows = map_rows(np.zeros((4, registers)))
    assert len(rows) == min(registers, MOST_MAP_ROWS)
    assert [index for row in rows for index in range(row.start, row.stop)] == list(range(registers))


def test_the_note_under_bars_says_what_the_longest_really_is() -> None:
    assert one_scale([0.3, -0.42]) == "All bars have one scale; the longest is 0.4 points."
    assert one_scale([0.0, -0.02]) == "All bars have one scale."
