"""One file to blocks as they were recorded: which decoder reads it, and what it is told before.

libsndfile reads what is healthy and of its formats, which is most music and is faster. FFmpeg reads the
rest: other formats, streams that change on their way, and whatever follows a flaw.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from midcli.audio import flac, libsndfile, ogg
from midcli.audio.blocks import Block
from midcli.audio.chunks import unpadded
from midcli.audio.continued import joined
from midcli.audio.disguised import holds_encoded_audio, little_endian_aiff
from midcli.audio.ffmpeg import FfmpegStream
from midcli.audio.findings import TOLERANCE_S, Findings
from midcli.audio.libsndfile import LibsndfileStream
from midcli.audio.source import Section, Source
from midcli.audio.tags import audio_start, padding_end
from midcli.audio.unfinished import Correction, correction
from midcli.errors import InputError

if TYPE_CHECKING:
    from midcli.audio.mp3 import Mp3

_MOST_PARTS = 50  # that are opened one by one
_FRAMES_AFTER_FLAW = 2  # of mp3, in which a decoder has not yet what it needs
_WAV = ("WAV", "WAVEX", "RF64")


def decoded(source: Source, findings: Findings, track: int | None = None) -> Iterator[Block]:
    """Blocks of the source; `track` counts from 1, without it the default one is taken.

    Raises InputError if there is nothing that can be decoded.
    """
    hidden = unpadded(source)
    seen = source.without(hidden) if hidden else source
    whole = joined(seen)
    return _Decoding(seen.read_as(whole) if whole else seen, findings, track).blocks()


class _Decoding:
    """Decodes one source; what is odd goes to the findings."""

    def __init__(self, source: Source, findings: Findings, track: int | None) -> None:
        self._source = source
        self._findings = findings
        self._track = track
        self._whole = [(0, source.size)]
        self._start = audio_start(source.read)

    def blocks(self) -> Iterator[Block]:
        if self._track not in (None, 1):
            return self._by_ffmpeg()
        if self._source.read(self._start, 4) == b"OggS":
            return self._ogg()
        stream = libsndfile.opened(self._source.path or self._section())
        if stream is None:
            return self._by_ffmpeg()
        if stream.format == "MP3":
            return self._mp3(stream)
        if stream.format == "FLAC":
            return self._flac(stream)
        if stream.format == "AIFF":
            return self._aiff(stream)
        if stream.format in _WAV and holds_encoded_audio(self._source):
            stream.close()
            return self._encoded_wav()
        return self._pcm(stream)

    def _section(
        self, runs: Sequence[tuple[int, int]] | None = None, patches: Sequence[tuple[int, bytes]] = ()
    ) -> Section:
        return Section(self._source.file, runs or self._whole, patches)

    def _by_ffmpeg(self) -> Iterator[Block]:
        from midcli.audio.mp3 import read_frames
        from midcli.audio.mpegts import links as programmes

        links = programmes(self._source)
        if len(links) > 1:
            yield from self._programmes(links)
            return
        stream = self._open_by_ffmpeg()
        if stream.format == "mp3" and (frames := read_frames(self._source)):
            stream.close()
            yield from self._repaired_mp3(frames)
            return
        yield from stream.blocks()
        if not stream.declared_s:
            self._findings.end_at(stream.seconds_read)
        self._note_loss(stream, stream.seconds_read, stream.declared_s)
        self._findings.compare_length(stream.seconds_read, stream.declared_s)

    def _programmes(self, links: list[tuple[int, int]]) -> Iterator[Block]:
        """One after another, each with streams of its own. Raises InputError if none of them can be read."""
        read_s, declared_s = 0.0, 0.0
        problem: InputError | None = None
        for link in links:
            try:
                stream = FfmpegStream(
                    self._source.name, self._section([link]), self._findings, self._track, from_s=read_s
                )
            except InputError as error:  # without audio, or without that track
                problem = problem or error
                continue
            yield from stream.blocks()
            read_s += stream.seconds_read
            declared_s += stream.declared_s
        if problem and not read_s:
            raise problem
        self._findings.compare_length(read_s, declared_s)

    def _open_by_ffmpeg(self) -> FfmpegStream:
        """Without tags and padding at its start, of which FFmpeg does not know all, where that helps."""
        name = self._source.name
        wrong = correction(self._source)
        section = self._section(patches=wrong.patches) if wrong else self._section()
        try:
            stream = FfmpegStream(name, section, self._findings, self._track)
            if wrong:
                self._tell(wrong, stream.declared_s)
            return stream
        except InputError as error:
            start = padding_end(self._source.read, 0)
            if not 0 < start < self._source.size:
                raise
            behind_tags = self._section([(start, self._source.size)])
            try:
                return FfmpegStream(name, behind_tags, self._findings, self._track)
            except InputError:
                raise error from None

    def _encoded_wav(self) -> Iterator[Block]:
        stream = self._open_by_ffmpeg()
        if not stream.is_encoded:
            raise InputError(
                self._source.name,
                "holds a compressed stream (DTS or the like) as samples, which cannot be read",
            )
        return stream.blocks()

    def _pcm(self, stream: LibsndfileStream) -> Iterator[Block]:
        """What has a header with a size."""
        wrong = correction(self._source)
        repaired = wrong and libsndfile.opened(self._section(patches=wrong.patches))
        if wrong and repaired:
            stream.close()
            stream = repaired
            self._tell(wrong, stream.frames / stream.rate_hz)
        yield from self._by_libsndfile(stream, stream.declared_frames())

    def _tell(self, wrong: Correction, held_s: float) -> None:
        self._findings.compare_header(wrong.declared_bytes / wrong.present_bytes * held_s, held_s)

    def _aiff(self, stream: LibsndfileStream) -> Iterator[Block]:
        patches = little_endian_aiff(self._source)
        if patches is None:
            raise InputError(self._source.name, "little-endian aiff of an encoding that cannot be read")
        turned = libsndfile.opened(self._section(patches=patches)) if patches else None
        if turned is None:
            return self._pcm(stream)
        stream.close()
        return self._by_libsndfile(turned, turned.declared_frames())

    def _flac(self, stream: LibsndfileStream) -> Iterator[Block]:
        declared = stream.declared_frames()
        held = flac.total_samples(self._source, self._start, declared)
        if not declared or held - declared <= TOLERANCE_S * stream.rate_hz:
            yield from self._by_libsndfile(stream, declared or held)
            return
        stream.close()
        self._findings.compare_header(declared / stream.rate_hz, held / stream.rate_hz)
        yield from self._by_ffmpeg()

    def _mp3(self, stream: LibsndfileStream) -> Iterator[Block]:
        from midcli.audio.mp3 import read_frames

        frames = read_frames(self._source)
        if frames is None:  # of free bit rate
            yield from self._by_libsndfile(stream, stream.declared_frames())
        elif self._suits(stream, frames):
            # where no header counts, libsndfile has guessed
            declared_s = frames.declared_s or frames.seconds
            yield from self._by_libsndfile(stream, int(declared_s * stream.rate_hz))
        else:
            stream.close()
            yield from self._repaired_mp3(frames)

    @staticmethod
    def _suits(stream: LibsndfileStream, frames: "Mp3") -> bool:
        """Whether libsndfile will read all of it, and leave out what its encoder has added to its ends."""
        will_read_s = stream.frames / stream.rate_hz
        is_one = len(frames.parts) == 1 and frames.parts[0].is_honest
        return is_one and will_read_s > frames.seconds - TOLERANCE_S

    def _repaired_mp3(self, frames: "Mp3") -> Iterator[Block]:
        """Its parts, each by itself and with a header that counts it right, without what is between them."""
        if frames.declared_s:
            self._findings.compare_header(frames.declared_s, frames.seconds)
        if frames.junk and frames.declared_s - frames.seconds > TOLERANCE_S:
            self._findings.lost(frames.junk[0][0], frames.declared_s - frames.seconds)
        else:
            self._findings.skips = frames.junk
        for part in frames.parts[:_MOST_PARTS]:
            section = self._section([(part.start, part.stop)], part.correction)
            skip = _FRAMES_AFTER_FLAW * part.format.frame_samples * part.is_behind_flaw
            yield from self._mp3_section(section, skip)
        rest = [(part.start, part.stop) for part in frames.parts[_MOST_PARTS:]]
        if rest:
            yield from self._mp3_section(self._section(rest))
        self._findings.compare_length(frames.seconds, frames.declared_s)

    def _mp3_section(self, section: Section, skip: int = 0) -> Iterator[Block]:
        name = self._source.name
        yield from FfmpegStream(name, section, self._findings, skip=skip, container="mp3").blocks()

    def _ogg(self) -> Iterator[Block]:
        """Each link by itself: it may have settings of its own."""
        links = ogg.links(self._source)
        if len(links) > 1:
            yield from self._chain(links)
            return
        stream = libsndfile.opened(self._source.path or self._section())
        if stream is None:
            yield from self._by_ffmpeg()
        else:
            is_cut = not ogg.is_ended(self._source, self._source.size)
            yield from self._by_libsndfile(stream, stream.declared_frames(), is_cut)

    def _chain(self, links: list[tuple[int, int]]) -> Iterator[Block]:
        read_s = 0.0
        for link in links:
            for block in self._link(link):
                read_s += block.channels.shape[1] / block.rate_hz
                yield block
        if not ogg.is_ended(self._source, self._source.size):
            self._findings.truncated(read_s, 0)

    def _link(self, link: tuple[int, int]) -> Iterator[Block]:
        section = self._section([link])
        stream = libsndfile.opened(section)
        if stream:
            yield from stream.blocks()
            if stream.doubtful:
                yield stream.doubtful
            return
        try:
            yield from FfmpegStream(self._source.name, section, self._findings).blocks()
        except InputError:
            self._findings.notes.append("one of the streams joined in it could not be decoded")

    def _by_libsndfile(
        self, stream: LibsndfileStream, declared: int, is_cut: bool = False
    ) -> Iterator[Block]:
        yield from stream.blocks()
        rate_hz, read = stream.rate_hz, stream.frames_read
        read_s, declared_s = read / rate_hz, declared / rate_hz
        if stream.doubtful:
            decoded_now = stream.doubtful.channels.shape[1]
            behind = None if read + decoded_now >= declared > 0 else self._behind_flaw(stream)
            if behind:
                yield from behind.blocks()
                read_s += behind.seconds_read
                self._note_loss(behind, read_s, declared_s)
            else:
                yield stream.doubtful
                read_s += decoded_now / rate_hz
        if is_cut:
            self._findings.truncated(read_s, declared_s)
        else:
            self._findings.compare_length(read_s, declared_s)

    def _note_loss(self, stream: FfmpegStream, read_s: float, declared_s: float) -> None:
        """What lacks of a FLAC that goes on behind its flaw."""
        if stream.flaw_s is not None and stream.flaw_s < read_s:
            self._findings.lost(stream.flaw_s, max(0.0, declared_s - read_s))

    def _behind_flaw(self, stream: LibsndfileStream) -> FfmpegStream | None:
        """What goes on where libsndfile gives up. Raises InputError if that is at the very start."""
        try:
            return FfmpegStream(
                self._source.name, self._section(), self._findings, track=1, skip=stream.frames_read
            )
        except InputError as error:
            if stream.frames_read == 0 and stream.doubtful is None:
                raise InputError(self._source.name, f"broken audio: {stream.error}") from error
            return None
