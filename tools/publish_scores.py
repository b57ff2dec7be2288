"""Regenerates what is published: models/scores.json from models/results, README's tables from scores.json.

MIDCLI_DATA=<folder of the corpora> python -m tools.publish_scores
python -m tools.publish_scores --readme
"""

import os
import sys
from pathlib import Path

from midcli.corpora.published import load_midlevel, load_soundtracks
from midcli.study.formats import markdown_report
from midcli.study.results import find_results
from midcli.study.scores import ScoreBook, compute_scores, read_scores, write_scores

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "models" / "results"
SCORES = ROOT / "models" / "scores.json"
README = ROOT / "README.md"
BEGIN = "<!-- scores: begin (python -m tools.publish_scores) -->"
END = "<!-- scores: end -->"


def published_scores() -> ScoreBook:
    """Scores of the committed runs."""
    folder = Path(os.environ["MIDCLI_DATA"])
    runs = find_results(RESULTS)
    midlevel = load_midlevel(folder) if any(run.protocol == "midlevel" for run in runs) else None
    return compute_scores(runs, load_soundtracks(folder), midlevel)


def readme_tables(book: ScoreBook) -> str:
    """What README shows between its markers."""
    studies = [(study.protocol, study.recipe) for study in book.studies]
    return "\n\n".join([BEGIN, *([markdown_report(book, studies).strip()] if studies else []), END])


def with_tables(readme: str, tables: str) -> str:
    """The README with other tables between its markers."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{README}: lacks the lines {BEGIN!r} and {END!r} around its tables")
    return before + tables + after


if __name__ == "__main__":
    if "--readme" not in sys.argv[1:]:
        write_scores(SCORES, published_scores())
    README.write_text(
        with_tables(README.read_text("utf-8"), readme_tables(read_scores(SCORES))), encoding="utf-8"
    )
