"""The panel of the stretches between which a piece changes."""

from typing import TYPE_CHECKING, NamedTuple

from midcli.explanation.words import numbers
from midcli.explanation.words.sections import section_words
from midcli.views.panels.values import ValueRow, value_row

if TYPE_CHECKING:
    from midcli.explanation.analysis import Analysis


class SectionRow(NamedTuple):
    """A section in one line."""

    start_s: float
    end_s: float
    word: str
    """What sets it apart."""
    summary: str
    values: tuple[ValueRow, ...]
    """Its emotions."""
    silent: bool

    @property
    def span(self) -> str:
        return f"{numbers.duration(self.start_s)} to {numbers.duration(self.end_s)}"


class Sections(NamedTuple):
    """Where a piece changes."""

    emotions: tuple[str, ...]
    """Names above the columns."""
    rows: tuple[SectionRow, ...]


def sections(analysis: "Analysis") -> Sections:
    """One row a section, also of a piece that has only one."""
    parts = analysis.sections()
    return Sections(
        tuple(name.replace("_", " ") for name in analysis.emotions),
        tuple(
            SectionRow(
                part.start_s,
                part.end_s,
                word,
                summary,
                tuple(
                    value_row(value.words.noun, value, analysis.doubtful)
                    for value in part.explanation.emotions.values()
                ),
                part.silent,
            )
            for part, word, summary in zip(
                parts, section_words(parts, analysis.doubtful), analysis.section_summaries, strict=True
            )
        ),
    )
