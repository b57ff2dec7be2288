import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midcli.audio.banded import Banded


@given(st.integers(1, 40), st.integers(0, 12), st.integers(1, 9), st.integers(0, 99))
def test_parts_make_the_whole_product(size, reach, parts, seed):
    rng = np.random.default_rng(seed)
    near = np.abs(np.arange(size)[:, np.newaxis] - np.arange(size)) <= reach
    matrix = (near * rng.uniform(0.1, 1, (size, size))).astype(np.float32)
    x = rng.uniform(-1, 1, (3, size)).astype(np.float32)
    out = np.full((3, size), np.nan, np.float32)
    assert Banded(matrix, min(parts, size)).apply(x, out) is out
    assert out == pytest.approx(x @ matrix, abs=1e-5)
