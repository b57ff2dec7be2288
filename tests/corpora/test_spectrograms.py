import numpy as np
import pytest

from midcli.audio.reading import AudioReader
from midcli.audio.spectrogram import SAMPLE_RATE_HZ, spectrogram_of
from midcli.corpora import spectrograms as spectrogram_cache
from midcli.corpora.corpus import Corpus, Excerpt
from midcli.corpora.spectrograms import cached_spectrogram, cached_spectrograms
from midcli.errors import InputError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(spectrogram_cache, "cache_folder", lambda: tmp_path / "spectrograms")
    return tmp_path / "spectrograms"


@pytest.fixture
def computed(monkeypatch):
    """Counts how often a spectrogram is computed."""
    calls = []

    def counting(blocks):
        calls.append(1)
        return spectrogram_of(blocks)

    monkeypatch.setattr(spectrogram_cache, "spectrogram_of", counting)
    return calls


def test_second_call_is_the_same_without_computing(folder, computed, song):
    first, second = cached_spectrogram(song), cached_spectrogram(song)
    assert np.array_equal(first, spectrogram_of(AudioReader(song, SAMPLE_RATE_HZ).blocks()))
    assert np.array_equal(first, second)
    assert first.dtype == second.dtype == np.float32
    assert len(computed) == 1
    assert [path.suffix for path in folder.iterdir()] == [".npy"]


@pytest.mark.usefixtures("folder")
def test_key_is_the_content_not_the_name(computed, song, tmp_path):
    copy = tmp_path / "copy.wav"
    copy.write_bytes(song.read_bytes())
    cached_spectrogram(song)
    cached_spectrogram(copy)
    assert len(computed) == 1
    copy.write_bytes(song.read_bytes()[:-200])
    cached_spectrogram(copy)
    assert len(computed) == 2


@pytest.mark.usefixtures("folder")
def test_another_front_end_is_another_entry(computed, song, monkeypatch):
    cached_spectrogram(song)
    monkeypatch.setitem(spectrogram_cache.FRONTEND, "version", -1)
    cached_spectrogram(song)
    assert len(computed) == 2


@pytest.mark.parametrize("content", [b"", b"garbage", "truncated", "wrong bands", "NaN", "pickle"])
def test_broken_entry_is_computed_again(content, folder, computed, song):
    good = cached_spectrogram(song)
    (entry,) = folder.iterdir()
    if content == "truncated":
        entry.write_bytes(entry.read_bytes()[:-100])
    elif content == "wrong bands":
        np.save(entry, good[:, :20])
    elif content == "NaN":
        np.save(entry, good * np.float32("nan"))
    elif content == "pickle":
        np.save(entry, np.array([{}], dtype=object))
    else:
        entry.write_bytes(content)
    assert np.array_equal(cached_spectrogram(song), good)
    assert len(computed) == 2
    assert np.array_equal(np.load(entry), good)


def test_cache_that_cannot_be_written_costs_only_time(song, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setattr(spectrogram_cache, "cache_folder", lambda: tmp_path / "file")
    assert cached_spectrogram(song).shape[1] == 149


def test_unreadable_audio_is_an_input_error(folder, tmp_path):
    with pytest.raises(InputError, match="no such file"):
        cached_spectrogram(tmp_path / "missing.wav")
    with pytest.raises(InputError, match="folder"):
        cached_spectrogram(tmp_path)
    text = tmp_path / "text.mp3"
    text.write_text("not audio " * 100)
    with pytest.raises(InputError, match=r"text\.mp3"):
        cached_spectrogram(text)
    assert not folder.exists()


@pytest.mark.usefixtures("folder")
def test_whole_corpus_with_progress(song):
    excerpts = tuple(Excerpt(name, song, np.ones(7), np.ones(8), name) for name in ("a", "b"))
    heard = []
    spectrograms = cached_spectrograms(Corpus("two", excerpts), lambda *progress: heard.append(progress))
    assert list(spectrograms) == ["a", "b"]
    assert heard == [(1, 2), (2, 2)]
