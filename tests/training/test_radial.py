"""Descriptors and the network fitted to them in closed form."""

import itertools
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from midcli.audio.spectrogram import BANDS, spectrogram_of
from midcli.study.recipes import DEFAULT, FILM
from midcli.training.cells import STRIDE_FRAMES, pool
from midcli.training.descriptors import REGISTERS, FilmDescriptors
from midcli.training.loop import Examples, FittedNetwork, standardised
from midcli.training.metre import LONGEST_LAG_FRAMES, Metre
from midcli.training.networks import Network
from midcli.training.radial import DESCRIPTORS, Describer, fit_radial, music

RECIPE = replace(FILM, landmarks=40)


def noise(frames: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, 0.6, (frames, BANDS)).astype(np.float32)


def chord_spectrogram(semitones: tuple[int, ...], root_hz: float = 261.63) -> np.ndarray:
    time_s = np.arange(6 * 22_050) / 22_050
    tones = [
        np.sin(2 * np.pi * root_hz * 2 ** (note / 12) * partial * time_s) / partial
        for note in semitones
        for partial in (1, 2, 3)
    ]
    return spectrogram_of([np.sum(tones, axis=0).astype(np.float32)])


@torch.inference_mode()
def key_fit(semitones: tuple[int, ...], root_hz: float = 261.63) -> np.ndarray:
    blocks = FilmDescriptors()(torch.from_numpy(chord_spectrogram(semitones, root_hz)).unsqueeze(0))
    return blocks[REGISTERS][0][0].mean(dim=1).numpy()


@pytest.mark.parametrize("kind", DESCRIPTORS)
@pytest.mark.parametrize("frames", [31, 32, 160, 500])
@torch.inference_mode()
def test_one_cell_each_half_second(frames: int, kind: str) -> None:
    blocks = DESCRIPTORS[kind]()(torch.from_numpy(noise(frames)).unsqueeze(0))
    assert len(blocks) == {"film": REGISTERS + 3, "music": REGISTERS + 8}[kind]
    for family in (family for block in blocks for family in block):
        assert family.shape[2] == frames // STRIDE_FRAMES
        assert torch.isfinite(family).all()


@pytest.mark.parametrize("kind", DESCRIPTORS)
@torch.inference_mode()
def test_silence_has_finite_descriptors(kind: str) -> None:
    for block in DESCRIPTORS[kind]()(torch.zeros(1, 100, BANDS)):
        assert all(torch.isfinite(family).all() for family in block)


@pytest.mark.parametrize("kind", DESCRIPTORS)
@torch.inference_mode()
def test_a_cell_sees_no_further_than_its_receptive_field(kind: str) -> None:
    describe = DESCRIPTORS[kind]()
    reach = describe.receptive_frames
    quiet = noise(3 * reach)
    changed = quiet.copy()
    changed[2 * reach :] = noise(reach, seed=1)
    first, second = (describe(torch.from_numpy(x).unsqueeze(0)) for x in (quiet, changed))
    untouched = reach // STRIDE_FRAMES
    for ours, theirs in zip(itertools.chain(*first), itertools.chain(*second), strict=True):
        torch.testing.assert_close(ours[:, :, :untouched], theirs[:, :, :untouched])
        assert not torch.equal(ours, theirs)


@pytest.mark.parametrize("root_hz", [261.63, 311.13, 392.0])
def test_major_and_minor_are_told_apart_in_every_key(root_hz: float) -> None:
    major_scale, minor_scale = (0, 4, 7, 12), (0, 3, 7, 12)
    assert key_fit(major_scale, root_hz)[2] > key_fit(minor_scale, root_hz)[2] + 0.1


def made_up(count: int = 40) -> Examples:
    rng = np.random.default_rng(1)
    level = rng.uniform(0.1, 0.9, count).astype(np.float32)
    spectrograms = [noise(96, seed) * level[seed] for seed in range(count)]
    targets = np.stack([level * (column + 1) / 15 for column in range(15)], axis=1)
    return Examples(spectrograms, targets)


@cache
def fitted(scheme: str) -> FittedNetwork:
    return fit_radial(RECIPE, scheme, 0, made_up())


def outputs(examples: Examples, fitted: FittedNetwork) -> list[np.ndarray]:
    with torch.inference_mode():
        both = [
            fitted.network(standardised(music(spectrogram), fitted.scaling).unsqueeze(0))
            for spectrogram in examples.spectrograms
        ]
    return [
        torch.cat([pair[group] for pair in both]).numpy() for group in (0, 1) if both[0][group] is not None
    ]


