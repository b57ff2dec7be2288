import os
import re
import struct
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
import soxr

from midcli.audio import ffmpeg
from midcli.audio.reading import AudioReader
from midcli.errors import DurationError, InputError

RATE_HZ = 22_050
FloatArray = npt.NDArray[np.float32]


def read(path: Path, **options: Any) -> tuple[FloatArray, list[str]]:
    reader = AudioReader(path, RATE_HZ, **options)
    return np.concatenate(list(reader.blocks())), reader.warnings


def tone(seconds: float, rate_hz: int = RATE_HZ, hz: float = 440.0) -> FloatArray:
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate_hz)) / rate_hz)).astype(np.float32)


def write_container(
    path: Path, samples: FloatArray, rate_hz: int, codec: str, bit_rate: int | None = None
) -> Path:
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate_hz, layout="mono")
        if bit_rate:
            stream.bit_rate = bit_rate
        for start in range(0, len(samples), 1024):
            frame = av.AudioFrame.from_ndarray(
                samples[np.newaxis, start : start + 1024], format="fltp", layout="mono"
            )
            frame.sample_rate = rate_hz
            frame.pts = start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def test_samples_at_the_readers_rate_pass_unchanged(tmp_path: Path) -> None:
    samples = tone(2)
    soundfile.write(tmp_path / "a.wav", samples, RATE_HZ, subtype="FLOAT")
    out, warnings = read(tmp_path / "a.wav")
    np.testing.assert_array_equal(out, samples)
    assert warnings == []


@pytest.mark.parametrize("rate_hz", [8000, 16_000, 44_100, 48_000, 96_000, 192_000])
def test_resampling_in_blocks_equals_the_whole_file_at_once(tmp_path: Path, rate_hz: int) -> None:
    samples = np.random.default_rng(0).normal(0, 0.1, 7 * rate_hz).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", samples, rate_hz, subtype="FLOAT")
    out, _ = read(tmp_path / "a.wav")
    whole = soxr.resample(samples, rate_hz, RATE_HZ)
    assert abs(len(out) - len(whole)) <= 1
    np.testing.assert_allclose(out[: len(whole)], whole[: len(out)], atol=2e-6)


LIBROSA_EVERY = 2500
LIBROSA_SAMPLES = 66_150
LIBROSA_VALUES = [
    0.008757,
    0.009233,
    -0.497067,
    -0.022354,
    -0.095101,
    -0.053173,
    0.473986,
    0.037675,
    0.183915,
    0.104415,
    -0.429591,
    -0.034348,
    -0.260652,
    -0.1572,
    0.36734,
    0.011708,
    0.320526,
    0.205536,
    -0.292022,
    0.029171,
    -0.360143,
    -0.243724,
    0.209364,
    -0.085482,
    0.37776,
    0.266892,
    -0.125597,
]
"""Of librosa.load; python -m tools.librosa_values prints them."""


def two_tones() -> FloatArray:
    return np.stack([tone(3, 44_100), tone(3, 44_100, 1000.0)], axis=1)


def test_agrees_with_librosa(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.flac", two_tones(), 44_100)
    out, _ = read(tmp_path / "a.flac")
    assert abs(len(out) - LIBROSA_SAMPLES) <= 1
    np.testing.assert_allclose(out[::LIBROSA_EVERY], LIBROSA_VALUES, atol=1e-5)


@pytest.mark.parametrize("block_samples", [1024, 5000, 1 << 20])
def test_the_size_of_blocks_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block_samples: int
) -> None:
    samples = np.random.default_rng(1).normal(0, 0.1, (100_000, 2)).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", samples, 44_100, subtype="FLOAT")
    expected, _ = read(tmp_path / "a.wav")
    for module in ("libsndfile", "mixing"):
        monkeypatch.setattr(f"midcli.audio.{module}.BLOCK_SAMPLES", block_samples)
    out, _ = read(tmp_path / "a.wav")
    np.testing.assert_allclose(out, expected, atol=1e-7)


@pytest.mark.parametrize("channels", [1, 2, 6, 8])
def test_channels_are_averaged(tmp_path: Path, channels: int) -> None:
    levels = np.linspace(0.1, 0.8, channels, dtype=np.float32)
    soundfile.write(tmp_path / "a.wav", tone(1.5)[:, np.newaxis] * levels, RATE_HZ, subtype="FLOAT")
    out, _ = read(tmp_path / "a.wav")
    np.testing.assert_allclose(out, tone(1.5) * levels.mean(), atol=1e-6)


