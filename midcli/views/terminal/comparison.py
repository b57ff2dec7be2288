"""Two pieces side by side, and why they differ."""

from collections.abc import Mapping, Sequence

from rich.console import Group
from rich.text import Text

from midcli.explanation.analysis import Analysis
from midcli.explanation.comparison import EmotionDifference
from midcli.explanation.effects import EmotionValue, QualityValue
from midcli.explanation.words.differences import comparison_heading, comparison_sentence
from midcli.explanation.words.numbers import decimal, duration, shown_difference, shown_effects, signed
from midcli.explanation.words.sentences import flagged_note
from midcli.explanation.words.vocabulary import QUALITY_WORDS
from midcli.util.text import printable
from midcli.views.terminal import theme
from midcli.views.terminal.bars import QUALITY_WIDTH, Cell, effect_bar, row
from midcli.views.terminal.paragraph import paragraph

_NUMBER_WIDTH = 5
_DIFFERENCE_WIDTH = 6


def comparison_card(
    a: Analysis,
    b: Analysis,
    explained: Sequence[EmotionDifference],
    available: int,
) -> Group:
    """Both profiles with their differences A − B, and the contributions to the explained ones."""
    width = theme.card_width(available)
    lines = [*_title("A", a, width), *_title("B", b, width), Text("")]
    lines += _profile("Sounds", a.emotions, b.emotions, {}, width)
    lines.append(Text(""))
    nouns = {name: words.noun for name, words in QUALITY_WORDS.items()}
    lines += _profile("Made of", a.midlevel, b.midlevel, nouns, width)
    for difference in explained:
        lines.append(Text(""))
        lines += _contributions(difference, a, b, width)
    return Group(*lines)


def _title(label: str, analysis: Analysis, width: int) -> list[Text]:
    length = duration(analysis.duration_s)
    name = Text(printable(analysis.file))
    lines = [
        row(
            Cell(Text(label, style=theme.TITLE), 1),
            Cell(name, width - 5 - len(length)),
            Cell(length, len(length)),
        )
    ]
    if analysis.doubtful:
        lines.append(paragraph(flagged_note(), width, theme.NOTE))
    return lines


def _profile(
    heading: str,
    a: Mapping[str, EmotionValue] | Mapping[str, QualityValue],
    b: Mapping[str, EmotionValue] | Mapping[str, QualityValue],
    nouns: Mapping[str, str],
    width: int,
) -> list[Text]:
    bar_width = width - (1 + QUALITY_WIDTH + 2 * (1 + _NUMBER_WIDTH) + 1 + _DIFFERENCE_WIDTH + 2)
    gaps = {name: shown_difference(value.value, b[name].value) for name, value in a.items()}
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
            Cell(nouns.get(name, name), QUALITY_WIDTH),
            Cell(decimal(value.value), _NUMBER_WIDTH, "right"),
            Cell(decimal(b[name].value), _NUMBER_WIDTH, "right"),
            Cell(Text(signed(gaps[name]), style=theme.direction(gaps[name])), _DIFFERENCE_WIDTH, "right"),
            Cell(effect_bar(gaps[name], list(gaps.values()), bar_width), bar_width),
        )
        for name, value in a.items()
    )
    return lines


def _contributions(difference: EmotionDifference, a: Analysis, b: Analysis, width: int) -> list[Text]:
    bar_width = width - (1 + QUALITY_WIDTH + 1 + _DIFFERENCE_WIDTH + 2)
    values = (a.emotions[difference.name].value, b.emotions[difference.name].value)
    doubtful = a.doubtful or b.doubtful
    heading = comparison_heading(difference, a.explanation, b.explanation, doubtful)
    sign = 1 if difference.difference >= 0 else -1
    more, less = values[::sign]
    labels = ("A", "B")[::sign]
    total = shown_difference(more, less)
    equation = f"{labels[0]} {decimal(more)} = {labels[1]} {decimal(less)} + {decimal(total)}"
    lines = [Text.assemble((f" {heading}", theme.TITLE), f"  {equation}")]
    if lines[0].cell_len > width:
        lines = [paragraph(heading, width, theme.TITLE), Text(f" {equation}")]
    contributions = {name: sign * amount for name, amount in difference.contributions.items()}
    numbers = shown_effects(contributions, more, less)
    lines.extend(
        row(
            Cell(QUALITY_WORDS[name].noun, QUALITY_WIDTH),
            Cell(Text(signed(numbers[name]), style=theme.direction(amount)), _DIFFERENCE_WIDTH, "right"),
            Cell(effect_bar(amount, list(contributions.values()), bar_width), bar_width),
        )
        for name, amount in sorted(contributions.items(), key=lambda item: -abs(item[1]))
    )
    sentence = comparison_sentence(difference, a.explanation, b.explanation, doubtful)
    lines.append(paragraph(sentence, width))
    return lines
