"""Contributions of times and registers must sum exactly to values and to distances from the average."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midcli.audio.spectrogram import BANDS, band_centres_hz
from midcli.explanation.evidence import EvidenceMap, Rows, evidence_map
from midcli.labels import QUALITY_NAMES


def made_up_map(
    seed: int, columns: int, rows: int, duration_s: float = 20.0
) -> tuple[EvidenceMap, np.ndarray]:
    """A random map and the average qualities (7,), in rating points, that it is relative to."""
    rng = np.random.default_rng(seed)
    average = rng.uniform(2, 9, 7)
    made = evidence_map(
        rng.normal(0, 3, (7, columns, rows)),
        rng.normal(5, 1, 7),
        average,
        rng.normal(0, 1, (7, rows)),
        duration_s,
        Rows(band_centres_hz(), stride_bands=-(-BANDS // rows), seen_bands=80),
        seen_s=3.0,
    )
    return made, average


@given(
    seed=st.integers(0, 1000),
    columns=st.integers(1, 70),
    rows=st.integers(1, 38),
    segments=st.integers(1, 80),
)
@settings(max_examples=60, deadline=None)
def test_every_partition_sums_exactly(seed: int, columns: int, rows: int, segments: int) -> None:
    made, average = made_up_map(seed, columns, rows)
    values = made.bias + made.points.mean(axis=(1, 2))
    np.testing.assert_allclose(made.values.mean(axis=1), values, atol=1e-9)
    np.testing.assert_allclose(made.relative_points.mean(axis=(1, 2)), values - average, atol=1e-9)
    for j, quality in enumerate(QUALITY_NAMES):
        times = [segment.contribution for segment in made.over_time(quality, segments)]
        registers = list(made.by_register(quality).values())
        assert len(times) == min(segments, columns)
        for parts in (times, registers):
            assert made.bias[j] + sum(part.absolute for part in parts) == pytest.approx(values[j], abs=1e-9)
            distance = sum(part.relative for part in parts)
            assert distance == pytest.approx(values[j] - average[j], abs=1e-9)


def test_segments_tile_the_piece() -> None:
    made, _ = made_up_map(0, columns=29, rows=10)
    segments = made.over_time("dissonance", 12)
    assert segments[0].start_s == 0
    assert segments[-1].end_s == pytest.approx(20.0)
    for before, after in pairwise(segments):
        assert before.end_s == after.start_s


def test_a_burst_is_found_where_it_is() -> None:
    made, _ = made_up_map(0, columns=40, rows=10)
    quiet = np.zeros_like(made.points)
    quiet[4, 20:24, 7] = 1.0
    made = replace(made, points=quiet, baseline=np.zeros_like(made.baseline))
    strongest = made.strongest("dissonance", seconds=2.0)
    assert (strongest.start_s, strongest.end_s) == (10.0, 12.0)
    assert strongest.contribution.relative == pytest.approx(4 / 400)
    registers = made.by_register("dissonance")
    assert registers["low"].absolute == registers["middle"].absolute == 0
    assert registers["high"].absolute == pytest.approx(4 / 400)


def test_strongest_of_a_piece_shorter_than_the_stretch_is_the_piece() -> None:
    made, _ = made_up_map(0, columns=3, rows=10, duration_s=1.5)
    strongest = made.strongest("melodiousness")
    assert (strongest.start_s, strongest.end_s) == (0, 1.5)


def test_rows_follow_the_stride() -> None:
    edges = Rows(band_centres_hz(), stride_bands=50, seen_bands=149).edges_hz(3)
    np.testing.assert_allclose(edges, [32.3, 630, 2670, 10850], rtol=0.01)
    assert Rows(band_centres_hz(), 50, 149).seen_octaves is None
    assert Rows(band_centres_hz(), 8, 48).seen_octaves == pytest.approx(2, abs=0.05)


@pytest.mark.parametrize("rows", [3, 10, 19, 38])
def test_registers_tile_the_spectrum(rows: int) -> None:
    made, _ = made_up_map(0, columns=5, rows=rows)
    registers = made.registers
    assert [register.name for register in registers] == ["low", "middle", "high"]
    assert registers[0].low_hz == pytest.approx(float(band_centres_hz()[0]))
    assert registers[-1].high_hz == pytest.approx(float(band_centres_hz()[-1]))
    assert registers[0].high_hz == registers[1].low_hz < registers[1].high_hz == registers[2].low_hz
    assert 100 < registers[0].high_hz < 650 < 1400 < registers[1].high_hz < 3000
