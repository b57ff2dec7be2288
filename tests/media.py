"""Audio files of many kinds, as real programs write them, and what befalls them."""

import io
import struct
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import soundfile

FloatArray = npt.NDArray[np.float32]


def music(seconds: float, rate_hz: int, channels: int = 1) -> FloatArray:
    """(n, channels): chords with onsets and some noise below 4 kHz, the same at every rate."""
    return (_mono(seconds, rate_hz)[:, np.newaxis] * np.linspace(1, 0.8, channels)).astype(np.float32)


@lru_cache(maxsize=32)
def _mono(seconds: float, rate_hz: int) -> npt.NDArray[np.float64]:
    rng = np.random.default_rng(0)
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    chord = (time_s // 2).astype(int) % 4
    mono = np.zeros(len(time_s))
    for number, hertz in enumerate([(220, 277, 330), (196, 247, 294), (147, 220, 349), (165, 208, 494)]):
        sounding = chord == number
        for hz in hertz:
            mono[sounding] += np.sin(2 * np.pi * hz * time_s[sounding])
    mono *= 0.15 * np.exp(-(time_s % 0.5) * 3)
    for hz, phase in zip(rng.uniform(60, 4000, 60), rng.uniform(0, 6, 60), strict=True):
        mono += 0.002 * np.sin(2 * np.pi * hz * time_s + phase)
    return mono


def encoded(
    samples: FloatArray, rate_hz: int, file_format: str, subtype: str | None = None, **how: Any
) -> bytes:
    """By libsndfile."""
    file = io.BytesIO()
    soundfile.write(file, samples, rate_hz, subtype, format=file_format, **how)
    return file.getvalue()


def muxed(
    tracks: Sequence[FloatArray],
    rate_hz: int,
    container_format: str,
    codec: str,
    layout: str = "stereo",
    options: dict[str, str] | None = None,
    bit_rate: int | None = None,
    default: int | None = None,
    sample_format: str | None = None,
) -> bytes:
    """By FFmpeg: tracks (n, channels); `default` is the number of the one that players are to play."""
    file = io.BytesIO()
    with av.open(file, "w", format=container_format, options=options or {}) as container:
        streams = []
        for number in range(len(tracks)):
            stream: Any = container.add_stream(codec, rate=rate_hz, layout=layout, options={"strict": "-2"})
            if sample_format:
                stream.codec_context.format = sample_format
            if bit_rate:
                stream.bit_rate = bit_rate
            if default is not None:
                stream.disposition = av.stream.Disposition(
                    int(number == default)
                ).value  # older ones take no flag
            streams.append(stream)
        for stream, samples in zip(streams, tracks, strict=True):
            for packet in _packets(stream, samples, rate_hz, layout):
                container.mux(packet)
    return file.getvalue()


def _packets(stream: Any, samples: FloatArray, rate_hz: int, layout: str) -> Iterator[Any]:
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), "flt", layout)
    frame.sample_rate, frame.pts = rate_hz, 0
    resampler = av.AudioResampler(stream.codec_context.format, layout, rate_hz)
    fifo = av.AudioFifo()
    for converted in resampler.resample(frame):
        fifo.write(converted)
    step = stream.codec_context.frame_size or 1024
    while part := fifo.read(step):
        yield from stream.encode(part)
    if part := fifo.read(0):
        yield from stream.encode(part)
    yield from stream.encode(None)


def dsf(samples: FloatArray, rate_hz: int) -> bytes:
    """Mono samples (n,) as a DSD stream of 64 times their rate, by a modulator of first order."""
    import soxr

    level = (soxr.resample(samples * 0.7, rate_hz, 64 * rate_hz, "LQ").astype(np.float64) + 1) / 2
    bits = np.diff(np.floor(np.cumsum(level)), prepend=0).astype(np.uint8)
    block = 4096
    packed = np.packbits(bits, bitorder="little").tobytes()
    data = packed.ljust(-(-len(packed) // block) * block, b"\x69")
    form = struct.pack("<QIIIIIIQII", 52, 1, 0, 1, 1, 64 * rate_hz, 1, len(bits), block, 0)
    chunks = b"fmt " + form + b"data" + struct.pack("<Q", 12 + len(data)) + data
    return b"DSD " + struct.pack("<QQQ", 28, 28 + len(chunks), 0) + chunks


def ape_tag(content: bytes) -> bytes:
    """A tag with a picture of that content, with header and footer."""
    item = len(content).to_bytes(4, "little") + (2).to_bytes(4, "little") + b"Cover Art (Front)\0" + content
    size = (len(item) + 32).to_bytes(4, "little")
    begin = b"APETAGEX" + (2000).to_bytes(4, "little") + size + (1).to_bytes(4, "little")
    header = begin + (0xA0000000).to_bytes(4, "little") + bytes(8)
    footer = begin + (0x80000000).to_bytes(4, "little") + bytes(8)
    return header + item + footer


def id3v1_tag() -> bytes:
    return b"TAG" + b"a title".ljust(125, b"\0")


def id3v2_tag(size: int) -> bytes:
    return b"ID3\3\0\0" + bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0)) + bytes(size)


def lyrics3_tag(text: bytes) -> bytes:
    content = b"LYRICSBEGIN" + text
    return content + f"{len(content):06}".encode() + b"LYRICS200"


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
