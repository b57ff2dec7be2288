"""What librosa reads of the file that tests/audio/test_reading.py writes: the numbers that stand there.

python -m tools.librosa_values
"""

import tempfile
from pathlib import Path

import librosa
import soundfile

from tests.audio.test_reading import LIBROSA_EVERY, RATE_HZ, two_tones

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.flac"
        soundfile.write(path, two_tones(), 44_100)
        samples, _ = librosa.load(path, sr=RATE_HZ)
    print(len(samples), [round(float(value), 6) for value in samples[::LIBROSA_EVERY]])
