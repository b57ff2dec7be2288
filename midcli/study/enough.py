"""Whether a corpus is rated well enough to be learned from."""

from collections.abc import Sequence

import numpy as np

from midcli.corpora.corpus import Corpus
from midcli.corpora.splits import group_folds
from midcli.errors import DataError
from midcli.labels import QUALITY_NAMES

_FEWEST_RATED = 10


def check_enough(corpus: Corpus, scheme: str, folds: int, seed: int) -> None:
    """Raise DataError if `train` could not learn a scheme without one of its folds."""
    for fold in group_folds(corpus, folds, seed):
        check_rated(corpus, [name for name in corpus.ids if name not in fold], scheme)


def check_rated(corpus: Corpus, ids: Sequence[str], scheme: str) -> None:
    """Raise DataError if a label that the scheme learns is rated for hardly any of the excerpts."""
    learned = set(ids)
    excerpts = [excerpt for excerpt in corpus.excerpts if excerpt.id in learned]
    groups = {"midlevel": QUALITY_NAMES, "emotion": corpus.vocabulary.names}
    wanted = {"a2e": ["emotion"], "a2mid": ["midlevel"]}.get(scheme, ["midlevel", "emotion"])
    rated = {
        name: sum(bool(np.isfinite(getattr(excerpt, group)[column])) for excerpt in excerpts)
        for group in wanted
        for column, name in enumerate(groups[group])
    }
    lacking = {name: count for name, count in rated.items() if count < _FEWEST_RATED}
    if lacking:
        counts = sorted({min(lacking.values()), max(lacking.values())})
        labels = "every label" if len(lacking) == len(rated) else ", ".join(lacking)
        held_out = len(corpus.excerpts) - len(excerpts)
        note = f" ({held_out} of {len(corpus.excerpts)} excerpts are held out)" if held_out else ""
        raise DataError(
            f"{corpus.name}: scheme {scheme} needs at least {_FEWEST_RATED} rated excerpts to train on for "
            f"each label; there are {' to '.join(map(str, counts))} for {labels}{note}"
        )
