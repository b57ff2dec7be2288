"""Measured facts in words: each beside the quality that it bears on, and where the two disagree."""

from midcli.explanation.effects import QualityValue
from midcli.explanation.facts import LONGEST_S, Disagreement, Facts
from midcli.explanation.mixes import SameMoments
from midcli.explanation.words.numbers import decimal, duration, seconds, signed, standing
from midcli.explanation.words.vocabulary import QUALITY_WORDS

NOTHING = "nothing to measure"

_MOST_TEMPI = 4
_TOGETHER_S = 0.05


def fact_rows(facts: Facts) -> list[tuple[str, str, str | None]]:
    """Label, what was measured, and the quality that it bears on."""
    return [
        ("tempo", _tempo(facts), None),
        ("pulse", _number("clarity {:.2f}", facts.pulse_clarity), "rhythmic_stability"),
        ("onsets", f"{facts.onsets_per_second:.1f} a second", "rhythmic_complexity"),
        ("level changes", _number("{:.0f} dB a second", facts.staccato_db_per_s), "articulation"),
        ("key", _key(facts), "tonal_stability"),
        ("minor − major", _minor_lead(facts), "minorness"),
        ("roughness", _number("{:.2f}", facts.roughness), "dissonance"),
        ("loudness", _level(facts.loudness_lufs, "LUFS"), None),
        ("true peak", _level(facts.true_peak_dbtp, "dBTP"), None),
        ("dynamic range", _number("{:.0f} dB", facts.dynamic_range_db), None),
        ("brightness", _number("{:.0f} Hz", facts.brightness_hz), None),
    ]


def heard(quality: QualityValue) -> tuple[str, str]:
    """What the model says of the quality beside a fact: `dissonance 4.9` and `higher than 83 %`."""
    return f"{QUALITY_WORDS[quality.name].noun} {decimal(quality.value)}", standing(quality.percentile)


def same_moments_words(same: SameMoments) -> str:
    """What two mixes of one performance differ in, at the same moments."""
    shift_s = same.alignment.shift_s
    late, early = ("B", "A") if shift_s < 0 else ("A", "B")
    begins = f"{late} begins {seconds(abs(shift_s))} into {early}"
    if abs(shift_s) < _TOGETHER_S:
        begins = "both begin together"
    span = f"{duration(same.start_s)} to {duration(same.end_s)}"
    largest = max(same.differences.values(), key=lambda item: abs(item.difference))
    more = "A" if largest.difference > 0 else "B"
    far, side = same.farthest, "A" if same.farthest.difference > 0 else "B"
    return (
        f"Two mixes of one performance; {begins}. At the same moments ({span} of A) {more} has "
        f"{decimal(abs(largest.difference))} more {largest.words.noun}; they are farthest apart at "
        f"{duration(same.farthest_s)}, where {side} has {decimal(abs(far.difference))} more {far.words.noun}."
    )


def part_note(facts: Facts, duration_s: float) -> str | None:
    """Which part of a long piece was measured."""
    if duration_s <= LONGEST_S:
        return None
    return f"Measured on {facts.measured_s:.0f} s from the middle."


def disagreement_sentence(disagreement: Disagreement, key: str | None) -> str:
    """What was measured against what the model says; neither is the truth."""
    measured, model = _DISAGREEMENTS[disagreement.bearing.quality][not disagreement.fact_is_high]
    return f"{measured.format(key=key)}, yet the model {model}."


_DISAGREEMENTS = {
    "articulation": (
        ("Level rises and falls fast, as in staccato", "hears legato"),
        ("Level moves slowly, as in legato", "hears staccato"),
    ),
    "rhythmic_stability": (
        ("Onsets repeat regularly, as a clear pulse does", "hears a rhythm that is hard to march to"),
        ("Onsets do not repeat regularly", "hears a rhythm that is easy to march to"),
    ),
    "dissonance": (
        ("Partials beat against each other more than in most film music", "hears consonance"),
        ("Few partials beat against each other", "hears dissonance"),
    ),
    "tonal_stability": (
        ("The notes fit {key} well", "hears no clear key"),
        ("The notes fit no key well", "hears a clear key"),
    ),
    "minorness": (
        ("The notes fit a minor key better ({key})", "hears major"),
        ("The notes fit a major key better ({key})", "hears minor"),
    ),
}


def _tempo(facts: Facts) -> str:
    if facts.tempi:
        told = (f"{tempo.bpm:.0f} from {duration(tempo.start_s)}" for tempo in facts.tempi[:_MOST_TEMPI])
        return f"BPM: {', '.join(told)}{' and others' if len(facts.tempi) > _MOST_TEMPI else ''}"
    if facts.tempo_bpm is None:
        return "no clear pulse"
    steady = "" if facts.steadiness is None else f", {100 * facts.steadiness:.0f} % steady"
    return f"{facts.tempo_bpm:.0f} BPM{steady}"


def _key(facts: Facts) -> str:
    if facts.key is None or facts.key_clarity is None:
        return ""
    return f"{facts.key}, fit {facts.key_clarity:.2f}"


def _minor_lead(facts: Facts) -> str:
    return "" if facts.minor_lead is None else f"{signed(facts.minor_lead, 2).strip()} in fit"


def _level(number: float | None, unit: str) -> str:
    return "" if number is None else f"{decimal(number)} {unit}"


def _number(pattern: str, number: float | None) -> str:
    return "" if number is None else pattern.format(number)
