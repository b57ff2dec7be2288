"""Scores to the paper's tables, published numbers beside ours."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from midcli.corpora.published import MIDLEVEL_EXCERPTS
from midcli.corpora.splits import MIDLEVEL_PROTOCOLS
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.study import paper
from midcli.study.scores import Ends, SchemeScores, ScoreBook, Scores, Study

Array = npt.NDArray[np.float64]

FAR_DEVIATIONS = 2.0
"""A cell that is further than this from the published number deserves a comment."""
FEWEST_RUNS = 3
"""With fewer, their deviation says too little to call a cell far."""
ROUNDING = 0.005
"""Of published numbers."""

_ROW_NAMES = {"mid2e": "Mid2E", "a2e": "A2E", "a2mid2e": "A2Mid2E", "joint": "A2Mid2E-Joint"}
_COST_NAMES = {"a2mid2e": "A2Mid2E", "joint": "Joint"}
_QUALITY_ROW_NAMES = {"a2mid": "A2Mid", "joint": "Joint"}
_PAPER_SOURCE = "Chowdhury et al. 2019"
_FIXED36_SOURCE = "2025 study by the same laboratory, trained on 288 and validated on 36"


@dataclass(frozen=True)
class Cell:
    """One score, or difference of scores: mean and standard deviation over runs."""

    mean: float | None
    """None if nothing was run, or a run has no r because its outputs are constant."""
    deviation: float | None = None
    """None for fewer than two runs."""
    published: float | None = None
    interval: tuple[float, float] | None = None
    """95 % bootstrap interval over the test excerpts."""
    runs: int = 0

    @property
    def difference(self) -> float | None:
        """Ours minus the published number, which has two decimals."""
        if self.mean is None or self.published is None:
            return None
        return round(round(self.mean, 2) - self.published, 2)

    @property
    def far(self) -> bool:
        """Whether we are over two standard deviations of our runs from all that rounds to the published."""
        if self.mean is None or self.published is None or self.deviation is None or self.runs < FEWEST_RUNS:
            return False
        return abs(self.mean - self.published) - ROUNDING > FAR_DEVIATIONS * self.deviation


@dataclass(frozen=True)
class Row:
    """One system."""

    name: str
    runs: int
    cells: tuple[Cell, ...]
    is_cost: bool = False
    """Lower is better."""

    def ahead(self, cell: Cell) -> int:
        """1 if our number is better than the published one, -1 if it is worse, 0 if neither."""
        difference = cell.difference or 0.0
        return int(np.sign(-difference if self.is_cost else difference))


@dataclass(frozen=True)
class Table:
    """One of the paper's tables."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    published_by: str | None
    """Where the published numbers come from; None if there are none."""


def paper_tables(book: ScoreBook, protocol: str, recipe: str) -> tuple[Table, ...]:
    """The tables of one recipe under one protocol that have anything in them."""
    tables = (emotion_table(book, protocol, recipe), quality_table(book, protocol, recipe))
    return tuple(table for table in tables if any(row.runs for row in table.rows))


def emotion_table(book: ScoreBook, protocol: str, recipe: str) -> Table:
    """Table 2: emotions by scheme, and the cost of explainability (A2E minus the explainable scheme).

    A cost is the mean over the splits that both schemes were run on.
    """
    study = book.study(protocol, recipe)
    published, costs, source = _published_emotions(protocol)
    by_scheme: dict[str, Scores] = {}
    if protocol in book.regression:
        by_scheme["mid2e"] = book.regression[protocol]
    for name in ("a2e", "a2mid2e", "joint"):
        if study and name in study.schemes and (scores := study.schemes[name].emotion):
            by_scheme[name] = scores
    rows = [
        _row(name, by_scheme.get(scheme), published.get(scheme), len(EMOTION_NAMES))
        for scheme, name in _ROW_NAMES.items()
    ]
    rows += [_cost_row(study, scheme, costs.get(scheme)) for scheme in ("a2mid2e", "joint")]
    return Table(
        "emotions",
        _title("Emotions", 2, source, protocol, recipe),
        (*EMOTION_NAMES, "mean"),
        tuple(row for row in rows if row.runs or any(cell.published is not None for cell in row.cells)),
        source,
    )


