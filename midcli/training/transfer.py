"""Runs from one corpus to another: features of a recipe's kernel, then closed forms."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from midcli.audio.spectrogram import FloatArray
from midcli.corpora.corpus import Corpus
from midcli.corpora.splits import split
from midcli.labels import EMOTION_NAMES
from midcli.study.recipes import RadialRecipe
from midcli.study.results import data_fingerprint
from midcli.study.transfer import LABELS, TransferRun, ratings_of, stored_rows
from midcli.training.bottleneck import Lessons, fit_bottleneck, fit_direct
from midcli.training.kernel_features import KernelFeatures
from midcli.training.lessons import Scale
from midcli.training.radial import Described, Describer

Array = npt.NDArray[np.float64]

_EMOTIONS = len(EMOTION_NAMES)  # which come first among LABELS


@dataclass(frozen=True)
class _Piece:
    """A piece of one of the corpora."""

    corpus: str
    id: str
    group: str
    described: Described
    rated: Array
    """(15,): emotions, then qualities"""


@dataclass(frozen=True)
class _Lesson:
    """What is learned from, and what is predicted from that."""

    learned: list[_Piece]
    tested: list[tuple[str, list[_Piece]]]
    """By corpus."""


class Transfer:
    """All corpora, described once."""

    def __init__(
        self,
        corpora: Sequence[Corpus],
        recipe: RadialRecipe,
        spectrograms: Mapping[str, Mapping[str, FloatArray]],
    ) -> None:
        self._corpora = {corpus.name: corpus for corpus in corpora}
        self._recipe = recipe
        describe = Describer(recipe)
        self._pieces = {
            corpus.name: [
                _Piece(corpus.name, excerpt.id, excerpt.group, described, rated)
                for excerpt, described, rated in zip(
                    corpus.excerpts,
                    describe.all([spectrograms[corpus.name][name] for name in corpus.ids], [], None),
                    ratings_of(corpus, recipe),
                    strict=True,
                )
            ]
            for corpus in corpora
        }
        self._rating = {corpus.name for corpus in corpora if np.isfinite(corpus.midlevel).any()}

    def run(self, trained: str, seed: int) -> Iterator[TransferRun]:
        """What is learned from one corpus, tested on every corpus, itself (80:20, whole groups) included.

        Pieces of groups (artists) that are tested are never learned from.
        """
        for lesson in self._lessons(trained, seed):
            yield from self._learn(trained, lesson, seed)

    def _lessons(self, trained: str, seed: int) -> Iterator[_Lesson]:
        """One for the corpora without qualities together, one for each that has some, one for itself."""
        others = [name for name in self._pieces if name != trained]
        plain = [name for name in others if name not in self._rating]
        for tested in [plain, *([name] for name in others if name in self._rating)]:
            useful = [name for name in tested if self._shares(trained, name)]
            if useful:
                parts = [(name, self._pieces[name]) for name in useful]
                yield _Lesson(self._learned(trained, useful, [p for _, part in parts for p in part]), parts)
        test = set(split(self._corpora[trained], "album", seed, validate=False).test)
        part = [piece for piece in self._pieces[trained] if piece.id in test]
        yield _Lesson(self._learned(trained, [], part), [(trained, part)])

    def _shares(self, trained: str, tested: str) -> bool:
        """Whether both say something of the same label."""
        rated = [np.isfinite([p.rated for p in self._pieces[name]]).any(axis=0) for name in (trained, tested)]
        return bool((rated[0] & rated[1]).any())

    def _learned(self, trained: str, without: Collection[str], tested: list[_Piece]) -> list[_Piece]:
        """The corpus that is learned from, and those that rate qualities, without what is tested."""
        groups = {piece.group for piece in tested}
        names = [trained, *(name for name in self._pieces if name in self._rating and name != trained)]
        return [
            piece
            for name in names
            if name not in without
            for piece in self._pieces[name]
            if piece.group not in groups
        ]

    def _learn(self, trained: str, lesson: _Lesson, seed: int) -> Iterator[TransferRun]:
        started = time.monotonic()
        rng = np.random.default_rng(seed)
        features = KernelFeatures(self._recipe, [piece.described for piece in lesson.learned], rng)
        own = np.array([piece.corpus == trained for piece in lesson.learned])
        rated = np.array([piece.rated for piece in lesson.learned])
        fits = {
            "a2e": _straight(self._recipe, features.learned[own], rated[own]),
            "joint": _explained(self._recipe, features.learned, own, rated),
        }
        seconds = (time.monotonic() - started) / len(fits) / len(lesson.tested)
        for name, part in lesson.tested:
            given = features.of([piece.described for piece in part])
            for scheme, fit in fits.items():
                yield TransferRun(
                    scheme,
                    self._recipe.name,
                    trained,
                    name,
                    seed,
                    int(own.sum()),
                    stored_rows([piece.id for piece in part], fit(given)),
                    round(seconds, 1),
                    datetime.now(UTC).date().isoformat(),
                    self._recipe.fingerprint(),
                    data_fingerprint(self._corpora[name]),
                )


Fit = Callable[[Array], Array]
"""Features (pieces, features) to LABELS (pieces, 15), NaN where nothing was learned."""


def _straight(recipe: RadialRecipe, learned: Array, rated: Array) -> Fit:
    """Every label from the features, by the pieces of one corpus."""
    scale = Scale.of(rated)
    fitted = fit_direct(learned, scale.standardised(rated), np.ones_like(rated), recipe.ridge)
    return lambda given: _known(scale.restored(fitted(given)), rated)


def _explained(recipe: RadialRecipe, learned: Array, own: npt.NDArray[np.bool_], rated: Array) -> Fit:
    """Emotions of the `own` pieces through qualities of all."""
    kept = np.where(own[:, np.newaxis] | (np.arange(len(LABELS)) >= _EMOTIONS), rated, np.nan)
    scale, weight = Scale.of(kept), np.ones_like(kept)
    emotions, qualities = np.split(scale.standardised(kept), [_EMOTIONS], axis=1)
    by_emotion, by_quality = np.split(weight, [_EMOTIONS], axis=1)
    everywhere = np.zeros(len(own), np.intp)
    lessons = Lessons(qualities, emotions, by_quality, recipe.emotion_weight * by_emotion, everywhere)
    first, head = fit_bottleneck(learned, lessons, recipe.ridge, recipe.head_ridge, recipe.turns)

    def fit(given: Array) -> Array:
        heard = first(given)
        return _known(scale.restored(np.hstack([head(heard), heard])), kept)

    return fit


def _known(values: Array, rated: Array) -> Array:
    """Without the labels that nothing was learned of."""
    return np.where(np.isfinite(rated).any(axis=0), values, np.nan)
