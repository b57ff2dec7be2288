"""Further vocabularies that a recipe fits over the qualities of its own network."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from midcli.corpora.corpus import Corpus
from midcli.corpora.labelled import SHARE_SCALE, Labelled, OwnLabel
from midcli.labels import EmotionWords, Label
from midcli.model.head import Head
from midcli.study.heads import fit_head

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Said:
    """A label of a vocabulary, and what says so of a piece."""

    label: Label
    column: str
    category: str
    """The value that makes a piece one of these; empty if the column holds shares from 0 to 1."""


@dataclass(frozen=True)
class Vocabulary:
    """What is fitted to which corpus."""

    name: str
    corpus: str
    about: str
    said: tuple[Said, ...]


def _felt(name: str, more: str, less: str, high: str) -> Said:
    words = EmotionWords(name.replace("_", " "), more, less, high, f"not {high}", verb="feel")
    return Said(Label(name, name, f"not {high}", high, words=words), name, "")


def _kind(cluster: str, name: str, high: str) -> Said:
    words = EmotionWords(name, f"more {high}", f"less {high}", high, f"not {high}")
    return Said(Label(name, name, f"not {high}", high, words=words), "cluster", cluster)


GEMS = Vocabulary(
    "gems",
    "emotify",
    "feelings that music gave its listeners (Geneva Emotional Music Scale), in per cent of the listeners",
    (
        _felt("amazement", "more amazing", "less amazing", "amazing"),
        _felt("solemnity", "more solemn", "less solemn", "solemn"),
        _felt("tenderness", "more tender", "less tender", "tender"),
        _felt("nostalgia", "more nostalgic", "less nostalgic", "nostalgic"),
        _felt("calmness", "calmer", "less calm", "calm"),
        _felt("power", "more powerful", "less powerful", "powerful"),
        _felt("joyful_activation", "more bouncy", "less bouncy", "bouncy"),
        _felt("tension", "tenser", "less tense", "tense"),
        _felt("sadness", "sadder", "less sad", "sad"),
    ),
)
"""Aljanaki, Wiering & Veltkamp 2016: each song heard by 20 listeners or more, who marked what they felt."""

MOODS = Vocabulary(
    "moods",
    "mirex",
    "how much a piece is like one of five kinds of popular music by mood, in per cent (one against the rest)",
    (
        _kind("1", "passionate", "passionate or rousing"),
        _kind("2", "cheerful", "cheerful or sweet"),
        _kind("3", "wistful", "wistful or brooding"),
        _kind("4", "witty", "witty or whimsical"),
        _kind("5", "intense", "intense or aggressive"),
    ),
)
"""The clusters of the MIREX task of audio mood classification, by their tags (Panda et al. 2013)."""

VOCABULARIES = (GEMS, MOODS)


def fitted(vocabulary: Vocabulary, corpus: Corpus, midlevel: Array) -> tuple[Head, str]:
    """The head over the corpus's out-of-fold qualities (excerpts, 7) in rating points; how it was made."""
    groups = tuple(excerpt.group for excerpt in corpus.excerpts)
    rated = tuple(
        OwnLabel(said.label.name, _values(corpus, said), SHARE_SCALE, True) for said in vocabulary.said
    )
    labelled = Labelled(tuple(excerpt.path for excerpt in corpus.excerpts), groups, rated)
    head, _ = fit_head(vocabulary.name, labelled, midlevel, keep_all=True)
    labels = tuple(said.label for said in vocabulary.said)
    how = f"ridge regression on out-of-fold qualities of {len(groups)} pieces of {corpus.name}"
    return replace(head, labels=labels, about=vocabulary.about), how


def _values(corpus: Corpus, said: Said) -> Array:
    cells = [excerpt.cells[said.column] for excerpt in corpus.excerpts]
    highest = SHARE_SCALE[1]
    if said.category:
        return np.array([highest * (cell == said.category) for cell in cells])
    return np.array([highest * float(cell) for cell in cells])
