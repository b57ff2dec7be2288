"""About a minute of a long piece: where it comes from, and when a piece is read whole instead."""

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from midcli.audio.excerpts import EXCERPT_S, EXCERPTS, HEARD_S, ExcerptReader, clear_of_seams
from midcli.audio.reading import AudioReader
from midcli.audio.spectrogram import SAMPLE_RATE_HZ
from midcli.errors import InputError, LimitError
from tests.media import encoded, write

LONG_S = 200


def counting(seconds: float, rate_hz: int) -> npt.NDArray[np.float32]:
    """A level that tells how far one is in the piece, from 0 to .5."""
    return np.linspace(0, 0.5, round(seconds * rate_hz), dtype=np.float32)


def read(path: Path, **options: float) -> tuple[ExcerptReader, list[npt.NDArray[np.float32]]]:
    reader = ExcerptReader(path, SAMPLE_RATE_HZ, **options)
    return reader, list(reader.blocks())


@pytest.mark.parametrize(
    ("suffix", "rate_hz"), [("wav", 22_050), ("flac", 44_100), ("mp3", 24_000), ("ogg", 16_000)]
)
def test_excerpts_are_spread_evenly_over_a_long_piece(tmp_path: Path, suffix: str, rate_hz: int) -> None:
    tone = np.sin(np.arange(LONG_S * rate_hz) * 2 * np.pi * 500 / rate_hz) * counting(LONG_S, rate_hz) * 2
    path = tmp_path / f"long.{suffix}"
    with soundfile.SoundFile(path, "w", rate_hz, 2) as file:
        for start in range(0, len(tone), rate_hz):
            file.write(np.stack([tone[start : start + rate_hz]] * 2, axis=1))
    reader, blocks = read(path)
    assert reader.heard_s == HEARD_S
    assert reader.duration_s == pytest.approx(LONG_S, abs=0.2)
    assert [len(block) for block in blocks] == [round(EXCERPT_S * SAMPLE_RATE_HZ)] * EXCERPTS
    levels = [float(np.abs(block).max()) for block in blocks]
    ends = [((number + 0.5) * LONG_S / EXCERPTS + EXCERPT_S / 2) / LONG_S for number in range(EXCERPTS)]
    assert levels == pytest.approx(ends, abs=0.02)
    assert all(block[0] == block[-1] == 0 for block in blocks)


@pytest.mark.parametrize("seconds", [5, 100])
def test_a_short_piece_is_read_whole(tmp_path: Path, seconds: int) -> None:
    path = tmp_path / "piece.wav"
    soundfile.write(path, counting(seconds, 8000), 8000)
    reader, blocks = read(path)
    whole = AudioReader(path, SAMPLE_RATE_HZ)
    assert np.array_equal(np.concatenate(blocks), np.concatenate(list(whole.blocks())))
    assert reader.heard_s is None
    assert reader.duration_s == whole.duration_s


def test_the_longest_that_is_allowed_holds_for_excerpts_too(tmp_path: Path) -> None:
    path = tmp_path / "piece.wav"
    soundfile.write(path, counting(LONG_S, 8000), 8000)
    with pytest.raises(LimitError, match="longer than the limit"):
        read(path, max_duration_s=LONG_S - 1)


def test_what_cannot_be_sought_is_read_whole_or_refused_as_ever(tmp_path: Path) -> None:
    path = tmp_path / "cut.wav"
    soundfile.write(path, counting(LONG_S, 8000), 8000)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    reader, blocks = read(path)
    whole = AudioReader(path, SAMPLE_RATE_HZ)
    list(whole.blocks())
    assert reader.duration_s == pytest.approx(LONG_S / 2, abs=0.1)
    if reader.heard_s is None:
        assert reader.warnings == whole.warnings
    nan = counting(LONG_S, 8000)
    nan[800_000:] = np.nan
    soundfile.write(tmp_path / "nan.wav", nan, 8000, subtype="FLOAT")
    with pytest.raises(InputError, match="NaN"):
        read(tmp_path / "nan.wav")
    (tmp_path / "text.mp3").write_text("no music")
    with pytest.raises(InputError):
        read(tmp_path / "text.mp3")
    with pytest.raises(InputError, match="no such file"):
        read(tmp_path / "none.wav")
    assert blocks


