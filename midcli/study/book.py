"""A folder of results and the corpora to the book of all scores."""

from pathlib import Path

from midcli.corpora.corpus import Corpus
from midcli.corpora.own import load_all_beside, load_beside
from midcli.corpora.published import load_midlevel, load_soundtracks
from midcli.corpora.splits import MIDLEVEL_PROTOCOLS
from midcli.study.moods import find_mood_runs, score_moods
from midcli.study.recipes import RECIPES, RadialRecipe
from midcli.study.results import find_results
from midcli.study.scores import ScoreBook, compute_scores, from_json, to_json
from midcli.study.transfer import find_transfer_runs, score_transfer


def mood_corpus(data: Path) -> Corpus:
    """Popular music with its mood clusters, in the folder of the corpora. Raises DataError."""
    return load_beside(data / "songs" / "mirex.csv")


def transfer_corpora(data: Path) -> list[Corpus]:
    """Film music, and every corpus in `songs`. Raises DataError."""
    return [load_soundtracks(data), *load_all_beside(data / "songs")]


def compute_book(results: Path, data: Path) -> ScoreBook:
    """Scores of everything in a folder of results against the ratings of the folder of the corpora.

    Raises DataError if a run is broken or was made with other data.
    """
    runs, moods, transfers = find_results(results), find_mood_runs(results), find_transfer_runs(results)
    protocols = {run.protocol for run in runs}
    film = load_soundtracks(data) if protocols - {*MIDLEVEL_PROTOCOLS} else None
    wide = load_midlevel(data) if protocols & {*MIDLEVEL_PROTOCOLS} else None
    book = compute_scores(runs, film, wide)
    mood_scores = score_moods(moods, mood_corpus(data)) if moods else ()
    radial = {name: recipe for name, recipe in RECIPES.items() if isinstance(recipe, RadialRecipe)}
    transfer_scores = score_transfer(transfers, transfer_corpora(data), radial) if transfers else ()
    dates = [book.date, *(one.date for one in mood_scores), *(one.date for one in transfer_scores)]
    # with as many decimals as published ones, so that both round alike
    return from_json(
        to_json(ScoreBook(max(dates), book.regression, book.studies, mood_scores, transfer_scores))
    )
