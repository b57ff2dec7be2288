"""Two mixes of one performance are aligned, other music is not."""

import numpy as np
import pytest

from midcli.explanation.alignment import align

RATE = 43.07


def performance(seed: int, frames: int = 800) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.asarray((rng.random(frames) < 0.1) * rng.random(frames))


@pytest.mark.parametrize("shift", [-100, -1, 0, 37, 250])
def test_the_shift_of_another_mix_is_found(shift: int) -> None:
    a = performance(0)
    noise = np.random.default_rng(1).normal(0, 0.05, len(a))
    b = 0.3 * (np.concatenate([np.zeros(shift), a]) if shift > 0 else a[-shift:])
    b = b + noise[: len(b)] if len(b) <= len(noise) else b
    found = align(a, b, RATE)
    assert found
    assert found.shift_s == pytest.approx(shift / RATE)
    assert found.agreement > 0.6


def test_other_music_is_not_aligned() -> None:
    assert all(align(performance(0), performance(seed), RATE) is None for seed in range(1, 10))


def test_silence_is_not_aligned() -> None:
    assert align(np.zeros(100), performance(0), RATE) is None
    assert align(np.zeros(100), np.zeros(100), RATE) is None


def test_the_common_part_is_told_in_the_time_of_the_first() -> None:
    found = align(performance(0), performance(0)[200:], RATE)
    assert found
    start_s, end_s = found.common(800 / RATE, 600 / RATE)
    assert (start_s, end_s) == (pytest.approx(200 / RATE), pytest.approx(800 / RATE))
