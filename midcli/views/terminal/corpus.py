"""What is present of the annotated corpora, as a table."""

import numpy as np
from rich.table import Table
from rich.text import Text

from midcli.corpora.corpus import Corpus, Vocabulary, some
from midcli.corpora.published import Part
from midcli.study.bearings import emotions_of, lesson_of
from midcli.study.recipes import Bearing, RadialRecipe
from midcli.util.text import printable


def parts_table(parts: list[Part]) -> Table:
    """One row a part: how much is there, what is missing, where it is published."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("part", "present", "missing", "published at"):
        table.add_column(column, justify="right" if column == "present" else "left")
    for part in parts:
        table.add_row(
            part.name,
            f"{part.present} of {part.expected}",
            some(part.missing),
            Text(part.address if part.missing else "", no_wrap=True),
        )
    return table


def corpus_summary(corpus: Corpus) -> Text:
    """How many excerpts can be used, and how many of them have ratings."""
    midlevel = np.isfinite(corpus.midlevel).any(axis=1).sum()
    emotion = np.isfinite(corpus.emotion).any(axis=1).sum()
    groups = len({excerpt.group for excerpt in corpus.excerpts})
    return Text(
        f"{printable(corpus.name)}: {len(corpus.excerpts)} excerpts in {groups} groups can be used, "
        f"{midlevel} with mid-level ratings, {emotion} with emotion ratings"
    )


def vocabulary_summary(vocabulary: Vocabulary) -> Text:
    """Emotions of a user's own, and what their values are."""
    low, high = vocabulary.scale
    named = ", ".join(name.replace("_", " ") for name in vocabulary.names)
    return Text(printable(f"to learn: {named}; {vocabulary.unit or f'from {low:g} to {high:g}'}"))


def _against_the_rest(bearing: Bearing) -> str:
    return f" {' or '.join(bearing.categories)} against the rest" if bearing.categories else ""


def beside_summary(corpus: Corpus, recipe: RadialRecipe) -> Text:
    """How many excerpts there are to learn from beside another corpus, and what a recipe learns from them.

    Raises DataError if a column that the recipe needs is missing or is not of numbers.
    """
    lesson = lesson_of(corpus, recipe.beside)
    emotions_of(corpus, lesson)
    groups = len({excerpt.group for excerpt in corpus.excerpts})
    rated = int(np.isfinite(corpus.midlevel).any(axis=1).sum())
    learned = [f"the seven qualities of {rated}"] if rated and lesson.quality_weight else []
    learned += [
        f"{bearing.emotion} from {bearing.column}"
        f"{f' minus {bearing.minus}' if bearing.minus else ''}"
        f"{_against_the_rest(bearing)}"
        for bearing in lesson.bearings
    ]
    return Text(
        f"{printable(corpus.name)}: {len(corpus.excerpts)} excerpts in {groups} groups; recipe {recipe.name} "
        f"learns {', '.join(learned) or 'nothing'}"
    )
