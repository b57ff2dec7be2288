import numpy as np
import pytest

from midcli.study.figures import box_of
from midcli.views.terminal import theme
from midcli.views.terminal.box_plots import box_plot


def test_whiskers_end_within_one_and_a_half_box_lengths() -> None:
    values = np.array([0.0, 1, 2, 3, 4, 5, 6, 7, 8, 100])
    box = box_of(values)
    assert (box.low, box.lower, box.median, box.upper, box.high) == (0, 2.25, 4.5, 6.75, 8)
    assert box.outside.tolist() == [100]


def test_everything_is_in_its_place() -> None:
    plot = box_plot(box_of(np.arange(11.0)), [-1.0, 9.0], (-10.0, 10.0), 41)
    assert plot.plain == f"{' ' * 18}● ├────{'█' * 5}┃{'█' * 5}──■─┤"
    assert [plot.plain[span.start : span.end] for span in plot.spans if span.style == theme.UP] == ["■"]
    assert [plot.plain[span.start : span.end] for span in plot.spans if span.style == theme.DOWN] == ["●"]


def test_zero_is_drawn_where_nothing_hides_it() -> None:
    assert box_plot(box_of(np.arange(5.0, 11)), [], (-10.0, 10.0), 21).plain.index("┊") == 10
    assert "┊" not in box_plot(box_of(np.arange(5.0, 11)), [], (4.0, 10.0), 21).plain


@pytest.mark.parametrize("value", [0.0, -2.5])
def test_values_that_are_all_the_same(value: float) -> None:
    assert box_plot(box_of(np.full(5, value)), [value], (value, value), 10).plain == "●" + 9 * " "
