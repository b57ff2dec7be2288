"""What is known of a recording's level does not grow with its length."""

import tracemalloc

import numpy as np
import pytest

from midcli.audio.blocks import Block
from midcli.audio.levels import LevelMeter


def test_hours_take_no_more_memory_than_minutes() -> None:
    block = Block(44_100, np.tile(np.linspace(-0.5, 0.5, 44_100, dtype=np.float32), (2, 12)))
    meter = LevelMeter()
    tracemalloc.start()
    for _ in range(100):
        meter.add(block)
    found = meter.found
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16e6
    assert found.crest_db == pytest.approx(10 * np.log10(3), abs=0.05)  # of a ramp
