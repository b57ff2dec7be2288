"""The words of a query beside those of the cards: what they do, or what is meant by them.

Nothing of this is a model's: every meaning is written in words of the cards, which are shown back.
"""

from collections.abc import Mapping


def _each(words: str) -> list[str]:
    return words.split()


NEGATIONS = frozenset(
    {*_each("not no non without never neither nor nothing un"), "anything but", "far from", "rather than"}
)
OR = "or"
"""After what is not to be, what follows is not to be either."""
THAN = "than"
"""What follows it is to be less, as in `more sad than happy`; more, as in `less sad than happy`."""
LESS = frozenset({"less", "least", "low", "lower", "little", "few", "fewer"})
STRENGTHENING = frozenset(
    _each("very much really extremely highly strongly far super totally incredibly intensely deeply too so")
)
WEAKENING = frozenset({"slightly", "somewhat", "bit", "a bit", "a little", "kind of", "sort of", "mildly"})
TURNS = frozenset(_each("into then to towards until"))
"""Between two moods, they say that one follows the other."""
CHANGING = frozenset(
    _each("becoming building builds changing crescendo evolving growing resolving rising turning")
)
FILLERS = frozenset(
    _each(
        """
        a all along also an and any are as at average be being but can could fairly feel feeling feels
        find for from give has have high higher i in is it its like me mood moods more most music my
        need of piece pieces please possible pretty quite rather rhythm some something song songs
        sound sounding sounds that the this track tracks usual want which with would yet
        """
    )
) | {"at least"}
FOREIGN = frozenset(
    _each(
        """
        aber avec con aus et etwas ein eine kein keine mehr mit muy nicht oder ohne pas pero sans sehr sin
        traurig trop très und weniger zu
        """
    )
)
"""Some common words of other languages."""

