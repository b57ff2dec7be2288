"""Kernel ridge regression through seven qualities, from several corpora that rate different things.

    sum over pieces of  w_j (rating_j - q_j)^2  +  v_k (rating_k - a_ck - sum_j H_kj q_j - h_k)^2

plus ridge penalties: the qualities q are linear in the features, the emotions linear in the qualities, by one
layer for all corpora; a corpus c whose emotions were asked for in another way has an offset a_c of its own.
Given the layer, the best features' weights solve one symmetric linear system, given these the layer does;
the two are solved in turn.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

_SMALLEST_EIGENVALUE = 1e-4  # relative; smaller ones carry rounding errors into the weights
_UNPENALISED = 1000.0  # how much larger the feature of the intercept is than the others together
_MOST_STEPS = 200
_PRECISION = 1e-6


@dataclass(frozen=True)
class Linear:
    """inputs @ weights + intercept."""

    weights: Array
    """(inputs, outputs)"""
    intercept: Array
    """(outputs,)"""

    def __call__(self, inputs: Array) -> Array:
        """Outputs (pieces, outputs) of inputs (pieces, inputs)."""
        outputs: Array = inputs @ self.weights + self.intercept
        return outputs


@dataclass(frozen=True)
class Lessons:
    """What is to be learned: standardised targets, NaN where there is none, and how much each counts."""

    midlevel: Array
    """(pieces, 7)"""
    emotion: Array
    """(pieces, 8)"""
    midlevel_weight: Array
    """(pieces, 7)"""
    emotion_weight: Array
    """(pieces, 8)"""
    corpus: Indices
    """(pieces,): of the corpora whose emotions have offsets of their own, from 1; 0 has none."""


def fit_bottleneck(
    features: Array, lessons: Lessons, ridge: float, head_ridge: float, turns: int
) -> tuple[Linear, Linear]:
    """Qualities (7,) from features, and emotions (8,) from qualities.

    `ridge` is relative to the mean square of the features, `head_ridge` is per (weighted) piece.
    """
    space = _Space(features, ridge)
    weights = np.where(np.isfinite(lessons.midlevel), lessons.midlevel_weight, 0.0)
    pull = weights * np.nan_to_num(lessons.midlevel)
    curvature = np.einsum("nj,jk->njk", weights, np.eye(weights.shape[1]))
    solution = space.solve(curvature, pull, None)
    for _ in range(turns):
        head = fit_head(space.scores(solution), lessons, head_ridge)
        by_emotion = np.where(np.isfinite(lessons.emotion), lessons.emotion_weight, 0.0)
        wanted = np.nan_to_num(lessons.emotion) - head.intercept - head.offsets[lessons.corpus]
        solution = space.solve(
            curvature + np.einsum("nk,kj,kl->njl", by_emotion, head.weights, head.weights, optimize=True),
            pull + (by_emotion * wanted) @ head.weights,
            solution,
        )
    head = fit_head(space.scores(solution), lessons, head_ridge)
    return space.linear(solution), Linear(head.weights.T, head.intercept)


@dataclass(frozen=True)
class SharedHead:
    """emotions = weights @ qualities + intercept + offset of the corpus."""

    weights: Array
    """(8, 7)"""
    intercept: Array
    """(8,)"""
    offsets: Array
    """(1 + corpora, 8); the first are zero"""


def fit_head(midlevel: Array, lessons: Lessons, penalty: float) -> SharedHead:
    """Weighted ridge regression of each emotion on qualities (pieces, 7), with the corpora's offsets."""
    corpora = int(lessons.corpus.max(initial=0)) + 1
    weights, intercept = (
        np.zeros((lessons.emotion.shape[1], midlevel.shape[1])),
        np.zeros(lessons.emotion.shape[1]),
    )
    offsets = np.zeros((corpora, len(intercept)))
    for emotion, target in enumerate(lessons.emotion.T):
        rated = np.isfinite(target) & (lessons.emotion_weight[:, emotion] > 0)
        if not rated.any():
            continue
        share, corpus = lessons.emotion_weight[rated, emotion], lessons.corpus[rated]
        means = _means(np.column_stack([midlevel[rated], target[rated]]), share, corpus, corpora)
        inputs, wanted = midlevel[rated] - means[corpus, :-1], target[rated] - means[corpus, -1]
        gram = inputs.T @ (share[:, None] * inputs) + penalty * share.sum() * np.eye(inputs.shape[1])
        weights[emotion] = np.linalg.solve(gram, inputs.T @ (share * wanted))
        levels = means[:, -1] - means[:, :-1] @ weights[emotion]
        present = np.isin(np.arange(corpora), corpus)
        intercept[emotion] = levels[0] if present[0] else levels[present].mean()
        offsets[1:, emotion] = np.where(present[1:], levels[1:] - intercept[emotion], 0.0)
    return SharedHead(weights, intercept, offsets)