def test_joined_mp3s_and_oggs_are_read_whole(tmp_path: Path) -> None:
    for suffix in ("mp3", "ogg"):
        path = tmp_path / f"part.{suffix}"
        with soundfile.SoundFile(path, "w", 8000, 1) as file:
            for _ in range(130):
                file.write(np.random.default_rng(0).normal(0, 0.1, 8000))
        content = path.read_bytes()
        path.write_bytes(content + content)
        reader, _ = read(path)
        assert reader.heard_s is None
        assert reader.duration_s == pytest.approx(260, abs=1)


def flac_that_counts_half(samples: npt.NDArray[np.float32]) -> bytes:
    flac = encoded(samples, 8000, "FLAC")
    counts = int.from_bytes(flac[18:26], "big") - len(samples) // 4
    return flac[:18] + counts.to_bytes(8, "big") + flac[26:]


def unfinished_wav(samples: npt.NDArray[np.float32]) -> bytes:
    wav = encoded(samples, 8000, "WAV", "PCM_16")
    return wav[:40] + struct.pack("<I", 2 * 8000 * 150) + wav[44:]


def inverted_half(samples: npt.NDArray[np.float32]) -> bytes:
    both = np.stack([samples, samples], axis=1)
    both[len(both) // 2 :, 1] *= -1
    return encoded(both, 8000, "WAV", "FLOAT")


def cut_flac(samples: npt.NDArray[np.float32]) -> bytes:
    flac = encoded(samples, 8000, "FLAC")
    return flac[: int(0.9 * len(flac))]


@pytest.mark.parametrize("make", [flac_that_counts_half, unfinished_wav, inverted_half, cut_flac])
def test_what_the_whole_puts_right_or_tells_is_read_whole(
    tmp_path: Path, make: Callable[[npt.NDArray[np.float32]], bytes]
) -> None:
    tone = np.sin(np.arange(LONG_S * 8000) / 5).astype(np.float32) * (0.2 + counting(LONG_S, 8000))
    path = write(tmp_path / "a", make(tone))
    reader, blocks = read(path)
    whole = AudioReader(path, SAMPLE_RATE_HZ)
    assert np.array_equal(np.concatenate(blocks), np.concatenate(list(whole.blocks())))
    assert reader.heard_s is None
    assert len(reader.warnings) == 1
    assert reader.warnings == whole.warnings


def test_a_stream_in_disguise_is_refused(tmp_path: Path) -> None:
    frames = b"".join(b"\x7f\xfe\x80\x01" + bytes(2008) for _ in range(3000))
    path = write(tmp_path / "a.wav", encoded(np.frombuffer(frames, "<i2"), 8000, "WAV", "PCM_16"))
    with pytest.raises(InputError, match="compressed stream"):
        read(path)


def test_a_constant_offset_is_taken_away(tmp_path: Path) -> None:
    tone = np.sin(np.arange(LONG_S * 8000) / 5).astype(np.float32) * 0.3
    path = write(tmp_path / "a.wav", encoded(tone + np.float32(0.2), 8000, "WAV", "FLOAT"))
    reader, blocks = read(path)
    assert reader.heard_s == HEARD_S
    assert np.abs(np.concatenate(blocks).mean()) < 1e-3


def test_seams_are_a_second_away_from_what_counts() -> None:
    cell_s = 0.512
    clear = clear_of_seams(cell_s, round(HEARD_S / cell_s))
    places = (np.flatnonzero(clear) + 0.5) * cell_s % EXCERPT_S
    assert clear.sum() == 6 * EXCERPTS
    assert places.min() >= 1
    assert places.max() <= EXCERPT_S - 1
