"""Whether one decoder alone reads all of a file rightly, so that places in it are those of the piece."""

from midcli.audio import flac, mp3, ogg
from midcli.audio.disguised import holds_encoded_audio, little_endian_aiff
from midcli.audio.ffmpeg import FfmpegStream
from midcli.audio.findings import TOLERANCE_S, Findings
from midcli.audio.libsndfile import LibsndfileStream
from midcli.audio.source import Section, Source
from midcli.audio.tags import audio_start
from midcli.audio.unfinished import correction
from midcli.errors import InputError

MP4 = "mov,mp4,m4a,3gp,3g2,mj2"
"""FFmpeg's name of the format; its table of packets says where each of them is."""


def opened_mp4(source: Source) -> FfmpegStream | None:
    """The source by FFmpeg; None if it is of another format, or if there is anything to be told of it."""
    findings = Findings()
    try:
        stream = FfmpegStream(source.name, Section(source.file, [(0, source.size)]), findings)
    except InputError:
        return None
    if stream.format == MP4 and not findings.warnings():
        return stream
    stream.close()
    return None


def is_intact(source: Source, stream: LibsndfileStream | FfmpegStream) -> bool:
    """Whether nothing of it would have to be put right on the way (midcli.audio.decoding)."""
    if isinstance(stream, FfmpegStream):
        return _goes_to_its_end(stream)
    match stream.format:
        case "OGG":
            return len(ogg.links(source)) == 1 and ogg.is_ended(source, source.size)
        case "MP3":
            frames = mp3.read_frames(source)
            return frames is not None and frames.is_whole and _counts(stream, frames.seconds)
        case "FLAC":
            held = flac.total_samples(source, audio_start(source.read), stream.frames)
            return _counts(stream, held / stream.rate_hz)
        case "AIFF" if little_endian_aiff(source) != []:
            return False
        case "WAV" | "WAVEX" | "RF64" if holds_encoded_audio(source):
            return False
    return correction(source) is None and _counts(stream, stream.declared_frames() / stream.rate_hz)


def _counts(stream: LibsndfileStream, seconds: float) -> bool:
    """Whether libsndfile will read so much."""
    return abs(stream.frames / stream.rate_hz - seconds) < TOLERANCE_S


def _goes_to_its_end(stream: FfmpegStream) -> bool:
    frames = round(TOLERANCE_S * stream.rate_hz)
    try:
        last = stream.stretch(stream.frames - 2 * frames, frames)
    except OSError:
        return False
    return bool(last.channels.shape[1] == frames)
