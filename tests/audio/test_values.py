"""Values do not depend on the container: one piece through all that can be written here, held to plain wav.

Within .15 rating points where nothing is lost, within .3 where an encoder has left something out.
"""

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from midcli.analyser import Analyser
from tests.media import FloatArray, encoded, music, muxed, write

LOSSLESS, LOSSY, EIGHT_BITS = 0.15, 0.3, 0.4
SECONDS = 6.0
SURROUND = {3: "3.0", 4: "quad", 5: "5.0", 6: "5.1", 8: "7.1"}

PCM = [
    *(("WAV", subtype) for subtype in ("PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")),
    *(("AIFF", subtype) for subtype in ("PCM_16", "PCM_24", "FLOAT")),
    *(("FLAC", subtype) for subtype in ("PCM_16", "PCM_24")),
    *(
        (name, "PCM_16")
        for name in ("WAVEX", "RF64", "W64", "AU", "NIST", "VOC", "SDS", "PAF", "IRCAM", "AVR")
    ),
    *(("CAF", subtype) for subtype in ("PCM_16", "PCM_24", "ALAC_16", "ALAC_24")),
]
COARSE = [("WAV", "PCM_U8"), ("WAV", "ULAW"), ("AIFF", "ALAW"), ("WAV", "IMA_ADPCM"), ("WAV", "MS_ADPCM")]
PACKED = [("OGG", "VORBIS"), ("OGG", "OPUS"), ("MP3", "MPEG_LAYER_III")]
LOSSLESS_CONTAINERS = [
    *(
        ("wv", "wavpack"),
        ("tta", "tta"),
        ("matroska", "flac"),
        ("ogg", "flac"),
        ("mp4", "flac"),
        ("flac", "flac"),
    ),
    *(
        ("ipod", "alac"),
        ("mov", "pcm_s24le"),
        ("mov", "pcm_f32le"),
        ("avi", "pcm_s16le"),
        ("matroska", "pcm_s16le"),
    ),
    *(("w64", "pcm_s16le"), ("caf", "pcm_s16be"), ("aiff", "pcm_s16be")),
]
SIXTEEN_BITS = {"wavpack": "s16p", "tta": "s16"}  # which would have eight otherwise
LOSSY_CONTAINERS = [
    *(("adts", "aac"), ("ipod", "aac"), ("mp4", "aac"), ("3gp", "aac"), ("flv", "aac"), ("mpegts", "aac")),
    *(("mp3", "libmp3lame"), ("mp4", "libmp3lame"), ("avi", "libmp3lame"), ("mp2", "mp2"), ("mpeg", "mp2")),
    *(("ac3", "ac3"), ("eac3", "eac3"), ("mpegts", "ac3"), ("webm", "libopus"), ("webm", "vorbis")),
    *(("asf", "wmav1"), ("asf", "wmav2"), ("matroska", "eac3")),
]


@cache
def analyser() -> Analyser:
    return Analyser("film", threads=1)


@cache
def piece(rate_hz: int = 48_000, channels: int = 2) -> FloatArray:
    return music(SECONDS, rate_hz, channels) * np.float32(0.8)


def values(path: Path) -> npt.NDArray[np.float64]:
    """Emotions and qualities in rating points; nothing may be warned of."""
    analysis = analyser().analyse(path)
    assert abs(analysis.duration_s - SECONDS) < 0.15
    expected = ("sounds more like", "no sound", "shorter than all music that intervals")
    oddities = [warning for warning in analysis.warnings if not warning.startswith(expected)]
    assert oddities == []
    return np.array([value.value for value in (*analysis.emotions.values(), *analysis.midlevel.values())])


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> npt.NDArray[np.float64]:
    content = encoded(piece(), 48_000, "WAV", "PCM_16")
    return values(write(tmp_path_factory.mktemp("plain") / "plain.wav", content))


def assert_same(path: Path, content: bytes, plain: npt.NDArray[np.float64], tolerance: float) -> None:
    assert np.abs(values(write(path, content)) - plain).max() < tolerance


@pytest.mark.parametrize(("name", "subtype"), PCM)
def test_lossless_formats(tmp_path: Path, plain: npt.NDArray[np.float64], name: str, subtype: str) -> None:
    channels = 1 if name == "SDS" else 2
    content = encoded(piece(channels=channels), 48_000, name, subtype)
    assert_same(tmp_path / "a", content, plain, LOSSLESS)


@pytest.mark.parametrize(("name", "subtype"), [*COARSE, *PACKED])
@pytest.mark.parametrize("channels", [1, 2])
def test_lossy_formats(
    tmp_path: Path, plain: npt.NDArray[np.float64], name: str, subtype: str, channels: int
) -> None:
    how = {} if (name, subtype) in COARSE else {"compression_level": 0.2}
    content = encoded(piece(channels=channels), 48_000, name, subtype, **how)
    assert_same(tmp_path / "a", content, plain, EIGHT_BITS if subtype == "PCM_U8" else LOSSY)


@pytest.mark.parametrize(("container", "codec"), LOSSLESS_CONTAINERS)
def test_lossless_containers(
    tmp_path: Path, plain: npt.NDArray[np.float64], container: str, codec: str
) -> None:
    content = muxed([piece()], 48_000, container, codec, sample_format=SIXTEEN_BITS.get(codec))
    assert_same(tmp_path / "a", content, plain, LOSSLESS)


@pytest.mark.parametrize(("container", "codec"), LOSSY_CONTAINERS)
def test_lossy_containers(tmp_path: Path, plain: npt.NDArray[np.float64], container: str, codec: str) -> None:
    content = muxed([piece()], 48_000, container, codec, bit_rate=192_000)
    assert_same(tmp_path / "a", content, plain, LOSSY)


@pytest.mark.parametrize("rate_hz", [16_000, 22_050, 24_000, 32_000, 44_100, 88_200, 96_000, 192_000])
@pytest.mark.parametrize("name", ["WAV", "FLAC"])
def test_rates(tmp_path: Path, plain: npt.NDArray[np.float64], rate_hz: int, name: str) -> None:
    content = encoded(piece(rate_hz), rate_hz, name, "PCM_24")
    assert_same(tmp_path / "a", content, plain, LOSSLESS)


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5, 6, 8])
@pytest.mark.parametrize("name", ["WAV", "FLAC", "wv", "mov"])
def test_layouts(tmp_path: Path, plain: npt.NDArray[np.float64], channels: int, name: str) -> None:
    """In all channels, and in two of them with the others empty."""
    sounding = piece(channels=channels)
    empty = sounding.copy()
    empty[:, 2:] = 0
    for samples in (sounding, empty):
        if name in ("WAV", "FLAC"):
            content = encoded(samples, 48_000, name, "PCM_24")
        else:
            layout = {1: "mono", 2: "stereo", **SURROUND}[channels]
            codec = {"wv": "wavpack", "mov": "pcm_s24le"}[name]
            content = muxed([samples], 48_000, name, codec, layout, sample_format=SIXTEEN_BITS.get(codec))
        assert_same(tmp_path / "a", content, plain, LOSSLESS)


@pytest.mark.parametrize(("container", "codec"), [("adts", "aac"), ("ac3", "ac3"), ("webm", "libopus")])
def test_surround_of_lossy_formats(
    tmp_path: Path, plain: npt.NDArray[np.float64], container: str, codec: str
) -> None:
    samples = piece(channels=6).copy()
    samples[:, 3] = 0  # encoders leave low frequencies in the fourth
    content = muxed([samples], 48_000, container, codec, "5.1", bit_rate=448_000)
    assert_same(tmp_path / "a", content, plain, LOSSY)
