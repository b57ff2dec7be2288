"""A changed piece: qualities and emotions before and after."""

from collections.abc import Mapping, Sequence

from rich.cells import cell_len
from rich.console import Group
from rich.text import Text

from midcli.explanation.analysis import Analysis
from midcli.explanation.whatif import NOTE, Outcome, Search
from midcli.explanation.words.certainty import beyond_scale, outside
from midcli.explanation.words.numbers import change_size, decimal, duration, shown_difference, signed
from midcli.explanation.words.sentences import flagged_note
from midcli.explanation.words.vocabulary import QUALITY_WORDS
from midcli.labels import QUALITY_NAMES
from midcli.util.text import printable
from midcli.views.terminal import theme
from midcli.views.terminal.bars import QUALITY_WIDTH, Cell, effect_bar, row
from midcli.views.terminal.names import cut_name
from midcli.views.terminal.paragraph import paragraph

_NUMBER_WIDTH = 6
_LEAST_BAR = 3
_MOST_EFFECTS = 3


def set_card(analysis: Analysis, outcome: Outcome, closer: float, available: int) -> Group:
    """What the model says after the qualities have been set."""
    width = theme.card_width(available)
    return Group(*_title(analysis, width), Text(""), *_outcome(analysis, outcome, closer, width))


def search_card(
    analysis: Analysis, targets: Mapping[str, float], search: Search, closer: float, available: int
) -> Group:
    """The smallest change that reaches the targets, or that there is none."""
    width = theme.card_width(available)
    wanted = " and ".join(
        f"{analysis.emotions[name].words.noun} {decimal(value, 2).rstrip('0').rstrip('.')}"
        for name, value in targets.items()
    )
    title = Group(*_title(analysis, width))
    if search.outcome is None:
        lines = [paragraph(f"No qualities inside the scale give {wanted}.", width, theme.NOTE)]
        for name, (least, most) in search.attainable.items():
            noun = analysis.emotions[name].words.noun
            lines.append(paragraph(f"Alone, {noun} reaches from {decimal(least)} to {decimal(most)}.", width))
        return Group(title, Text(""), *lines, _note(analysis, width))
    heading = paragraph(f"The smallest change that gives {wanted}", width, theme.TITLE)
    return Group(title, Text(""), heading, *_outcome(analysis, search.outcome, closer, width))


def steps_card(analysis: Analysis, outcomes: Sequence[tuple[str, Outcome]], available: int) -> Group:
    """What one point more of each quality would do, the largest change of each first."""
    width = theme.card_width(available)
    lines = [*_title(analysis, width), Text(""), paragraph("One point more of", width, theme.TITLE)]
    for quality, outcome in outcomes:
        changes = {
            name: outcome.emotions_after[name] - value for name, value in outcome.emotions_before.items()
        }
        largest = sorted(changes, key=lambda name: -abs(changes[name]))[:_MOST_EFFECTS]
        told = [f"{name.replace('_', ' ')} {signed(changes[name])}" for name in largest]
        lines += _beside(QUALITY_WORDS[quality].noun, told, width - QUALITY_WIDTH - 3)
    return Group(*lines, _note(analysis, width))


def _beside(noun: str, told: Sequence[str], room: int) -> list[Text]:
    """What is told of a quality in one line, or in a line each where that is too narrow."""
    together = ", ".join(told)
    shown = [together] if cell_len(together) <= room else told
    return [
        row(Cell("" if number else noun, QUALITY_WIDTH), Cell(one, room)) for number, one in enumerate(shown)
    ]


def _title(analysis: Analysis, width: int) -> list[Text]:
    length = duration(analysis.duration_s)
    name = Text(cut_name(printable(analysis.file), width - 4 - len(length)), style=theme.TITLE)
    lines = [row(Cell(Text.assemble(name, f" · {length}"), width - 1))]
    if analysis.doubtful:
        lines.append(paragraph(flagged_note(), width, theme.NOTE))
    return lines


def _note(analysis: Analysis, width: int) -> Text:
    meaning = f" {analysis.meaning}." if analysis.meaning else ""
    return paragraph(f"{NOTE}{meaning}", width, theme.QUIET)


def _outcome(analysis: Analysis, outcome: Outcome, closer: float, width: int) -> list[Text]:
    nouns = {name: QUALITY_WORDS[name].noun for name in QUALITY_NAMES}
    lines = _before_and_after("Made of", outcome.before, outcome.after, nouns, width)
    lines.append(Text(""))
    lines += _before_and_after(analysis.heading, outcome.emotions_before, outcome.emotions_after, {}, width)
    size = f"That is {change_size(closer)}, counting what usually goes together."
    lines.append(paragraph("Nothing changes." if outcome.before == outcome.after else size, width))
    shown = (*outcome.emotions_before.values(), *outcome.emotions_after.values())
    if any(beyond_scale(value, analysis.scale) for value in shown):
        lines.append(paragraph(outside(analysis.scale), width))
    lines.append(_note(analysis, width))
    return lines


def _before_and_after(
    heading: str,
    before: Mapping[str, float],
    after: Mapping[str, float],
    nouns: Mapping[str, str],
    width: int,
) -> list[Text]:
    changes = {name: shown_difference(after[name], before[name]) for name in before}
    room = width - (1 + 3 * (1 + _NUMBER_WIDTH))
    name_width = min(QUALITY_WIDTH, room)
    bar_width = room - name_width - 2
    lines = [
        row(
            Cell(Text(heading, style=theme.TITLE), name_width),
            *(
                Cell(Text(column, style=theme.QUIET), _NUMBER_WIDTH, "right")
                for column in ("before", "after", "change")
            ),
        )
    ]
    for name, change in changes.items():
        style = theme.direction(change) if change else theme.QUIET
        cells = [
            Cell(nouns.get(name, name.replace("_", " ")), name_width),
            Cell(Text(decimal(before[name]), style=theme.QUIET), _NUMBER_WIDTH, "right"),
            Cell(decimal(after[name]), _NUMBER_WIDTH, "right"),
            Cell(Text(signed(change), style=style), _NUMBER_WIDTH, "right"),
        ]
        if bar_width >= _LEAST_BAR:
            cells.append(Cell(effect_bar(change, list(changes.values()), bar_width), bar_width))
        lines.append(row(*cells))
    return lines
