"""Regenerates models/scores.json from models/results, and from that the tables of README, docs/accuracy.md.

MIDCLI_DATA=<folder of the corpora> python -m tools.publish_scores
python -m tools.publish_scores --tables
"""

import os
import sys
from pathlib import Path

import numpy as np

from midcli.study.book import compute_book
from midcli.study.formats import markdown_report
from midcli.study.paper import EMOTION_SCORES, QUALITY_SCORES
from midcli.study.recipes import DEFAULT
from midcli.study.scores import ScoreBook, read_scores, write_scores

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "models" / "results"
SCORES = ROOT / "models" / "scores.json"
DOCUMENT = ROOT / "docs" / "accuracy.md"
README = ROOT / "README.md"
BEGIN = "<!-- scores: begin (python -m tools.publish_scores) -->"
END = "<!-- scores: end -->"


def published_scores() -> ScoreBook:
    """Scores of the committed runs."""
    return compute_book(RESULTS, Path(os.environ["MIDCLI_DATA"]))


def published_tables(book: ScoreBook) -> str:
    """What docs/accuracy.md shows between its markers."""
    reports = [markdown_report(book, book.known).strip()] if book.known else []
    return "\n\n".join([BEGIN, *reports, END])


def summary(book: ScoreBook) -> str:
    """What README shows between its markers: mean r of the explaining scheme on music by other albums."""
    study = book.study("album", DEFAULT.name)
    assert study is not None
    joint = study.schemes["joint"]
    assert joint.emotion is not None
    assert joint.midlevel is not None
    ours = [scores.with_means.mean(axis=0)[-1] for scores in (joint.emotion, joint.midlevel)]
    theirs = [EMOTION_SCORES["joint"][-1], float(np.mean(QUALITY_SCORES["joint"]))]
    rows = [
        "| mean of Pearson's r | eight emotions | seven qualities |",
        "| --- | --- | --- |",
        f"| midcli, on albums that it was not trained on | {ours[0]:.2f} | {ours[1]:.2f} |",
        f"| Chowdhury et al. 2019, on random splits | {theirs[0]:.2f} | {theirs[1]:.2f} |",
    ]
    return "\n".join([BEGIN, "", *rows, "", END])


def with_tables(path: Path, tables: str) -> str:
    """The text of a document with other tables between its markers."""
    before, begin, rest = path.read_text("utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{path}: lacks the lines {BEGIN!r} and {END!r} around its tables")
    return before + tables + after


if __name__ == "__main__":
    if "--tables" not in sys.argv[1:]:
        write_scores(SCORES, published_scores())
    scores = read_scores(SCORES)
    for document, tables in ((DOCUMENT, published_tables(scores)), (README, summary(scores))):
        document.write_text(with_tables(document, tables), encoding="utf-8")
