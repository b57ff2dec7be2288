"""Sections of a piece in words: each by what sets it apart, and all of them in one sentence."""

from collections.abc import Sequence

from midcli.explanation.effects import EmotionValue
from midcli.explanation.sections import Contrast, Section
from midcli.explanation.words.certainty import (
    Certainty,
    certainty,
    in_upper_half,
    is_lack,
    is_remarkable,
    remarkableness,
)
from midcli.explanation.words.numbers import duration

_MOST_TOLD = 4
_POINT = 1.0  # the unit of distance where the model gives no intervals
_SHARED = 0.5  # what counts of being remarkable in the way that the whole piece is


def section_words(sections: Sequence[Section], doubtful: bool = False) -> list[str]:
    """What each is like: `fearful`, `silence`, `tender`; after a like one, how it differs: `tenser`.

    `doubtful`: the input is unlike what the model knows, so nothing is stated as a fact: `fearful?`.
    """
    words = iter(_words([section for section in sections if not section.silent]))
    mark = "?" if doubtful else ""
    return ["silence" if section.silent else f"{next(words)}{mark}" for section in sections]


def _words(sections: Sequence[Section]) -> list[str]:
    said: list[str] = []
    before = None
    for number, section in enumerate(sections):
        other = sections[number - 1 if number else min(1, len(sections) - 1)]
        ranked = sorted(
            remarkable(section), key=lambda emotion: _apart(emotion, number, sections), reverse=True
        )
        fresh = next((emotion for emotion in ranked if emotion.name != before), None)
        said.append(_word(fresh) if fresh else _difference(section, other))
        before = fresh.name if fresh else None
    return said


def changes_sentence(sections: Sequence[Section], contrast: Contrast | None) -> str | None:
    """`It changes: fearful to 0:21, tender to 0:39, then happy.`; None of a piece that does not."""
    if contrast is None:
        return None
    words = section_words(sections)
    if len(sections) <= _MOST_TOLD:
        told = [
            f"{word} to {duration(part.end_s)}" for word, part in zip(words[:-1], sections[:-1], strict=True)
        ]
        return f"It changes: {', '.join(told)}, then {words[-1]}."
    ends = sorted((contrast.low_from_s, contrast.high_from_s))
    first, last = (next(part for part in sections if part.start_s == start) for start in ends)
    return (
        f"It changes {len(sections) - 1} times, most from {_told(first, contrast, last)} "
        f"to {_told(last, contrast, first)}."
    )


def _told(section: Section, contrast: Contrast, other: Section) -> str:
    """`tense (0:21 to 0:39)`"""
    emotion = section.explanation.emotions[contrast.emotion]
    more = emotion.value > other.explanation.emotions[contrast.emotion].value
    span = f"{duration(section.start_s)} to {duration(section.end_s)}"
    return f"{_word(emotion, more)} ({span})"


def remarkable(section: Section) -> list[EmotionValue]:
    """The emotions that there is remarkably much of, or of whose opposite there is."""
    return [
        emotion
        for emotion in section.explanation.emotions.values()
        if is_remarkable(emotion) and certainty(emotion) >= Certainty.PROBABLE and not is_lack(emotion)
    ]


def _apart(emotion: EmotionValue, number: int, sections: Sequence[Section]) -> float:
    """How well an emotion tells a section from the others."""
    others = [
        part.explanation.emotions[emotion.name].value
        for index, part in enumerate(sections)
        if index != number
    ]
    sign = 1 if emotion.value > emotion.average else -1
    lead = sign * (emotion.value - sum(others) / len(others)) / _unit(emotion) if others else 0.0
    size, _ = remarkableness(emotion)
    return size + lead if lead > 0 else _SHARED * size


def _difference(section: Section, other: Section) -> str:
    """`tenser`: the largest difference from another section, in units of the interval."""

    def size(emotion: EmotionValue) -> float:
        theirs = other.explanation.emotions[emotion.name].value
        weight = _SHARED if is_lack(emotion, theirs) else 1.0
        return weight * abs(emotion.value - theirs) / _unit(emotion)

    emotion = max(section.explanation.emotions.values(), key=size)
    above = emotion.value > other.explanation.emotions[emotion.name].value
    return emotion.words.more if above else emotion.words.less


def _word(emotion: EmotionValue, above: bool | None = None) -> str:
    """`tense`, or `tenser` where the middle of the scale is not reached."""
    above = emotion.value > emotion.average if above is None else above
    words = emotion.words
    if in_upper_half(emotion) == above:
        return words.high if above else words.low
    return words.more if above else words.less


def _unit(emotion: EmotionValue) -> float:
    reach = emotion.reach_up if emotion.value > emotion.average else emotion.reach_down
    return max(reach, 0.1) if reach is not None else _POINT * emotion.point
