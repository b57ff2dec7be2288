"""Short audio files of many formats, and their titles, written for tests; the latter need mutagen."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np
import soundfile

RATE_HZ = 44_100
SECONDS = 1.5

_WRITTEN_BY_SOUNDFILE = {".wav": None, ".aiff": None, ".flac": None, ".ogg": "VORBIS", ".mp3": None}
_CODECS = {".m4a": "aac", ".opus": "libopus", ".wma": "wmav2", ".wv": "wavpack"}
FORMATS = (*_WRITTEN_BY_SOUNDFILE, *_CODECS)


def write_audio(path: Path, seed: int = 0) -> Path:
    """A second and a half of a noisy tone, without tags, in the format of the ending."""
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(_untagged(path.suffix, seed))
    return path


@cache
def _untagged(suffix: str, seed: int) -> bytes:
    rng = np.random.default_rng(seed)
    time_s = np.arange(round(RATE_HZ * SECONDS)) / RATE_HZ
    tone = 0.3 * np.sin(2 * np.pi * 440 * time_s) + 0.05 * rng.standard_normal(len(time_s))
    samples = np.stack([tone, tone[::-1]], axis=1).astype(np.float32)
    with TemporaryDirectory() as folder:
        path = Path(folder, f"audio{suffix}")
        if suffix in _WRITTEN_BY_SOUNDFILE:
            soundfile.write(path, samples, RATE_HZ, subtype=_WRITTEN_BY_SOUNDFILE[suffix])
        else:
            _encode(path, samples)
        _drop_tags(path)
        return path.read_bytes()


def _encode(path: Path, samples: np.ndarray) -> None:
    codec = _CODECS[path.suffix]
    rate_hz = 48_000 if codec == "libopus" else RATE_HZ
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate_hz)
        stream.layout = "stereo"
        stream.bit_rate = 128_000
        stream.codec_context.open()
        resampler = av.AudioResampler(
            format=stream.format.name, layout="stereo", rate=rate_hz, frame_size=stream.frame_size or 1024
        )
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.T), format="fltp", layout="stereo")
        frame.sample_rate = RATE_HZ
        for given in (frame, None):
            for converted in resampler.resample(given):
                container.mux(stream.encode(converted))
        container.mux(stream.encode(None))


def _drop_tags(path: Path) -> None:
    import mutagen

    file = mutagen.File(path)
    if file is not None and file.tags:
        file.delete()


def write_titles(path: Path, title: str, artist: str) -> None:
    """Tags as other programs write them."""
    import mutagen
    from mutagen import id3

    file = mutagen.File(path)
    if file.tags is None:
        file.add_tags()
    if isinstance(file.tags, id3.ID3):
        file.tags.add(id3.TIT2(encoding=3, text=[title]))
        file.tags.add(id3.TPE1(encoding=3, text=[artist]))
    else:
        names = {".m4a": ("\xa9nam", "\xa9ART"), ".wma": ("Title", "Author"), ".wv": ("Title", "Artist")}
        for name, value in zip(names.get(path.suffix, ("TITLE", "ARTIST")), (title, artist), strict=True):
            file.tags[name] = [value]
    file.save()
