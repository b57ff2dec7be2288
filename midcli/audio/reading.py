"""Audio file to blocks of mono samples at 22 050 Hz, in bounded memory.

libsndfile reads what it can (wav, flac, ogg, opus, mp3, aiff); PyAV reads the rest (m4a, mp4, webm, wma).
"""

import errno
import os
from collections.abc import Generator, Iterator
from contextlib import ExitStack, nullcontext
from io import FileIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from midcli.audio.lengths import declared_frames, is_chained_ogg, is_ended_ogg, mp3_tells_its_length
from midcli.audio.quiet import silenced
from midcli.cli.settings import MAX_HOURS
from midcli.errors import InputError, LimitError

FloatArray = npt.NDArray[np.float32]

MIN_DURATION_S = 1.0
MAX_DURATION_S = MAX_HOURS * 3600
AUDIO_SUFFIXES = frozenset(
    {
        *(".aac", ".ac3", ".aif", ".aifc", ".aiff", ".au", ".caf", ".eac3", ".ec3", ".flac", ".m4a", ".m4b"),
        *(".m4r", ".mka", ".mp1", ".mp2", ".mp3", ".mpa", ".oga", ".ogg", ".opus", ".rf64", ".snd", ".w64"),
        *(".wav", ".weba", ".wma"),
        *(".3g2", ".3gp", ".asf", ".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg"),
        *(".ogv", ".vob", ".webm", ".wmv"),  # but no .ts and .mts, which are programs in most folders
    }
)

_MAX_PLANES = 7  # PyAV looks for an eighth and further ones beyond their array, and the process dies
_LOUDEST = 1e15  # full scale is 1; beyond, sums over a spectrum would overflow
_LOWEST_RATE_HZ, _HIGHEST_RATE_HZ = 1000, 10_000_000  # soxr crashes far below, and no recording is beyond

_POWER_STEP = 7
_CANCELLED = 1e-2  # of the power of the channels; that of unrelated ones halves in the mix

_BLOCK_SAMPLES = 1 << 20  # over all channels, at most
_BLOCK_S = 12  # of a block, at most
_TRUNCATION_TOLERANCE_S = 0.25  # encoder delay and padding; some mp3 lengths are estimates
_ESTIMATED_LENGTHS = frozenset({"aac", "ac3", "eac3", "mp3"})  # FFmpeg's names of streams without a header
_CONTAINERS = "aac,ac3,aiff,asf,avi,caf,eac3,flac,flv,matroska,mov,mp3,mpeg,mpegts,ogg,wav"


