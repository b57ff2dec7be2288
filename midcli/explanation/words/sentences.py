"""Explanations to plain English: short sentences that claim no more than the intervals allow."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from midcli.explanation.effects import EmotionValue, Explanation, QualityValue
from midcli.explanation.words.certainty import (
    Certainty,
    certainty,
    interval_phrase,
    is_remarkable,
    standing_out,
    to_explain,
)
from midcli.explanation.words.numbers import decimal, shown_effects
from midcli.explanation.words.vocabulary import EMOTION_WORDS, QUALITY_WORDS
from midcli.labels import EMOTION_RANGE, QUALITY_RANGE

if TYPE_CHECKING:
    from midcli.explanation.evidence import EvidenceMap


MOST_NAMED = 3
MOST_REASONS = 3
LEAST_PUSH = 0.2  # rating points; less is not worth a sentence
LEAST_HOLD = 0.2  # shares of all that pushes the same way
_EVEN_SHARE = 0.4
_DOMINANT_SHARE = 0.55
_NEARLY_ALL = 0.8
_EMOTION_MIDDLE = sum(EMOTION_RANGE) / 2
_QUALITY_MIDDLE = sum(QUALITY_RANGE) / 2


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
    if beyond_middle and is_remarkable(emotion):
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
    if not is_remarkable(emotion):
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
