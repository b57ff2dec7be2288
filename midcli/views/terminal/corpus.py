"""What is present of the annotated corpora, as a table."""

import numpy as np
from rich.table import Table
from rich.text import Text

from midcli.corpora.corpus import Corpus, some
from midcli.corpora.published import Part
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
