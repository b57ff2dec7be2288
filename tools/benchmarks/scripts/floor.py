"""The least that a Python program can do with a file: decode it, mix it down, resample it."""

import sys

import soundfile
import soxr

with soundfile.SoundFile(sys.argv[1]) as file:
    resampler = soxr.ResampleStream(file.samplerate, 22_050, 1, dtype="float32")
    for block in file.blocks(1 << 17, dtype="float32", always_2d=True):
        mono = block[:, 0]
        for channel in block.T[1:]:
            mono = mono + channel  # numpy's mean over two columns would take as long as the decoder
        resampler.resample_chunk(mono / file.channels)
