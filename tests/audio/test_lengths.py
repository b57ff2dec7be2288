from pathlib import Path

import numpy as np
import pytest
import soundfile

from midcli.audio.lengths import declared_frames, is_chained_ogg, is_ended_ogg, mp3_tells_its_length

RATE_HZ = 44_100
NOISE = np.random.default_rng(0).normal(0, 0.1, 2 * RATE_HZ)


@pytest.mark.parametrize(("links", "chained"), [(1, False), (2, True)])
def test_chained_ogg(tmp_path: Path, links: int, chained: bool) -> None:
    path = tmp_path / "a.ogg"
    soundfile.write(path, NOISE, RATE_HZ)
    path.write_bytes(path.read_bytes() * links)
    assert is_chained_ogg(path) == chained


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
def test_an_ogg_that_was_cut_off_has_no_last_page(tmp_path: Path, subtype: str) -> None:
    path = tmp_path / "a.ogg"
    soundfile.write(path, NOISE, 48_000, format="OGG", subtype=subtype)
    assert is_ended_ogg(path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])
    assert not is_ended_ogg(path)


@pytest.mark.parametrize("before", [b"", b"ID3\x03\0\0\0\0\7\0" + bytes(7 << 7)], ids=["plain", "tagged"])
@pytest.mark.parametrize("bitrate_mode", ["CONSTANT", "VARIABLE"])
def test_an_mp3_tells_its_length_in_its_first_frame(tmp_path: Path, before: bytes, bitrate_mode: str) -> None:
    path = tmp_path / "a.mp3"
    soundfile.write(path, NOISE, RATE_HZ, bitrate_mode=bitrate_mode, compression_level=0.5)
    content = path.read_bytes()
    path.write_bytes(before + content)
    assert mp3_tells_its_length(path)
    path.write_bytes(before + content.replace(b"Xing", bytes(4), 1).replace(b"Info", bytes(4), 1))
    assert not mp3_tells_its_length(path)


def test_a_joined_mp3_tells_the_length_of_its_first_part_only(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    soundfile.write(path, NOISE, RATE_HZ)
    path.write_bytes(path.read_bytes() * 2)
    assert not mp3_tells_its_length(path)


@pytest.mark.parametrize("format_", ["WAV", "AIFF", "AU", "W64", "RF64"])
@pytest.mark.parametrize("kept", [1.0, 0.5])
def test_a_header_declares_what_was_cut_off(tmp_path: Path, format_: str, kept: float) -> None:
    path = tmp_path / "a"
    soundfile.write(path, NOISE, RATE_HZ, format=format_)
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    with soundfile.SoundFile(path) as file:
        assert file.frames == pytest.approx(kept * len(NOISE), rel=0.01)
        assert declared_frames(file) == pytest.approx(len(NOISE), rel=0.01)
