"""Where a model errs on average: valence and energy by genre, and each quality, out of fold.

MIDCLI_DATA=<folder of the corpora> python -m tools.biases [MODEL]

Qualities are those that the model's file keeps of its training music, from networks that were fitted to other
artists; emotions are its last layer on these. Ratings from 1 to 5 are brought to 1 to 9 and moved by one
offset each, so that they agree with the predictions on average.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from midcli.audio.spectrogram import FRONTEND
from midcli.corpora.corpus import Corpus
from midcli.corpora.own import load_beside
from midcli.explanation.words.numbers import signed
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.model.bundled import find_model
from midcli.model.file import Model
from midcli.study.bearings import ratings_of_heard
from midcli.study.metrics import pearson
from midcli.study.recipes import DEFAULT

Array = npt.NDArray[np.float64]

EMOTIONS = ("valence", "energy")


def by_genre(model: Model, corpus: Corpus) -> Iterator[str]:
    """Markdown rows: pieces of each genre, and mean error of each emotion with its standard error."""
    columns = [EMOTION_NAMES.index(name) for name in EMOTIONS]
    rated = ratings_of_heard(corpus, DEFAULT.beside[corpus.name])[:, columns]
    errors = model.head.emotions(_qualities(model, corpus))[:, columns] - rated
    errors -= errors.mean(axis=0)
    genres = np.array([excerpt.cells["genre"] for excerpt in corpus.excerpts])
    yield f"| genre | pieces | {' | '.join(EMOTIONS)} |"
    yield "| --- | --- | --- | --- |"
    for genre in np.unique(genres):
        here = errors[genres == genre]
        uncertain = here.std(axis=0, ddof=1) / np.sqrt(len(here))
        told = (
            f"{signed(mean, 2)} ± {error:.2f}"
            for mean, error in zip(here.mean(axis=0), uncertain, strict=True)
        )
        yield f"| {genre} | {len(here)} | {' | '.join(told)} |"


def by_quality(model: Model, corpus: Corpus) -> Iterator[str]:
    """Markdown rows: mean error and Pearson's r of each quality."""
    predicted = _qualities(model, corpus)
    yield "| quality | mean error | r |"
    yield "| --- | --- | --- |"
    errors, scores = (predicted - corpus.midlevel).mean(axis=0), pearson(predicted, corpus.midlevel)
    for name, error, r in zip(QUALITY_NAMES, errors, scores, strict=True):
        yield f"| {name.replace('_', ' ')} | {signed(error, 2)} | {r:.2f} |"


def _qualities(model: Model, corpus: Corpus) -> Array:
    """(pieces, 7) out of fold, in rating points. Raises KeyError if the model was not trained on a piece."""
    rows = {name: row for row, name in enumerate(model.reference.ids)}
    places = [rows[name if name in rows else f"{corpus.name}/{name}"] for name in corpus.ids]
    kept: Array = model.reference.midlevel[places]
    return kept


if __name__ == "__main__":
    songs = Path(os.environ["MIDCLI_DATA"]) / "songs"
    judged = Model(find_model(sys.argv[1] if len(sys.argv) > 1 else None), FRONTEND)
    print("\n".join(by_genre(judged, load_beside(songs / "musifeast.csv"))))
    print()
    print("\n".join(by_quality(judged, load_beside(songs / "mirex.csv"))))
