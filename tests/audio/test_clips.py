"""Clips hold exactly the stretch that was asked for."""

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from midcli.audio.clips import FORMATS, SAMPLE_RATE_HZ, write_clip
from midcli.errors import DurationError, OutputError, UsageError


@pytest.fixture
def ramp(tmp_path: Path) -> Path:
    """Twelve seconds at 44.1 kHz whose level says the time; every other sample is turned over."""
    path = tmp_path / "ramp.wav"
    level = np.linspace(0, 0.9, 12 * SAMPLE_RATE_HZ)
    level[1::2] *= -1
    soundfile.write(path, level, SAMPLE_RATE_HZ, subtype="FLOAT")
    return path


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_stretch_is_cut_out(ramp: Path, suffix: str) -> None:
    target = ramp.with_name(f"clip{suffix}")
    write_clip(ramp, 7.0, 10.0, target)
    samples, rate_hz = soundfile.read(target)
    assert rate_hz == SAMPLE_RATE_HZ
    assert len(samples) == 3 * SAMPLE_RATE_HZ
    if suffix != ".ogg":
        middle = abs(samples[len(samples) // 2])
        assert middle == pytest.approx(0.9 * 8.5 / 12, abs=1e-3)
        assert samples[0] == 0  # faded in
        assert [path.name for path in sorted(ramp.parent.iterdir())] == [f"clip{suffix}", "ramp.wav"]


def test_a_long_stretch_is_encoded_in_parts(tmp_path: Path) -> None:
    minutes = tmp_path / "minutes.wav"
    soundfile.write(minutes, np.random.default_rng(0).normal(0, 0.1, 100 * 8000), 8000)
    write_clip(minutes, 5.0, 95.0, tmp_path / "clip.ogg")  # at once, the process would end here
    assert soundfile.info(tmp_path / "clip.ogg").frames == 90 * SAMPLE_RATE_HZ


def test_unwritable_places_and_formats(ramp: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        write_clip(ramp, 0, 1, ramp.parent / "missing" / "clip.wav")
    with pytest.raises(UsageError, match="written as"):
        write_clip(ramp, 0, 1, ramp.with_suffix(".mp3"))


@pytest.mark.skipif(os.name != "posix", reason="needs limits")
@pytest.mark.parametrize("suffix", FORMATS)
def test_a_full_disk_is_one_error(ramp: Path, suffix: str, capfd: pytest.CaptureFixture[str]) -> None:
    import resource

    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, usual[1]))
    try:
        with pytest.raises(OutputError, match="cannot be written: File too large"):
            write_clip(ramp, 7.0, 10.0, ramp.with_name(f"clip{suffix}"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert capfd.readouterr().err == ""
    assert list(ramp.parent.iterdir()) == [ramp]


def test_the_limit_of_duration_is_the_caller_s(ramp: Path) -> None:
    write_clip(ramp, 7.0, 10.0, ramp.with_name("clip.wav"), 20.0)
    with pytest.raises(DurationError, match="longer than the limit"):
        write_clip(ramp, 7.0, 10.0, ramp.with_name("clip.wav"), 5.0)