MEANINGS: Mapping[str, str] = {
    # happy
    "upbeat": "happy, energetic",
    "uplifting": "happy, pleasant",
    "hopeful": "happy, pleasant",
    "optimistic": "happy, pleasant",
    "feel good": "happy, pleasant",
    "feelgood": "happy, pleasant",
    "sunny": "happy, pleasant",
    "bright": "happy, major",
    "merry": "happy",
    "jolly": "happy",
    "joyous": "happy",
    "blissful": "happy, calm",
    "carefree": "happy, calm",
    "playful": "happy, staccato",
    "quirky": "happy, staccato",
    "whimsical": "happy, staccato",
    "festive": "happy, energetic",
    "celebratory": "happy, energetic",
    "triumphant": "happy, energetic",
    "heroic": "happy, energetic",
    # sad
    "melancholic": "sad",
    "mournful": "sad",
    "sorrowful": "sad",
    "tearful": "sad",
    "heartbroken": "sad",
    "heartbreaking": "sad",
    "depressing": "sad, unpleasant",
    "depressed": "sad, unpleasant",
    "tragic": "sad, unpleasant",
    "gloomy": "sad, unpleasant",
    "bleak": "sad, unpleasant",
    "dark": "unpleasant, minor",
    "sombre": "sad, low energy",
    "somber": "sad, low energy",
    "lonely": "sad, low energy",
    "brooding": "sad, tense",
    "bittersweet": "sad, tender",
    "nostalgic": "sad, tender",
    "nostalgia": "sad, tender",
    "wistful": "sad, tender",
    "longing": "sad, tender",
    "sentimental": "sad, tender",
    "emotional": "sad, tender",
    "moving": "sad, tender",
    "touching": "sad, tender",
    # tender
    "romantic": "tender, pleasant",
    "loving": "tender, pleasant",
    "love": "tender, pleasant",
    "warm": "tender, pleasant",
    "affectionate": "tender, pleasant",
    "intimate": "tender",
    "delicate": "tender",
    "sweet": "tender, pleasant",
    # calm
    "peaceful": "calm",
    "serene": "calm",
    "tranquil": "calm",
    "relaxing": "calm",
    "soothing": "calm",
    "meditative": "calm, low energy",
    "chill": "calm, low energy",
    "chilled": "calm, low energy",
    "laid back": "calm, low energy",
    "laidback": "calm, low energy",
    "easygoing": "calm, low energy",
    "mellow": "calm, tender",
    "dreamy": "calm, tender",
    "lullaby": "calm, tender",
    # tense, fearful
    "suspenseful": "tense",
    "anxious": "tense, fearful",
    "uneasy": "tense, fearful",
    "restless": "tense, energetic",
    "dramatic": "tense, energetic",
    "intense": "tense, energetic",
    "ominous": "fearful, tense",
    "menacing": "fearful, angry",
    "threatening": "fearful, angry",
    "sinister": "fearful, tense",
    "eerie": "fearful, tense",
    "spooky": "fearful",
    "creepy": "fearful",
    "frightening": "fearful",
    "terrifying": "very fearful",
    "horror": "fearful, tense",
    "haunting": "fearful, sad",
    # angry
    "furious": "very angry",
    "hostile": "angry",
    "fierce": "angry, energetic",
    "violent": "angry",
    "brutal": "angry, dissonant",
    "harsh": "angry, dissonant",
    # energetic
    "powerful": "energetic",
    "exciting": "energetic",
    "excited": "energetic",
    "dynamic": "energetic",
    "vigorous": "energetic",
    "driving": "energetic, steady",
    "danceable": "energetic, steady",
    "lethargic": "low energy",
    "subdued": "low energy",
    "beautiful": "pleasant",
    "nice": "pleasant",
    "bad": "unpleasant",
    # how it is made
    "catchy": "melodious",
    "tuneful": "melodious",
    "lyrical": "melodious, legato",
    "singing": "melodious",
    "smooth": "legato",
    "flowing": "legato",
    "sustained": "legato",
    "bouncy": "staccato",
    "choppy": "staccato",
    "percussive": "staccato",
    "complicated": "complex",
    "polyrhythmic": "complex",
    "syncopated": "complex",
    "simple": "easy to tap",
    "rhythmic": "steady",
    "regular": "steady",
    "marching": "steady",
    "irregular": "unsteady",
    "chaotic": "dissonant, unsteady",
    "rough": "dissonant",
    "harmonious": "consonant",
    "minor key": "minor",
    "minor mode": "minor",
    "major key": "major",
    "major mode": "major",
}
"""What is meant where a vocabulary has no such word, in words of the cards, what counts most first."""

UNHEARD: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(_each("fast faster quick tempo bpm uptempo presto allegro"), ("tempo", "energetic")),
    **dict.fromkeys(_each("slow slower downtempo adagio largo"), ("tempo", "low energy")),
    **dict.fromkeys(_each("loud louder heavy"), ("loudness", "energetic")),
    **dict.fromkeys(_each("quiet quieter soft softer silent"), ("loudness", "low energy")),
    **dict.fromkeys(_each("groove groovy"), ("groove", "steady")),
    "epic": ("size", "energetic"),
    "mysterious": ("mystery", "tense"),
    "cold": ("warmth", "unpleasant"),
    **dict.fromkeys(
        _each(
            """
            acoustic brass cello choir drums electric electronic guitar instrumental orchestra
            orchestral piano strings synth violin
            """
        ),
        ("instruments", ""),
    ),
    **dict.fromkeys(_each("female lyrics male singer vocal vocals voice voices"), ("voices and words", "")),
    **dict.fromkeys(
        _each(
            """
            ambient blues classical country disco folk funk hiphop house jazz metal pop punk rap reggae
            rock soul techno trance
            """
        ),
        ("genre", ""),
    ),
    **dict.fromkeys(
        _each("background battle chase dance film game movie party scene trailer wedding workout"),
        ("use", ""),
    ),
    **dict.fromkeys(_each("dense minimal minimalist minimalistic sparse"), ("how much sounds at once", "")),
}
"""What is not judged, and what comes nearest in words of the cards."""
