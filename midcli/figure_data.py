"""What the paper's figures show, as numbers: effects over a corpus, correlations, weights, a pair."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from midcli.datasets import Corpus
from midcli.errors import DataError
from midcli.labels import RATING_SCALE
from midcli.metrics import pearson
from midcli.model import Model
from midcli.pairs import Pair, PairRanking, rank_pairs

Array = npt.NDArray[np.float64]

_FEWEST_SONGS = 3


@dataclass(frozen=True)
class FigureData:
    """Numbers of Figures 3 to 5 and Table 4 for one model, emotions and qualities in the order of labels."""

    model: str
    reference: str
    """The corpus that the effects are over."""
    ids: tuple[str, ...]
    effects: Array
    """(excerpts, 8, 7) in rating points, of outputs for excerpts that the network was not fitted to."""
    emotions: Array
    """(excerpts, 8): predicted, in rating points."""
    annotated: Array
    """(excerpts, 8), NaN where the corpus has no such excerpt."""
    weights: Array
    """(8, 7)"""
    correlations: Array
    """(8, 7): of the annotations."""
    predicted_ranking: PairRanking
    annotated_ranking: PairRanking

    @property
    def pair(self) -> Pair:
        """The two songs with the most similar predicted emotions for their different qualities."""
        return self.predicted_ranking.best_by_intent

    def row(self, song: str) -> int:
        return self.ids.index(song)


def figure_data(model: Model, corpus: Corpus) -> FigureData:
    """Figures of a model over its reference corpus, beside the annotations of `corpus`.

    Raises DataError if they have fewer than three excerpts in common.
    """
    reference = model.reference
    rows = {name: number for number, name in enumerate(corpus.ids)}
    shared = [name for name in reference.ids if name in rows]
    if len(shared) < _FEWEST_SONGS:
        raise DataError(
            f"{model.path}: its reference ({reference.name}) has {len(shared)} excerpts in common with "
            f"{corpus.name}; figures need the corpus that the model refers to"
        )
    midlevel = reference.midlevel
    emotions = model.emotions(midlevel) / RATING_SCALE
    annotated = np.array(
        [corpus.emotion[rows[name]] if name in rows else np.full(8, np.nan) for name in reference.ids]
    )
    complete = np.isfinite(corpus.midlevel).all(axis=1) & np.isfinite(corpus.emotion).all(axis=1)
    rated_ids = tuple(np.array(corpus.ids)[complete].tolist())
    return FigureData(
        f"{model.name} {model.version}",
        reference.name,
        reference.ids,
        model.head.weights * (midlevel / RATING_SCALE)[:, np.newaxis, :],
        emotions,
        annotated,
        model.head.weights,
        annotation_correlations(corpus),
        rank_pairs(reference.ids, midlevel, emotions),
        rank_pairs(rated_ids, corpus.midlevel[complete], corpus.emotion[complete]),
    )


def annotation_correlations(corpus: Corpus) -> Array:
    """Pearson's r (8, 7) between annotated emotions and qualities."""
    columns = [
        pearson(np.repeat(corpus.midlevel[:, [j]], corpus.emotion.shape[1], axis=1), corpus.emotion)
        for j in range(corpus.midlevel.shape[1])
    ]
    return np.stack(columns, axis=1)
