"""About a minute of a long piece: where it comes from, and when a piece is read whole instead."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from midcli.audio.excerpts import EXCERPT_S, EXCERPTS, HEARD_S, ExcerptReader, clear_of_seams
from midcli.audio.reading import AudioReader
from midcli.audio.spectrogram import SAMPLE_RATE_HZ
from midcli.errors import InputError, LimitError

LONG_S = 130


def counting(seconds: float, rate_hz: int) -> npt.NDArray[np.float32]:
    """A level that tells how far one is in the piece, from 0 to .5."""
    return np.linspace(0, 0.5, round(seconds * rate_hz), dtype=np.float32)


def read(path: Path, **options: float) -> tuple[ExcerptReader, list[npt.NDArray[np.float32]]]:
    reader = ExcerptReader(path, SAMPLE_RATE_HZ, **options)
    return reader, list(reader.blocks())


@pytest.mark.parametrize(
    ("suffix", "rate_hz"), [("wav", 22_050), ("flac", 44_100), ("mp3", 44_100), ("ogg", 44_100)]
)
def test_excerpts_are_spread_evenly_over_a_long_piece(tmp_path: Path, suffix: str, rate_hz: int) -> None:
    tone = np.sin(np.arange(LONG_S * rate_hz) * 2 * np.pi * 500 / rate_hz) * counting(LONG_S, rate_hz) * 2
    path = tmp_path / f"long.{suffix}"
    with soundfile.SoundFile(path, "w", rate_hz, 1) as file:
        for start in range(0, len(tone), rate_hz):
            file.write(tone[start : start + rate_hz])
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
        with soundfile.SoundFile(path, "w", 22_050, 1) as file:
            for _ in range(130):
                file.write(np.random.default_rng(0).normal(0, 0.1, 22_050))
        content = path.read_bytes()
        path.write_bytes(content + content)
        reader, _ = read(path)
        assert reader.heard_s is None
        assert reader.duration_s == pytest.approx(260, abs=1)


def test_seams_are_a_second_away_from_what_counts() -> None:
    cell_s = 0.512
    clear = clear_of_seams(cell_s, round(HEARD_S / cell_s))
    places = (np.flatnonzero(clear) + 0.5) * cell_s % EXCERPT_S
    assert clear.sum() == 6 * EXCERPTS
    assert places.min() >= 1
    assert places.max() <= EXCERPT_S - 1
