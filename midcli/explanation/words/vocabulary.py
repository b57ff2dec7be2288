"""Explanations to plain English: short sentences that claim no more than the intervals allow."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Literal

from midcli.explanation.effects import EmotionValue, Explanation, QualityValue
from midcli.labels import EMOTION_RANGE, INTERVAL_COVERAGE, QUALITY_RANGE

if TYPE_CHECKING:
    from midcli.explanation.evidence import EvidenceMap

MINUS = "\N{MINUS SIGN}"
MOST_EXPLAINED = 2
MOST_NAMED = 3
MOST_REASONS = 3
_MOST_THAT_MATTER = 2  # to one emotion
_MOST_PLACED = 4


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

INTERVAL = f"where the value lies with a probability of {100 * INTERVAL_COVERAGE:.0f} %"

_MIDDLE_PERCENTILES = (35.0, 65.0)
OUTER_FIFTHS = (20.0, 80.0)
"""Percentiles below and above which a value is remarkable."""
_EXTREME_PERCENTILES = (3.0, 97.0)
_LEAST_DIFFERENCE = 0.05  # rating points; less is not visible
LEAST_PUSH = 0.2  # rating points; less is not worth a sentence
LEAST_HOLD = 0.2  # shares of all that pushes the same way
_EVEN_SHARE = 0.4
_DOMINANT_SHARE = 0.55
_NEARLY_ALL = 0.8
_EMOTION_MIDDLE = sum(EMOTION_RANGE) / 2
_QUALITY_MIDDLE = sum(QUALITY_RANGE) / 2


class Certainty(IntEnum):
    """How far a value is from the average, measured by its interval."""

    NONE = 0
    """Not told apart from the average."""
    POSSIBLE = 1
    PROBABLE = 2
    CLEAR = 3
    """The average is outside the interval."""
    STRONG = 4
    """The average is twice as far away as the end of the interval."""


def certainty(value: EmotionValue | QualityValue) -> Certainty:
    """How surely a value is above or below the average of the reference."""
    difference = value.value - value.average
    lowest, highest = _MIDDLE_PERCENTILES
    in_the_middle = lowest < value.percentile < highest or difference * (value.percentile - 50) <= 0
    if in_the_middle or abs(difference) < _LEAST_DIFFERENCE:
        return Certainty.NONE
    halves = interval_halves(value)
    if halves is None:
        lowest, highest = _EXTREME_PERCENTILES
        return Certainty.CLEAR if lowest < value.percentile < highest else Certainty.STRONG
    if halves >= 2:
        return Certainty.STRONG
    if halves > 1:
        return Certainty.CLEAR
    return Certainty.PROBABLE if halves >= 0.5 else Certainty.POSSIBLE


def leaning(value: EmotionValue | QualityValue, doubtful: bool) -> float:
    """Difference from the average where that is probable, else 0: what is less sure gets no colour.

    `doubtful`: the input is unlike what the model knows, so nothing is probable.
    """
    probable = not doubtful and certainty(value) >= Certainty.PROBABLE
    return value.value - value.average if probable else 0.0


def interval_halves(value: EmotionValue | QualityValue) -> float | None:
    """Distance from the average in units of the interval's half on that side; None without an interval."""
    difference = value.value - value.average
    half = value.reach_down if difference > 0 else value.reach_up
    return None if half is None else abs(difference) / max(abs(half), 1e-9)


def standing_out(explanation: Explanation) -> list[EmotionValue]:
    """The emotions that are remarkable for this piece, the most remarkable first; perhaps none.

    Remarkable is a place among the outer fifths of the reference that is probably not chance.
    """
    found = [
        emotion
        for emotion in explanation.emotions.values()
        if _is_remarkable(emotion) and certainty(emotion) >= Certainty.PROBABLE
    ]
    return sorted(found, key=_remarkableness, reverse=True)


def to_explain(explanation: Explanation) -> list[EmotionValue]:
    """The emotions worth explaining: those that stand out, at most two; else the one nearest to it."""
    found = standing_out(explanation)[:MOST_EXPLAINED]
    return found or [max(explanation.emotions.values(), key=_remarkableness)]


