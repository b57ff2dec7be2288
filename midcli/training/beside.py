"""Corpora that are learned from beside the one that a model is made for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from midcli.audio.spectrogram import FloatArray
from midcli.corpora.corpus import THE_EIGHT, Corpus, Vocabulary
from midcli.labels import RATING_SCALE
from midcli.study.bearings import emotion_weights, emotions_of, lesson_of
from midcli.study.recipes import RadialRecipe
from midcli.training.lessons import OtherExamples


@dataclass(frozen=True)
class Beside:
    """Other corpora and the raw spectrograms of their pieces, by corpus and id."""

    corpora: Sequence[Corpus]
    spectrograms: Mapping[str, Mapping[str, FloatArray]]

    def examples(
        self, recipe: RadialRecipe, held_out: Collection[str] = (), vocabulary: Vocabulary = THE_EIGHT
    ) -> list[OtherExamples]:
        """What is learned of a vocabulary from each, without the pieces of these groups."""
        return [self._examples(corpus, recipe, held_out, vocabulary) for corpus in self.corpora]

    def _examples(
        self, corpus: Corpus, recipe: RadialRecipe, held_out: Collection[str], vocabulary: Vocabulary
    ) -> OtherExamples:
        lesson = lesson_of(corpus, recipe.beside, vocabulary.labels)
        kept = np.array([excerpt.group not in held_out for excerpt in corpus.excerpts])
        spectrograms = self.spectrograms[corpus.name]
        return OtherExamples(
            [spectrograms[name] for name, keep in zip(corpus.ids, kept, strict=True) if keep],
            corpus.midlevel[kept] * RATING_SCALE,
            lesson.quality_weight,
            emotions_of(corpus, lesson, vocabulary.names)[kept],
            emotion_weights(lesson, vocabulary.names),
        )


NOTHING = Beside((), {})
