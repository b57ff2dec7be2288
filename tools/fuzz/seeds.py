"""Valid files of every kind that midcli reads, to be broken by mutations."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import soundfile

from midcli.analyser import Analyser
from midcli.explanation.records import Source
from midcli.labels import EMOTIONS, QUALITIES
from midcli.util.text import json_line
from tests.model_files import write_model

FloatArray = npt.NDArray[np.float32]

DURATION_S = 1.5
_RATE_HZ = 22_050
_SUBTYPES = {
    "WAV": ("PCM_U8", "PCM_16", "PCM_24", "FLOAT", "DOUBLE", "ULAW", "IMA_ADPCM", "MS_ADPCM", "GSM610"),
    "WAVEX": ("PCM_16",),
    "RF64": ("PCM_16",),
    "W64": ("PCM_16", "IMA_ADPCM"),
    "AIFF": ("PCM_16", "FLOAT", "ALAW", "IMA_ADPCM"),
    "AU": ("PCM_16", "G721_32"),
    "CAF": ("PCM_16", "ALAC_16", "ALAC_24"),
    "FLAC": ("PCM_16", "PCM_24"),
    "OGG": ("VORBIS", "OPUS"),
    "MP3": ("MPEG_LAYER_III",),
    # not named in the README, but libsndfile opens them whatever their suffix is
    **dict.fromkeys(("AVR", "HTK", "MAT4", "MAT5", "MPC2K", "NIST", "PAF", "PVF", "SDS"), ("PCM_16",)),
    **dict.fromkeys(("IRCAM", "SVX", "VOC"), ("PCM_16",)),
    "WVE": ("ALAW",),
    "XI": ("DPCM_16",),
}
_CONTAINERS = (
    ("m4a", "ipod", "aac"),
    ("alac.m4a", "ipod", "alac"),
    ("mp4", "mp4", "aac"),
    ("mp3.mp4", "mp4", "mp3"),
    ("flac.mp4", "mp4", "flac"),
    ("fragmented.mp4", "mp4", "aac"),
    ("mov", "mov", "pcm_s16le"),
    ("aac", "adts", "aac"),
    ("webm", "webm", "libopus"),
    ("vorbis.webm", "webm", "vorbis"),
    ("mka", "matroska", "flac"),
    ("wma", "asf", "wmav2"),
    ("v1.wma", "asf", "wmav1"),
    ("avi", "avi", "mp3"),
    ("pcm.avi", "avi", "pcm_s16le"),
    ("flv", "flv", "aac"),
    ("ts", "mpegts", "aac"),
    ("mpg", "mpeg", "mp2"),
    ("mp2", "mp2", "mp2"),
    ("ac3", "ac3", "ac3"),
    ("eac3", "eac3", "eac3"),
    ("ogg", "ogg", "flac"),
)


def audio_seeds() -> Iterator[tuple[str, bytes]]:
    """Name and content of audio files, 1.5 s long and some kilobytes small."""
    for file_format, subtypes in _SUBTYPES.items():
        for subtype in subtypes:
            for channels in (1, 2):
                content = _encoded(file_format, subtype, channels)
                if content:
                    yield f"{subtype.lower()}-{channels}.{file_format.lower()}", content
    for suffix, container, codec in _CONTAINERS:
        yield f"audio.{suffix}", _muxed(container, codec, fragmented=suffix.startswith("fragmented"))
    yield "video.mp4", _muxed("mp4", "aac", video="mpeg4")
    yield "video.mkv", _muxed("matroska", "libopus", video="mjpeg")
    yield "surround.mov", _muxed("mov", "pcm_s16le", layout="7.1")
    yield "tagged.mp3", _with_id3(_encoded("MP3", "MPEG_LAYER_III", 1) or b"")


def write_seeds(folder: Path) -> None:
    """All seed files in a folder, one folder a kind."""
    for kind in ("audio", "model", "table", "rows"):
        (folder / kind).mkdir()
    for name, content in audio_seeds():
        (folder / "audio" / name).write_bytes(content)
    song = folder / "song.wav"
    soundfile.write(song, _music(1)[:, 0], _RATE_HZ)
    model = write_model(folder / "model" / "tiny.onnx")
    (folder / "table" / "own.csv").write_text(_own_table())
    (folder / "table" / "annotations.csv").write_text(_annotations())
    (folder / "table" / "mean_ratings_set1.csv").write_text(_mean_ratings())
    (folder / "table" / "set1_tracklist.csv").write_text(
        "Nro,Emotion,Album name\n001,Happy,Cats \n002,Sad,Été\n"
    )
    (folder / "rows" / "library.jsonl").write_text(_library(model, song), "utf-8")


def _music(channels: int) -> FloatArray:
    rng = np.random.default_rng(0)
    time_s = np.arange(round(DURATION_S * _RATE_HZ)) / _RATE_HZ
    tones = sum(np.sin(2 * np.pi * hz * time_s) for hz in (220.0, 277.0, 330.0))
    mono = 0.2 * tones * np.exp(-(time_s % 0.4) * 5) + rng.normal(0, 0.01, len(time_s))
    return (mono[:, np.newaxis] * np.linspace(1, 0.5, channels)).astype(np.float32)


def _encoded(file_format: str, subtype: str, channels: int) -> bytes | None:
    """None where the format has no such number of channels."""
    file = io.BytesIO()
    rate_hz = 8000 if file_format == "WVE" else 44_100 if file_format == "XI" else _RATE_HZ
    if subtype == "OPUS":
        rate_hz = 24_000
    try:
        soundfile.write(file, _music(channels), rate_hz, subtype, format=file_format)
    except soundfile.LibsndfileError:
        return None
    return file.getvalue()


def _muxed(
    container_format: str,
    codec: str,
    video: str | None = None,
    fragmented: bool = False,
    layout: str = "stereo",
) -> bytes:
    file = io.BytesIO()
    options = {"movflags": "frag_keyframe+empty_moov"} if fragmented else {}
    rate_hz = 48_000 if codec in ("libopus", "ac3", "eac3") else 44_100
    with av.open(file, "w", format=container_format, options=options) as container:
        container.metadata["title"] = "a title"
        stream: Any = container.add_stream(codec, rate=rate_hz, layout=layout, options={"strict": "-2"})
        stream.bit_rate = 96_000
        if video:
            pictures: Any = container.add_stream(video, rate=5)
            pictures.width = pictures.height = 32
            pictures.pix_fmt = "yuvj420p" if video == "mjpeg" else "yuv420p"
            for number in range(8):
                picture = av.VideoFrame.from_ndarray(np.full((32, 32, 3), number * 20, np.uint8))
                picture.pts = number
                container.mux(pictures.encode(picture))
            container.mux(pictures.encode(None))
        packed = np.repeat(_music(av.AudioLayout(layout).nb_channels), 2, axis=0).reshape(1, -1)
        resampler = av.AudioResampler(stream.codec_context.format, layout, rate_hz)
        fifo = av.AudioFifo()
        frame = av.AudioFrame.from_ndarray(packed, "flt", layout)
        frame.sample_rate, frame.pts = rate_hz, 0
        for converted in resampler.resample(frame):
            fifo.write(converted)
        step = stream.codec_context.frame_size or 1024
        while part := fifo.read(step):
            container.mux(stream.encode(part))
        if part := fifo.read(0):
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return file.getvalue()


def _with_id3(mp3: bytes) -> bytes:
    title = b"TIT2" + (12).to_bytes(4, "big") + b"\0\0\x03[red]title\x1b"
    return b"ID3\x04\0\0" + bytes((0, 0, 0, len(title))) + title + mp3


def _own_table() -> str:
    names = [label.name for label in (*QUALITIES, *EMOTIONS)]
    rows = [
        ",".join([f"{k}.wav", f"album {k % 3}", *(str(1 + (k + j) % 9) for j in range(15))]) for k in range(6)
    ]
    return "\n".join([",".join(["file", "group", *names]), *rows]) + "\n"


def _annotations() -> str:
    header = "song_id,melody, articulation,rhythm_complexity, rhythm_stability,dissonance,atonality,mode"
    return "\n".join([header, *(f"{song},5.1,2,3,4,5,6,7" for song in range(3574, 3580))]) + "\n"


def _mean_ratings() -> str:
    header = "number,valence,energy,tension,anger,fear,happy,sad,tender,TARGET"
    return "\n".join([header, *(f"{k:03},1,2,3,4,5,6,7,8.5,HAPPY" for k in range(1, 6))]) + "\n"


def _library(model: Path, song: Path) -> str:
    row = Analyser(model).analyse(song).prediction().to_dict()
    lines = []
    for k, name in enumerate(("a.wav", "Bé.mp3", "c\u2028d.wav", "=<img>.wav")):
        source = Source(f"{k:064}", 1000 + k, 10**18 + k)._asdict()
        lines.append(json_line(row | {"file": name, "source": source}))
    failed = {"schema": row["schema"], "file": "x", "error": {"kind": "input", "message": "broken"}}
    lines.append(json.dumps(failed))
    return "\n".join(lines) + "\n"