def quality_table(book: ScoreBook, protocol: str, recipe: str) -> Table:
    """Table 3: mid-level qualities by scheme.

    A2Mid+ are the runs of the protocols of all mid-level excerpts (beside random: midlevel); with fewer than
    the paper's 5000 excerpts, they stand in a row of their own, beside which nothing is published.
    """
    rows = []
    is_wide = protocol in MIDLEVEL_PROTOCOLS
    published = paper.QUALITY_SCORES if is_wide or protocol in ("random", "album") else {}
    if is_wide or protocol == "random":
        wide = book.study(protocol if is_wide else "midlevel", recipe)
        scores = wide.schemes.get("a2mid") if wide else None
        complete = scores is not None and corpus_size(scores) == MIDLEVEL_EXCERPTS
        rows.append(_quality_row("A2Mid+", scores if complete else None, published["a2mid+"]))
        if scores and not complete:
            rows.append(_quality_row(f"A2Mid+ ({corpus_size(scores)})", scores, None))
    if not is_wide:
        study = book.study(protocol, recipe)
        for scheme, name in _QUALITY_ROW_NAMES.items():
            rows.append(
                _quality_row(name, study.schemes.get(scheme) if study else None, published.get(scheme))
            )
    source = _paper_source(protocol) if published else None
    return Table(
        "qualities",
        _title("Mid-level qualities", 3, source, protocol, recipe),
        (*QUALITY_NAMES, "mean"),
        tuple(row for row in rows if row.runs or any(cell.published is not None for cell in row.cells)),
        source and f"{source}; the mean is that of the seven",
    )


def _published_emotions(protocol: str) -> tuple[paper.Numbers, paper.Numbers, str | None]:
    """Scores and costs by scheme, and where they were published."""
    if protocol == "fixed36":
        return paper.FIXED36_EMOTION_SCORES, {}, _FIXED36_SOURCE
    if protocol in MIDLEVEL_PROTOCOLS:
        return {}, {}, None
    return paper.EMOTION_SCORES, paper.COSTS, _paper_source(protocol)


def _paper_source(protocol: str) -> str:
    return f"{_PAPER_SOURCE}, on easier random splits" if protocol == "album" else _PAPER_SOURCE


def _row(name: str, scores: Scores | None, published: Sequence[float] | None, labels: int) -> Row:
    numbers: Sequence[float | None] = published or [None] * (labels + 1)
    if scores is None:
        return Row(name, 0, tuple(Cell(None, published=number) for number in numbers))
    return Row(name, len(scores.runs), _cells(scores.with_means, numbers, scores.interval))


def _quality_row(name: str, scores: SchemeScores | None, published: tuple[float, ...] | None) -> Row:
    with_mean = published and (*published, round(sum(published) / len(published), 2))
    return _row(name, scores.midlevel if scores else None, with_mean, len(QUALITY_NAMES))


def _cost_row(study: Study | None, scheme: str, published: tuple[float, ...] | None) -> Row:
    name = f"CoE {_COST_NAMES[scheme]}"
    if study is None or not len(costs := study.differences("a2e", scheme)):
        return replace(_row(name, None, published, len(EMOTION_NAMES)), is_cost=True)
    interval = study.cost_intervals.get(scheme)
    return Row(name, len(costs), _cells(costs, published or [None] * costs.shape[1], interval), is_cost=True)


def _title(what: str, number: int, source: str | None, protocol: str, recipe: str) -> str:
    of_the_paper = f" (Table {number})" if source and source.startswith(_PAPER_SOURCE) else ""
    return f"{what} from audio, Pearson's r{of_the_paper}: recipe {recipe}, protocol {protocol}"


def cells_of(runs: Array) -> tuple[Cell, ...]:
    """Cells of (runs, columns), beside which nothing is published."""
    return _cells(runs, [None] * runs.shape[1], None)


def _cells(runs: Array, published: Sequence[float | None], interval: Ends | None) -> tuple[Cell, ...]:
    """Cells of (runs, labels + 1)."""
    ends: list[tuple[float, float] | None] = [None] * runs.shape[1]
    if interval:
        ends = list(zip(*(end.tolist() for end in interval), strict=True))
    return tuple(
        _cell(column, number, both) for column, number, both in zip(runs.T, published, ends, strict=True)
    )


def _cell(column: Array, published: float | None, interval: tuple[float, float] | None) -> Cell:
    mean = float(column.mean())
    if not np.isfinite(mean):
        return Cell(None, None, published)
    deviation = float(column.std(ddof=1)) if len(column) > 1 else None
    return Cell(mean, deviation, published, interval, len(column))


def corpus_size(scores: SchemeScores) -> int:
    """Excerpts that runs learned from or were tested on."""
    return scores.train + scores.validation + scores.test
