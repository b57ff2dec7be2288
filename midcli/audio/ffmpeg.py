"""Decoding by FFmpeg (PyAV): what libsndfile does not read, what is damaged, what changes on its way."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from midcli.audio.blocks import Block, FloatArray
from midcli.audio.findings import Findings
from midcli.audio.formats import CONTAINERS
from midcli.audio.source import Section
from midcli.errors import InputError

_MAX_PLANES = 7  # PyAV looks for an eighth and further ones beyond their array, and the process dies
_MOST_FAILURES = 100  # one after another, without any packet between
_ESTIMATED_LENGTHS = frozenset({"aac", "ac3", "eac3", "mp3"})  # FFmpeg's names of streams without a header
_GAP_S = 0.001
_STRICT = frozenset({"flac"})  # what is decoded in spite of a wrong checksum is noise


class FfmpegStream:
    """One audio track of an open file, read once from start to end. `seconds_read` counts.

    `track` counts from 1; without it, the default one is taken. `skip` samples at the start have been
    decoded before; `container` is its format, if that is known; `from_s` is where in the piece it begins.
    Raises InputError if nothing can be decoded.
    """

    def __init__(
        self,
        name: str,
        file: Section,
        findings: Findings,
        track: int | None = None,
        skip: int = 0,
        container: str | None = None,
        from_s: float = 0.0,
    ) -> None:
        self._name = name
        self._findings = findings
        self._skip = skip
        self._container = opened(name, file, container)
        self.format: str = self._container.format.name
        try:
            self._stream = _choose(name, list(self._container.streams.audio), track, findings)
        except InputError:
            self._container.close()
            raise
        self.seconds_read = 0.0
        self.flaw_s: float | None = None
        """Where the first frames of FLAC could not be decoded."""
        self._position_s = from_s
        self.is_encoded = not self._stream.codec_context.name.startswith("pcm_")
        self.declared_s = _declared_s(self._container, self._stream)
        """Length that the container promises; 0 if it does not."""

    def close(self) -> None:
        self._container.close()

    @property
    def rate_hz(self) -> int:
        rate_hz: int = self._stream.codec_context.sample_rate
        return rate_hz

    @property
    def frames(self) -> int:
        """Those that the container promises."""
        return round(self.declared_s * self.rate_hz)

    def stretch(self, start: int, frames: int) -> Block:
        """Up to so many frames from there on, found by the times that the container gives them.

        Raises OSError if they cannot be decoded.
        """
        import av

        convert = _Conversion()
        parts: list[FloatArray] = []
        samples_per_tick = float(self._stream.time_base * self.rate_hz)
        try:
            self._container.seek(int(start / self.rate_hz / self._stream.time_base), stream=self._stream)
            for frame in self._decoded():
                rate_hz, channels = convert(frame)
                at = round(frame.pts * samples_per_tick)
                parts.append(channels[:, max(0, start - at) : max(0, start + frames - at)])
                if rate_hz != self.rate_hz or at + channels.shape[1] >= start + frames:
                    break
            return Block(self.rate_hz, np.concatenate(parts, axis=1))
        except (av.FFmpegError, TypeError, ValueError) as error:
            # TypeError: a frame without a time; ValueError: no frame at all, or another number of channels
            raise OSError(str(error)) from error

    def _decoded(self) -> Iterator[Any]:
        for packet in self._container.demux(self._stream):
            yield from packet.decode()

    def blocks(self) -> Iterator[Block]:
        """All that can be decoded, past flaws."""
        convert = _Conversion()
        with self._container:
            for frame in self._frames():
                rate_hz, channels = convert(frame)
                self._position_s += channels.shape[1] / rate_hz
                skipped, self._skip = self._skip, max(0, self._skip - channels.shape[1])
                channels = channels[:, skipped:]
                self.seconds_read += channels.shape[1] / rate_hz
                if channels.size:
                    yield Block(rate_hz, channels)

    def _frames(self) -> Iterator[Any]:
        import av

        is_flac = self.format == "flac"
        if self._stream.codec_context.name in _STRICT:
            self._stream.codec_context.options = {"err_detect": "crccheck+explode"}
        for packet in _packets(self._container, self._stream):
            if is_flac and packet.pts is not None and self.flaw_s is None:
                gap_s = float(packet.pts * packet.time_base) - self._position_s
                self.flaw_s = self._position_s if gap_s > _GAP_S else None
            try:
                yield from packet.decode()
            except (av.FFmpegError, ValueError):
                if is_flac:  # whose lengths are known, but not that of a packet that is broken
                    self.flaw_s = self._position_s if self.flaw_s is None else self.flaw_s
                else:
                    seconds = float((packet.duration or 0) * (packet.time_base or 0))
                    self._findings.lost(self._position_s, seconds)


def _declared_s(container: Any, stream: Any) -> float:
    import av

    if container.format.name in _ESTIMATED_LENGTHS:
        return 0.0
    seconds = float((stream.duration or 0) * (stream.time_base or 0))
    if not seconds and not container.streams.video:
        begins_s = float((stream.start_time or 0) * (stream.time_base or 0))
        seconds = max(0.0, (container.duration or 0) / av.time_base - max(0.0, begins_s))
    return seconds


class _Conversion:
    """Frames to float32; made anew where their format, layout or rate changes."""

    def __init__(self) -> None:
        self._key: tuple[str, str, int] | None = None
        self._resampler: Any = None

    def __call__(self, frame: Any) -> tuple[int, FloatArray]:
        """Sample rate and (channels, n)."""
        import av

        channels, rate_hz = frame.layout.nb_channels, frame.sample_rate
        planar = channels <= _MAX_PLANES
        key = frame.format.name, frame.layout.name, rate_hz
        if key != self._key:
            self._key = key
            self._resampler = av.AudioResampler(format="fltp" if planar else "flt", rate=rate_hz)
        parts = [converted.to_ndarray() for converted in self._resampler.resample(frame)]
        block = np.concatenate(parts, axis=1) if len(parts) != 1 else parts[0]
        return rate_hz, block if planar else block.reshape(-1, channels).T


def opened(name: str, file: Section, container: str | None) -> Any:
    import av

    av.logging.set_level(av.logging.PANIC)
    try:
        return av.open(
            file,
            format=container,
            # a playlist in disguise must not make the demuxer open other files or addresses
            options={"protocol_whitelist": "file", "format_whitelist": CONTAINERS},
            metadata_errors="replace",
        )
    except (av.FFmpegError, OSError, ValueError) as error:
        raise InputError(name, "not an audio file that can be read (unknown or broken format)") from error


def _choose(name: str, streams: list[Any], track: int | None, findings: Findings) -> Any:
    """The track asked for, or the default one, as players do, of those that can be decoded."""
    if not streams:
        raise InputError(name, "has no audio track")
    if track is not None and not 1 <= track <= len(streams):
        raise InputError(name, f"has no audio track {track}; it has {_counted(len(streams))}")
    known = [stream for stream in streams if stream.codec_context is not None]
    usual = [stream for stream in known if _is_default(stream)] or known
    chosen = streams[track - 1] if track is not None else usual[0] if usual else streams[0]
    if chosen.codec_context is None:
        raise InputError(name, "its audio track has an unknown encoding")
    if track is None and len(streams) > 1:
        listed = ", ".join(f"{number} {_described(stream)}" for number, stream in enumerate(streams, start=1))
        number = streams.index(chosen) + 1
        findings.note(
            f"has {_counted(len(streams))} ({listed}): track {number} was analysed, which players play too"
        )
    return chosen


def _is_default(stream: Any) -> bool:
    from av.stream import Disposition

    impaired = Disposition.hearing_impaired | Disposition.visual_impaired | Disposition.comment
    return bool(stream.disposition & Disposition.default and not stream.disposition & impaired)


def _counted(tracks: int) -> str:
    return "one audio track" if tracks == 1 else f"{tracks} audio tracks"


def _described(stream: Any) -> str:
    """Its language or title, if it has any, else its encoding."""
    tags = [stream.metadata.get(name, "") for name in ("language", "title")]
    words = [tag for tag in tags if tag and tag != "und"]
    return " ".join(words) or (stream.codec_context.name if stream.codec_context else "unknown")


def _packets(container: Any, stream: Any) -> Iterator[Any]:
    """Packets to the end of the file, past flaws of the container."""
    import av

    failures = 0
    while failures < _MOST_FAILURES:
        try:
            for packet in container.demux(stream):
                failures = 0
                yield packet
        except IndexError:  # from PyAV, for every packet of a stream that begins within the file
            continue
        except (av.FFmpegError, OSError, ValueError):
            failures += 1
        else:
            return