@pytest.mark.parametrize(("scheme", "widths"), [("joint", [7, 8]), ("a2mid", [7]), ("a2e", [8])])
def test_learns_what_depends_on_the_level(scheme: str, widths: list[int]) -> None:
    examples = made_up()
    predicted = outputs(examples, fitted(scheme))
    assert [part.shape[1] for part in predicted] == widths
    for part in predicted:
        assert np.corrcoef(part[:, 0], examples.targets[:, 0])[0, 1] > 0.95


def test_same_seed_same_network() -> None:
    examples = made_up()
    again = fit_radial(RECIPE, "joint", 0, made_up())
    for first, second in zip(outputs(examples, fitted("joint")), outputs(examples, again), strict=True):
        np.testing.assert_array_equal(first, second)


def test_missing_ratings_are_no_obstacle() -> None:
    examples = made_up()
    rated = examples.targets[:, 9].copy()
    examples.targets[::2, 9] = np.nan
    predicted = outputs(examples, fit_radial(RECIPE, "joint", 0, examples))[1][:, 2]
    assert np.corrcoef(predicted[::2], rated[::2])[0, 1] > 0.9


@pytest.mark.parametrize(
    ("scheme", "group", "label", "column"), [("joint", 1, 2, 9), ("joint", 0, 2, 2), ("a2e", 0, 2, 9)]
)
def test_what_only_loud_excerpts_are_rated_for_is_right_for_them_on_average(
    scheme: str, group: int, label: int, column: int
) -> None:
    examples = made_up()
    ratings = examples.targets[:, column]
    loud = ratings > np.median(ratings)
    ratings[~loud] = np.nan
    fit = fit_radial(replace(RECIPE, copies=0), scheme, 0, examples)
    predicted = outputs(examples, fit)[group][:, label]
    np.testing.assert_allclose(predicted[loud].mean(), ratings[loud].mean(), atol=0.01 * ratings[loud].std())


def test_what_was_described_is_not_described_again() -> None:
    examples = made_up(12)
    describe, seen = Describer(RECIPE), []
    recipe = replace(RECIPE, copies=0)
    first = fit_radial(recipe, "a2mid", 0, examples, (), describe)
    describe.descriptors.register_forward_hook(lambda *_: seen.append(1))
    again = fit_radial(recipe, "a2mid", 0, examples, (), describe)
    assert not seen
    torch.testing.assert_close(first.network.to_midlevel.weight, again.network.to_midlevel.weight)


def test_silence_around_music_is_not_described() -> None:
    plain_music, describe = noise(200), Describer(DEFAULT)
    silence = np.zeros((60, BANDS), np.float32)
    padded = np.concatenate([silence, plain_music, silence])
    plain, around = describe.all([plain_music, padded], [], None)
    # three frames at each edge are partly silent, where there was silence before and where there was not
    for ours, theirs in zip(itertools.chain(*plain), itertools.chain(*around), strict=True):
        assert ours.shape == theirs.shape
        torch.testing.assert_close(ours.mean(dim=1), theirs.mean(dim=1), atol=0.2, rtol=0.2)


def test_features_are_maps_over_time_and_register() -> None:
    network = fitted("joint").network
    with torch.inference_mode():
        features = network.features(torch.from_numpy(noise(96)).unsqueeze(0))
    assert features.shape[1:] == (network.trunk.channels, 96 // STRIDE_FRAMES, REGISTERS)


@torch.inference_mode()
def test_evidence_is_the_layer_over_the_map_of_all_landmarks() -> None:
    network = fitted("joint").network
    spectrogram = torch.from_numpy(noise(96)).unsqueeze(0)
    by_landmark = Network.evidence(network, spectrogram)
    torch.testing.assert_close(network.evidence(spectrogram), by_landmark, rtol=1e-4, atol=1e-4)


@torch.inference_mode()
def test_onsets_are_correlated_with_those_after_each_lag() -> None:
    onsets = torch.rand(1, 1, 40 * STRIDE_FRAMES, generator=torch.Generator().manual_seed(0))
    padded = torch.nn.functional.pad(onsets, (0, LONGEST_LAG_FRAMES))
    frames = onsets.shape[2]
    shifted = [padded[:, :, lag : lag + frames] for lag in range(1, LONGEST_LAG_FRAMES + 1)]
    expected = pool(onsets * torch.cat(shifted, dim=1), 23)
    torch.testing.assert_close(Metre().with_later(onsets), expected)
