"""The seven mid-level qualities and the eight emotions: names, order, scales, poles, words."""

from typing import NamedTuple

INTERVAL_COVERAGE = 0.8
"""Probability with which a value lies in its interval."""
RATING_SCALE = 0.1
"""Networks learn ratings times this factor, as in the paper; people see rating points."""
HEARD = "sound"
"""The verb of emotions that are heard in the music."""


class EmotionWords(NamedTuple):
    """How one speaks of an emotion above and below the average."""

    noun: str
    more: str
    less: str
    high: str
    low: str
    synonyms: tuple[str, ...] = ()
    """What people type who mean it."""
    verb: str = HEARD
    """`feel` of what listeners felt, which need not be what they heard."""

    @property
    def has_opposite(self) -> bool:
        """Whether little of it is something of its own, as little tension is to be relaxed."""
        return not self.low.startswith("not ")

    @property
    def is_adjective(self) -> bool:
        """Whether its name is one, as `witty` is: there is no noun for what rises or falls."""
        return self.noun == self.high.partition(" ")[0]

    @property
    def its(self) -> str:
        """`its tension`, `its value of witty`"""
        return f"its value of {self.noun}" if self.is_adjective else f"its {self.noun}"


class Label(NamedTuple):
    """One thing that listeners rated: its name, the ends of its scale and the question asked."""

    name: str
    column: str
    """Header in the published annotations, without surrounding blanks."""
    low_pole: str
    high_pole: str
    questions: tuple[str, ...] = ()
    words: EmotionWords | None = None
    """None: words are made of the name."""


QUALITIES = (
    Label(
        "melodiousness",
        "melody",
        "hard to sing along",
        "easy to sing along",
        ("To which excerpt do you feel like singing along?",),
    ),
    Label(
        "articulation",
        "articulation",
        "legato",
        "staccato",
        ("Which has more sounds with staccato articulation?",),
    ),
    Label(
        "rhythmic_complexity",
        "rhythm_complexity",
        "easy to tap",
        "layered, hard to tap",
        (
            "Is it difficult to repeat by tapping?",
            "Is it difficult to find the meter?",
            "Does the rhythm have many layers?",
        ),
    ),
    Label(
        "rhythmic_stability",
        "rhythm_stability",
        "hard to march to",
        "easy to march to",
        ("Imagine marching along with the music. Which is easier to march along with?",),
    ),
    Label(
        "dissonance",
        "dissonance",
        "consonant",
        "noisy, dissonant",
        (
            "Which excerpt has noisier timbre?",
            "Has more dissonant intervals (tritones, seconds, etc.)?",
        ),
    ),
    Label(
        "tonal_stability",
        "atonality",  # sic: the published column's high end is tonally stable
        "no clear key",
        "clear key",
        (
            "Where is it easier to determine the tonic and key?",
            "In which excerpt are there more modulations?",
        ),
    ),
    Label(
        "minorness",
        "mode",
        "major",
        "minor",
        ("Imagine accompanying this song with chords. Which song would have more minor chords?",),
    ),
)
QUALITY_RANGE = (1.0, 10.0)

EMOTIONS = (
    Label(
        "valence",
        "valence",
        "unpleasant, negative",
        "pleasant, positive",
        words=EmotionWords(
            "valence",
            "more pleasant",
            "less pleasant",
            "pleasant",
            "unpleasant",
            ("pleasant", "pleasantness"),
        ),
    ),
    Label(
        "energy",
        "energy",
        "sleepy, tired",
        "awake, energetic",
        words=EmotionWords(
            "energy",
            "more energetic",
            "less energetic",
            "energetic",
            "low in energy",
            ("arousal", "energetic", "lively"),
        ),
    ),
    Label(
        "tension",
        "tension",
        "relaxed, calm",
        "tense, nervous",
        words=EmotionWords(
            "tension", "tenser", "more relaxed", "tense", "relaxed", ("tense", "nervous", "suspense")
        ),
    ),
    Label(
        "anger",
        "anger",
        "not angry at all",
        "very angry",
        words=EmotionWords(
            "anger", "angrier", "less angry", "angry", "not angry", ("angry", "aggressive", "rage")
        ),
    ),
    Label(
        "fear",
        "fear",
        "not fearful at all",
        "very fearful",
        words=EmotionWords(
            "fear",
            "more fearful",
            "less fearful",
            "fearful",
            "not fearful",
            ("fearful", "scared", "scary", "afraid"),
        ),
    ),
    Label(
        "happy",
        "happy",
        "not happy at all",
        "very happy",
        words=EmotionWords(
            "happiness",
            "happier",
            "less happy",
            "happy",
            "not happy",
            ("happiness", "joy", "joyful", "cheerful"),
        ),
    ),
    Label(
        "sad",
        "sad",
        "not sad at all",
        "very sad",
        words=EmotionWords(
            "sadness", "sadder", "less sad", "sad", "not sad", ("sadness", "sorrow", "melancholy")
        ),
    ),
    Label(
        "tender",
        "tender",
        "not tender at all",
        "very tender",
        words=EmotionWords(
            "tenderness", "more tender", "less tender", "tender", "not tender", ("tenderness", "gentle")
        ),
    ),
)
EMOTION_RANGE = (1.0, 9.0)

QUALITY_NAMES = tuple(label.name for label in QUALITIES)
EMOTION_NAMES = tuple(label.name for label in EMOTIONS)


def rating_point(scale: tuple[float, float]) -> float:
    """What a rating point of the eight emotions is on another scale.

    >>> from midcli.labels import rating_point
    >>> rating_point((0, 100))
    12.5
    """
    (low, high), (lowest, highest) = scale, EMOTION_RANGE
    return (high - low) / (highest - lowest)
