"""Runs of the mood clusters as tables, and what must be said beside them."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from midcli.labels import QUALITY_NAMES
from midcli.study.moods import CLUSTERS, MEASURES, MoodScores
from midcli.study.remarks import rough_duration, score
from midcli.study.tables import Row, Table, cells_of

Array = npt.NDArray[np.float64]

WEIGHTS = "weights"
"""Name of the table that is a heat map of clusters by qualities."""

_NAMES = {"a2e": "A2E", "a2mid2e": "A2Mid2E", "joint": "A2Mid2E-Joint"}


def mood_tables(scores: MoodScores) -> tuple[Table, ...]:
    """Accuracy and F1 by scheme with the cost of explanation, and the weights of the last layer."""
    rows = [_row(_NAMES[name], runs) for name, runs in scores.schemes.items()]
    if "a2e" in scores.schemes:
        rows += [
            _row(f"CoE {_NAMES[name]}", scores.schemes["a2e"] - runs, is_cost=True)
            for name, runs in scores.schemes.items()
            if name != "a2e"
        ]
    title = f"Mood clusters from audio (footnote 3): recipe {scores.recipe}, protocol moods"
    return Table("moods", title, MEASURES, tuple(rows), None), *_weights(scores)


def _row(name: str, runs: Array, is_cost: bool = False) -> Row:
    return Row(name, len(runs), cells_of(runs), is_cost)


def _weights(scores: MoodScores) -> Iterator[Table]:
    if "joint" not in scores.weights:
        return
    rows = [
        Row(name, len(scores.seeds), cells_of(weights[np.newaxis]))
        for name, weights in zip(CLUSTERS.values(), scores.weights["joint"], strict=True)
    ]
    title = "What one rating point of a quality adds to a cluster (1: wholly like it), joint, mean over runs"
    yield Table(WEIGHTS, title, QUALITY_NAMES, tuple(rows), None)


def mood_facts(scores: MoodScores) -> list[str]:
    """How runs were made, what chance gives, and what the authors said of their own."""
    return [
        f"{scores.pieces} excerpts by {scores.groups} artists; each run tests about {scores.test} of them, "
        "whole artists apart (80:20).",
        f"{len(scores.seeds)} runs of each scheme; {rough_duration(scores.seconds)} in all.",
        f"Naming the largest cluster every time gives an accuracy of {score(scores.guess)}.",
        "Least squares in closed form on targets of 1 for a piece's own cluster and 0 for others; the "
        "highest output is the answer. A2E is straight from descriptors; A2Mid2E a linear layer on the seven "
        "qualities as fitted to their ratings; Joint fits qualities and that layer together.",
        "No run had seen the artists that it was tested on. The recipe default was chosen by "
        "cross-validation of other things, the qualities of four fifths of these excerpts among them, and "
        "not by their clusters.",
        "The authors give no numbers for this data set: their footnote 3 says that preliminary results "
        "confirm the general trends of the paper, and that further optimisation may still improve them.",
    ]
