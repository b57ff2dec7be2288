"""The paper's network as a plain script: librosa, torch, windows of 10 s; weights as they are initialised."""

import sys

import librosa
import numpy as np
import torch
from torch import nn

RATE_HZ, HOP, BANDS, WINDOW_FRAMES, BATCH = 22_050, 706, 149, 313, 8


def layer(channels_in: int, channels: int, kernel: int = 3, stride: int = 1, padding: int = 1) -> nn.Module:
    convolution = nn.Conv2d(channels_in, channels, kernel, stride, padding)
    return nn.Sequential(convolution, nn.BatchNorm2d(channels), nn.ReLU())


def filterbank() -> np.ndarray:
    edges = np.unique(np.round(np.geomspace(30, 11_025, BANDS + 60) * 2048 / RATE_HZ).astype(int))
    edges = edges[-(BANDS + 2) :]
    bins = np.arange(1025)
    return np.stack([np.interp(bins, edges[i : i + 3], [0, 1, 0]) for i in range(BANDS)], axis=1)


trunk = nn.Sequential(
    *(layer(1, 64, 5, 2, 2), layer(64, 64), nn.MaxPool2d(2), nn.Dropout(0.3)),
    *(layer(64, 128), layer(128, 128), nn.MaxPool2d(2), nn.Dropout(0.3)),
    *(layer(128, 256), layer(256, 256), layer(256, 384), layer(384, 512)),
    layer(512, 256, 1, 1, 0),
)
to_midlevel, to_emotion = nn.Linear(256, 7), nn.Linear(7, 8)

samples, _ = librosa.load(sys.argv[1], sr=RATE_HZ)
samples /= np.abs(samples).max()
magnitudes = np.abs(librosa.stft(samples, n_fft=2048, hop_length=HOP)).T
spectrogram = np.log10(1 + magnitudes @ filterbank()).astype(np.float32)
windows = [
    spectrogram[start : start + WINDOW_FRAMES]
    for start in range(0, max(1, len(spectrogram) - WINDOW_FRAMES + 1), WINDOW_FRAMES)
]
trunk.eval()
with torch.inference_mode():
    pooled = [
        trunk(torch.from_numpy(np.stack(windows[first : first + BATCH])).unsqueeze(1)).mean(dim=(2, 3))
        for first in range(0, len(windows), BATCH)
    ]
    midlevel = to_midlevel(torch.cat(pooled)).mean(dim=0)
    print(midlevel.tolist(), to_emotion(midlevel).tolist())
