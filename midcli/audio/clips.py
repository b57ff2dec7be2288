"""A stretch of an audio file to a file of its own, to listen to what an explanation points at."""

import io
from pathlib import Path

import numpy as np
import numpy.typing as npt

from midcli.audio.limits import MAX_DURATION_S
from midcli.audio.reading import AudioReader
from midcli.errors import UsageError
from midcli.util.files import write_bytes
from midcli.util.interrupts import interrupts_deferred

FORMATS = {".wav": "WAV", ".flac": "FLAC", ".ogg": "OGG"}
SAMPLE_RATE_HZ = 44_100

_FADE_S = 0.01  # a cut inside a wave would click


def clip_format(path: Path) -> str:
    """The format that a file's ending names. Raises UsageError if midcli does not write it."""
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise UsageError(f"{path}: a clip is written as {', '.join(FORMATS)}")
    return FORMATS[suffix]


def write_clip(
    source: Path,
    start_s: float,
    end_s: float,
    target: Path,
    max_duration_s: float = MAX_DURATION_S,
    track: int | None = None,
) -> None:
    """Write that stretch of `source`, mono at 44.1 kHz, in place of `target`.

    Raises InputError if the source, OutputError if the target fails.
    """
    import soundfile

    written_as = clip_format(target)
    encoded = io.BytesIO()  # libsndfile prints a traceback for every write that fails
    reader = AudioReader(source, SAMPLE_RATE_HZ, max_duration_s, track)
    samples = _stretch(reader, round(start_s * SAMPLE_RATE_HZ), round(end_s * SAMPLE_RATE_HZ))
    with (
        interrupts_deferred(),
        soundfile.SoundFile(encoded, "w", SAMPLE_RATE_HZ, 1, format=written_as) as file,
    ):
        for part in np.split(samples, range(SAMPLE_RATE_HZ, len(samples), SAMPLE_RATE_HZ)):
            file.write(part)  # libvorbis breaks down over a minute at once
    write_bytes(target, encoded.getvalue())


def _stretch(reader: AudioReader, start: int, stop: int) -> npt.NDArray[np.float32]:
    kept = []
    for block in reader.blocks():
        first = reader.samples - len(block)
        kept.append(block[max(0, start - first) : max(0, stop - first)])
        if reader.samples >= stop:
            break
    samples = np.concatenate(kept)
    fade = np.minimum(1, np.arange(len(samples)) / (_FADE_S * SAMPLE_RATE_HZ)).astype(np.float32)
    faded: npt.NDArray[np.float32] = samples * fade * fade[::-1]
    return faded
