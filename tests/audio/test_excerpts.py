"""One to two minutes of a long piece: where it comes from, and when a piece is read whole instead."""

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from midcli.audio.excerpts import EXCERPT_S, SHARE, ExcerptReader, between_seams, excerpts_of
from midcli.audio.reading import AudioReader
from midcli.audio.spectrogram import FRAMES_PER_SECOND, SAMPLE_RATE_HZ, spectrogram_of
from midcli.errors import InputError, LimitError
from tests.media import encoded, muxed, write

LONG_S = 130


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
    with soundfile.SoundFile(path, "w", rate_hz, 1) as file:
        for start in range(0, len(tone), rate_hz):
            file.write(tone[start : start + rate_hz])
    reader, blocks = read(path)
    count = excerpts_of(LONG_S)
    assert reader.heard_s == pytest.approx(count * EXCERPT_S)
    assert reader.duration_s == pytest.approx(LONG_S, abs=0.2)
    assert [len(block) for block in blocks] == [round(EXCERPT_S * SAMPLE_RATE_HZ)] * count
    levels = [float(np.abs(block).max()) for block in blocks]
    ends = [((number + 0.5) * LONG_S / count + EXCERPT_S / 2) / LONG_S for number in range(count)]
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
    assert reader.heard_s is not None
    assert np.abs(np.concatenate(blocks).mean()) < 1e-3


def test_longer_pieces_are_heard_longer_up_to_two_minutes() -> None:
    heard = [excerpts_of(seconds) * EXCERPT_S for seconds in (130, 180, 240, 300, 3600)]
    assert heard == sorted(heard)
    assert 60 < heard[0] < heard[-1] < 130
    assert all(seconds / heard[place] >= 1 / SHARE for place, seconds in ((1, 180), (2, 240), (3, 300)))


def test_no_frame_hears_two_excerpts() -> None:
    rng = np.random.default_rng(0)
    samples = round(EXCERPT_S * SAMPLE_RATE_HZ)
    excerpts = [rng.normal(0, 0.1, samples).astype(np.float32) for _ in range(3)]
    before = spectrogram_of(excerpts)
    after = spectrogram_of([excerpts[0], excerpts[1] * -0.5, excerpts[2]])
    parts = between_seams(len(before), FRAMES_PER_SECOND)
    assert [part.stop - part.start for part in parts] == [481] * 3
    for part in (parts[0], parts[2]):  # the offset of all moves a little
        assert before[part] == pytest.approx(after[part], abs=1e-3)
    assert np.abs(before[parts[1]] - after[parts[1]]).max() > 0.1


def test_m4a_is_sought_by_the_times_of_its_packets(tmp_path: Path) -> None:
    seconds, rate_hz = 140, 16_000
    rising = np.linspace(0.05, 0.5, seconds * rate_hz)  # so that every place is of its own
    tone = 0.3 * np.sin(np.cumsum(rising)).astype(np.float32)
    path = write(tmp_path / "long.m4a", muxed([tone[:, np.newaxis]], rate_hz, "mp4", "aac", "mono"))
    reader, blocks = read(path)
    whole = np.concatenate(list(AudioReader(path, SAMPLE_RATE_HZ).blocks()))
    assert reader.heard_s is not None
    assert reader.duration_s == pytest.approx(len(whole) / SAMPLE_RATE_HZ, abs=0.1)
    for number, block in enumerate(blocks):
        start = round(((number + 0.5) * reader.duration_s / len(blocks) - EXCERPT_S / 2) * SAMPLE_RATE_HZ)
        middle = slice(SAMPLE_RATE_HZ, 2 * SAMPLE_RATE_HZ)
        there = whole[start + SAMPLE_RATE_HZ - 20 : start + 2 * SAMPLE_RATE_HZ + 20]
        apart = [np.abs(there[shift : shift + SAMPLE_RATE_HZ] - block[middle]).max() for shift in range(40)]
        assert min(apart) < 0.05
    path.write_bytes(path.read_bytes()[: int(0.99 * path.stat().st_size)])
    with pytest.raises(InputError):  # its table is at its end
        read(path)


@pytest.mark.parametrize("kept", [0.3, 0.6])
def test_m4a_that_breaks_off_behind_its_table_is_read_as_far_as_it_goes(tmp_path: Path, kept: float) -> None:
    rate_hz = 16_000
    noise = np.random.default_rng(0).normal(0, 0.1, (140 * rate_hz, 1)).astype(np.float32)
    table_first = {"moov_size": "100000"}
    whole = muxed([noise], rate_hz, "mp4", "aac", "mono", table_first)
    start = whole.index(b"mdat")
    path = write(tmp_path / "cut.m4a", whole[: start + int(kept * (len(whole) - start))])
    reader, _ = read(path)
    assert reader.heard_s is None
    assert reader.duration_s == pytest.approx(140 * kept, abs=5)
    assert reader.warnings