@pytest.mark.parametrize(
    ("name", "subtype", "precision"),
    [
        ("a.wav", "PCM_U8", 1 / 128),
        ("a.wav", "PCM_16", 1 / 2**15),
        ("a.wav", "PCM_24", 1 / 2**23),
        ("a.wav", "PCM_32", 1e-7),
        ("a.wav", "DOUBLE", 1e-7),
        ("a.aiff", "PCM_16", 1 / 2**15),
        ("a.flac", "PCM_24", 1 / 2**23),
        ("a.ogg", "VORBIS", 0.05),
        ("a.mp3", "MPEG_LAYER_III", 0.05),
    ],
)
def test_formats(tmp_path: Path, name: str, subtype: str, precision: float) -> None:
    soundfile.write(tmp_path / name, tone(2), RATE_HZ, subtype=subtype)
    out, warnings = read(tmp_path / name)
    delay = 0
    if name.endswith(".mp3"):
        delay = int(np.correlate(out[:6000], tone(2)[2000:4000]).argmax()) - 2000
    stop = min(len(out) - delay, 2 * RATE_HZ)
    np.testing.assert_allclose(
        out[delay + 2000 : delay + stop - 2000], tone(2)[2000 : stop - 2000], atol=precision
    )
    assert warnings == []


def test_mp3_in_blocks_equals_the_whole_file(tmp_path: Path) -> None:
    # a tone makes frames so small that a decoder needs many of those before
    soundfile.write(tmp_path / "a.mp3", tone(8), RATE_HZ)
    out, _ = read(tmp_path / "a.mp3")
    np.testing.assert_allclose(out, soundfile.read(tmp_path / "a.mp3", dtype="float32")[0], atol=1e-6)


def test_containers_come_through_pyav(tmp_path: Path) -> None:
    path = write_container(tmp_path / "a.m4a", tone(3, 44_100), 44_100, "aac")
    with pytest.raises(soundfile.LibsndfileError):
        soundfile.info(path)
    out, warnings = read(path)
    assert len(out) / RATE_HZ == pytest.approx(3, abs=0.1)
    middle = out[RATE_HZ : 2 * RATE_HZ]
    spectrum = np.abs(np.fft.rfft(middle))
    assert spectrum.argmax() == 440
    assert np.sqrt((middle**2).mean()) == pytest.approx(0.5 / np.sqrt(2), rel=0.02)
    assert warnings == []


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.mp3", "a.ogg"])
def test_truncated_audio_is_read_as_far_as_it_goes(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    noise = np.random.default_rng(2).normal(0, 0.1, 8 * 44_100).astype(np.float32)
    soundfile.write(path, noise, 44_100)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    out, warnings = read(path)
    assert 2.5 < len(out) / RATE_HZ < 5.5
    [warning] = warnings
    assert warning.startswith("truncated or broken: analysed the first ")


@pytest.mark.parametrize("seconds", [2, 20])
def test_a_truncated_flac_loses_less_than_half_a_second(tmp_path: Path, seconds: int) -> None:
    path = tmp_path / "a.flac"
    noise = np.random.default_rng(2).normal(0, 0.1, seconds * 44_100).astype(np.float32)
    soundfile.write(path, noise, 44_100)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 9 // 10])
    out, _ = read(path)
    assert len(out) / RATE_HZ > 0.9 * seconds - 0.45


def test_a_truncated_container_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = write_container(tmp_path / "a.mka", tone(6, 44_100), 44_100, "aac")
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])
    out, warnings = read(path)
    assert 3 < len(out) / RATE_HZ < 4.5
    assert len(warnings) == 1


class WithLateStream:
    """A container in which another stream begins after eighty packets, which PyAV does not expect."""

    def __init__(self, container: Any) -> None:
        self.container = container
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.container, name)

    def __enter__(self) -> Any:
        return self.container.__enter__()

    def __exit__(self, *_: object) -> None:
        self.container.close()

    def demux(self, stream: Any) -> Iterator[Any]:
        self.calls += 1
        yield from islice(self.container.demux(stream), 80 if self.calls < 3 else None)
        if self.calls < 3:
            raise IndexError("list index out of range")


