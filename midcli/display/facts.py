"""Measured facts, each beside the quality that it bears on, and where the two disagree."""

from collections.abc import Sequence

from rich.console import Group
from rich.text import Text

from midcli.display import theme
from midcli.display.bars import Cell, row
from midcli.display.paragraph import paragraph
from midcli.facts import LONGEST_S, Disagreement, Facts
from midcli.pipeline import Analysis
from midcli.words import QUALITY_WORDS, decimal, signed, standing
from midcli.words_comparison import disagreement_sentence

NOTHING = "nothing to measure"

_NAME_WIDTH = 14
_FACT_WIDTH = 21


def facts_table(
    facts: Facts, disagreements: Sequence[Disagreement], analysis: Analysis, available: int
) -> Group:
    """One line a fact; on the right what the model says of the quality."""
    width = theme.card_width(available)
    room = max(0, width - _NAME_WIDTH - _FACT_WIDTH - 4)
    heading = Text("beside what the model hears", style=theme.QUIET)
    shown = [
        (label, measured, _beside(analysis, quality) if quality else Text())
        for label, measured, quality in fact_rows(facts)
    ]
    fits = max(beside.cell_len for *_, beside in shown) <= room
    lines = [
        row(
            Cell(Text("Measured", style=theme.TITLE), _NAME_WIDTH + 1 + _FACT_WIDTH),
            Cell(heading if fits else "", room),
        )
    ]
    for label, measured, beside in shown:
        fact = measured or Text(NOTHING, style=theme.QUIET)
        lines.append(
            row(Cell(label, _NAME_WIDTH), Cell(fact, _FACT_WIDTH), Cell(beside if fits else "", room))
        )
        if beside and not fits:
            lines.append(row(Cell("", 1), Cell(beside, width - 4)))
    lines += [
        paragraph(disagreement_sentence(disagreement, facts.key), width, theme.NOTE)
        for disagreement in disagreements
    ]
    if note := part_note(facts, analysis):
        lines.append(paragraph(note, width, theme.QUIET))
    return Group(*lines)


def _beside(analysis: Analysis, quality: str) -> Text:
    value = analysis.midlevel[quality]
    text = Text(f"{QUALITY_WORDS[quality].noun} {decimal(value.value)}")
    return text.append(f", {standing(value.percentile)}", style=theme.QUIET)


def part_note(facts: Facts, analysis: Analysis) -> str | None:
    """Which part of a long piece was measured."""
    if analysis.duration_s <= LONGEST_S:
        return None
    return f"Measured on {facts.measured_s:.0f} s from the middle."


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
        ("level", "" if facts.level_dbfs is None else f"{decimal(facts.level_dbfs)} dBFS", None),
        ("dynamic range", _number("{:.0f} dB", facts.dynamic_range_db), None),
    ]


def _tempo(facts: Facts) -> str:
    if facts.tempo_bpm is None or facts.steadiness is None:
        return "no clear pulse"
    return f"{facts.tempo_bpm:.0f} BPM, {100 * facts.steadiness:.0f} % steady"


def _key(facts: Facts) -> str:
    if facts.key is None or facts.key_clarity is None:
        return ""
    return f"{facts.key}, fit {facts.key_clarity:.2f}"


def _minor_lead(facts: Facts) -> str:
    return "" if facts.minor_lead is None else f"{signed(facts.minor_lead, 2).strip()} in fit"


def _number(pattern: str, number: float | None) -> str:
    return "" if number is None else pattern.format(number)
