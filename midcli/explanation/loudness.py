"""Channels to programme loudness and true peak: ITU-R BS.1770-4, in bounded memory. Needs scipy."""

from typing import Any

import numpy as np
import numpy.typing as npt

from midcli.audio.blocks import Block, FloatArray

Array = npt.NDArray[np.float64]

_STEP_S = 0.1
_STEPS = 4  # of a gating block of 0.4 s
_OFFSET_DB = -0.691
_ABSOLUTE_GATE = -70.0
_RELATIVE_GATE_DB = -10.0
_OVERSAMPLED_HZ = 192_000
_SURROUND = {4: (1, 1, 1.41, 1.41), 5: (1, 1, 1, 1.41, 1.41), 6: (1, 1, 1, 0, 1.41, 1.41)}
_SHELF = (1681.974450955533, 0.7071752369554196, 3.999843853973347)
"""Frequency, Q and gain of the first filter; the published coefficients are this one at 48 kHz."""
_HIGH_PASS = (38.13547087602444, 0.5003270373238773)


class LoudnessMeter:
    """Hears the channels of a file block by block, at the file's own sample rate."""

    def __init__(self) -> None:
        self._rate_hz = 0
        self._states: list[Any] = []
        self._unfinished: Array = np.zeros((0, 0))
        self._powers: list[Array] = []
        self._peak = 0.0

    def add(self, block: Block) -> None:
        """The next block; a file may go over to another rate or other channels."""
        from scipy.signal import lfilter

        channels = block.channels
        if (block.rate_hz, len(channels)) != (self._rate_hz, len(self._unfinished)):
            self._start(len(channels), block.rate_hz)
        self._oversample(channels)
        weighted = channels.astype(np.float64)
        for number, (b, a) in enumerate(self._filters):
            weighted, self._states[number] = lfilter(b, a, weighted, axis=1, zi=self._states[number])
        weighted = np.concatenate([self._unfinished, weighted], axis=1)
        whole = weighted.shape[1] // self._step * self._step
        steps = weighted[:, :whole].reshape(len(channels), -1, self._step)
        self._powers.append(self._weights @ (steps**2).mean(axis=2))
        self._unfinished = weighted[:, whole:]

    @property
    def true_peak_dbtp(self) -> float | None:
        """Highest level between samples too, relative to full scale; None of silence."""
        return 20 * float(np.log10(self._peak)) if self._peak > 0 else None

    @property
    def integrated_lufs(self) -> float | None:
        """Loudness of all that is not quiet; None of silence and of less than 0.4 s."""
        blocks = self._blocks()
        heard = blocks[_lufs(blocks) > _ABSOLUTE_GATE]
        if not len(heard):
            return None
        gated = heard[_lufs(heard) > _lufs(heard.mean()) + _RELATIVE_GATE_DB]
        return float(_lufs(gated.mean()))

    def _start(self, channels: int, rate_hz: int) -> None:
        import soxr

        self._rate_hz = rate_hz
        self._step = round(_STEP_S * rate_hz)
        self._filters = (high_shelf(rate_hz), high_pass(rate_hz))
        self._states = [np.zeros((channels, 2)) for _ in self._filters]
        self._unfinished = np.zeros((channels, 0))
        self._weights = np.array(_SURROUND.get(channels, (1,) * channels), np.float64)
        factor = max(1, round(_OVERSAMPLED_HZ / rate_hz))
        self._oversampler = soxr.ResampleStream(rate_hz, factor * rate_hz, channels, dtype="float32")

    def _oversample(self, channels: FloatArray) -> None:
        between = self._oversampler.resample_chunk(np.ascontiguousarray(channels.T))
        for samples in (channels, between):
            self._peak = max(self._peak, float(np.abs(samples).max(initial=0.0)))

    def _blocks(self) -> Array:
        """Mean power of overlapping blocks of 0.4 s."""
        steps = np.concatenate([*self._powers, np.zeros(0)])
        if len(steps) < _STEPS:
            return np.zeros(0)
        return np.convolve(steps, np.full(_STEPS, 1 / _STEPS), mode="valid")


def _lufs(power: Any) -> Any:
    return _OFFSET_DB + 10 * np.log10(np.maximum(power, 1e-12))


def high_shelf(rate_hz: int) -> tuple[Array, Array]:
    hz, q, gain_db = _SHELF
    k = np.tan(np.pi * hz / rate_hz)
    high = 10 ** (gain_db / 20)
    middle = high**0.4996667741545416
    b = np.array([high + middle * k / q + k * k, 2 * (k * k - high), high - middle * k / q + k * k])
    a = np.array([1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k])
    return b / a[0], a / a[0]


def high_pass(rate_hz: int) -> tuple[Array, Array]:
    hz, q = _HIGH_PASS
    k = np.tan(np.pi * hz / rate_hz)
    a = np.array([1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k])
    return np.array([1.0, -2.0, 1.0]), a / a[0]