def test_a_stream_that_begins_within_the_file_does_not_end_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_container(tmp_path / "a.m4a", tone(3, 44_100), 44_100, "aac")
    opened = ffmpeg.opened
    monkeypatch.setattr(ffmpeg, "opened", lambda *args: WithLateStream(opened(*args)))
    out, warnings = read(path)
    assert len(out) / RATE_HZ == pytest.approx(3, abs=0.1)
    assert warnings == []


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0x80000000, 0x7FFFF000])
def test_a_stream_of_undeclared_length_is_not_called_truncated(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, tone(2), RATE_HZ)
    content = bytearray(path.read_bytes())
    content[4:8] = content[40:44] = struct.pack("<I", size)
    path.write_bytes(content)
    out, warnings = read(path)
    assert len(out) == 2 * RATE_HZ
    assert warnings == []


def test_a_limit_on_length(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(3), RATE_HZ)
    with pytest.raises(InputError, match="longer than the limit"):
        read(tmp_path / "a.wav", max_duration_s=2.5)
    out, _ = read(tmp_path / "a.wav", max_duration_s=3)
    assert len(out) == 3 * RATE_HZ


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("rate_hz", [RATE_HZ, 44_100])
def test_samples_that_are_no_numbers_are_refused(tmp_path: Path, value: float, rate_hz: int) -> None:
    samples = tone(2, rate_hz)
    samples[rate_hz // 2] = value
    soundfile.write(tmp_path / "a.wav", samples, rate_hz, subtype="FLOAT")
    with pytest.raises(InputError, match="NaN, infinite or absurd"):
        read(tmp_path / "a.wav")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("values", [(np.inf, -np.inf), (3e38, 3e38)])
def test_absurd_channels_are_refused_without_a_warning(tmp_path: Path, values: tuple[float, float]) -> None:
    samples = np.stack([tone(2), tone(2)], axis=1)
    samples[100] = values
    soundfile.write(tmp_path / "a.wav", samples, RATE_HZ, subtype="FLOAT")
    with pytest.raises(InputError, match="NaN, infinite or absurd"):
        read(tmp_path / "a.wav")


@pytest.mark.parametrize("seconds", [0.05, 0.99])
def test_too_short(tmp_path: Path, seconds: float) -> None:
    soundfile.write(tmp_path / "a.wav", tone(seconds), RATE_HZ)
    with pytest.raises(InputError, match=r"at least 1 s is needed"):
        read(tmp_path / "a.wav")


def test_one_second_is_enough(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(1), RATE_HZ)
    assert len(read(tmp_path / "a.wav")[0]) == RATE_HZ


def test_a_header_without_samples(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(0, np.float32), RATE_HZ)
    with pytest.raises(InputError, match="no audio samples"):
        read(tmp_path / "a.wav")


@pytest.mark.parametrize(
    "content",
    [
        "#EXTM3U\n#EXTINF:3,\n{target}\n",
        "ffconcat version 1.0\nfile {target}\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\nfile://{target}\n#EXT-X-ENDLIST\n",
    ],
)
@pytest.mark.parametrize("name", ["a.m3u8", "a.mp3", "a.m4a"])
def test_playlists_in_disguise_open_nothing(tmp_path: Path, content: str, name: str) -> None:
    soundfile.write(tmp_path / "secret.wav", tone(3), RATE_HZ)
    (tmp_path / name).write_text(content.format(target=tmp_path / "secret.wav"))
    with pytest.raises(InputError, match="not an audio file"):
        read(tmp_path / name)


def test_random_bytes_are_an_input_error(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    for header in (
        b"",
        b"RIFF\x00\x00\x01\x00WAVEfmt ",
        b"fLaC",
        b"OggS",
        b"ID3\x04",
        b"\x00\x00\x00\x18ftypM4A ",
    ):
        (tmp_path / "a.bin").write_bytes(header + rng.bytes(3000))
        with pytest.raises(InputError):
            read(tmp_path / "a.bin")


@pytest.mark.parametrize("suffix", [".wav", ".mp3", ".m4a"])
def test_names_that_are_not_utf8(tmp_path: Path, suffix: str) -> None:
    plain = tmp_path / f"a{suffix}"
    if suffix == ".m4a":
        write_container(plain, tone(2, 44_100), 44_100, "aac")
    else:
        soundfile.write(plain, tone(2), RATE_HZ)
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff" + suffix.encode()))
    expected, _ = read(plain)
    plain.rename(odd)
    np.testing.assert_array_equal(read(odd)[0], expected)


def test_decoders_write_nothing_of_their_own(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.mp3"
    noise = np.random.default_rng(4).normal(0, 0.1, 4 * RATE_HZ).astype(np.float32)
    soundfile.write(path, noise, RATE_HZ)
    content = path.read_bytes()
    half = len(content) // 2
    path.write_bytes(content[:half] + bytes(3000) + content[half + 3000 :])
    out, warnings = read(path)
    assert 3 < len(out) / RATE_HZ < 4
    assert len(warnings) == 1
    os.write(2, b"still there")
    assert capfd.readouterr() == ("", "still there")


@pytest.mark.parametrize("rate_hz", [1, 10, 999, 10_000_001, 0x7FFFFFFF])
def test_sample_rates_that_cannot_be_are_refused(tmp_path: Path, rate_hz: int) -> None:
    # soxr crashes when it has to produce 22 050 samples of every one
    path = tmp_path / "a.wav"
    soundfile.write(path, tone(2), RATE_HZ)
    content = bytearray(path.read_bytes())
    content[24:28] = struct.pack("<I", rate_hz)
    path.write_bytes(content)
    with pytest.raises(InputError, match=f"no music has a sample rate of {rate_hz} Hz"):
        read(path)


@pytest.mark.parametrize("rate_hz", [1000, 655_350, 10_000_000])
def test_sample_rates_that_are_odd_are_read(tmp_path: Path, rate_hz: int) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(rate_hz * 3 // 2, np.int16), rate_hz)
    assert len(read(tmp_path / "a.wav")[0]) == pytest.approx(1.5 * RATE_HZ, abs=2)


@pytest.mark.parametrize(("layout", "channels"), [("7.0", 7), ("7.1", 8), ("hexadecagonal", 16)])
def test_more_channels_than_pyav_has_planes(tmp_path: Path, layout: str, channels: int) -> None:
    # PyAV reads beyond the planes of such a frame, and the process dies
    import av

    levels = np.linspace(0.1, 0.9, channels)
    samples = (np.outer(tone(2, 44_100), levels) * 2**15).astype(np.int16)
    with av.open(str(tmp_path / "a.mov"), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=44_100, layout=layout)
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), "s16", layout)
        frame.sample_rate, frame.pts = 44_100, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    out, _ = read(tmp_path / "a.mov")
    assert len(out) == pytest.approx(2 * RATE_HZ, abs=2)
    assert np.abs(out[2000:-2000]).max() == pytest.approx(0.5 * levels.mean(), rel=0.01)


@pytest.mark.parametrize("channels", [0, 1025, 65_535])
def test_channels_that_cannot_be_are_refused(tmp_path: Path, channels: int) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, tone(2), RATE_HZ)
    content = bytearray(path.read_bytes())
    content[22:24] = struct.pack("<H", channels)
    path.write_bytes(content)
    with pytest.raises(InputError):
        read(path)


def test_an_encoding_that_no_decoder_knows(tmp_path: Path) -> None:
    path = write_container(tmp_path / "a.mka", tone(2, 44_100), 44_100, "aac")
    path.write_bytes(path.read_bytes().replace(b"A_AAC", b"A_XYZ"))
    with pytest.raises(InputError, match=r"unknown encoding|cannot be decoded"):
        read(path)


@pytest.mark.parametrize("loudest", [1e15, 1e30, 3e37])
def test_samples_beyond_reason_are_refused(tmp_path: Path, loudest: float) -> None:
    soundfile.write(tmp_path / "a.wav", tone(2) * 4 * loudest, RATE_HZ, subtype="FLOAT")
    with pytest.raises(InputError, match="absurd samples"):
        read(tmp_path / "a.wav")


def test_a_flac_that_unpacks_a_thousandfold_stops_at_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    with soundfile.SoundFile(path, "w", 44_100, 2) as file:
        for _ in range(600):
            file.write(np.zeros((44_100, 2), np.int16))
    assert 1000 * path.stat().st_size < 600 * 44_100 * 4
    with pytest.raises(DurationError, match=r"longer than the limit of 0\.1 hours$"):
        read(path, max_duration_s=360)


def test_channels_that_cancel_each_other_are_told(tmp_path: Path) -> None:
    samples = np.random.default_rng(0).normal(0, 0.1, (2 * RATE_HZ, 2)).astype(np.float32)
    soundfile.write(tmp_path / "unrelated.wav", samples, RATE_HZ, subtype="FLOAT")
    assert read(tmp_path / "unrelated.wav")[1] == []
    samples[:, 1] = 0.01 * samples[:, 1] - samples[:, 0]
    soundfile.write(tmp_path / "inverted.wav", samples, RATE_HZ, subtype="FLOAT")
    (warning,) = read(tmp_path / "inverted.wav")[1]
    assert "cancel each other" in warning


def mp3_without_a_length(path: Path, samples: FloatArray, bitrate_mode: str) -> bytes:
    """An mp3 whose first frame, which tells its length, is made unreadable."""
    soundfile.write(path, samples, 44_100, bitrate_mode=bitrate_mode, compression_level=0.5)
    content = path.read_bytes()
    tag = b"Info" if b"Info" in content[:1441] else b"Xing"
    assert tag in content[:1441]
    return content.replace(tag, bytes(4), 1)


@pytest.mark.parametrize("bitrate_mode", ["CONSTANT", "VARIABLE"])
@pytest.mark.parametrize("picture", [b"", b"ID3\x03\0\0" + bytes([0, 7, 0, 0]) + bytes(7 << 14)])
def test_mp3s_that_do_not_tell_their_length_are_read_to_their_end(
    tmp_path: Path, bitrate_mode: str, picture: bytes
) -> None:
    path = tmp_path / "a.mp3"
    noise = np.random.default_rng(0).normal(0, 0.1, 6 * 44_100).astype(np.float32)
    noise[: 2 * 44_100] = 0
    content = mp3_without_a_length(path, noise, bitrate_mode)
    path.write_bytes(picture + content)
    out, warnings = read(path)
    assert len(out) / RATE_HZ == pytest.approx(6, abs=0.15)
    assert warnings == []


@pytest.mark.parametrize("suffix", ["ogg", "opus", "mp3"])
@pytest.mark.parametrize("seconds", [(4, 2), (2, 4)])
def test_files_that_were_joined_are_read_to_their_end(
    tmp_path: Path, suffix: str, seconds: tuple[int, int]
) -> None:
    content = b""
    for number, length in enumerate(seconds):
        noise = np.random.default_rng(number).normal(0, 0.1, length * 48_000)
        part = tmp_path / f"{number}.{suffix}"
        if suffix == "opus":
            soundfile.write(part, noise, 48_000, format="OGG", subtype="OPUS")
        else:
            soundfile.write(part, noise, 48_000)
        content += part.read_bytes()
    (tmp_path / f"joined.{suffix}").write_bytes(content)
    out, warnings = read(tmp_path / f"joined.{suffix}")
    assert len(out) / RATE_HZ == pytest.approx(6, abs=0.2)
    assert warnings == []


@pytest.mark.parametrize(("name", "format_"), [("a.au", "AU"), ("a.w64", "W64"), ("a.rf64", "RF64")])
def test_truncation_of_rarer_formats_is_told(tmp_path: Path, name: str, format_: str) -> None:
    soundfile.write(tmp_path / name, tone(4), RATE_HZ, format=format_)
    assert read(tmp_path / name)[1] == []
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[: len(content) // 2])
    (warning,) = read(tmp_path / name)[1]
    assert warning.startswith("truncated or broken: analysed the first 2.0 s of 4")


def test_what_is_broken_near_its_start_says_so(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.flac", np.random.default_rng(0).normal(0, 0.1, 4 * RATE_HZ), RATE_HZ)
    content = (tmp_path / "a.flac").read_bytes()
    (tmp_path / "a.flac").write_bytes(content[: len(content) // 8])
    with pytest.raises(InputError, match=r"only 0\.\d+ s of audio; truncated or broken.*; at least 1 s"):
        read(tmp_path / "a.flac")


@pytest.mark.parametrize("size", [b"\x7f\x7f\x7f\x7f", b"\0\0\x7f\x7f"])
def test_an_mp3_whose_tag_claims_more_than_there_is(tmp_path: Path, size: bytes) -> None:
    soundfile.write(tmp_path / "a.mp3", tone(2), RATE_HZ)
    content = (tmp_path / "a.mp3").read_bytes()
    (tmp_path / "a.mp3").write_bytes(b"ID3\x04\0\0" + size + content)
    try:
        out, _ = read(tmp_path / "a.mp3")
    except InputError:
        return
    assert len(out) >= RATE_HZ


def test_an_m4a_whose_box_claims_four_gigabytes(tmp_path: Path) -> None:
    path = write_container(tmp_path / "a.m4a", tone(3, 44_100), 44_100, "aac")
    content = bytearray(path.read_bytes())
    place = content.index(b"mdat")
    content[place - 4 : place] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    try:
        out, _ = read(path)
    except InputError:
        return
    assert len(out) <= 3.2 * RATE_HZ


def test_what_decoders_write_to_stdout_is_silenced(tmp_path: Path) -> None:
    # libsndfile tells of flaws in a MIDI sample dump there, through a buffer of its own
    soundfile.write(tmp_path / "a.sds", tone(2), RATE_HZ, format="SDS", subtype="PCM_16")
    content = bytearray((tmp_path / "a.sds").read_bytes())
    content[21::127] = bytes(len(content[21::127]))
    (tmp_path / "a.wav").write_bytes(content)
    code = (
        "import sys; from midcli.audio.noise import hushed_by; from midcli.audio.quiet import silenced\n"
        "from midcli.audio.reading import AudioReader\n"
        "with hushed_by(silenced):\n"
        "    any_sound = sum(len(block) for block in AudioReader(sys.argv[1], 22050).blocks()) > 0\n"
        "print(any_sound)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "a.wav"], capture_output=True, text=True, check=False
    )
    assert done.stdout in ("True\n", "")
    assert "Error" not in done.stderr or "InputError" in done.stderr


@pytest.mark.parametrize("name", ["a.mp3", "a.ac3", "a.aac", "a.mp2", "a.wav"])
def test_a_download_that_has_only_its_place_is_refused_at_once(tmp_path: Path, name: str) -> None:
    # by its name FFmpeg would take a gigabyte of zeros for mp3, and twice as much memory
    with (tmp_path / name).open("wb") as file:
        file.truncate(1 << 30)
    began = time.monotonic()
    with pytest.raises(InputError, match="not an audio file"):
        read(tmp_path / name)
    assert time.monotonic() - began < 5


def test_a_long_file_is_read_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    minute = np.random.default_rng(0).integers(-100, 100, 60 * 8000).astype(np.int16)
    with soundfile.SoundFile(path, "w", 8000, 1, subtype="PCM_U8") as file:
        for _ in range(20):
            file.write(minute * 100)
    tracemalloc.start()
    try:
        samples = sum(len(block) for block in AudioReader(path, RATE_HZ).blocks())
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert samples == pytest.approx(20 * 60 * RATE_HZ, abs=2)
    assert peak_bytes < 10e6  # all samples: 106 MB


@pytest.mark.parametrize("suffix", ["mp3", "flac"])
def test_a_flaw_costs_what_it_destroys(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"flawed.{suffix}"
    noise = np.random.default_rng(0).normal(0, 0.1, (20 * RATE_HZ, 2)).astype(np.float32)
    soundfile.write(path, noise, RATE_HZ)
    whole, _ = read(path)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    destroyed_s = 20 * 20_000 / len(content)
    content[middle : middle + 20_000] = np.random.default_rng(1).bytes(20_000)
    path.write_bytes(content)
    out, warnings = read(path)
    lost_s = 20 - len(out) / RATE_HZ
    assert destroyed_s - 0.1 < lost_s < destroyed_s + 0.4
    np.testing.assert_allclose(out[: 9 * RATE_HZ], whole[: 9 * RATE_HZ], atol=1e-5)
    end = whole[-7 * RATE_HZ : -RATE_HZ]
    lag = max(range(600), key=lambda lag: float(np.dot(out[-7 * RATE_HZ - lag : -RATE_HZ - lag], end)))
    np.testing.assert_allclose(out[-7 * RATE_HZ - lag : -RATE_HZ - lag], end, atol=1e-5)
    assert re.fullmatch(rf"{lost_s:.1f} s could not be decoded at 0:(09|10)", warnings[0]), warnings


@pytest.mark.parametrize("size", [0, 3, 0xFFFFFFFFFFFFFFFF, 0x7FFFFFFFFFFFFFFF])
def test_a_header_that_points_to_no_place(tmp_path: Path, size: int) -> None:
    path = write_container(tmp_path / "a.wma", tone(1.2, 44_100), 44_100, "wmav2", bit_rate=96_000)
    content = path.read_bytes()
    for place in range(16, 600, 2):
        path.write_bytes(content[:place] + struct.pack("<Q", size) + content[place + 8 :])
        try:
            out, _ = read(path)
        except InputError:
            continue
        assert len(out) >= RATE_HZ
