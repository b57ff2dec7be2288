"""Two pieces side by side, and why they differ."""

from collections.abc import Mapping, Sequence

from rich.console import Group
from rich.text import Text

from midcli.explanation.words.certainty import outside
from midcli.explanation.words.numbers import decimal, duration, signed
from midcli.explanation.words.sentences import flagged_note
from midcli.util.text import printable
from midcli.views.panels.difference import Difference, Pair
from midcli.views.panels.effects import Effects
from midcli.views.scales import one_scale
from midcli.views.terminal import theme
from midcli.views.terminal.bars import QUALITY_WIDTH, Cell, effect_bar, row
from midcli.views.terminal.names import cut_names
from midcli.views.terminal.paragraph import paragraph

_NUMBER_WIDTH = 5
_DIFFERENCE_WIDTH = 6


def comparison_card(difference: Difference, available: int) -> Group:
    """Both profiles with their differences A − B, and the contributions to the explained ones."""
    width = theme.card_width(available)
    lines = [*_titles(difference, width), Text("")]
    pairs = (*difference.emotions, *difference.qualities)
    scale = [pair.difference for pair in pairs]
    scale += [push.amount for effects in difference.explained for push in effects.pushes]
    emotions = {pair.a.name.replace("_", " "): pair for pair in difference.emotions}
    lines += _profile(difference.a.heading, emotions, scale, width)
    lines.append(Text(""))
    lines += _profile("Made of", {pair.noun: pair for pair in difference.qualities}, scale, width)
    for effects in difference.explained:
        lines.append(Text(""))
        lines += _contributions(effects, scale, width)
    lines.append(Text(""))
    notes = [one_scale(scale)] if _room(width) > 0 else []
    notes += [f"{difference.a.meaning}."] if difference.a.meaning else []
    notes += [outside(difference.a.scale)] if difference.leaves_scale else []
    if notes:
        lines.append(paragraph(" ".join(notes), width, theme.QUIET))
    return Group(*lines)


def _room(width: int) -> int:
    """Columns right of the numbers, for bars or words; none on the narrowest terminals."""
    return width - (1 + QUALITY_WIDTH + 2 * (1 + _NUMBER_WIDTH) + 1 + _DIFFERENCE_WIDTH + 2)


def _titles(difference: Difference, width: int) -> list[Text]:
    pieces = (difference.a, difference.b)
    lengths = [duration(analysis.duration_s) for analysis in pieces]
    room = width - 5 - max(map(len, lengths))
    names = cut_names([printable(analysis.file) for analysis in pieces], room)
    lines = []
    for label, analysis, name, length in zip("AB", pieces, names, lengths, strict=True):
        lines.append(
            row(
                Cell(Text(label, style=theme.TITLE), 1),
                Cell(Text(name), width - 5 - len(length)),
                Cell(length, len(length)),
            )
        )
        if analysis.doubtful:
            lines.append(paragraph(flagged_note(), width, theme.NOTE))
    return lines


def _profile(heading: str, pairs: Mapping[str, Pair], scale: Sequence[float], width: int) -> list[Text]:
    """Values and differences, the causes of these in words or, without any, a bar."""
    room = _room(width)
    words = any(pair.causes for pair in pairs.values())
    lines = [
        row(
            Cell(Text(heading, style=theme.TITLE), QUALITY_WIDTH),
            Cell(Text("A", style=theme.TITLE), _NUMBER_WIDTH, "right"),
            Cell(Text("B", style=theme.TITLE), _NUMBER_WIDTH, "right"),
            Cell(Text("A − B", style=theme.QUIET), _DIFFERENCE_WIDTH, "right"),
        )
    ]
    lines.extend(
        row(
            Cell(label, QUALITY_WIDTH),
            Cell(decimal(pair.a.value), _NUMBER_WIDTH, "right"),
            Cell(decimal(pair.b.value), _NUMBER_WIDTH, "right"),
            Cell(
                Text(signed(pair.difference), style=theme.direction(pair.difference)),
                _DIFFERENCE_WIDTH,
                "right",
            ),
            Cell(_causes(pair, room) if words else effect_bar(pair.difference, scale, room), room),
        )
        for label, pair in pairs.items()
    )
    return lines


def _causes(pair: Pair, room: int) -> Text:
    """As many of the causes as there is room for, with the piece that has more."""
    causes = list(pair.causes)
    while len(causes) > 1 and len(", ".join(causes)) + 2 > room:
        causes.pop()
    return Text(
        f"{'A' if pair.difference > 0 else 'B'} {', '.join(causes)}" if causes else "", style=theme.QUIET
    )


def _contributions(effects: Effects, scale: Sequence[float], width: int) -> list[Text]:
    bar_width = _room(width)
    lines = [Text.assemble((f" {effects.heading}", theme.TITLE), f"  {effects.equation}")]
    if lines[0].cell_len > width:
        lines = [paragraph(effects.heading, width, theme.TITLE), Text(f" {effects.equation}")]
    lines.extend(
        row(
            Cell(push.noun, QUALITY_WIDTH + 2 * (1 + _NUMBER_WIDTH)),
            Cell(Text(signed(push.shown), style=theme.direction(push.amount)), _DIFFERENCE_WIDTH, "right"),
            Cell(effect_bar(push.amount, scale, bar_width), bar_width),
        )
        for push in sorted(effects.pushes, key=lambda push: -abs(push.amount))
    )
    lines.append(paragraph(effects.sentences, width))
    return lines
