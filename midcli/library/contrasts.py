"""Pieces that change: what a search may ask of their loudest contrast, and how far each has it.

The contrast of a piece is the emotion that differs most between two of its sections; `predict` keeps it.
"""

import re

import numpy as np

from midcli.errors import UsageError
from midcli.explanation.sections import Contrast
from midcli.explanation.words.numbers import decimal, duration
from midcli.explanation.words.vocabulary import emotion_words
from midcli.library.columns import Library
from midcli.library.query import Turn, understand
from midcli.model.head import Array, Head

ANY = "any"


def turns(text: str, head: Head) -> tuple[Turn, ...]:
    """What words ask of the contrast: `any`, an emotion (`tense`), or from what to what (`fearful to happy`).

    Of two emotions either may be the one that changes most. Raises UsageError for what is none of these.

    >>> from midcli.model.head import Head
    >>> import numpy as np
    >>> turns("fearful to happy", Head(np.zeros((8, 7)), np.zeros(8)))
    (Turn(name='fear', sign=-1), Turn(name='happy', sign=1))
    """
    words = text.lower()
    if words.strip() == ANY:
        return ()
    from_where = re.sub(r"^\s*from\s+", "", words)
    start, to, end = map(str.strip, f" {from_where} ".partition(" to "))
    if (to or from_where != words) and not (start and end):
        raise UsageError(f"{text}: names no emotion at one end; expected two, such as calm to tense")
    before = _emotions(start, head)
    if not to:
        return tuple(dict.fromkeys(_turn(name, 0, head) for name, _ in before))
    found = [_turn(name, -sign, head) for name, sign in before]
    found += [_turn(name, sign, head) for name, sign in _emotions(end, head)]
    if len({turn.name for turn in found}) < len(set(found)):
        raise UsageError(f"{text}: the query contradicts itself: nothing changes from one to the other")
    return tuple(dict.fromkeys(found))


def contrasting(library: Library, wanted: tuple[Turn, ...]) -> Array:
    """(pieces,): share of the library's music that changes less; 0 of a piece that does not change so.

    Raises UsageError if the library is seen in another vocabulary than that of its contrasts.
    """
    if not set(library.contrast_names) <= set(library.names):
        raise UsageError("contrasts are kept in the model's own vocabulary; ask without another one")
    contrast = library.rows["contrast"]
    sizes = np.zeros(len(library))
    fits = np.zeros(len(library), bool)
    rises = np.sign(contrast["high_from_s"] - contrast["low_from_s"])
    for code, name in enumerate(library.contrast_names):
        mine = contrast["emotion"] == code
        spread = _spread(library, name)
        sizes[mine] = (contrast["high"] - contrast["low"])[mine] / spread
        fits |= mine & (not wanted)
        for turn in wanted:
            if turn.name == name:
                fits |= mine & (rises == turn.sign) if turn.sign else mine
    base = np.sort(sizes[library.is_music])
    share = np.searchsorted(base, sizes, "left") + np.searchsorted(base, sizes, "right")
    standing: Array = np.where(fits, share / (2 * max(len(base), 1)), 0.0)
    return standing


def contrast_in_words(contrast: Contrast, head: Head, average: float) -> str:
    """`from relaxed (2.9, at 0:00) to tense (6.1, at 1:10)`; `less tender` of what is not below the average.

    `average`: that of the emotion in the library.
    """
    words = emotion_words(head.labels[head.names.index(contrast.emotion)])
    middle = sum(head.scale) / 2
    low = words.low if contrast.low <= min(average, middle) else words.less
    high = words.high if contrast.high >= max(average, middle) else words.more
    ends = [(contrast.low_from_s, low, contrast.low), (contrast.high_from_s, high, contrast.high)]
    first, last = (f"{word} ({decimal(value)}, at {duration(at_s)})" for at_s, word, value in sorted(ends))
    return f"from {first} to {last}"


def _turn(name: str, sign: int, head: Head) -> Turn:
    return Turn(name, sign, emotion_words(head.labels[head.names.index(name)]))


def _emotions(words: str, head: Head) -> list[tuple[str, int]]:
    understood = understand(words, head)
    qualities = [one.name for one in understood.conditions if one.name not in head.names]
    if understood.problem:
        raise UsageError(understood.problem)
    if qualities:
        raise UsageError(f"{words}: contrasts are those of emotions, not of {qualities[0].replace('_', ' ')}")
    if not understood.conditions:
        raise UsageError(f"{words or 'nothing'}: names no emotion")
    return [(one.name, one.sign) for one in understood.conditions]


def _spread(library: Library, name: str) -> float:
    """Standard deviation of an emotion over the library's music."""
    values = library.values[library.is_music, library.names.index(name)]
    return max(float(values.std()), 1e-9) if len(values) else 1.0
