"""Audio to facts that one can check: tempi, key, onsets, note lengths, roughness, loudness, brightness.

They are measured by signal processing, independently of the network, and stand beside the quality that they
bear on. Needs the extra `facts` (librosa).
"""

import warnings
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from platformdirs import user_cache_path

from midcli.errors import ExtraError
from midcli.explanation.loudness import LoudnessMeter
from midcli.explanation.psychoacoustics import MAJOR_PROFILE, MINOR_PROFILE, ROUGHEST, roughness
from midcli.util.files import locked

FloatArray = npt.NDArray[np.float32]
Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

SAMPLE_RATE_HZ = 22_050
LONGEST_S = 300.0
"""Of longer pieces, this much from the middle is measured."""

PITCH_CLASSES = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")

_HOP = 512
FRAMES_PER_SECOND = SAMPLE_RATE_HZ / _HOP
"""Of onset strength."""
_STEADY_WITHIN = 0.06
_FINE_STEPS = 241  # of a tempo within that
_FINE_BEATS = 16  # or as many as half of the music has
_SHORTEST_TEMPO_S = 7.0
_LOCAL_TEMPO_S = 8.0  # each is that of so much music
_ONSETS_AROUND_S = 4.0
_LEAST_ONSET = 2.0  # of the strongest around, in dB over all bands; noise stays below
_PULSE_BPM = (30, 240)
_ROUGHNESS_FRAME = 4096
_ROUGHNESS_PEAKS = 20
_ROUGHNESS_FRAMES = 400
_LEVEL_S = 0.4
_FLOOR_DB = -80.0


@dataclass(frozen=True)
class Tempo:
    """A stretch in which one tempo holds."""

    start_s: float
    end_s: float
    bpm: float


@dataclass(frozen=True)
class Facts:
    """What was measured. None where the music gives nothing to measure.

    >>> from midcli.explanation.facts import Facts
    >>> Facts(3.0, 120.0, 1.0, 0.6, 2.0, None, "A minor", 0.9, 0.2, 0.1, -20.0, 10.0).key  # of Analyser.facts
    'A minor'
    """

    measured_s: float
    """From the middle of the piece, if it is longer."""
    tempo_bpm: float | None
    """None without a clear pulse, or if it is kept for less than half of the time."""
    steadiness: float | None
    """Share of the time, 0 to 1, in which the local tempo is within 6 % of the usual one; None below 8 s."""
    pulse_clarity: float | None
    """Highest autocorrelation of onset strength at lags of a beat, up to 1 (Lartillot et al. 2008)."""
    onsets_per_second: float
    staccato_db_per_s: float | None
    """Mean speed at which the level rises and falls: short, separate notes make it high."""
    key: str | None
    key_clarity: float | None
    """Correlation of the pitch-class profile with the key's, up to 1."""
    minor_lead: float | None
    """Correlation with the best minor key less that with the best major key."""
    roughness: float | None
    """Sensory dissonance of simultaneous partials, 0 to 1 (Sethares 1993), weighted by amplitude."""
    level_dbfs: float | None
    """Root mean square of the whole, relative to full scale."""
    dynamic_range_db: float | None
    """Between the 95th and the 10th percentile of the level of 0.4 s."""
    tempi: tuple[Tempo, ...] = ()
    """Stretches of one tempo each, where there are several; times are those of the piece."""
    brightness_hz: float | None = None
    """Centre of gravity of the power spectrum."""
    loudness_lufs: float | None = None
    """Integrated loudness of the whole file, by its own channels (ITU-R BS.1770-4)."""
    true_peak_dbtp: float | None = None
    onset_strength: FloatArray | None = field(default=None, repr=False, compare=False)
    """(T,), 512 samples apart: by it two mixes of one song are aligned."""


@dataclass(frozen=True)
class Bearing:
    """A fact that is high when listeners rate a quality high."""

    quality: str
    fact: str
    low: float
    high: float
    """Below `low` is the lowest, above `high` the highest quarter of film music."""


_UNCLEAR_PULSE = 0.094
_UNSTEADY = 0.5
_CHANCE_DEVIATIONS = 4.0

# Quarters of every fifth of the 360 film excerpts, on which the facts correlate with the ratings by r = .67,
# .44, .37, .43 and .55. The density of onsets (r = .20 with rhythmic complexity) is too loosely tied to its
# quality to contradict a model.
BEARINGS = (
    Bearing("articulation", "staccato_db_per_s", 31.2, 44.2),
    Bearing("rhythmic_stability", "pulse_clarity", _UNCLEAR_PULSE, 0.313),
    Bearing("dissonance", "roughness", 0.086, 0.134),
    Bearing("tonal_stability", "key_clarity", 0.611, 0.823),
    Bearing("minorness", "minor_lead", -0.152, 0.078),
)


