"""A piece to a small file that every browser plays: what the model heard, without tags or covers."""

import io
import math
from pathlib import Path

import numpy as np

from midcli.audio.reading import AudioReader
from midcli.errors import OutputError
from midcli.util.interrupts import interrupts_deferred

SAMPLE_RATE_HZ = 44_100
MEDIA_TYPE = "audio/mpeg"

_COMPRESSION = 0.6  # of libsndfile's 0 (best) to 1 (smallest): about 80 kbit/s, mono


def mp3_bytes(source: Path, track: int | None = None) -> bytes:
    """A file, analysed before, as MP3, mono at 44.1 kHz.

    Raises InputError if the source cannot be read, OutputError where libsndfile was built without MP3.
    """
    import soundfile

    encoded = io.BytesIO()
    reader = AudioReader(source, SAMPLE_RATE_HZ, math.inf, track)
    try:
        with soundfile.SoundFile(
            encoded,
            "w",
            SAMPLE_RATE_HZ,
            1,
            format="MP3",
            compression_level=_COMPRESSION,
            bitrate_mode="VARIABLE",
        ) as target:
            for block in reader.blocks():
                with interrupts_deferred():
                    target.write(np.clip(block, -1, 1))
            with interrupts_deferred():
                target.close()
    except soundfile.LibsndfileError as error:
        raise OutputError(f"{source}: cannot be embedded: {error.error_string}") from error
    return encoded.getvalue()
