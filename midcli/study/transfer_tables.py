"""Runs from one corpus to another as tables, and what must be said beside them."""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.study.remarks import rough_duration
from midcli.study.tables import Cell, Row, Table, cells_of
from midcli.study.transfer import PairScores, TransferScores

Array = npt.NDArray[np.float64]
Of = Callable[[str, str], Array | None]
"""Trained and tested corpus to values (runs, labels)."""

_EMOTIONS = len(EMOTION_NAMES)


def transfer_tables(scores: TransferScores) -> tuple[Table, ...]:
    """Mean r of all pairs, straight and through the qualities; what that costs; every emotion and quality."""

    def straight(trained: str, tested: str) -> Array | None:
        return _r(scores.pair("a2e", trained, tested))

    def explained(trained: str, tested: str) -> Array | None:
        return _r(scores.pair("joint", trained, tested))

    def cost(trained: str, tested: str) -> Array | None:
        one, other = straight(trained, tested), explained(trained, tested)
        return None if one is None or other is None or len(one) != len(other) else one - other

    kinds = (
        ("straight", "straight from audio", straight),
        ("explained", "through the seven qualities", explained),
        ("cost", "straight minus through the qualities: what explanation costs", cost),
    )
    return (
        *(_pairs(scores, *kind) for kind in kinds),
        *(_labels(scores, *kind) for kind in kinds[:2]),
        _qualities(scores, explained),
    )


def _r(pair: PairScores | None) -> Array | None:
    return None if pair is None else pair.r


def _names(scores: TransferScores) -> list[str]:
    """Corpora that say something of emotions."""
    return [
        name
        for name in scores.corpora
        if any(pair.trained == name and np.isfinite(pair.r[:, :_EMOTIONS]).any() for pair in scores.pairs)
    ]


def _pairs(scores: TransferScores, name: str, words: str, of: Of) -> Table:
    """Rows by what was learned from, columns by what was tested."""
    names = _names(scores)
    rows = []
    for trained in names:
        cells = [_mean_cell(of(trained, tested)) for tested in names]
        rows.append(Row(f"from {trained}", _runs(cells), tuple(cells), is_cost=name == "cost"))
    title = f"Emotions from one corpus to another, {words}, mean r: recipe {scores.recipe}, protocol corpora"
    return Table(f"pairs-{name}", title, tuple(f"on {tested}" for tested in names), tuple(rows), None)


def _mean_cell(values: Array | None) -> Cell:
    """The mean over the emotions that both corpora say something of."""
    if values is None:
        return Cell(None)
    shared = values[:, :_EMOTIONS][:, np.isfinite(values[:, :_EMOTIONS]).all(axis=0)]
    return cells_of(shared.mean(axis=1, keepdims=True))[0] if shared.size else Cell(None)


def _labels(scores: TransferScores, name: str, words: str, of: Of) -> Table:
    rows = [
        Row(f"{trained} → {tested}", len(values), cells_of(values[:, :_EMOTIONS]))
        for trained in _names(scores)
        for tested in _names(scores)
        if (values := of(trained, tested)) is not None
    ]
    title = f"Every emotion, {words}, r: recipe {scores.recipe}, protocol corpora"
    return Table(f"emotions-{name}", title, EMOTION_NAMES, tuple(rows), None)


def _qualities(scores: TransferScores, of: Of) -> Table:
    rows = []
    for trained in scores.corpora:
        for tested in scores.corpora:
            values = of(trained, tested)
            if values is not None and _rates(scores, trained) and np.isfinite(values[:, _EMOTIONS:]).all():
                found = values[:, _EMOTIONS:]
                with_mean = np.column_stack([found, found.mean(axis=1)])
                rows.append(Row(f"{trained} → {tested}", len(values), cells_of(with_mean)))
    title = f"Qualities from one corpus to another, r: recipe {scores.recipe}, protocol corpora"
    return Table("qualities", title, (*QUALITY_NAMES, "mean"), tuple(rows), None)


def _rates(scores: TransferScores, name: str) -> bool:
    """Whether a corpus rates qualities itself."""
    return any(
        pair.scheme == "a2e" and pair.trained == name and np.isfinite(pair.r[:, _EMOTIONS:]).any()
        for pair in scores.pairs
    )


def _runs(cells: list[Cell]) -> int:
    return max((cell.runs for cell in cells), default=0)


def transfer_facts(scores: TransferScores) -> list[str]:
    """How runs were made, and what r means where."""
    return [*_of_sizes(scores), *_of_method(scores)]


def _of_sizes(scores: TransferScores) -> Iterator[str]:
    own = {pair.trained: pair for pair in scores.pairs if pair.trained == pair.tested}
    whole = {pair.tested: pair.test for pair in scores.pairs if pair.trained != pair.tested}
    parts = [
        f"{name} {whole[name]} pieces ({pair.train} to learn from and {pair.test} to test beside itself)"
        for name, pair in own.items()
        if name in whole
    ]
    yield f"Tested: {'; '.join(parts)}."


def _of_method(scores: TransferScores) -> Iterator[str]:
    seeds = len(scores.seeds)
    yield (
        f"{seeds} run{'s' if seeds > 1 else ''} of each pair (the seed chooses landmarks, and the split "
        "where a corpus is tested on itself: 80:20, whole groups), in closed form; "
        f"{rough_duration(scores.seconds)} in all."
    )
    yield (
        "Through the qualities: they are learned from the corpora that rate them, but for the one that is "
        "tested; the emotions from the one corpus alone. Straight: from the same descriptors and "
        "landmarks, by that corpus alone. Artists that are tested are never learned from, in whichever "
        "corpus they are."
    )
    yield (
        "What columns bear on which emotion is the recipe's table; r is taken with each corpus's own "
        "numbers: shares of listeners who felt it (emotify), 1 or 0 by quadrant (quadrants), so that r "
        "compares within a tested corpus, not between them. Artists of emotify are not known: tested "
        "on itself, its songs are split."
    )
    yield (
        "The recipe default was chosen by cross-validation of learning from all of these corpora at once, on "
        "about four fifths of their pieces; not for any pair."
    )
