"""How one speaks of the emotions and the qualities."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class EmotionWords:
    """How one speaks of an emotion above and below the average."""

    noun: str
    more: str
    less: str
    high: str
    low: str


@dataclass(frozen=True)
class QualityWords:
    """How one speaks of a quality above and below the average."""

    noun: str
    subject: str
    more: str
    less: str
    high: str
    low: str
    raised: str
    lowered: str
    strong: str
    weak: str


EMOTION_WORDS: Mapping[str, EmotionWords] = {
    "valence": EmotionWords("valence", "more pleasant", "less pleasant", "pleasant", "unpleasant"),
    "energy": EmotionWords("energy", "more energetic", "less energetic", "energetic", "low in energy"),
    "tension": EmotionWords("tension", "tenser", "more relaxed", "tense", "relaxed"),
    "anger": EmotionWords("anger", "angrier", "less angry", "angry", "not angry"),
    "fear": EmotionWords("fear", "more fearful", "less fearful", "fearful", "not fearful"),
    "happy": EmotionWords("happiness", "happier", "less happy", "happy", "not happy"),
    "sad": EmotionWords("sadness", "sadder", "less sad", "sad", "not sad"),
    "tender": EmotionWords("tenderness", "more tender", "less tender", "tender", "not tender"),
}

QUALITY_WORDS: Mapping[str, QualityWords] = {
    "melodiousness": QualityWords(
        "melodiousness",
        "it",
        "easier to sing along to",
        "harder to sing along to",
        "singable",
        "hard to sing",
        "its more singable melody",
        "its less singable melody",
        "its singable melody",
        "the lack of a singable melody",
    ),
    "articulation": QualityWords(
        "articulation",
        "it",
        "more staccato",
        "more legato",
        "staccato",
        "legato",
        "its more staccato touch",
        "its more legato touch",
        "its staccato touch",
        "its legato touch",
    ),
    "rhythmic_complexity": QualityWords(
        "rhythmic complexity",
        "its rhythm",
        "more layered",
        "simpler",
        "layered",
        "easy to tap",
        "its more layered rhythm",
        "its simpler rhythm",
        "its layered rhythm",
        "its simple rhythm",
    ),
    "rhythmic_stability": QualityWords(
        "rhythmic stability",
        "it",
        "easier to march to",
        "harder to march to",
        "steady",
        "unsteady",
        "its steadier beat",
        "its less steady beat",
        "its steady beat",
        "its unsteady beat",
    ),
    "dissonance": QualityWords(
        "dissonance",
        "it",
        "more dissonant",
        "more consonant",
        "dissonant",
        "consonant",
        "its greater dissonance",
        "its greater consonance",
        "its dissonance",
        "its consonance",
    ),
    "tonal_stability": QualityWords(
        "tonal stability",
        "its key",
        "clearer",
        "less clear",
        "clear key",
        "unclear key",
        "its clearer key",
        "its less clear key",
        "its clear key",
        "its unclear key",
    ),
    "minorness": QualityWords(
        "minorness",
        "it",
        "closer to minor",
        "closer to major",
        "minor",
        "major",
        "its leaning to minor",
        "its leaning to major",
        "its minor mode",
        "its major mode",
    ),
}
