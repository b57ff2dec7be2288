"""What `tag` writes of a piece: a number for every emotion and quality, its moods, and the model's name."""

import re
from collections.abc import Mapping

from midcli.explanation.records import Prediction, Value
from midcli.explanation.words.certainty import OUTER_FIFTHS
from midcli.explanation.words.vocabulary import EMOTION_WORDS

Tags = Mapping[str, tuple[str, ...]]
"""Name to values; a name without values is one that is not there."""

PREFIX = "MIDCLI_"
MODEL = f"{PREFIX}MODEL"
MOODS = f"{PREFIX}MOODS"
"""The mood words once more, so that a mood of another program is told from ours."""
MOOD = "MOOD"
"""Where players look for moods; only filled where no other program or person has done so."""

_MOST_MOODS = 2


def tags_of(piece: Prediction) -> dict[str, tuple[str, ...]]:
    """All tags of a piece, numbers in rating points with two decimals.

    >>> import midcli
    >>> piece = midcli.predict("song.ogg")[0]
    >>> len(tags_of(piece)["MIDCLI_TENSION"])
    1
    """
    values = {**piece.emotions, **piece.midlevel}
    numbers = {tag_name(name): (f"{value.value + 0.0:.2f}",) for name, value in values.items()}
    return numbers | {MODEL: (f"{piece.model.name} {piece.model.version}",), MOODS: moods_of(piece)}


def tag_name(name: str) -> str:
    """`MIDCLI_TENSION`: the tag of an emotion or quality."""
    return PREFIX + re.sub("[^A-Z0-9]+", "_", name.upper()).strip("_")


def is_own(name: str) -> bool:
    """Whether a tag is midcli's, and nobody else's."""
    return name.upper().startswith(PREFIX)


def moods_of(piece: Prediction) -> tuple[str, ...]:
    """One or two words for what is clear of the middle, the clearest first; none of what is no music.

    Clear is a value among the outer fifths of the reference whose 80 % interval leaves the average out.

    >>> import midcli
    >>> from midcli.library.tags_content import moods_of
    >>> len(moods_of(midcli.predict("song.ogg")[0])) <= 2
    True
    """
    if piece.flagged:
        return ()
    clear = sorted(
        ((_clearness(value), _word(name, value)) for name, value in piece.emotions.items()), reverse=True
    )
    return tuple(word for clearness, word in clear if clearness > 1 and word)[:_MOST_MOODS]


def _clearness(value: Value) -> float:
    """Distance from the average in units of the interval's half on that side; 0 in the middle."""
    lowest, highest = OUTER_FIFTHS
    difference = value.value - value.average
    end = value.low if difference > 0 else value.high
    if lowest < value.percentile < highest or end is None:
        return 0.0
    return abs(difference) / max(abs(value.value - end), 1e-6)


def _word(name: str, value: Value) -> str:
    """`tense`; empty for what is only the lack of a mood, such as `not angry`."""
    words = EMOTION_WORDS.get(name)
    if value.value > value.average:
        return words.high if words else name.replace("_", " ")
    return words.low if words and not words.low.startswith("not ") else ""
