"""What real writers do to sound files: joins, tags anywhere, lying counts, recordings cut off, many tracks.

Unlike mutations, most of it leaves the music what it was, so that the value is known: that of the parts, one
after another.
"""

import io
import random
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from midcli.audio.reading import AudioReader
from midcli.audio.spectrogram import SAMPLE_RATE_HZ
from tests import media
from tests.media import FloatArray, encoded, music, muxed

_PARTS_S = 2.5
_RATES_HZ = (48_000, 44_100, 32_000, 24_000, 22_050)
_DENSE = random.Random(1).randbytes(200_000)


@dataclass(frozen=True)
class Written:
    """A file, and what has to come of it."""

    kind: str
    name: str
    content: bytes
    parts: tuple[tuple[str, bytes], ...] = ()
    """Healthy files that it is to sound like, one after another; without any, it only has to end well."""
    silent: bool = False
    """Whether there is nothing to warn of."""
    told: bool = False
    """Whether there is something to warn of."""


def written(rng: random.Random) -> Written:
    """One file of one kind."""
    return rng.choice(_KINDS)(rng)


def expected_samples(parts: tuple[tuple[str, bytes], ...]) -> FloatArray:
    """What the parts sound like, one after another."""
    return np.concatenate([_heard(content) for _, content in parts])


@cache
def _music(rate_hz: int, channels: int) -> FloatArray:
    return music(_PARTS_S, rate_hz, channels)


@cache
def _heard(content: bytes) -> FloatArray:
    return np.concatenate(list(AudioReader(io.BytesIO(content), SAMPLE_RATE_HZ).blocks()))


@cache
def _sound(name: str, rate_hz: int = 44_100, channels: int = 2, quality: float = 0.5) -> bytes:
    """A healthy file of 2.5 s."""
    samples = _music(rate_hz, channels)
    layout = "stereo" if channels == 2 else "mono"
    match name:
        case "mp3":
            return encoded(samples, rate_hz, "MP3", bitrate_mode="CONSTANT", compression_level=quality)
        case "vbr.mp3":
            return encoded(samples, rate_hz, "MP3", bitrate_mode="VARIABLE", compression_level=quality)
        case "bare.mp3":
            return muxed([samples], rate_hz, "mp3", "libmp3lame", layout, {"write_xing": "0"})
        case "ogg":
            return encoded(samples, rate_hz, "OGG", "VORBIS", compression_level=quality)
        case "opus":
            return encoded(_music(48_000, channels), 48_000, "OGG", "OPUS")
        case "aac":
            return muxed([samples], rate_hz, "adts", "aac", layout)
        case "ac3":
            return muxed([_music(48_000, channels)], 48_000, "ac3", "ac3", layout)
        case "ts":
            return muxed([samples], rate_hz, "mpegts", "aac", layout)
        case "flac":
            return encoded(samples, rate_hz, "FLAC", "PCM_16")
        case "wav" | "aiff" | "au" | "w64" | "rf64":
            return encoded(samples, rate_hz, name.upper(), "PCM_16")
        case "wv" | "tta":
            return muxed([samples], rate_hz, name, {"wv": "wavpack"}.get(name, name), layout)
    raise ValueError(name)


def _joined(rng: random.Random) -> Written:
    """Recordings of broadcasts, `cat a.mp3 b.mp3`, chained Ogg."""
    family = rng.choice((("mp3", "vbr.mp3"), ("bare.mp3",), ("ogg", "opus"), ("aac",), ("ac3",), ("ts",)))
    parts = []
    same = rng.random() < 0.3
    first = rng.choice(family), rng.choice(_RATES_HZ), rng.choice((1, 2)), rng.choice((0.2, 0.5, 0.8))
    for _ in range(rng.choice((2, 2, 3, 5))):
        kind = first
        if not same:
            kind = rng.choice(family), rng.choice(_RATES_HZ), rng.choice((1, 2)), rng.choice((0.2, 0.5, 0.8))
        parts.append((kind[0], _sound(*kind)))
    between = _tag(rng) if family[0] == "mp3" and rng.random() < 0.5 else b""
    return Written("joined", parts[0][0], between.join(content for _, content in parts), tuple(parts))