@dataclass(frozen=True)
class Disagreement:
    """A fact in one outer quarter whose quality is in the other.

    >>> from midcli.explanation.facts import BEARINGS, Disagreement
    >>> Disagreement(BEARINGS[0], fact_is_high=True).bearing.quality
    'articulation'
    """

    bearing: Bearing
    fact_is_high: bool


def measure(blocks: Iterable[FloatArray], duration_s: float, meter: LoudnessMeter | None = None) -> Facts:
    """Facts of mono blocks at 22 050 Hz; `meter` hears the channels that they are made of.

    Raises ExtraError without librosa.
    """
    librosa = require_librosa()
    samples = _middle(blocks, duration_s)
    with warnings.catch_warnings():
        # librosa warns of silence and of short input, which are valid here
        warnings.simplefilter("ignore", UserWarning)
        with _compiled_by_one():
            facts = _measure(librosa, samples)
    facts = replace(facts, tempi=tuple(_later(tempo, _skipped_s(duration_s)) for tempo in facts.tempi))
    if meter is None:
        return facts
    return replace(facts, loudness_lufs=meter.integrated_lufs, true_peak_dbtp=meter.true_peak_dbtp)


def require_librosa() -> Any:
    """The package that measures. Raises ExtraError without it."""
    try:
        import librosa
    except ImportError as error:
        raise ExtraError("measuring tempo, key and roughness", "facts") from error
    return librosa


def is_compiled() -> bool:
    """Whether librosa has been compiled on this machine, which takes half a minute at first use."""
    try:
        import librosa.util
        from numba import config
    except ImportError:
        return True
    beside, elsewhere = Path(librosa.util.__file__).parent, user_cache_path("numba", appauthor=False)
    chosen = getattr(config, "CACHE_DIR", "")
    places = [Path(chosen)] if chosen else [beside, elsewhere]
    return any(compiled for place in places for compiled in place.rglob("utils.*.nbi"))


def compiling_lock() -> Path:
    """The file that is locked by who compiles librosa."""
    return user_cache_path("midcli", appauthor=False) / "librosa.lock"


@contextmanager
def _compiled_by_one() -> Iterator[None]:
    """While librosa is not compiled, one process measures: several that compile at the same time break the
    cache of numba, and a process that then loads from it dies.
    """
    with ExitStack() as alone:
        with suppress(OSError):  # of a disk that is full or read-only
            alone.enter_context(locked(compiling_lock()))
        if is_compiled():
            alone.close()
        yield


def disagreements(facts: Facts, *percentiles: dict[str, float]) -> list[Disagreement]:
    """Where facts contradict the qualities; `percentiles` are those among film music and, where another
    reference is shown beside them, among that, which has to bear it out.
    """
    found = []
    for bearing in BEARINGS:
        value = getattr(facts, bearing.fact)
        if value is None:
            continue
        if value < bearing.low and all(among[bearing.quality] > 75 for among in percentiles):
            found.append(Disagreement(bearing, fact_is_high=False))
        elif value > bearing.high and all(among[bearing.quality] < 25 for among in percentiles):
            found.append(Disagreement(bearing, fact_is_high=True))
    return found


def _measure(librosa: Any, samples: FloatArray) -> Facts:
    onset_strength = librosa.onset.onset_strength(y=samples, sr=SAMPLE_RATE_HZ, hop_length=_HOP)
    measured_s = len(samples) / SAMPLE_RATE_HZ
    clarity = _pulse_clarity(librosa, onset_strength)
    tempo, steadiness = None, None
    tempi: tuple[Tempo, ...] = ()
    if _has_pulse(clarity, onset_strength):
        tempo, steadiness, tempi = _tempo(librosa, onset_strength)
    key, key_clarity, minor_lead = _key(librosa, samples)
    levels = _levels_db(samples)
    return Facts(
        measured_s,
        tempo,
        steadiness,
        clarity,
        _onsets(librosa, onset_strength) / measured_s,
        _staccato(librosa, samples),
        key,
        key_clarity,
        minor_lead,
        _roughness(samples),
        _db(float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))),
        _dynamic_range_db(levels),
        tempi,
        _brightness_hz(samples),
        onset_strength=onset_strength,
    )


def _onsets(librosa: Any, onset_strength: FloatArray) -> int:
    """How many notes begin, each measured by those around it, so that quiet ones count as loud ones do."""
    from scipy.ndimage import maximum_filter1d

    around = maximum_filter1d(onset_strength, round(_ONSETS_AROUND_S * FRAMES_PER_SECOND))
    relative = onset_strength / np.maximum(around, _LEAST_ONSET)
    onsets = librosa.onset.onset_detect(
        onset_envelope=relative, sr=SAMPLE_RATE_HZ, hop_length=_HOP, normalize=False
    )
    return len(onsets)


