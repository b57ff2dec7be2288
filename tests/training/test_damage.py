import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("torch")

from midcli.audio.spectrogram import BANDS, band_centres_hz
from midcli.study.recipes import DEFAULT
from midcli.training.damage import (
    at_tempo,
    compressed,
    damaged,
    from_magnitudes,
    high_pass,
    low_pass,
    mixed,
    to_magnitudes,
    transposed,
)

SPECTROGRAM = np.random.default_rng(0).random((200, BANDS)).astype(np.float32)


@given(st.integers(0, 1000))
@settings(deadline=None, max_examples=30)
def test_damage_leaves_a_spectrogram(seed):
    worse = damaged(np.random.default_rng(seed), SPECTROGRAM, DEFAULT.damage)
    assert worse.dtype == np.float32
    assert worse.shape[1] == BANDS
    assert 0.93 < len(worse) / len(SPECTROGRAM) < 1.07
    assert (np.isfinite(worse) & (worse >= 0)).all()


def test_magnitudes_and_back():
    assert from_magnitudes(to_magnitudes(SPECTROGRAM)) == pytest.approx(SPECTROGRAM, abs=1e-6)


def test_filters_lose_half_the_power_at_their_edge():
    edge = int(np.argmin(np.abs(band_centres_hz() - 1000)))
    hz = float(band_centres_hz()[edge])
    for gains in (low_pass(hz), high_pass(hz)):
        assert gains[edge] == pytest.approx(np.sqrt(0.5), abs=1e-3)
    assert low_pass(hz)[-1] < 1e-3 < 0.999 < low_pass(hz)[0]
    assert high_pass(hz)[0] < 1e-3 < 0.999 < high_pass(hz)[-1]


def test_mixed_sounds_add_their_power_and_repeat():
    other = SPECTROGRAM[:60] + 1
    both = to_magnitudes(mixed(SPECTROGRAM, other, 0.5))
    expected = np.sqrt(to_magnitudes(SPECTROGRAM)[70] ** 2 + 0.25 * to_magnitudes(other)[10] ** 2)
    assert both[70] == pytest.approx(expected, rel=1e-4)


def test_tempo_keeps_the_first_and_last_moment():
    faster = at_tempo(SPECTROGRAM, 2.0)
    assert len(faster) == 100
    assert (faster[[0, -1]] == SPECTROGRAM[[0, -1]]).all()
    assert (at_tempo(SPECTROGRAM, 1.0) == SPECTROGRAM).all()


def test_compression_narrows_the_range():
    swelling = np.linspace(0.1, 1, 200)[:, np.newaxis] * np.ones((200, BANDS))
    louder = compressed(swelling, 0.5)
    assert louder[50:150].max() / louder[50:150].min() < swelling[50:150].max() / swelling[50:150].min()
    assert (louder >= swelling - 1e-9).all()


@pytest.mark.parametrize("semitones", [-1.5, 1, 12])
def test_transposition_moves_a_partial_to_its_new_pitch(semitones):
    partial = np.zeros((3, BANDS))
    partial[:, 80] = 1
    moved = transposed(partial, semitones)
    wanted_hz = band_centres_hz()[80] * 2 ** (semitones / 12)
    assert band_centres_hz()[moved[0].argmax()] == pytest.approx(wanted_hz, rel=0.03)


def test_no_transposition_changes_nothing():
    assert transposed(to_magnitudes(SPECTROGRAM), 0) == pytest.approx(to_magnitudes(SPECTROGRAM), rel=1e-5)
