import numpy as np
import pytest

from tests.media import FloatArray

_RATE_HZ = 22_050


@pytest.fixture(scope="session")
def music() -> FloatArray:
    """Chords with a faint breath, as every recording has."""
    rng = np.random.default_rng(0)
    time_s = np.arange(3 * _RATE_HZ) / _RATE_HZ
    chord = sum(np.sin(2 * np.pi * hz * time_s) for hz in (220.0, 277.0, 330.0)) * np.exp(-(time_s % 0.5) * 4)
    return (0.1 * chord + rng.normal(0, 0.003, len(time_s))).astype(np.float32)