def qualities_that_matter(
    explained: Iterable[EmotionValue], midlevel: Mapping[str, QualityValue]
) -> list[QualityValue]:
    """The two qualities that move each of the emotions most, at most four in all, the largest first."""
    largest: dict[str, float] = {}
    for emotion in explained:
        effects = sorted(emotion.relative_effects.items(), key=lambda item: -abs(item[1]))
        for name, effect in effects[:_MOST_THAT_MATTER]:
            largest[name] = max(largest.get(name, 0.0), abs(effect))
    ranked = sorted(largest, key=lambda name: -largest[name])
    return [midlevel[name] for name in ranked[:_MOST_PLACED]]


def summary(explanation: Explanation) -> str:
    """What the piece sounds like, in one sentence."""
    named = standing_out(explanation)[:MOST_NAMED]
    if not named:
        nearest = to_explain(explanation)[0]
        if certainty(nearest) == Certainty.NONE:
            return "Nothing stands out: every emotion is about average, as far as the model can tell."
        could = "may sound" if certainty(nearest) == Certainty.POSSIBLE else "sounds"
        return f"Nothing stands out; if anything, it {could} {_by_how_much(nearest)} than average."
    clear = [emotion for emotion in named if certainty(emotion) >= Certainty.CLEAR]
    probable = [emotion for emotion in named if certainty(emotion) == Certainty.PROBABLE]
    if not clear:
        return f"It probably sounds {_comparatives(probable)} than average."
    text = f"It sounds {_comparatives(clear)} than average"
    if probable:
        text += f", and probably {_comparatives(probable)}"
    return text + "."


def relative_heading(emotion: EmotionValue, doubtful: bool = False) -> str:
    """The question that the effects against the average answer."""
    words = EMOTION_WORDS[emotion.name]
    if doubtful:
        return f"{words.noun.capitalize()}, if the model could be trusted"
    sure = certainty(emotion)
    above = emotion.value > emotion.average
    if sure == Certainty.NONE:
        return f"{words.noun.capitalize()}: about average"
    comparative = words.more if above else words.less
    if sure < Certainty.CLEAR:
        return f"Why ({'probably' if sure == Certainty.PROBABLE else 'perhaps'}) {comparative}?"
    beyond_middle = emotion.value > _EMOTION_MIDDLE if above else emotion.value < _EMOTION_MIDDLE
    if beyond_middle and _is_remarkable(emotion):
        return f"Why {words.high if above else words.low}?"
    return f"Why {comparative}?"


def absolute_heading(emotion: EmotionValue) -> str:
    """What the effects counted from the intercept show."""
    return f"What {EMOTION_WORDS[emotion.name].noun} is made of"


def relative_reasons(
    emotion: EmotionValue,
    midlevel: Mapping[str, QualityValue],
    doubtful: bool = False,
    also: bool = False,
) -> str:
    """Why an emotion is above or below the average, in one to three sentences with at most three reasons.

    `doubtful`: the input is unlike what the model knows, so nothing is stated as a fact; `also`: something
    was said before.
    """
    sure = certainty(emotion)
    if sure == Certainty.NONE:
        return "The model would say: about average." if doubtful else _about_average(emotion, midlevel)
    sign = 1 if emotion.value > emotion.average else -1
    pushes = _sorted_by_size(emotion.relative_effects, sign)
    holds = _sorted_by_size(emotion.relative_effects, -sign)
    push_total = sum(effect for _, effect in pushes)
    held = holds[0] if holds and holds[0][1] / push_total <= -LEAST_HOLD else None
    named = _leading(pushes, MOST_REASONS - 1 if held else MOST_REASONS)
    because = _because([(midlevel[name], effect / push_total) for name, effect in named], doubtful)
    if doubtful:
        return f"The model would say: {_comparative(emotion)} than average, {because}."
    if sure == Certainty.POSSIBLE:
        text = f"{_claim(emotion, sure, also)}. It leans that way {because}."
    else:
        text = f"{_claim(emotion, sure, also)}, {because}."
    if held:
        text += f" {_holding_back(midlevel[held[0]], -held[1] / push_total, sign)}"
    return text