def _means(values: Array, share: Array, corpus: Indices, corpora: int) -> Array:
    """(corpora, columns): weighted means; zero of a corpus without pieces."""
    sums = np.zeros((corpora, values.shape[1]))
    np.add.at(sums, corpus, share[:, None] * values)
    totals = np.bincount(corpus, share, corpora)
    return sums / np.where(totals > 0, totals, 1.0)[:, None]


class _Space:
    """Principal components of the features, in which the system is solved by conjugate gradients.

    Preconditioned as if every piece had the mean of all pieces' curvatures, which makes the components
    independent of each other (Shewchuk 1994, section 12).
    """

    def __init__(self, features: Array, ridge: float) -> None:
        self.centre = features.mean(axis=0)
        self.centred = features - self.centre
        values, vectors = np.linalg.eigh(self.centred @ self.centred.T)
        kept = values > _SMALLEST_EIGENVALUE * values[-1]
        self.values, vectors = values[kept], vectors[:, kept]
        mean_square = self.values.sum() / len(features)
        self.constant = np.sqrt(_UNPENALISED * mean_square)
        self.penalty = ridge * mean_square
        self.basis = np.hstack([vectors * np.sqrt(self.values), np.full((len(features), 1), self.constant)])
        self.directions = self.centred.T @ (vectors / np.sqrt(self.values))
        self.squares = np.append(self.values, len(features) * self.constant**2)

    def scores(self, solution: Array) -> Array:
        """Qualities (pieces, 7) of a solution (components, 7)."""
        scores: Array = self.basis @ solution
        return scores

    def linear(self, solution: Array) -> Linear:
        """The solution as a map from features."""
        weights = self.directions @ solution[:-1]
        return Linear(weights, self.constant * solution[-1] - self.centre @ weights)

    def solve(self, curvature: Array, pull: Array, start: Array | None) -> Array:
        """(components, 7): where sum over pieces of q' curvature q - 2 pull q, plus the penalty, is least."""
        wanted = self.basis.T @ pull
        mean = curvature.mean(axis=0)
        inverse = np.linalg.inv(
            self.squares[:, None, None] * mean + self.penalty * np.eye(curvature.shape[1])
        )

        def apply(x: Array) -> Array:
            bent = np.einsum("njk,nk->nj", curvature, self.basis @ x)
            applied: Array = self.basis.T @ bent + self.penalty * x
            return applied

        x = np.zeros_like(wanted) if start is None else start
        residual = wanted - apply(x)
        ahead = np.einsum("ijk,ik->ij", inverse, residual)
        direction, product = ahead, float((residual * ahead).sum())
        for _ in range(_MOST_STEPS):
            if np.linalg.norm(residual) <= _PRECISION * np.linalg.norm(wanted):
                break
            applied = apply(direction)
            step = product / float((direction * applied).sum())
            x = x + step * direction
            residual = residual - step * applied
            ahead = np.einsum("ijk,ik->ij", inverse, residual)
            before, product = product, float((residual * ahead).sum())
            direction = ahead + product / before * direction
        return x


def fit_direct(features: Array, targets: Array, weights: Array, ridge: float) -> Linear:
    """Each standardised target (pieces, outputs), NaN where there is none, straight from the features."""
    space = _Space(features, ridge)
    share = np.where(np.isfinite(targets), weights, 0.0)
    curvature = np.einsum("nj,jk->njk", share, np.eye(share.shape[1]))
    return space.linear(space.solve(curvature, share * np.nan_to_num(targets), None))
