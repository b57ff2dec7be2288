"""Decoding by libsndfile: wav, flac, ogg, opus, mp3, aiff and rarer formats."""

import os
import re
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from midcli.audio.blocks import BLOCK_S, BLOCK_SAMPLES, Block, FloatArray
from midcli.audio.noise import hushed
from midcli.audio.source import Section

_ENDLESS = 1 << 62  # frames of what libsndfile knows no end of
_UNKNOWN_LENGTH = 0x7FFFF000  # what streaming writers declare: this or more, or 0
# libmpg123 tells of every flaw in a stream on stderr, libsndfile itself of those in SDS on stdout
_NOISY = ("MP3", "SDS")


class LibsndfileStream:
    """An open file, read once from start to end. `frames_read` counts; `error` says what ended it early.

    `doubtful` is what was decoded with the error: it may be silence in place of what is broken.
    """

    def __init__(self, file: Any) -> None:
        self._file = file
        # otherwise soundfile seeks after every read, and libmpg123 then lacks the frames before
        file.seekable = lambda: False
        self.format: str = file.format
        self.rate_hz: int = file.samplerate
        self.frames: int = file.frames
        """Those that it will read at most."""
        self.frames_read = 0
        self.error: str | None = None
        self.doubtful: Block | None = None

    def close(self) -> None:
        self._file.close()

    def declared_frames(self) -> int:
        """Frames that the header promises, 0 if none; libsndfile trims wav and aiff headers to the file."""
        chunk = re.search(
            r"^\s*(?:data|SSND|Data Size|Riff size|riff)\s*:\s*(\d+) \(should be (\d+)\)",
            self._file.extra_info,
            re.MULTILINE,
        )
        if not chunk or not 0 < int(chunk[1]) < _UNKNOWN_LENGTH:
            return self.frames if self.frames < _ENDLESS else 0
        promised_bytes, present_bytes = int(chunk[1]), max(1, int(chunk[2]))
        return int(self.frames * promised_bytes / present_bytes)

    def stretch(self, start: int, frames: int) -> Block:
        """Up to so many frames from there on. Raises OSError if they cannot be decoded."""
        import soundfile

        noisy = hushed if self.format in _NOISY else nullcontext
        try:
            with noisy():
                self._file.seek(start)
                samples: FloatArray = self._file.read(frames, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as error:
            raise OSError(error.error_string) from error
        return Block(self.rate_hz, samples.T)

    def blocks(self) -> Iterator[Block]:
        """All that can be decoded for certain."""
        noisy = hushed if self.format in _NOISY else nullcontext
        frames = max(1024, min(BLOCK_S * self.rate_hz, BLOCK_SAMPLES // self._file.channels))
        buffer = np.empty((frames, self._file.channels), np.float32)
        with self._file:
            while True:
                with noisy():
                    block = self._read(buffer)
                if self.error:
                    self.doubtful = Block(self.rate_hz, block.T)
                if self.error or not len(block):
                    return
                self.frames_read += len(block)
                yield Block(self.rate_hz, block.T)

    def _read(self, buffer: FloatArray) -> FloatArray:
        """The part (n, channels) of the buffer that could be filled."""
        import soundfile

        buffer.fill(np.nan)
        try:
            filled: FloatArray = self._file.read(out=buffer)
        except soundfile.LibsndfileError as error:
            self.error = error.error_string
            # libsndfile does not say how much it had decoded before
            unfilled = np.isnan(buffer[:, 0])
            return buffer[: unfilled.argmax()] if unfilled.any() else buffer
        return filled


def opened(file: Path | Section) -> LibsndfileStream | None:
    """The file, by its path if it is all of one; None if it is none of libsndfile's formats."""
    import soundfile

    # soundfile itself cannot encode names that are not UTF-8
    name = os.fsencode(file) if isinstance(file, Path) and os.name == "posix" else file
    try:
        with hushed():
            return LibsndfileStream(soundfile.SoundFile(name))
    except (soundfile.LibsndfileError, TypeError):  # the latter for names in .raw
        return None