def absolute_reasons(emotion: EmotionValue, midlevel: Mapping[str, QualityValue]) -> str:
    """What adds to and takes from an emotion, counted from its intercept; at most three qualities."""
    shown = shown_effects(emotion.effects, emotion.value, emotion.intercept)
    adding = _sorted_by_size(emotion.effects, 1)
    taking = _sorted_by_size(emotion.effects, -1)[:1]
    parts = []
    for verb, effects in (("adds", adding[: MOST_REASONS - len(taking)]), ("takes away", taking)):
        for name, _ in effects:
            value = decimal(midlevel[name].value)
            parts.append(f"{QUALITY_WORDS[name].noun} ({value}) {verb} {decimal(abs(shown[name]))}")
    return f"The sum starts at {decimal(emotion.intercept)}; {_and(parts)}."


def standing(percentile: float) -> str:
    """A place among the reference: `higher than 83 %`."""
    if percentile >= 100:
        return "higher than all"
    if percentile <= 0:
        return "lower than all"
    if percentile >= 50:
        return f"higher than {_percent(percentile)} %"
    return f"lower than {_percent(100 - percentile)} %"


def likely_range(value: EmotionValue | QualityValue) -> str | None:
    """`probably 5.0 to 7.2`, or `probably below 2.9`, if the model gives an interval."""
    if value.low is None or value.high is None:
        return None
    return f"probably {_one_sided(value) or f'{decimal(value.low)} to {decimal(value.high)}'}"


def interval_phrase(value: EmotionValue | QualityValue) -> str | None:
    """`between 5.0 and 7.2`, or `below 2.9`; None without an interval."""
    if value.low is None or value.high is None:
        return None
    return _one_sided(value) or f"between {decimal(value.low)} and {decimal(value.high)}"


def open_end(value: EmotionValue | QualityValue) -> Literal["low", "high"] | None:
    """The end of an interval that says nothing, as the scale goes no further; None for neither or both."""
    if value.low is None or value.high is None:
        return None
    lowest, highest = value.scale
    open_below, open_above = round(value.low, 1) <= lowest, round(value.high, 1) >= highest
    if open_below == open_above:
        return None
    return "low" if open_below else "high"


def signed(number: float, decimals: int = 1) -> str:
    """`+1.2`, `−0.4` or ` 0.0`: never a sign before a rounded zero."""
    text = f"{abs(number):.{decimals}f}"
    if float(text) == 0:
        return f" {text}"
    return f"{'+' if number > 0 else MINUS}{text}"


def decimal(number: float, decimals: int = 1) -> str:
    """`6.1`, `−0.4`, never `−0.0`."""
    return signed(number, decimals).lstrip("+ ")


def spaced(number: float, decimals: int = 1) -> str:
    """`+ 1.2`, `− 0.4`, `+ 0.0`: a rounded number as the next term of a sum."""
    return f"{MINUS if number < 0 else '+'} {decimal(abs(number), decimals)}"


def shown_difference(value: float, base: float, decimals: int = 1) -> float:
    """The difference of two numbers as they are shown, so that it adds up on the screen."""
    return round(round(value, decimals) - round(base, decimals), decimals)


def rounded_to_sum(numbers: Sequence[float], total: float, decimals: int = 1) -> list[float]:
    """Numbers rounded such that what is shown adds up to `total`, itself a rounded number.

    Where plain rounding misses the total, the numbers that lie nearest to the next step take it.
    """
    steps = 10**decimals
    rounded = [round(number * steps) for number in numbers]
    missing = round(total * steps) - sum(rounded)
    step = 1 if missing > 0 else -1
    by_error = sorted(
        range(len(numbers)), key=lambda index: (numbers[index] * steps - rounded[index]) * step, reverse=True
    )
    for index in by_error[: abs(missing)]:
        rounded[index] += step
    return [number / steps for number in rounded]


def shown_effects(effects: Mapping[str, float], value: float, base: float) -> dict[str, float]:
    """Effects rounded such that with `base`, as both are shown, they add up to `value`."""
    return dict(
        zip(effects, rounded_to_sum(list(effects.values()), shown_difference(value, base)), strict=True)
    )


