"""Explanations to plain English: short sentences that claim no more than the intervals allow."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from midcli.explanation.effects import EmotionValue, Explanation, QualityValue
from midcli.explanation.words.certainty import (
    OUTER_FIFTHS,
    Certainty,
    certainty,
    in_upper_half,
    interval_phrase,
    is_remarkable,
    standing_out,
    to_explain,
)
from midcli.explanation.words.numbers import decimal, shown_effects
from midcli.explanation.words.vocabulary import QUALITY_WORDS

if TYPE_CHECKING:
    from midcli.explanation.evidence import EvidenceMap


MOST_NAMED = 3
MOST_REASONS = 3
LEAST_PUSH = 0.2  # points of a scale from 1 to 9; less is not worth a sentence
LEAST_HOLD = 0.2  # shares of all that pushes the same way
_EVEN_SHARE = 0.4
_DOMINANT_SHARE = 0.55
_NEARLY_ALL = 0.8
_NEARLY_EQUAL = 0.6  # of a reason that one would not expect
_VERY = (3.0, 97.0)
_COMPARING = ("more ", "less ", "a little ")
_HEDGES = {Certainty.POSSIBLE: "perhaps ", Certainty.PROBABLE: "probably "}
_HARDER = "harder "  # compares, but does not go on to what follows


def summary(explanation: Explanation) -> str:
    """What the piece sounds like, in one sentence."""
    named = standing_out(explanation)[:MOST_NAMED]
    if not named:
        nearest = to_explain(explanation)[0]
        if certainty(nearest) == Certainty.NONE:
            return "Nothing stands out: every emotion is about average, as far as the model can tell."
        sounds = _sounds(nearest.words.verb, certainty(nearest))
        return f"Nothing stands out; if anything, it {sounds} {_by_how_much(nearest)} than average."
    clear = [emotion for emotion in named if certainty(emotion) >= Certainty.CLEAR]
    probable = [emotion for emotion in named if certainty(emotion) == Certainty.PROBABLE]
    if not clear:
        return f"It probably {named[0].words.verb}s {_comparatives(probable)} than average."
    text = f"It {named[0].words.verb}s {_comparatives(clear)} than average"
    if probable:
        text += f", and probably {_comparatives(probable)}"
    return text + "."


def relative_heading(emotion: EmotionValue, doubtful: bool = False) -> str:
    """The question that the effects against the average answer."""
    words = emotion.words
    if doubtful:
        return f"{words.noun.capitalize()}, if the model could be trusted"
    sure = certainty(emotion)
    above = emotion.value > emotion.average
    if sure == Certainty.NONE:
        return f"{words.noun.capitalize()}: about average"
    comparative = words.more if above else words.less
    if sure < Certainty.CLEAR:
        return f"Why ({'probably' if sure == Certainty.PROBABLE else 'perhaps'}) {comparative}?"
    if in_upper_half(emotion) == above and is_remarkable(emotion):
        return f"Why {words.high if above else words.low}?"
    return f"Why {comparative}?"


def absolute_heading(emotion: EmotionValue) -> str:
    """What the effects counted from the intercept show."""
    return f"What {emotion.words.noun} is made of"


def relative_reasons(
    emotion: EmotionValue,
    midlevel: Mapping[str, QualityValue],
    doubtful: bool = False,
    before: EmotionValue | None = None,
) -> str:
    """Why an emotion is above or below the average, in one to three sentences with at most three reasons.

    `doubtful`: the input is unlike what the model knows, so nothing is stated as a fact; `before`: the
    emotion whose reasons were said just before.
    """
    sure = certainty(emotion)
    if sure == Certainty.NONE:
        return "The model would say: about average." if doubtful else _about_average(emotion, midlevel)
    named, shares, held = reasons_of(emotion)
    because = f", {_because([midlevel[name] for name in named], shares, emotion.usual)}"
    if before and before.name != emotion.name and set(named) == set(reasons_of(before)[0]):
        because = ", for the same reasons"
    elif emotion.usual.issuperset(named):
        because = f": {_clauses([midlevel[name] for name in named], emotion.usual)}"
    if doubtful:
        return f"The model would say: {_comparative(emotion)} than average{because}."
    text = f"{_claim(emotion, sure, before is not None)}{because}."
    if held:
        text += f" {_holding_back(midlevel[held[0]], held[1], emotion.value > emotion.average)}"
    return text


def short_reasons(emotion: EmotionValue, midlevel: Mapping[str, QualityValue]) -> str:
    """`Probably tenser because it is dissonant, and its key is unclear.`; at most three reasons."""
    sure = certainty(emotion)
    if sure == Certainty.NONE:
        return _about_average(emotion, midlevel)
    named, shares, _ = reasons_of(emotion)
    because = _because([midlevel[name] for name in named], shares, emotion.usual)
    comparative = f"{_HEDGES.get(sure, '')}{_comparative(emotion)}"
    return f"{comparative[0].upper()}{comparative[1:]} {because}."


def reasons_of(emotion: EmotionValue) -> tuple[list[str], list[float], tuple[str, float] | None]:
    """The qualities that are named as reasons, the share of the push that each has, and what holds it back.

    Where one runs against what goes with the emotion otherwise (less clear keys with anger), another of
    nearly equal size is named instead.
    """
    sign = 1 if emotion.value > emotion.average else -1
    pushes = _sorted_by_size(emotion.relative_effects, sign)
    total = sum(effect for _, effect in pushes)
    holds = [
        (name, -effect / total)
        for name, effect in _sorted_by_size(emotion.relative_effects, -sign)
        if name not in emotion.contrary
    ]
    held = holds[0] if holds and holds[0][1] >= LEAST_HOLD else None
    named = _leading(
        _expected_first(pushes, emotion.contrary), total, MOST_REASONS - 1 if held else MOST_REASONS
    )
    return [name for name, _ in named], [effect / total for _, effect in named], held


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


def opening(explanation: Explanation, doubtful: bool = False, whole: bool = False) -> str:
    """What is said first; `whole`: after what changes, and nothing if then nothing stands out."""
    if doubtful:
        return flagged_note()
    if not whole:
        return summary(explanation)
    if not standing_out(explanation):
        return ""
    return summary(explanation).replace("It ", "On the whole it ", 1)


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
    if sure == Certainty.PROBABLE:
        aside = aside.replace("probably ", "")
    sounds = _sounds(f"also {emotion.words.verb}" if also else emotion.words.verb, sure)
    return f"It {sounds} {comparative} than average{aside}"


def _sounds(verb: str, sure: Certainty) -> str:
    """`sounds`, `probably sounds`, `may sound`"""
    if sure == Certainty.POSSIBLE:
        return f"may {verb}"
    return f"{verb}s" if sure >= Certainty.CLEAR else f"probably {verb}s"


def _about_average(emotion: EmotionValue, midlevel: Mapping[str, QualityValue]) -> str:
    its, least = emotion.words.its, LEAST_PUSH * emotion.point
    average = f"{its[0].upper()}{its[1:]} is about average"
    ups = _sorted_by_size(emotion.relative_effects, 1)
    downs = _sorted_by_size(emotion.relative_effects, -1)
    up = ups[0] if ups and ups[0][1] >= least else None
    down = downs[0] if downs and downs[0][1] <= -least else None
    if up and down:
        return (
            f"{average}: {_noun_phrase(midlevel[up[0]])} raises it, "
            f"while {_noun_phrase(midlevel[down[0]])} lowers it."
        )
    if up or down:
        name, effect = up or down or ("", 0.0)
        verb = "raises it" if effect > 0 else "lowers it"
        return f"{average}; only {_noun_phrase(midlevel[name])} {verb} noticeably."
    return f"{average}, and no quality moves it much."


def _because(qualities: Sequence[QualityValue], shares: Sequence[float], usual: Collection[str]) -> str:
    """`mostly because ..., but also because ...` of qualities and their shares of the push."""
    if len(qualities) > 1 and shares[0] >= _DOMINANT_SHARE:
        first, others = _clauses(qualities[:1], usual), _clauses(qualities[1:], usual)
        return f"mostly because {first}, but also because {others}"
    because = "because" if sum(shares) >= _NEARLY_ALL else "mainly because"
    return f"{because} {_clauses(qualities, usual)}"


def clauses(statements: Iterable[tuple[str, str]]) -> str:
    """`it is more dissonant and in minor, and its rhythm is simpler`, of subjects and what they are.

    What is said of one subject stands together, in that order but for comparatives, which come last: "more
    staccato and dissonant" would say that it is more dissonant too.
    """
    by_subject: dict[str, list[str]] = {}
    for subject, predicate in statements:
        by_subject.setdefault(subject, []).append(predicate)
    parts = [f"{subject} is {_and(_comparatives_last(said))}" for subject, said in by_subject.items()]
    if len(parts) == 2 and not any(len(said) > 1 for said in by_subject.values()):
        return " and ".join(parts)
    return ", and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _comparatives_last(said: Sequence[str]) -> list[str]:
    if all(words.startswith((*_COMPARING, _HARDER)) for words in said):
        return list(said)
    return sorted(said, key=lambda words: words.startswith(_COMPARING))


def _clauses(qualities: Iterable[QualityValue], usual: Collection[str]) -> str:
    return clauses(
        (QUALITY_WORDS[quality.name].subject, _predicate(quality, quality.name in usual))
        for quality in qualities
    )


def _predicate(quality: QualityValue, usual: bool) -> str:
    """`very dissonant`, `dissonant`, `more dissonant`, `a little less consonant`.

    What is a reason in most pieces with the emotion is said without degree.
    """
    words = QUALITY_WORDS[quality.name]
    above = quality.value > quality.average
    comparative = words.comparative(above, in_upper_half(quality))
    sure = certainty(quality)
    if sure < Certainty.PROBABLE:
        return comparative if usual or sure else f"a little {comparative.removesuffix(' than most')}"
    if in_upper_half(quality) != above or not _is_outer(quality, OUTER_FIFTHS):
        return comparative
    if _is_outer(quality, _VERY) and not usual:
        return words.very_high if above else words.very_low
    return words.is_high if above else words.is_low


def _is_outer(quality: QualityValue, percentiles: tuple[float, float]) -> bool:
    lowest, highest = percentiles
    return not lowest < quality.percentile < highest


def _holding_back(quality: QualityValue, share: float, pushed_up: bool) -> str:
    phrase = _noun_phrase(quality)
    subject = phrase[0].upper() + phrase[1:]
    if share > _NEARLY_ALL:
        return f"{subject} almost {'cancels' if pushed_up else 'makes up for'} that."
    if pushed_up:
        return f"{subject} holds that back{' a little' if share < _EVEN_SHARE else ''}."
    return f"{subject} makes up for {'a little' if share < _EVEN_SHARE else 'some'} of that."


def _noun_phrase(quality: QualityValue) -> str:
    """The quality as a thing: said to be there outright only if the interval allows it."""
    words = QUALITY_WORDS[quality.name]
    above = quality.value > quality.average
    outright = certainty(quality) >= Certainty.PROBABLE and in_upper_half(quality) == above
    if above:
        return words.strong if outright else words.raised
    return words.weak if outright else words.lowered


def _comparative(emotion: EmotionValue) -> str:
    return emotion.words.more if emotion.value > emotion.average else emotion.words.less


def _by_how_much(emotion: EmotionValue) -> str:
    if not is_remarkable(emotion):
        return f"a little {_comparative(emotion)}"
    return (
        f"much {_comparative(emotion)}" if certainty(emotion) == Certainty.STRONG else _comparative(emotion)
    )


def _comparatives(emotions: Sequence[EmotionValue]) -> str:
    # "sadder and less energetic": what is less comes last, or its "less" would seem to go on
    return _and(sorted(map(_comparative, emotions), key=lambda words: words.startswith("less")))


def _sorted_by_size(effects: Mapping[str, float], sign: int) -> list[tuple[str, float]]:
    """Effects of one sign, the largest first; equal ones in the order of the labels."""
    return sorted(
        ((name, effect) for name, effect in effects.items() if effect * sign > 0),
        key=lambda item: -abs(item[1]),
    )


def _expected_first(
    pushes: Sequence[tuple[str, float]], contrary: Collection[str]
) -> list[tuple[str, float]]:
    """Pushes by size, but each that is contrary behind those of nearly equal size that are not."""

    def weight(push: tuple[str, float]) -> float:
        return abs(push[1]) * (_NEARLY_EQUAL if push[0] in contrary else 1)

    return sorted(pushes, key=weight, reverse=True)


def _leading(effects: Sequence[tuple[str, float]], total: float, most: int) -> list[tuple[str, float]]:
    """As many of the first effects as make four fifths of their sum, at least one, at most `most`."""
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
