import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midcli.audio.spectrogram import BANDS, FRAMES_PER_SECOND
from midcli.model.novelty import DESCRIPTORS, NoveltyJudge, texture, texture_of_parts

JUDGE = NoveltyJudge(
    mean=np.zeros(DESCRIPTORS),
    deviation=np.full(DESCRIPTORS, 2.0),
    clip=3.0,
    kinds=("speech", "noise"),
    weights=np.stack([np.eye(DESCRIPTORS)[0], -np.eye(DESCRIPTORS)[0]]),
    intercepts=np.array([0.5, 0.0]),
    threshold=1.0,
)
SQUARING = replace(JUDGE, weights=np.stack([np.eye(2 * DESCRIPTORS)[DESCRIPTORS]] * 2))


@given(st.integers(17, 700), st.sampled_from([0.0, 1e-6, 1.0, 4.0]), st.integers(0, 99))
@settings(deadline=None, max_examples=30)
def test_any_spectrogram_has_a_finite_texture(frames, level, seed):
    spectrogram = (level * np.random.default_rng(seed).random((frames, BANDS))).astype(np.float32)
    described = texture(spectrogram)
    assert described.shape == (DESCRIPTORS,)
    assert np.isfinite(described).all()


def test_level_hardly_matters():
    spectrogram = np.random.default_rng(0).random((300, BANDS)).astype(np.float32)
    assert texture(4 * spectrogram) == pytest.approx(texture(2 * spectrogram), abs=0.05)


def test_every_stretch_of_five_minutes_counts() -> None:
    rng = np.random.default_rng(0)
    frames = round(5 * FRAMES_PER_SECOND)
    stretches = [rng.random((frames, BANDS)).astype(np.float32) ** rng.integers(1, 9) for _ in range(60)]
    expected = np.mean([texture(stretch) for stretch in stretches], axis=0)
    assert texture(np.concatenate(stretches)) == pytest.approx(expected)


def test_of_parts_only_their_middles_count() -> None:
    rng = np.random.default_rng(0)
    each, middle = round(10 * FRAMES_PER_SECOND), round(5 * FRAMES_PER_SECOND)
    parts = [slice(number * each, (number + 1) * each) for number in range(3)]
    spectrogram = rng.random((3 * each, BANDS)).astype(np.float32)
    starts = [part.start + (each - middle) // 2 for part in parts]
    alone = [texture(spectrogram[start : start + middle]) for start in starts]
    described = texture_of_parts(spectrogram, parts)
    assert described == pytest.approx(np.mean(alone, axis=0), rel=1e-5)
    for part in parts:
        spectrogram[part.stop - 10 : part.stop] = 9  # at a seam
    assert texture_of_parts(spectrogram, parts) == pytest.approx(described, rel=1e-6)


def test_stretches_without_sound_do_not_count() -> None:
    frames = round(5 * FRAMES_PER_SECOND)
    sound = np.random.default_rng(0).random((2 * frames, BANDS)).astype(np.float32)
    nothing = np.zeros((3 * frames, BANDS), np.float32)
    spectrogram, is_silence = (
        np.concatenate([sound, nothing]),
        np.repeat([False, True], [2 * frames, 3 * frames]),
    )
    np.testing.assert_array_equal(texture(spectrogram, is_silence), texture(sound))
    np.testing.assert_array_equal(texture(nothing, is_silence[-len(nothing) :]), texture(nothing))


def test_long_music_is_sampled_all_over():
    rng = np.random.default_rng(0)
    start, end = rng.random((2000, BANDS)).astype(np.float32), np.zeros((3000, BANDS), np.float32)
    end[:, 70] = 1
    both = texture(np.concatenate([start, end]))
    described = np.stack([texture(start), texture(end)])
    apart = np.ptp(described, axis=0) > 0.1
    between = (both - described.min(axis=0))[apart] / np.ptp(described, axis=0)[apart]
    assert np.median(between) == pytest.approx(0.5, abs=0.2)


def test_what_comes_before_and_after_music_counts_for_no_more_than_its_share():
    rng = np.random.default_rng(0)
    noise = rng.random((190, BANDS)).astype(np.float32)
    for frames in (6_000, 20_000):
        music = 0.1 * rng.random((frames, BANDS)).astype(np.float32)
        music[:, [60, 76, 90]] += 1
        moved = np.linalg.norm(texture(np.concatenate([noise, music, noise])) - texture(music))
        assert moved < 0.12 * np.linalg.norm(texture(noise) - texture(music))


def test_partials_that_last_tell_chords_from_noise():
    noise = np.random.default_rng(0).random((300, BANDS)).astype(np.float32)
    chord = 0.1 * noise
    chord[:, [60, 76, 90]] += 1
    assert texture(chord)[:9:3].min() > 2 * texture(noise)[:9:3].max()


def test_log_odds_are_linear_up_to_the_clip():
    described = np.zeros((3, DESCRIPTORS))
    described[:, 0] = [4, -2, 100]
    assert JUDGE.log_odds(described) == pytest.approx(np.array([[2.5, -2], [-0.5, 1], [3.5, -3]]))


def test_squares_tell_what_has_less_of_a_descriptor_and_what_has_more():
    described = np.zeros((3, DESCRIPTORS))
    described[:, 0] = [4, -4, 0]
    assert SQUARING.log_odds(described)[:, 0] == pytest.approx([2.5, 2.5, 0.5])


@pytest.mark.parametrize("judge", [JUDGE, SQUARING], ids=["plain", "squaring"])
def test_judge_survives_its_file(judge):
    read = NoveltyJudge.from_json(json.loads(json.dumps(judge.to_json())))
    described = np.arange(DESCRIPTORS) / 7
    assert (read.log_odds(described) == judge.log_odds(described)).all()


@pytest.mark.parametrize(
    "changes",
    [
        {"weights": [[1.0]]},
        {"mean": [float("nan")] * DESCRIPTORS},
        {"deviation": [0.0] * DESCRIPTORS},
        {"clip": 0},
        {"threshold": float("inf")},
        {"kinds": []},
        {"kinds": 5},
        {"intercepts": None},
    ],
)
def test_malformed_judges_are_refused(changes):
    with pytest.raises((KeyError, TypeError, ValueError)):
        NoveltyJudge.from_json(JUDGE.to_json() | changes)


def test_a_judge_lacking_an_entry_is_refused():
    stored = replace(JUDGE).to_json()
    del stored["weights"]
    with pytest.raises(KeyError):
        NoveltyJudge.from_json(stored)


def test_silence_around_music_moves_no_stretch() -> None:
    sound = np.random.default_rng(0).random((700, BANDS)).astype(np.float32)
    around = np.pad(sound, ((83, 231), (0, 0)))
    is_silence = np.ones(len(around), bool)
    is_silence[83 : 83 + 700] = False
    np.testing.assert_array_equal(texture(around, is_silence), texture(sound))
    short = np.pad(sound[:10], ((3, 20), (0, 0)))
    assert np.isfinite(texture(short, short.max(axis=1) == 0)).all()
