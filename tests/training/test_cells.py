import numpy as np
import pytest

torch = pytest.importorskip("torch")

from midcli.training.cells import (
    STRIDE_FRAMES,
    banded,
    by_part,
    groups,
    later,
    means,
    one_each,
    pool_of_pairs,
)

CELLS = 6


@pytest.fixture
def planes():
    rng = np.random.default_rng(0)
    return torch.from_numpy(rng.random((2, 6, CELLS * STRIDE_FRAMES), np.float32))


def test_each_part_gets_its_own_families(planes):
    of_parts = one_each(planes, 3)
    found = by_part([of_parts[:, :1], 10 * of_parts[:, 1:]], 3)
    for part, (first, second) in enumerate(found):
        assert torch.equal(first, planes[:, 2 * part : 2 * part + 1])
        assert torch.equal(second, 10 * planes[:, 2 * part + 1 : 2 * part + 2])


def test_what_is_later_ends_in_zeros_or_with_the_last(planes):
    first, second = later(planes, [3, 1])
    assert torch.equal(first[:, :, :-3], planes[:, :, 3:])
    assert torch.equal(second[:, :, :-1], planes[:, :, 1:])
    assert not first[:, :, -3:].any()
    assert torch.equal(later(planes, [2], "replicate")[0][:, :, -2:], planes[:, :, -1:].expand(-1, -1, 2))


def test_pairs_are_averaged_over_those_columns_that_have_a_later_one(planes):
    lags = [4, 20, 4, 0, 0, 40]
    products = torch.stack(
        [planes[:, row] * later(planes, [lag])[0][:, row] for row, lag in enumerate(lags)], dim=1
    )
    found = pool_of_pairs(products, lags, window_cells=3)
    for row, lag in enumerate(lags):
        for cell in range(CELLS):
            first, last = max(cell - 1, 0) * STRIDE_FRAMES, min(cell + 2, CELLS) * STRIDE_FRAMES
            paired = products[:, row, first : min(last, CELLS * STRIDE_FRAMES - lag)]
            expected = paired.mean(dim=1) if paired.shape[1] else torch.zeros(2)
            assert torch.allclose(found[:, row, cell], expected, atol=1e-5)


def test_means_of_several_partitions_are_those_of_each(planes):
    pairs, halves = means(planes, groups(6, 2), [slice(0, 3), slice(3, 6)])
    assert torch.allclose(pairs, planes.unflatten(1, (3, 2)).mean(dim=2), atol=1e-6)
    assert torch.allclose(halves, planes.unflatten(1, (2, 3)).mean(dim=2), atol=1e-6)


def test_a_banded_product_is_the_product(planes):
    rng = np.random.default_rng(1)
    near = np.abs(np.subtract.outer(np.arange(7), np.arange(6))) <= 1
    matrix = (rng.random((7, 6)) * near).astype(np.float32)
    assert torch.allclose(banded(matrix, planes, 3), torch.from_numpy(matrix) @ planes, atol=1e-6)
