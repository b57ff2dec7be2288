import numpy as np
import pytest

from midcli.views.scales import MOST_MAP_ROWS, map_rows


@pytest.mark.parametrize("registers", [1, 3, 20, 21, 38, 149])
def test_rows_of_a_map_cover_it_once(registers: int) -> None:
    rows = map_rows(np.zeros((4, registers)))
    assert len(rows) == min(registers, MOST_MAP_ROWS)
    assert [index for row in rows for index in range(row.start, row.stop)] == list(range(registers))
