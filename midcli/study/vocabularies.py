"""Further vocabularies that a recipe fits over the qualities of its own network."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from midcli.corpora.corpus import Corpus
from midcli.corpora.labelled import SHARE_SCALE, Labelled, OwnLabel
from midcli.labels import Label
from midcli.model.head import Head
from midcli.study.heads import fit_head

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Said:
    """A label of a vocabulary and how one speaks of it."""

    name: str
    column: str
    category: str
    """The value that makes a piece one of these; empty if the column holds shares from 0 to 1."""
    low_pole: str
    high_pole: str
    more: str
    less: str
    high: str
    low: str


@dataclass(frozen=True)
class Vocabulary:
    """What is fitted to which corpus."""

    name: str
    corpus: str
    about: str
    said: tuple[Said, ...]


def _felt(name: str, more: str, less: str, high: str, low: str, column: str = "") -> Said:
    return Said(name, column or name, "", f"not {high}", high, more, less, high, low)


def _kind(cluster: str, name: str, high: str) -> Said:
    low = f"not {high}"
    return Said(name, "cluster", cluster, low, high, f"more {high}", f"less {high}", high, low)


GEMS = Vocabulary(
    "gems",
    "emotify",
    "feelings that music gave its listeners (Geneva Emotional Music Scale), in per cent of the listeners",
    (
        _felt("amazement", "more amazing", "less amazing", "amazing", "not amazing"),
        _felt("solemnity", "more solemn", "less solemn", "solemn", "not solemn"),
        _felt("tenderness", "more tender", "less tender", "tender", "not tender"),
        _felt("nostalgia", "more nostalgic", "less nostalgic", "nostalgic", "not nostalgic"),
        _felt("calmness", "calmer", "less calm", "calm", "not calm"),
        _felt("power", "more powerful", "less powerful", "powerful", "not powerful"),
        _felt("joyful_activation", "more bouncy", "less bouncy", "bouncy", "not bouncy"),
        _felt("tense", "tenser", "less tense", "tense", "not tense", "tension"),
        _felt("sadness", "sadder", "less sad", "sad", "not sad"),
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
    labels = tuple(OwnLabel(said.name, _values(corpus, said), SHARE_SCALE, True) for said in vocabulary.said)
    labelled = Labelled(tuple(excerpt.path for excerpt in corpus.excerpts), groups, labels)
    head, _ = fit_head(vocabulary.name, labelled, midlevel, keep_all=True)
    words: Mapping[str, Mapping[str, str]] = {
        said.name: {
            "noun": said.name.replace("_", " "),
            "more": said.more,
            "less": said.less,
            "high": said.high,
            "low": said.low,
        }
        for said in vocabulary.said
    }
    poles = tuple(Label(said.name, said.name, said.low_pole, said.high_pole) for said in vocabulary.said)
    how = f"ridge regression on out-of-fold qualities of {len(groups)} pieces of {corpus.name}"
    return replace(head, labels=poles, words=words, about=vocabulary.about), how


def _values(corpus: Corpus, said: Said) -> Array:
    cells = [excerpt.cells[said.column] for excerpt in corpus.excerpts]
    highest = SHARE_SCALE[1]
    if said.category:
        return np.array([highest * (cell == said.category) for cell in cells])
    return np.array([highest * float(cell) for cell in cells])
