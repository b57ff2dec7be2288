"""Music and synthetic sounds to a judge of novelty, with a threshold that lies between them."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from midcli.audio.spectrogram import SAMPLE_RATE_HZ, FloatArray, spectrogram_of
from midcli.model.novelty import DESCRIPTORS, NoveltyJudge, texture
from midcli.study.progress import Progress
from midcli.study.recipes import Damage
from midcli.training.damage import damaged, mixed
from midcli.training.sounds import NOT_MUSIC, RECORDED_NOT_MUSIC, Sound, drums, speech

Array = npt.NDArray[np.float64]

SOUNDS_OF_A_KIND = 160
SOUND_S = 12
_DAMAGED = 0.5
_DAMAGE = Damage(
    compression_share=0.5,
    compression_exponents=(0.4, 0.9),
    gain_db=(-6.0, 8.0),
    equaliser_db=3.0,
    low_pass_share=0.25,
    low_pass_hz=(3300.0, 9000.0),
    high_pass_share=0.25,
    high_pass_hz=(40.0, 300.0),
    noise_share=0.25,
    noise_levels=(10**-2.5, 10**-0.7),
    tempo=0.1,
    semitones=0.0,
)
"""Stronger than what models learn from: no damage should make music something else."""
_VARIANTS = 3
_ACCOMPANIED = 0.6
_CLIP = 4.0
_RIDGE = 3e-3  # per piece
_RIDGE_WITH_SQUARES = 1e-3
_NEWTON_STEPS = 50
_MUSIC_QUANTILE = 0.99
_SOUND_QUANTILE = 0.05
_MUSIC_TAKEN_FOR_SPEECH = 0.003
_FEWEST_TO_COUNT = 300  # pieces of music of which so few are counted


@dataclass(frozen=True)
class Manner:
    """How a judge is made."""

    sounds: Mapping[str, Sound]
    """What music is told apart from."""
    squares: tuple[str, ...]
    """Of them, those told apart by squares of descriptors, too: they have more or less than music."""


OF_FILM_1_2 = Manner(NOT_MUSIC, ())
"""How the judge of the bundled model of film music was made."""
USUAL = Manner(RECORDED_NOT_MUSIC, ("noise", "a tone", "clicks", "applause"))
"""Of speech, what is synthetic is too uniform for squares: recordings of it would lie beyond."""


@dataclass(frozen=True)
class Judged:
    """A judge, and what it does."""

    judge: NoveltyJudge
    flagged: dict[str, Any]
    """Shares out of fold."""
    textures: Array
    """(pieces, DESCRIPTORS) of the music."""


def fit_novelty(
    spectrograms: Sequence[FloatArray],
    folds: npt.NDArray[np.intp],
    corpora: Sequence[str],
    seed: int,
    manner: Manner = USUAL,
    on_progress: Callable[[Progress], None] | None = None,
) -> Judged:
    """A judge of raw spectrograms (frames, 149), and the shares that it flags out of fold.

    `folds` and `corpora` (pieces,) say where each piece is and of what. Music is taken as it is, and under
    drums or a voice and with the damage of real files; what it is told apart from is synthetic. Limits are
    set on what is held out, which the shares were then measured on.
    """
    rng = np.random.default_rng(seed)
    steps = _Steps(len(manner.sounds) * SOUNDS_OF_A_KIND + len(spectrograms), on_progress)
    sounds = {kind: _sounds(rng, make, steps) for kind, make in manner.sounds.items()}
    over_it = [_rendered(rng, make) for make in (drums, speech) for _ in range(SOUNDS_OF_A_KIND // 2)]
    music = np.array([_variants(rng, one, over_it, steps) for one in spectrograms])
    held_out_music, held_out_sounds = _held_out(music, sounds, folds, manner)
    limits = _limits(held_out_music, held_out_sounds)
    beyond = np.asarray((held_out_music > limits).any(axis=-1))
    measured: dict[str, Any] = {
        "protocol": "shares of held-out music (no album or artist in two folds) and synthetic sounds",
        "music": float(beyond[:, 0].mean()),
        "music with damage, drums or voice": float(beyond[:, 1:].mean()),
    } | {kind: float((odds > limits).any(axis=-1).mean()) for kind, odds in held_out_sounds.items()}
    names = np.array(corpora)
    if len(set(corpora)) > 1:
        by_corpus = {name: float(beyond[names == name, 0].mean()) for name in dict.fromkeys(corpora)}
        measured["by corpus"] = by_corpus
    judge = _fit(music.reshape(-1, music.shape[-1]), sounds, manner)
    return Judged(replace(judge, intercepts=judge.intercepts - limits), measured, music[:, 0])


def _limits(music: Array, sounds: Mapping[str, Array]) -> Array:
    """(kinds,): log odds from which on a sound is flagged as one of that kind.

    Halfway between the 99th percentile of music (pieces, variants, kinds) and the 5th of the sounds (sounds,
    kinds) that are hardest to tell from it. Synthetic speech is easier to tell from music than speech is, so
    as much is flagged as speech as costs three in a thousand pieces of music.
    """
    of_sounds = min(np.quantile(odds.max(axis=-1), _SOUND_QUANTILE) for odds in sounds.values())
    limit = 0.5 * (np.quantile(music.max(axis=-1), _MUSIC_QUANTILE) + of_sounds)
    limits = np.full(len(sounds), limit)
    if len(music) >= _FEWEST_TO_COUNT:
        speech_column = list(sounds).index("speech")
        of_music = float(np.quantile(music[:, 0, speech_column], 1 - _MUSIC_TAKEN_FOR_SPEECH))
        limits[speech_column] = min(limit, of_music)
    return limits


class _Steps:
    """Tells a listener how many of the textures are described."""

    def __init__(self, total: int, on_progress: Callable[[Progress], None] | None) -> None:
        self.total, self.on_progress = total, on_progress
        self.done, self.started = 0, time.monotonic()

    def advance(self) -> None:
        self.done += 1
        if self.on_progress:
            left_s = (time.monotonic() - self.started) / self.done * (self.total - self.done)
            self.on_progress(Progress(self.done, self.total, float("nan"), None, left_s))


def _sounds(rng: np.random.Generator, make: Sound, steps: _Steps) -> Array:
    """(sounds, DESCRIPTORS) of one kind."""
    described = []
    for _ in range(SOUNDS_OF_A_KIND):
        spectrogram = _rendered(rng, make)
        described.append(
            texture(damaged(rng, spectrogram, _DAMAGE) if rng.random() < _DAMAGED else spectrogram)
        )
        steps.advance()
    return np.array(described)


def _variants(
    rng: np.random.Generator, spectrogram: FloatArray, over_it: Sequence[FloatArray], steps: _Steps
) -> Array:
    """(1 + variants, DESCRIPTORS) of an excerpt: as it is, then damaged, mostly under drums or a voice."""
    described = [texture(spectrogram)]
    for _ in range(_VARIANTS):
        varied = spectrogram
        if rng.random() < _ACCOMPANIED:
            varied = mixed(varied, over_it[int(rng.integers(len(over_it)))], np.exp(rng.uniform(-1.2, 0.3)))
        described.append(texture(damaged(rng, varied, _DAMAGE)))
    steps.advance()
    return np.array(described)


def _held_out(
    music: Array, sounds: Mapping[str, Array], folds: npt.NDArray[np.intp], manner: Manner
) -> tuple[Array, dict[str, Array]]:
    """Log odds of music (pieces, variants, kinds) and sounds (sounds, kinds), by judges fitted without."""
    of_music = np.zeros((*music.shape[:2], len(sounds)))
    of_sounds = {kind: np.zeros((len(rows), len(sounds))) for kind, rows in sounds.items()}
    numbers = np.unique(folds)
    for number in numbers:
        left_out = {kind: np.arange(len(rows)) % len(numbers) == number for kind, rows in sounds.items()}
        here = folds == number
        judge = _fit(
            music[~here].reshape(-1, music.shape[-1]),
            {kind: rows[~left_out[kind]] for kind, rows in sounds.items()},
            manner,
        )
        of_music[here] = judge.log_odds(music[here])
        for kind, rows in sounds.items():
            of_sounds[kind][left_out[kind]] = judge.log_odds(rows[left_out[kind]])
    return of_music, of_sounds


def _fit(music: Array, sounds: Mapping[str, Array], manner: Manner) -> NoveltyJudge:
    """From descriptors (..., DESCRIPTORS); its threshold is still to be set."""
    inputs = (2 if manner.squares else 1) * DESCRIPTORS
    scale = (music.mean(axis=0), music.std(axis=0) + 1e-6, _CLIP)
    weights, intercepts = np.zeros((len(sounds), inputs)), np.zeros(len(sounds))
    judge = NoveltyJudge(*scale, tuple(sounds), weights, intercepts, threshold=0.0)
    negative = judge.inputs(music)
    for row, (kind, described) in enumerate(sounds.items()):
        used, ridge = (inputs, _RIDGE_WITH_SQUARES) if kind in manner.squares else (DESCRIPTORS, _RIDGE)
        positive = judge.inputs(described)
        weights[row, :used], intercepts[row] = _logistic(negative[:, :used], positive[:, :used], ridge)
    return judge


def _logistic(negative: Array, positive: Array, ridge: float) -> tuple[Array, float]:
    """Ridge logistic regression in which both classes weigh alike, by Newton's method."""
    inputs = np.concatenate([negative, positive])
    inputs = np.hstack([inputs, np.ones((len(inputs), 1))])
    is_positive = np.arange(len(inputs)) >= len(negative)
    share = np.where(is_positive, 0.5 / len(positive), 0.5 / len(negative))
    penalty = np.append(np.full(inputs.shape[1] - 1, ridge), 1e-9)
    weights = np.zeros(inputs.shape[1])
    for _ in range(_NEWTON_STEPS):
        probability = 1 / (1 + np.exp(-np.clip(inputs @ weights, -30, 30)))
        gradient = inputs.T @ (share * (probability - is_positive)) + penalty * weights
        curvature = (inputs * (share * probability * (1 - probability))[:, np.newaxis]).T @ inputs
        step = np.linalg.solve(curvature + np.diag(penalty), gradient)
        weights -= step
        if np.abs(step).max() < 1e-8:
            break
    return weights[:-1], float(weights[-1])


def _rendered(rng: np.random.Generator, make: Sound) -> FloatArray:
    audio = make(rng, SOUND_S * SAMPLE_RATE_HZ)
    return spectrogram_of([(audio / np.abs(audio).max()).astype(np.float32)])