def _has_pulse(clarity: float | None, onset_strength: FloatArray) -> bool:
    """A beat tracker finds beats in anything; the shorter noise is, the more alike it is by chance."""
    by_chance = _CHANCE_DEVIATIONS / np.sqrt(len(onset_strength))
    return clarity is not None and clarity >= max(_UNCLEAR_PULSE, by_chance)


def _brightness_hz(samples: FloatArray) -> float | None:
    frames = samples[: len(samples) // _ROUGHNESS_FRAME * _ROUGHNESS_FRAME].reshape(-1, _ROUGHNESS_FRAME)
    window = np.hanning(_ROUGHNESS_FRAME).astype(np.float32)
    power = sum(
        (np.abs(np.fft.rfft(frame * window)) ** 2 for frame in frames), np.zeros(_ROUGHNESS_FRAME // 2 + 1)
    )
    if not power.sum() > 0:
        return None
    return float(power @ np.fft.rfftfreq(_ROUGHNESS_FRAME, 1 / SAMPLE_RATE_HZ) / power.sum())


def _later(tempo: Tempo, seconds: float) -> Tempo:
    return replace(tempo, start_s=tempo.start_s + seconds, end_s=tempo.end_s + seconds)


def _skipped_s(duration_s: float) -> float:
    """How much comes before the middle that is measured."""
    return max(0.0, duration_s - LONGEST_S) / 2


def _middle(blocks: Iterable[FloatArray], duration_s: float) -> FloatArray:
    skip = round(_skipped_s(duration_s) * SAMPLE_RATE_HZ)
    wanted = round(LONGEST_S * SAMPLE_RATE_HZ)
    kept: list[FloatArray] = []
    for block in blocks:
        part = block[skip : skip + wanted]
        skip = max(0, skip - len(block))
        wanted -= len(part)
        kept.append(part)
    return np.concatenate(kept)


def _tempo(librosa: Any, onset_strength: FloatArray) -> tuple[float | None, float | None, tuple[Tempo, ...]]:
    """Usual tempo and how much of the time it is kept, if mostly, and the stretches of several tempi."""
    if not onset_strength.any():
        return None, None, ()
    local = librosa.feature.tempo(
        onset_envelope=onset_strength,
        sr=SAMPLE_RATE_HZ,
        hop_length=_HOP,
        ac_size=_LOCAL_TEMPO_S,
        aggregate=None,
    )
    usual = float(np.median(local))
    steadiness = float(np.mean(_same_tempo(local, usual)))
    tempi = _stretches(librosa, onset_strength, local)
    if steadiness < _UNSTEADY:
        return None, None, tempi
    several = len(onset_strength) > _LOCAL_TEMPO_S * FRAMES_PER_SECOND
    return _refined(librosa, onset_strength, usual), steadiness if several else None, tempi


def _same_tempo(local: Array, bpm: float) -> Mask:
    """Where a tempo is within 6 %; half and double the tempo are the same pulse, counted otherwise."""
    octaves = np.log2(local / bpm)
    same: Mask = np.abs(octaves - np.round(octaves)) < np.log2(1 + _STEADY_WITHIN)
    return same


def _stretches(librosa: Any, onset_strength: FloatArray, local: Array) -> tuple[Tempo, ...]:
    """Stretches of at least 7 s that keep a tempo of their own; none unless there are two tempi."""
    rest = np.ones(len(local), np.bool_)
    shortest = round(_SHORTEST_TEMPO_S * FRAMES_PER_SECOND)
    found: list[Tempo] = []
    tempi = 0
    while rest.sum() >= shortest:
        usual = float(np.median(local[rest]))
        nearest = float(local[rest][np.abs(np.log2(local[rest] / usual)).argmin()])
        same = rest & _same_tempo(local, nearest)
        stretches = [run for run in _runs(same) if run[1] - run[0] >= shortest]
        kept = [tempo for run in stretches if (tempo := _tempo_of(librosa, onset_strength, *run, nearest))]
        found += kept
        tempi += bool(kept)
        rest &= ~same
    return tuple(sorted(found, key=lambda tempo: tempo.start_s)) if tempi > 1 else ()


def _tempo_of(librosa: Any, onset_strength: FloatArray, first: int, stop: int, bpm: float) -> Tempo | None:
    part = onset_strength[first:stop]
    if not _has_pulse(_pulse_clarity(librosa, part), part):
        return None
    return Tempo(first / FRAMES_PER_SECOND, stop / FRAMES_PER_SECOND, _refined(librosa, part, bpm))


def _runs(mask: Mask) -> list[tuple[int, int]]:
    """First index and the one behind the last of each run."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(first), int(stop)) for first, stop in edges.reshape(-1, 2)]


def _refined(librosa: Any, onset_strength: FloatArray, tempo_bpm: float) -> float:
    """The tempo near a coarse one whose beats, over several of them, onset strength repeats at best."""
    beat = 60 * FRAMES_PER_SECOND / tempo_bpm
    lags = beat * np.linspace(1 / (1 + _STEADY_WITHIN), 1 + _STEADY_WITHIN, _FINE_STEPS)
    beats = np.arange(1, 1 + min(_FINE_BEATS, int(len(onset_strength) / (2 * lags[-1]))))
    if not len(beats):
        return tempo_bpm
    correlation = librosa.autocorrelate(
        onset_strength - onset_strength.mean(), max_size=int(beats[-1] * lags[-1]) + 2
    )
    strengths = np.interp(lags[:, np.newaxis] * beats, np.arange(len(correlation)), correlation).sum(axis=1)
    return float(60 * FRAMES_PER_SECOND / lags[strengths.argmax()])


def _key(librosa: Any, samples: FloatArray) -> tuple[str | None, float | None, float | None]:
    """Best key, its correlation, and by how much minor fits better than major (Krumhansl & Schmuckler)."""
    profile = librosa.feature.chroma_cqt(y=samples, sr=SAMPLE_RATE_HZ, hop_length=2 * _HOP, norm=None)
    profile = profile.mean(axis=1, dtype=np.float64)
    if profile.std() < 1e-9:
        return None, None, None
    major, minor = (
        np.array([np.corrcoef(profile, np.roll(template, tonic))[0, 1] for tonic in range(12)])
        for template in (MAJOR_PROFILE, MINOR_PROFILE)
    )
    lead = float(minor.max() - major.max())
    best, mode = (minor, "minor") if lead > 0 else (major, "major")
    return f"{PITCH_CLASSES[int(best.argmax())]} {mode}", float(best.max()), lead


def _pulse_clarity(librosa: Any, onset_strength: FloatArray) -> float | None:
    slowest, fastest = (round(FRAMES_PER_SECOND * 60 / bpm) for bpm in _PULSE_BPM)
    correlation = librosa.autocorrelate(onset_strength - onset_strength.mean(), max_size=slowest + 1)
    if len(correlation) <= fastest or not correlation[0] > 0:
        return None
    return float(correlation[fastest:].max() / correlation[0])


def _staccato(librosa: Any, samples: FloatArray) -> float | None:
    amplitude = librosa.feature.rms(y=samples, frame_length=1024, hop_length=_HOP)[0]
    if not amplitude.any():
        return None
    level_db = 20 * np.log10(amplitude + 10 ** (_FLOOR_DB / 20))
    return float(np.abs(np.diff(level_db)).mean() * FRAMES_PER_SECOND)


def _roughness(samples: FloatArray) -> float | None:
    """Mean over frames of the dissonance of all pairs of partials, weighted by the smaller amplitude."""
    last = len(samples) - _ROUGHNESS_FRAME
    starts = np.linspace(0, last, min(_ROUGHNESS_FRAMES, last // _HOP + 1)).astype(int)
    window = np.hanning(_ROUGHNESS_FRAME).astype(np.float32)
    total = weight = 0.0
    for start in starts:
        spectrum = np.abs(np.fft.rfft(samples[start : start + _ROUGHNESS_FRAME] * window))
        inner = spectrum[1:-1]
        peaks = 1 + np.flatnonzero((inner > spectrum[:-2]) & (inner >= spectrum[2:]))
        peaks = peaks[np.argsort(spectrum[peaks])[-_ROUGHNESS_PEAKS:]]
        first, second = np.triu_indices(len(peaks), k=1)
        hz = peaks * SAMPLE_RATE_HZ / _ROUGHNESS_FRAME
        amplitude = np.minimum(spectrum[peaks[first]], spectrum[peaks[second]])
        total += float((amplitude * roughness(hz[first], hz[second])).sum()) / ROUGHEST
        weight += float(amplitude.sum())
    return total / weight if weight > 0 else None


def _levels_db(samples: FloatArray) -> Array:
    length = round(_LEVEL_S * SAMPLE_RATE_HZ)
    whole = samples[: len(samples) // length * length].reshape(-1, length)
    levels: Array = 20 * np.log10(np.sqrt(np.mean(np.square(whole, dtype=np.float64), axis=1)) + 1e-12)
    return levels


def _dynamic_range_db(levels_db: Array) -> float | None:
    sounding = levels_db[levels_db > _FLOOR_DB]
    if len(sounding) < 2:
        return None
    low, high = np.percentile(sounding, [10, 95])
    return float(high - low)


def _db(amplitude: float) -> float | None:
    return float(20 * np.log10(amplitude)) if amplitude > 10 ** (_FLOOR_DB / 20) else None
