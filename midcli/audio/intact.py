"""Whether libsndfile alone reads all of a file rightly, so that places in it are those of the piece."""

from midcli.audio import flac, mp3, ogg
from midcli.audio.disguised import holds_encoded_audio, little_endian_aiff
from midcli.audio.findings import TOLERANCE_S
from midcli.audio.libsndfile import LibsndfileStream
from midcli.audio.source import Source
from midcli.audio.tags import audio_start
from midcli.audio.unfinished import correction


def is_intact(source: Source, stream: LibsndfileStream) -> bool:
    """Whether nothing of it would have to be put right on the way (midcli.audio.decoding)."""
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