def opening(explanation: Explanation, doubtful: bool) -> str:
    """What is said first."""
    return flagged_note() if doubtful else summary(explanation)


def flagged_note() -> str:
    """Said of input that is unlike everything the model was trained on."""
    return "This is unlike the music that the model knows: take every value as a guess."


def draws_on(evidence: "EvidenceMap") -> str:
    """How much of the music one cell of the map, and so one mark of a drawing, depends on."""
    octaves = evidence.seen_octaves
    registers = "all registers" if octaves is None else f"{octaves:.2g} octaves"
    return f"draws on up to {evidence.seen_s:.2g} s and {registers} around it"


def percent(share: float) -> str:
    """`33`, or `0.4` where little is not nothing."""
    return f"{100 * share:.{0 if share >= 0.01 else 1}f}"


def seconds(number: float) -> str:
    """`12 s`, or `0.5 s` of less than one."""
    return f"{number:.{0 if number >= 1 else 1}f} s"


def duration(seconds: float) -> str:
    """`0:15`, `3:07`, `1:02:03`."""
    minutes, second = divmod(round(seconds), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}:{second:02}" if hour else f"{minute}:{second:02}"


def _one_sided(value: EmotionValue | QualityValue) -> str | None:
    end = open_end(value)
    if end is None or value.low is None or value.high is None:
        return None
    lowest, highest = value.scale
    if end == "low":
        return f"below {decimal(value.high)}" if round(value.high, 1) > lowest else f"at {decimal(lowest)}"
    return f"above {decimal(value.low)}" if round(value.low, 1) < highest else f"at {decimal(highest)}"


def _is_remarkable(emotion: EmotionValue) -> bool:
    lowest, highest = OUTER_FIFTHS
    return not lowest < emotion.percentile < highest


def _remarkableness(emotion: EmotionValue) -> tuple[float, float]:
    sure = certainty(emotion)
    halves = interval_halves(emotion)
    return (halves if halves is not None and sure else float(sure)), abs(emotion.percentile - 50)


def _claim(emotion: EmotionValue, sure: Certainty, also: bool) -> str:
    comparative = _by_how_much(emotion)
    interval = interval_phrase(emotion)
    aside = f" (probably {interval})" if interval else ""
    also_sounds = "also sounds" if also else "sounds"
    if sure >= Certainty.CLEAR:
        return f"It {also_sounds} {comparative} than average{aside}"
    if sure == Certainty.PROBABLE:
        return f"It probably {also_sounds} {comparative} than average{aside.replace('probably ', '')}"
    return (
        f"It may {'also sound' if also else 'sound'} {comparative} than average, "
        f"but the model cannot be sure{aside}"
    )


def _about_average(emotion: EmotionValue, midlevel: Mapping[str, QualityValue]) -> str:
    noun = EMOTION_WORDS[emotion.name].noun
    ups = _sorted_by_size(emotion.relative_effects, 1)
    downs = _sorted_by_size(emotion.relative_effects, -1)
    up = ups[0] if ups and ups[0][1] >= LEAST_PUSH else None
    down = downs[0] if downs and downs[0][1] <= -LEAST_PUSH else None
    if up and down:
        return (
            f"Its {noun} is about average: {_noun_phrase(midlevel[up[0]])} raises it, "
            f"while {_noun_phrase(midlevel[down[0]])} lowers it."
        )
    if up or down:
        name, effect = up or down or ("", 0.0)
        verb = "raises it" if effect > 0 else "lowers it"
        return f"Its {noun} is about average; only {_noun_phrase(midlevel[name])} {verb} noticeably."
    return f"Its {noun} is about average, and no quality moves it much."


def _because(reasons: Sequence[tuple[QualityValue, float]], doubtful: bool) -> str:
    """`mostly because ..., but also because ...` of qualities and their shares of the push."""
    qualities = [quality for quality, _ in reasons]
    shares = [share for _, share in reasons]
    if len(reasons) > 1 and shares[0] >= _DOMINANT_SHARE:
        first, others = _clauses(qualities[:1], doubtful), _clauses(qualities[1:], doubtful)
        return f"mostly because {first}, but also because {others}"
    because = "because" if sum(shares) >= _NEARLY_ALL else "mainly because"
    return f"{because} {_clauses(qualities, doubtful)}"


