import numpy as np
import pytest

pytest.importorskip("torch")

from midcli.audio.spectrogram import BANDS, SAMPLE_RATE_HZ, spectrogram_of
from midcli.model.novelty import DESCRIPTORS, texture
from midcli.training import novelty
from midcli.training.novelty import OF_FILM_1_2, fit_novelty
from midcli.training.sounds import RECORDED_NOT_MUSIC


def chords(seed: int) -> np.ndarray:
    """Something like music: four chords of harmonic tones under an envelope."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(2 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    audio = []
    for _ in range(4):
        notes = 220 * 2 ** (rng.integers(0, 24, 4) / 12)
        partials = [np.sin(2 * np.pi * n * hz * time_s) / n for hz in notes for n in range(1, 8)]
        audio.append(np.sum(partials, axis=0) * np.exp(-time_s * rng.uniform(0.3, 3)))
    together = np.concatenate(audio)
    return spectrogram_of([(together / np.abs(together).max()).astype(np.float32)])


@pytest.fixture(scope="module")
def fitted():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(novelty, "SOUNDS_OF_A_KIND", 6)
        patch.setattr(novelty, "SOUND_S", 6)
        music = [chords(number) for number in range(12)]
        seen = []
        corpora = ["one"] * 6 + ["two"] * 6
        judged = fit_novelty(music, np.arange(12) % 3, corpora, 0, on_progress=seen.append)
        assert judged.textures.shape == (12, DESCRIPTORS)
        assert set(judged.flagged["by corpus"]) == {"one", "two"}
        return judged.judge, judged.flagged, seen


@pytest.mark.parametrize("kind", RECORDED_NOT_MUSIC)
def test_sounds_that_were_not_seen_are_flagged(fitted, kind):
    judge, _, _ = fitted
    rng = np.random.default_rng(77)
    audio = [RECORDED_NOT_MUSIC[kind](rng, 6 * SAMPLE_RATE_HZ).astype(np.float32) for _ in range(4)]
    odds = judge.log_odds(np.array([texture(spectrogram_of([sound])) for sound in audio])).max(axis=1)
    assert (odds > judge.threshold).mean() >= 0.75


def test_music_that_was_not_seen_is_not(fitted):
    judge, shares, _ = fitted
    odds = judge.log_odds(np.array([texture(chords(seed)) for seed in range(100, 110)])).max(axis=1)
    assert (odds > judge.threshold).mean() <= 0.1
    assert shares["music"] <= 0.1


def test_progress_counts_every_sound_and_excerpt(fitted):
    *_, seen = fitted
    assert [progress.epoch for progress in seen] == list(range(1, 5 * 6 + 12 + 1))
    assert seen[-1].epochs == 42
    assert seen[-1].seconds_left == 0


def test_squares_count_for_all_kinds_but_speech_and_not_for_film(fitted, monkeypatch):
    monkeypatch.setattr(novelty, "SOUNDS_OF_A_KIND", 3)
    monkeypatch.setattr(novelty, "SOUND_S", 3)
    music = list(np.random.default_rng(0).random((6, 100, BANDS)).astype(np.float32))
    plain = fit_novelty(music, np.arange(6) % 3, ["one"] * 6, 0, OF_FILM_1_2)
    of_squares = fitted[0].weights[:, DESCRIPTORS:]
    assert of_squares.shape == (5, DESCRIPTORS)
    assert of_squares.any(axis=1).tolist() == [False, True, True, True, True]
    assert plain.judge.weights.shape == (5, DESCRIPTORS)
