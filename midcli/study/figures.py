"""What the paper's figures show, as numbers: effects over a corpus, correlations, weights, a pair."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from midcli.corpora.corpus import Corpus
from midcli.errors import DataError
from midcli.labels import EMOTION_NAMES
from midcli.model.file import Model
from midcli.study import paper
from midcli.study.metrics import pearson
from midcli.study.pairs import Pair, PairRanking, rank_pairs
from midcli.util.text import printable

Array = npt.NDArray[np.float64]

_FEWEST_SONGS = 3
_LONGEST_LABEL = 12
_DECIMALS = 4


@dataclass(frozen=True)
class Box:
    """The numbers of a box plot (Tukey, Exploratory Data Analysis, 1977)."""

    low: float
    """The lowest value within 1.5 box lengths below the box."""
    lower: float
    """Quartile."""
    median: float
    upper: float
    high: float
    outside: Array
    """Values beyond low and high."""


@dataclass(frozen=True)
class FigureData:
    """Numbers of Figures 3 to 5 and Table 4 for one model, emotions and qualities in the order of labels."""

    model: str
    reference: str
    """The corpus that the effects are over."""
    ids: tuple[str, ...]
    effects: Array
    """(excerpts, 8, 7) in rating points: the final model's weights times out-of-fold qualities."""
    emotions: Array
    """(excerpts, 8), in rating points: the final model's last layer on out-of-fold qualities."""
    annotated: Array
    """(excerpts, 8), NaN where the corpus has no such excerpt."""
    qualities: Array
    """(excerpts, 7): predicted, in rating points."""
    weights: Array
    """(8, 7)"""
    correlations: Array
    """(8, 7): of the annotations."""
    predicted_ranking: PairRanking
    annotated_ranking: PairRanking

    @property
    def pair(self) -> Pair:
        """The two songs whose predicted qualities are farthest apart for the distance of their emotions."""
        return self.predicted_ranking.best_by_intent

    @property
    def has_the_papers_pair(self) -> bool:
        return set(paper.PAIR) <= set(self.ids)

    def row(self, song: str) -> int:
        return self.ids.index(song)


def box_of(values: Array) -> Box:
    """The box plot of values (n,)."""
    lower, median, upper = (float(value) for value in np.percentile(values, [25, 50, 75]))
    reach = 1.5 * (upper - lower)
    within = (values >= lower - reach) & (values <= upper + reach)
    near = values[within]
    return Box(float(near.min()), lower, median, upper, float(near.max()), values[~within])


def song_label(name: str) -> str:
    """`#153`, or the end of a file's name."""
    if name.isdigit():
        return f"#{name}"
    text = printable(name)
    return text if len(text) <= _LONGEST_LABEL else f"…{text[1 - _LONGEST_LABEL :]}"


def figure_data(model: Model, corpus: Corpus) -> FigureData:
    """Figures of a model over its reference corpus, beside the annotations of `corpus`.

    Raises DataError if they have fewer than three excerpts in common, or fewer are rated in full.
    """
    reference = model.reference
    rows = {name: number for number, name in enumerate(corpus.ids)}
    shared = [name for name in reference.ids if name in rows]
    if len(shared) < _FEWEST_SONGS:
        raise DataError(
            f"{model.path}: its reference ({reference.name}) has {len(shared)} excerpts in common with "
            f"{corpus.name}; figures need the corpus that the model refers to"
        )
    complete = np.isfinite(corpus.midlevel).all(axis=1) & np.isfinite(corpus.emotion).all(axis=1)
    rated_ids = tuple(np.array(corpus.ids)[complete].tolist())
    if len(rated_ids) < _FEWEST_SONGS:
        raise DataError(
            f"{corpus.name}: {len(rated_ids)} of its excerpts have all fifteen ratings; "
            f"figures rank pairs of such excerpts and need at least {_FEWEST_SONGS}"
        )
    midlevel = reference.midlevel
    emotions = model.head.emotions(midlevel)
    annotated = np.array(
        [corpus.emotion[rows[name]] if name in rows else np.full(8, np.nan) for name in reference.ids]
    )
    return FigureData(
        f"{model.name} {model.version}",
        reference.name,
        reference.ids,
        model.head.weights * midlevel[:, np.newaxis, :],
        emotions,
        annotated,
        midlevel,
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


def pairs_object(data: FigureData) -> dict[str, Any]:
    """For JSON: the pairs that both rules choose, where the paper's stands, and the songs' emotions."""
    rankings = {"predicted": data.predicted_ranking, "annotated": data.annotated_ranking}
    songs = dict.fromkeys((*data.pair, *(paper.PAIR if data.has_the_papers_pair else ())))
    return {
        "pairs": {
            kind: {
                "best_by_intent": list(ranking.best_by_intent),
                "best_by_printed_formula": list(ranking.best_by_formula),
                "distances": {
                    "best_by_intent": _distances(ranking, ranking.best_by_intent),
                    "best_by_printed_formula": _distances(ranking, ranking.best_by_formula),
                    "the_papers_pair": _distances(ranking, paper.PAIR),
                },
                "positions_of_the_papers_pair": ranking.positions(paper.PAIR),
                "pairs": ranking.pairs,
            }
            for kind, ranking in rankings.items()
        },
        "songs": {
            name: {
                "predicted": _by_emotion(data.emotions[data.row(name)]),
                "annotated": _by_emotion(data.annotated[data.row(name)]),
            }
            for name in songs
        },
    }


def _distances(ranking: PairRanking, pair: Pair) -> dict[str, float] | None:
    if not set(pair) <= set(ranking.ids):
        return None
    midlevel, emotion = ranking.distances(pair)
    return {"d_mid": round(midlevel, _DECIMALS), "d_e": round(emotion, _DECIMALS)}


def _by_emotion(values: Array) -> dict[str, float | None]:
    """Rating points by name, None where there is none; (8,) in."""
    rounded = (round(value, _DECIMALS) if np.isfinite(value) else None for value in values.tolist())
    return dict(zip(EMOTION_NAMES, rounded, strict=True))