def clauses(statements: Iterable[tuple[str, str, str]]) -> str:
    """`it is more dissonant and seems closer to minor, and its rhythm is simpler`.

    From (subject, verb, predicate); what is said of one subject stands together.
    """
    by_subject: dict[str, dict[str, list[str]]] = {}
    for subject, verb, predicate in statements:
        by_subject.setdefault(subject, {}).setdefault(verb, []).append(predicate)
    parts = []
    for subject, by_verb in by_subject.items():
        predicates = [f"{verb} {_and(said)}" for verb, said in by_verb.items()]
        listed = any(len(said) > 1 for said in by_verb.values())
        parts.append(f"{subject} {(', and ' if listed else ' and ').join(predicates)}")
    return ", and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _clauses(qualities: Iterable[QualityValue], doubtful: bool) -> str:
    return clauses(
        (
            QUALITY_WORDS[quality.name].subject,
            "is" if certainty(quality) >= Certainty.CLEAR and not doubtful else "seems",
            _quality_comparative(quality),
        )
        for quality in qualities
    )


def _holding_back(quality: QualityValue, share: float, sign: int) -> str:
    phrase = _noun_phrase(quality)
    subject = phrase[0].upper() + phrase[1:]
    if share > _NEARLY_ALL:
        return f"{subject} almost {'cancels' if sign > 0 else 'makes up for'} that."
    if sign > 0:
        return f"{subject} holds that back{' a little' if share < _EVEN_SHARE else ''}."
    return f"{subject} makes up for {'a little' if share < _EVEN_SHARE else 'some'} of that."


def _noun_phrase(quality: QualityValue) -> str:
    """The quality as a thing: said to be there outright only if the interval allows it."""
    words = QUALITY_WORDS[quality.name]
    above = quality.value > quality.average
    clear = certainty(quality) >= Certainty.CLEAR
    if above:
        return words.strong if clear and quality.value > _QUALITY_MIDDLE else words.raised
    return words.weak if clear and quality.value < _QUALITY_MIDDLE else words.lowered


def _comparative(emotion: EmotionValue) -> str:
    words = EMOTION_WORDS[emotion.name]
    return words.more if emotion.value > emotion.average else words.less


def _by_how_much(emotion: EmotionValue) -> str:
    if not _is_remarkable(emotion):
        return f"a little {_comparative(emotion)}"
    return (
        f"much {_comparative(emotion)}" if certainty(emotion) == Certainty.STRONG else _comparative(emotion)
    )


def _comparatives(emotions: Sequence[EmotionValue]) -> str:
    # "sadder and less energetic": what is less comes last, or its "less" would seem to go on
    return _and(sorted(map(_comparative, emotions), key=lambda words: words.startswith("less")))


def _quality_comparative(quality: QualityValue) -> str:
    words = QUALITY_WORDS[quality.name]
    comparative = words.more if quality.value > quality.average else words.less
    sure = certainty(quality)
    if sure == Certainty.STRONG:
        return f"much {comparative}"
    return f"a little {comparative}" if sure == Certainty.NONE else comparative


def _sorted_by_size(effects: Mapping[str, float], sign: int) -> list[tuple[str, float]]:
    """Effects of one sign, the largest first; equal ones in the order of the labels."""
    return sorted(
        ((name, effect) for name, effect in effects.items() if effect * sign > 0),
        key=lambda item: -abs(item[1]),
    )


def _leading(effects: Sequence[tuple[str, float]], most: int) -> list[tuple[str, float]]:
    """As many of the largest effects as make four fifths of their sum, at least one, at most `most`."""
    total = sum(effect for _, effect in effects)
    named: list[tuple[str, float]] = []
    for name, effect in effects[:most]:
        named.append((name, effect))
        if sum(value for _, value in named) / total >= _NEARLY_ALL:
            break
    return named


def _and(parts: Iterable[str]) -> str:
    items = list(parts)
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def _percent(percentile: float) -> int:
    return max(1, min(99, round(percentile)))
