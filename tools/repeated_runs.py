"""How far runs repeated on another processor differ in r: models/results/repeated against models/results.

MIDCLI_DATA=<folder of the corpora> python -m tools.repeated_runs
"""

import os
from pathlib import Path

import numpy as np

from midcli.corpora.corpus import Corpus
from midcli.corpora.published import load_soundtracks
from midcli.study.results import RunKey, RunResult, find_results, read_result
from midcli.study.scores import compute_scores
from tools.publish_scores import RESULTS

REPEATED = RESULTS / "repeated"


def differences() -> dict[RunKey, float]:
    """Mean r of a repeated run less that of the run that it repeats, where their processors differ."""
    corpus = load_soundtracks(Path(os.environ["MIDCLI_DATA"]))
    pairs = [(run, read_result(run.key.path(RESULTS))) for run in find_results(REPEATED)]
    return {
        run.key: _mean_r(run, corpus) - _mean_r(first, corpus)
        for run, first in pairs
        if run.device != first.device
    }


def _mean_r(run: RunResult, corpus: Corpus) -> float:
    """Over the emotions; over the qualities of a2mid."""
    scores = compute_scores([run], corpus).studies[0].schemes[run.scheme]
    of_labels = scores.emotion or scores.midlevel
    assert of_labels is not None
    return float(of_labels.runs.mean())


if __name__ == "__main__":
    found = differences()
    for key, value in found.items():
        print(f"{key.name}: {value:+.3f}")
    values = [*found.values()]
    print(f"{len(values)} pairs: {np.mean(values):+.3f} ± {np.std(values, ddof=1):.3f}")
