"""The paper's figures drawn with characters."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from midcli.explanation.words.numbers import decimal
from midcli.labels import EMOTION_NAMES, RATING_SCALE
from midcli.study import paper
from midcli.study.figures import FigureData, song_label
from midcli.study.pairs import Pair, PairRanking
from midcli.util.text import printable
from midcli.views.terminal import theme
from midcli.views.terminal.box_plots import effects_plots
from midcli.views.terminal.matrix import WEIGHTS_NOTE, matrix

Array = npt.NDArray[np.float64]


class Figures:
    """Figures 3 to 5 and Table 4."""

    def __init__(self, data: FigureData) -> None:
        self.data = data

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        data, width = self.data, options.max_width
        yield Text(f"Figure 3: effects of {printable(data.model)}", style=theme.TITLE)
        yield effects_plots(
            data.effects, EMOTION_NAMES, EMOTION_NAMES, self._songs(), data.reference, False, width
        )
        yield Text()
        yield matrix(
            "Figure 4", EMOTION_NAMES, data.correlations, "Correlations of annotations, Pearson's r.", width
        )
        yield Text()
        yield matrix(
            "Figure 5", EMOTION_NAMES, data.weights, f"{WEIGHTS_NOTE} Model {printable(data.model)}.", width
        )
        yield Text()
        yield from self._pair()

    def _songs(self) -> dict[str, Array]:
        return {song_label(name): self.data.effects[self.data.row(name)] for name in self.data.pair}

    def _pair(self) -> Iterator[Text | Table]:
        data = self.data
        yield Text(
            "Table 4: the two songs with the greatest d_Mid - d_E (rating points; qualities out of fold, "
            "weights of the final model)",
            style=theme.TITLE,
        )
        yield pair_table(data)
        yield from pair_notes(data)
        if data.has_the_papers_pair:
            yield Text()
            yield Text("Table 4: the songs that the paper chose (rating points)", style=theme.TITLE)
            yield papers_pair_table(data)


def pair_table(data: FigureData) -> Table:
    """Predicted and annotated emotions of the two songs."""
    rows = [data.row(name) for name in data.pair]
    return _emotions(
        [
            (f"{kind} {song_label(name)}", values[row])
            for kind, values in (("predicted", data.emotions), ("annotated", data.annotated))
            for name, row in zip(data.pair, rows, strict=True)
        ]
    )


def papers_pair_table(data: FigureData) -> Table:
    """The songs of the paper's Table 4: its predictions beside those of this model and the annotations."""
    columns = []
    for name in paper.PAIR:
        row = data.row(name)
        columns += [
            (f"#{name} paper", np.array(paper.PAIR_PREDICTIONS[name]) / RATING_SCALE),
            ("this model", data.emotions[row]),
            ("annotated", data.annotated[row]),
        ]
    return _emotions(columns)


def _emotions(columns: Sequence[tuple[str, Array]]) -> Table:
    """Emotions down, titled columns of values (8,) across; a dash where there is no value."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=theme.QUIET)
    table.add_column("")
    for title, _ in columns:
        table.add_column(title, justify="right")
    for k, emotion in enumerate(EMOTION_NAMES):
        values = [column[k] for _, column in columns]
        table.add_row(emotion, *(decimal(value) if np.isfinite(value) else "–" for value in values))
    return table


def pair_notes(data: FigureData) -> Iterator[Text]:
    """Which pairs the two rules choose, and where the paper's pair stands under each."""
    for kind, ranking in (("predicted", data.predicted_ranking), ("annotated", data.annotated_ranking)):
        yield Text(f"By {kind} values: {ranking_words(ranking)}")
    yield Text(
        "The paper looks for similar emotions and different qualities, d_Mid - d_E; the formula that it "
        "prints, d_E - (1 - d_Mid), prefers songs that differ in both.",
        style=theme.QUIET,
    )


def ranking_words(ranking: PairRanking) -> str:
    """What each rule chooses, and the places of the paper's pair."""
    intent, formula = (
        f"{_songs(pair)} ({_distances(ranking, pair)})"
        for pair in (ranking.best_by_intent, ranking.best_by_formula)
    )
    words = f"d_Mid - d_E chooses {intent}, the printed formula {formula}"
    positions = ranking.positions(paper.PAIR)
    if positions:
        words += (
            f"; the paper's {_songs(paper.PAIR)} ({_distances(ranking, paper.PAIR)}) are number "
            f"{positions[0]} of {ranking.pairs} pairs by the former and number {positions[1]} by the latter"
        )
    return f"{words}."


def _songs(pair: Pair) -> str:
    return " and ".join(song_label(name) for name in pair)


def _distances(ranking: PairRanking, pair: Pair) -> str:
    midlevel, emotion = ranking.distances(pair)
    return f"d_Mid {decimal(midlevel, 2)}, d_E {decimal(emotion, 2)}"