def _tag(rng: random.Random) -> bytes:
    size = rng.choice((0, 10, 1000, 4096, 70_000))
    start = rng.randrange(len(_DENSE) - size)
    dense = _DENSE[start : start + size]
    return rng.choice(
        (
            media.id3v1_tag(),
            media.id3v2_tag(size),
            media.ape_tag(dense),
            media.ape_tag(dense) + media.id3v1_tag(),
            media.lyrics3_tag(b"la " * (size // 3)) + media.id3v1_tag(),
            bytes(size),
        )
    )


def _tagged(rng: random.Random) -> Written:
    """By players, rippers and stores, of formats that have tags of their own too."""
    name = rng.choice(("mp3", "vbr.mp3", "bare.mp3", "flac", "wav", "aiff", "aac", "wv", "tta"))
    content = _sound(name, rng.choice(_RATES_HZ), rng.choice((1, 2)))
    before = after = b""
    if name.endswith("mp3") and rng.random() < 0.5:
        before = b"".join(_tag(rng) for _ in range(rng.choice((1, 2))))
        before = before if before.strip(b"\0") else b""
    elif name in ("flac", "aac") and rng.random() < 0.4:
        before = media.id3v2_tag(rng.choice((0, 10, 4096, 70_000)))
    if rng.random() < 0.7:
        after = b"".join(_tag(rng) for _ in range(rng.choice((1, 2))))
    return Written("tagged", name, before + content + after, ((name, content),), silent=True)


def _lying(rng: random.Random) -> Written:
    """Counts of samples, frames and bytes that are not those of the file."""
    name = rng.choice(("mp3", "vbr.mp3", "flac", "wav", "aiff", "au", "w64", "rf64"))
    content = _sound(name, rng.choice(_RATES_HZ), rng.choice((1, 2)))
    share = rng.choice((0.0, 0.0, 0.001, 0.1, 0.5, 0.9))
    changed = bytearray(content)
    if name.endswith("mp3"):
        place = max(content.find(b"Xing", 0, 1441), content.find(b"Info", 0, 1441))
        frames = int.from_bytes(content[place + 8 : place + 12], "big")
        if rng.random() < 0.2:
            changed[place + 4 : place + 8] = bytes(4)
            return Written(
                "lying", name, bytes(changed)
            )  # what the encoder has added to its ends is lost with it
        changed[place + 8 : place + 12] = int(share * frames).to_bytes(4, "big")
    elif name == "flac":
        packed = int.from_bytes(content[18:26], "big")
        total = packed & ((1 << 36) - 1)
        changed[18:26] = (packed - total + int(share * total)).to_bytes(8, "big")
    else:
        _lie_of_size(changed, name, share)
    return Written("lying", name, bytes(changed), ((name, content),))


def _lie_of_size(content: bytearray, name: str, share: float) -> None:
    """The size of the audio becomes that share of what it is; where only 0 is no sound size, it becomes 0."""
    field_, code = {
        "wav": (content.find(b"data") + 4, "<I"),
        "aiff": (content.find(b"SSND") + 4, ">I"),
        "au": (8, ">I"),
        "w64": (content.find(b"data\xf3\xac\xd3\x11") + 16, "<Q"),
        "rf64": (content.find(b"ds64") + 16, "<Q"),
    }[name]
    size = struct.calcsize(code)
    if name in ("au", "w64"):
        share = 0.0
    (declared,) = struct.unpack(code, content[field_ : field_ + size])
    content[field_ : field_ + size] = struct.pack(code, int(share * declared) & ~3)
    if name in ("wav", "aiff"):
        content[4:8] = struct.pack(code, (36 + int(share * declared)) & ~3)


def _cut(rng: random.Random) -> Written:
    """Downloads and recordings that were broken off."""
    name = rng.choice(
        ("mp3", "vbr.mp3", "flac", "wav", "aiff", "w64", "ogg", "opus", "aac", "wv", "tta", "ts")
    )
    content = _sound(name, rng.choice(_RATES_HZ), rng.choice((1, 2)))
    kept = rng.uniform(0, 1)
    counts = name in ("mp3", "vbr.mp3", "flac", "wav", "aiff", "w64", "ogg", "opus")
    return Written("cut", name, content[: int(kept * len(content))], told=counts and kept < 0.8)


def _damaged(rng: random.Random) -> Written:
    """Sectors that were lost, and bits that fell over."""
    name = rng.choice(("mp3", "vbr.mp3", "bare.mp3", "flac", "ogg", "opus", "aac", "ac3", "ts", "wv", "tta"))
    content = bytearray(_sound(name, rng.choice(_RATES_HZ), rng.choice((1, 2))))
    for _ in range(rng.choice((1, 1, 2, 5))):
        start = rng.randrange(len(content) // 8, len(content))
        size = rng.choice((1, 16, 512, 4096))
        lost = content[start : start + size]
        content[start : start + size] = rng.choice(
            (b"", bytes(len(lost)), rng.randbytes(len(lost)), rng.randbytes(size) + bytes(lost))
        )
    return Written("damaged", name, bytes(content))


@cache
def _tracks(container: str, codec: str, layout: str, default: int, count: int, loud: int) -> bytes:
    channels = 2 if layout == "stereo" else 1
    sound = _music(48_000, channels)
    tracks = [sound if number == loud else np.zeros_like(sound) for number in range(count)]
    return muxed(tracks, 48_000, container, codec, layout, default=default)


def _several(rng: random.Random) -> Written:
    """Languages, commentaries, stems: the default one is to be heard."""
    container, codec = rng.choice(
        (("mp4", "aac"), ("matroska", "flac"), ("matroska", "libopus"), ("mov", "alac"))
    )
    layout, count = rng.choice(("mono", "stereo")), rng.choice((2, 3, 4))
    default = rng.randrange(count)
    alone = _tracks(container, codec, layout, 0, 1, 0)
    content = _tracks(container, codec, layout, default, count, default)
    return Written("several", container, content, ((container, alone),), told=True)


@cache
def _programme(codec: str, channels: int, first: int) -> bytes:
    layout = "stereo" if channels == 2 else "mono"
    options = {"mpegts_start_pid": str(first)}
    return muxed([_music(48_000, channels)], 48_000, "mpegts", codec, layout, options=options)


def _broadcast(rng: random.Random) -> Written:
    """Recorded across changes of programme: other streams, other encodings."""
    parts = []
    for _ in range(rng.choice((2, 2, 3))):
        codec, channels = rng.choice(("aac", "mp2", "ac3")), rng.choice((1, 2))
        parts.append((codec, _programme(codec, channels, rng.choice((256, 512, 768)))))
    return Written("broadcast", "ts", b"".join(content for _, content in parts), tuple(parts))


def _chunked(rng: random.Random) -> Written:
    """Takes, loops, regions and pictures around the audio, of writers that pad and of those that do not."""
    name, code = rng.choice((("wav", "<I"), ("aiff", ">I")))
    content = _sound(name, rng.choice(_RATES_HZ), rng.choice((1, 2)))
    padding = rng.choice((b"\0", b""))

    def chunks(names: tuple[bytes, ...]) -> bytes:
        made = b""
        for _ in range(rng.randrange(4)):
            text = _DENSE[: rng.choice((0, 1, 4, 33, 602, 603, 70_001))]
            made += rng.choice(names) + struct.pack(code, len(text)) + text + padding * (len(text) % 2)
        return made

    names = (b"bext", b"iXML", b"JUNK", b"LIST") if name == "wav" else (b"APPL", b"basc", b"trns", b"LGWV")
    before, behind = chunks(names), chunks((*names, b"ID3 ", b"id3 "))
    written = content[:12] + before + content[12:] + behind
    size = struct.pack(code, len(written) - 8)
    return Written("chunked", name, written[:4] + size + written[8:], ((name, content),), silent=True)


_KINDS: tuple[Callable[[random.Random], Written], ...] = (
    *(_joined,) * 4,
    *(_tagged,) * 4,
    *(_lying,) * 3,
    *(_cut,) * 3,
    *(_damaged,) * 4,
    _several,
    *(_broadcast,) * 2,
    *(_chunked,) * 3,
)
