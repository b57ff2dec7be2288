"""The bundled model of all music: what its file promises, on made-up audio."""

import numpy as np
import pytest

from midcli.audio.spectrogram import FRONTEND, SAMPLE_RATE_HZ, FloatArray, spectrogram_of
from midcli.errors import ModelError
from midcli.labels import RATING_SCALE
from midcli.model.bundled import find_model
from midcli.model.file import Model
from midcli.model.head import EIGHT
from midcli.model.intervals import ErrorScale
from midcli.model.vocabularies import has_own_emotions

SILENCES_S = (0.01, 0.05, 2.0)
POINTS = 0.1


@pytest.fixture(scope="module", params=["music", "film"])
def model(request: pytest.FixtureRequest) -> Model:
    return Model(find_model(request.param), FRONTEND, 1)


def song(seconds: int = 12) -> FloatArray:
    """Chords of decaying partials over a beat."""
    rng = np.random.default_rng(0)
    time_s = np.arange(SAMPLE_RATE_HZ // 2) / SAMPLE_RATE_HZ
    beats = []
    for beat in range(2 * seconds):
        notes = 220 * 2 ** (np.array([(0, 4, 7), (5, 9, 12), (7, 11, 14), (9, 12, 16)][beat // 4 % 4]) / 12)
        partials = [np.sin(2 * np.pi * n * hz * time_s) / n for hz in notes for n in range(1, 6)]
        drum = rng.normal(0, 1, len(time_s)) * np.exp(-40 * time_s)
        beats.append(np.sum(partials, axis=0) * np.exp(-2 * time_s) + drum)
    samples = np.concatenate(beats)
    return (0.8 * samples / np.abs(samples).max()).astype(np.float32)


def values(model: Model, samples: FloatArray) -> np.ndarray:
    midlevel = model.midlevel(model.evidence(spectrogram_of([samples])))
    return np.concatenate([midlevel, model.head.emotions(midlevel)])


@pytest.mark.parametrize("silence_s", SILENCES_S)
def test_silence_around_music_moves_no_value(model: Model, silence_s: float) -> None:
    silence = np.zeros(int(silence_s * SAMPLE_RATE_HZ), np.float32)
    plain = values(model, song())
    for padded in ([silence, song()], [song(), silence], [silence, song(), silence]):
        assert np.abs(values(model, np.concatenate(padded)) - plain).max() < POINTS


def test_neither_an_offset_nor_a_quiet_level_moves_a_value(model: Model) -> None:
    plain = values(model, song())
    assert np.abs(values(model, song() + np.float32(0.2)) - plain).max() < POINTS
    assert np.abs(values(model, song() * np.float32(0.03)) - plain).max() < POINTS


@pytest.mark.parametrize("down_db", [20, 40, 60])
def test_a_quiet_level_moves_no_value_of_music_that_rises_out_of_silence(
    model: Model, down_db: float
) -> None:
    rising = song() * np.linspace(0, 1, len(song()), dtype=np.float32) ** 6
    quiet = rising * np.float32(10 ** (-down_db / 20))
    assert np.abs(values(model, quiet) - values(model, rising)).max() < POINTS


def test_music_twice_in_a_row_is_the_same_music(model: Model) -> None:
    minute = song(60)
    moved = np.abs(values(model, np.concatenate([minute, minute])) - values(model, minute))
    assert moved.max() < POINTS  # but for the seconds around the seam, which count less the longer a piece is


def test_the_map_of_padded_music_is_as_long_as_the_music_and_its_mean_is_the_value(model: Model) -> None:
    silence = np.zeros(3 * SAMPLE_RATE_HZ, np.float32)
    spectrogram = spectrogram_of([silence, song(), silence])
    evidence = model.evidence(spectrogram)
    assert evidence.shape[1] == len(spectrogram) // model.grid.stride_frames
    around = evidence.mean(axis=1)
    np.testing.assert_allclose(evidence[:, :4].mean(axis=1), around, atol=1e-9)  # silence says nothing
    music = model.evidence(spectrogram_of([song()]))
    assert np.abs(music.mean(axis=(1, 2)) - evidence.mean(axis=(1, 2))).max() < POINTS


def test_the_descriptions_of_bundled_models_are_those_of_their_networks(model: Model) -> None:
    spectrogram = spectrogram_of([song()])
    evidence, midlevel, emotions = model.network.run(model.standardise(spectrogram))
    assert evidence.shape == (
        7,
        len(spectrogram) // model.grid.stride_frames,
        model.register_evidence.shape[1],
    )
    pooled = model.midlevel(evidence / RATING_SCALE)
    np.testing.assert_allclose(pooled, midlevel / RATING_SCALE, atol=1e-4)
    np.testing.assert_allclose(model.head.emotions(pooled), emotions / RATING_SCALE, atol=1e-3)


def test_bundled_models_begin_with_the_eight_emotions(model: Model) -> None:
    assert model.vocabulary == EIGHT  # which predicting relies on
    assert not has_own_emotions(model.path)


def test_music_has_kinds_of_music_vocabularies_and_a_scale_of_errors() -> None:
    model = Model(find_model("music"), FRONTEND, 1)
    assert {"film", "popular", "classical", "electronic"} <= set(model.references)
    for name, part in model.references.items():
        assert part.name == f"{len(part.ids)} pieces of {name} music"
        assert part.midlevel.shape == (len(part.ids), 7)
    assert len(model.heads["gems"].labels) == 9
    assert len(model.heads["moods"].labels) == 5
    assert isinstance(model.error_scale, ErrorScale)
    assert model.path.stat().st_size < 8e6


def test_another_way_of_leaving_out_silence_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("midcli.model.file.TRIMMING", {"least_level": 0.5})
    with pytest.raises(ModelError, match="leaves out silence in another way"):
        Model(find_model("music"), FRONTEND, 1)