class AudioReader:
    """One audio file, read once from start to end.

    After `blocks()` is exhausted, `samples` counts what came out and `warnings` says what was odd.
    Raises InputError where nothing useful can be read.
    """

    def __init__(self, path: str | Path, sample_rate_hz: int, max_duration_s: float = MAX_DURATION_S) -> None:
        self.path = Path(path)
        self.sample_rate_hz = sample_rate_hz
        self.max_duration_s = max_duration_s
        self.samples = 0
        self.warnings: list[str] = []
        self._power_of_mix = self._power_of_channels = 0.0

    @property
    def duration_s(self) -> float:
        return self.samples / self.sample_rate_hz

    def blocks(self) -> Generator[FloatArray, None, None]:
        """Mono blocks (n,), float32, at the reader's sample rate."""
        self._check_file()
        native_rate_hz, native_blocks = self._open()
        for block in self._resampled(native_blocks, native_rate_hz):
            if not (block.min(initial=0) > -_LOUDEST and block.max(initial=0) < _LOUDEST):
                raise InputError(self.path, "contains NaN, infinite or absurd samples; export it again")
            self.samples += len(block)
            if self.duration_s > self.max_duration_s:
                raise LimitError(
                    self.path,
                    f"longer than the limit of {self.max_duration_s / 3600:g} hours; "
                    "raise --max-hours or cut the file",
                )
            yield block
        if self.samples == 0:
            raise InputError(self.path, "contains no audio samples")
        if self.duration_s < MIN_DURATION_S:
            found = "; ".join([f"only {self.duration_s:.2f} s of audio", *self.warnings])
            raise InputError(self.path, f"{found}; at least {MIN_DURATION_S:g} s is needed")
        if self._power_of_mix < _CANCELLED * self._power_of_channels:
            self.warnings.append(
                "its channels cancel each other (one may be inverted): their mix, which is analysed, lacks "
                "most of what is heard"
            )

    def _check_file(self) -> None:
        try:
            if self.path.is_dir():
                raise InputError(self.path, "is a folder, not an audio file; `midcli predict` reads folders")
            if not self.path.exists():
                raise InputError(self.path, "no such file")
            if not self.path.is_file():
                raise InputError(self.path, "is not a regular file")
            with self.path.open("rb") as file:
                if not file.read(1):
                    raise InputError(self.path, "the file is empty")
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise InputError(self.path, f"cannot be opened: {reason}") from error

    def _open(self) -> tuple[int, Iterator[FloatArray]]:
        import soundfile

        # soundfile itself cannot encode names that are not UTF-8
        name = os.fsencode(self.path) if os.name == "posix" else self.path
        try:
            with silenced():
                file = _stream(soundfile.SoundFile(name))
        except (soundfile.LibsndfileError, TypeError):  # the latter for names in .raw
            return self._open_container()
        if file.format == "OGG" and is_chained_ogg(self.path):  # libsndfile reads the first link
            file.close()
            return self._open_container()
        declared = declared_frames(file)
        if file.format == "MP3" and not mp3_tells_its_length(self.path):
            # libsndfile guesses, from the size, pictures included, and the first bit rate, and stops there
            declared = int(self._counted_s() * file.samplerate)
            if declared - file.frames > _TRUNCATION_TOLERANCE_S * file.samplerate:
                file.close()
                return self._open_container()
        return file.samplerate, self._soundfile_blocks(file, declared)

    def _soundfile_blocks(self, file: Any, declared: int) -> Iterator[FloatArray]:
        frames_read = 0
        with file:
            # libmpg123 tells of every flaw in a stream on stderr, libsndfile itself of those in SDS on stdout
            noisy = silenced if file.format in ("MP3", "SDS") else nullcontext
            frames = max(1024, min(_BLOCK_S * file.samplerate, _BLOCK_SAMPLES // file.channels))
            buffer = np.empty((frames, file.channels), np.float32)
            while True:
                with noisy():
                    block, error = _read(file, buffer)
                frames_read += len(block)
                if len(block):
                    yield self._mix(block.T)
                if error and frames_read == 0:
                    raise InputError(self.path, f"broken audio: {error.error_string}") from error
                if error:
                    self._warn_truncated(frames_read, declared, file.samplerate)
                    return
                if not len(block):
                    break
            cut = file.format == "OGG" and not is_ended_ogg(self.path)
            if cut or declared - frames_read > _TRUNCATION_TOLERANCE_S * file.samplerate:
                self._warn_truncated(frames_read, declared, file.samplerate)

    def _counted_s(self) -> float:
        """Length of an mp3 by its frames; 0 if FFmpeg takes it for something else."""
        import av

        with ExitStack() as opened:
            try:
                container = self._demuxed(opened)
                stream = container.streams.audio[0]
                frames = sum(packet.duration or 0 for packet in container.demux(stream))
                return float(frames * (stream.time_base or 0))
            except (InputError, IndexError, av.FFmpegError, OSError, ValueError):
                return 0.0

    def _demuxed(self, opened: ExitStack) -> Any:
        """The file's container, which `opened` closes."""
        import av

        av.logging.set_level(av.logging.PANIC)
        file = opened.enter_context(self.path.open("rb", buffering=0))
        try:
            return opened.enter_context(
                av.open(
                    _Unnamed(file),
                    # a playlist in disguise must not make the demuxer open other files or addresses
                    options={"protocol_whitelist": "file", "format_whitelist": _CONTAINERS},
                    metadata_errors="replace",
                )
            )
        except (av.FFmpegError, OSError, ValueError) as error:
            raise InputError(
                self.path, "not an audio file that can be read (unknown or broken format)"
            ) from error

    def _open_container(self) -> tuple[int, Iterator[FloatArray]]:
        with ExitStack() as opened:
            container = self._demuxed(opened)
            if not container.streams.audio:
                raise InputError(self.path, "has no audio track")
            codec = container.streams.audio[0].codec_context
            if codec is None:
                raise InputError(self.path, "its audio track has an unknown encoding")
            if not codec.sample_rate:
                raise InputError(self.path, "its audio track is broken (no sample rate)")
            return codec.sample_rate, self._container_blocks(container, opened.pop_all())

    def _container_blocks(self, container: Any, opened: ExitStack) -> Iterator[FloatArray]:
        import av

        stream = container.streams.audio[0]
        rate_hz = stream.codec_context.sample_rate
        declared_s = 0.0
        if container.format.name not in _ESTIMATED_LENGTHS:
            declared_s = float((stream.duration or 0) * (stream.time_base or 0))
            if not declared_s and not container.streams.video:
                declared_s = (container.duration or 0) / av.time_base
        declared = int(declared_s * rate_hz)
        to_float: av.AudioResampler | None = None
        frames_read = 0
        with opened:
            try:
                for packet in container.demux(stream):
                    for frame in packet.decode():
                        if to_float is None:
                            channels = frame.layout.nb_channels
                            planar = channels <= _MAX_PLANES
                            to_float = av.AudioResampler(format="fltp" if planar else "flt", rate=rate_hz)
                        for converted in to_float.resample(frame):
                            block = converted.to_ndarray().astype(np.float32, copy=False)
                            if not planar:
                                block = block.reshape(-1, channels).T
                            frames_read += block.shape[1]
                            yield self._mix(block)
            # PyAV raises IndexError where a stream begins within the file
            except (av.FFmpegError, OSError, ValueError, IndexError) as error:
                if frames_read == 0:
                    raise InputError(self.path, "its audio track cannot be decoded") from error
                self._warn_truncated(frames_read, declared, rate_hz)
                return
        if declared - frames_read > _TRUNCATION_TOLERANCE_S * rate_hz:
            self._warn_truncated(frames_read, declared, rate_hz)

    def _mix(self, channels: FloatArray) -> FloatArray:
        """A new array (n,): the mean of channels (channels, n), without a slow loop over a short axis."""
        mono: FloatArray = channels[0].copy()
        if len(channels) == 1:
            return mono
        with np.errstate(over="ignore", invalid="ignore"):  # absurd samples are refused later
            for channel in channels[1:]:
                mono += channel
        mono /= np.float32(len(channels))
        self._power_of_mix += _power(mono)
        self._power_of_channels += sum(map(_power, channels)) / len(channels)
        return mono

    def _warn_truncated(self, frames_read: int, frames_declared: int, rate_hz: int) -> None:
        expected = f" of {frames_declared / rate_hz:.1f} s" if frames_declared > frames_read else ""
        self.warnings.append(
            f"truncated or broken: analysed the first {frames_read / rate_hz:.1f} s{expected}"
        )

    def _resampled(self, blocks: Iterator[FloatArray], rate_hz: int) -> Iterator[FloatArray]:
        if rate_hz == self.sample_rate_hz:
            yield from blocks
            return
        if not _LOWEST_RATE_HZ <= rate_hz <= _HIGHEST_RATE_HZ:
            raise InputError(self.path, f"its header is broken: no music has a sample rate of {rate_hz} Hz")
        import soxr

        resampler = soxr.ResampleStream(rate_hz, self.sample_rate_hz, 1, dtype="float32")
        for block in blocks:
            yield resampler.resample_chunk(block)
        yield resampler.resample_chunk(np.zeros(0, np.float32), last=True)


class _Unnamed:
    """A file as FFmpeg sees it: without a name.

    By its name FFmpeg takes any content for mp3, ac3 ... and collects it in memory in search of a start.
    """

    def __init__(self, file: FileIO) -> None:
        self._file = file
        self.read, self.tell = file.read, file.tell

    def seek(self, offset: int, whence: int) -> int:
        """Returns what FFmpeg takes for a failure where a broken header points to no place."""
        try:
            return self._file.seek(offset, whence)
        except (OSError, OverflowError, ValueError):
            return -errno.EINVAL


def _read(file: Any, buffer: FloatArray) -> tuple[FloatArray, Any]:
    """The part (n, channels) of the buffer that could be filled, and the error that ended it, if any."""
    import soundfile

    buffer.fill(np.nan)
    try:
        return file.read(out=buffer), None
    except soundfile.LibsndfileError as error:
        # libsndfile does not say how much it had decoded before
        unfilled = np.isnan(buffer[:, 0])
        return buffer[: unfilled.argmax()] if unfilled.any() else buffer, error


def _power(samples: FloatArray) -> float:
    """Of every few samples, which is enough to tell."""
    samples = samples[::_POWER_STEP]
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.dot(samples, samples))


def _stream(file: Any) -> Any:
    """An open SoundFile that is only read forwards.

    Otherwise soundfile seeks after every read, and libmpg123 then lacks the frames before that it needs.
    """
    file.seekable = lambda: False
    return file
