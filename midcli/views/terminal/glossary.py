"""What the qualities and emotions mean, and what the raters were asked."""

from collections.abc import Iterator

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from midcli.labels import EMOTION_RANGE, EMOTIONS, QUALITIES, QUALITY_RANGE, Label
from midcli.views.terminal import theme
from midcli.views.terminal.paragraph import paragraph

_NAME = max(len(label.name) for label in (*QUALITIES, *EMOTIONS))


class Glossary:
    """All words of midcli, as wide as the console."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = theme.card_width(options.max_width)
        yield Text(" Qualities", style=theme.TITLE)
        yield paragraph(
            "What listeners hear in the music, from {:g} to {:g}. Musically trained raters compared excerpts "
            "in pairs and were asked these questions (Aljanaki & Soleymani 2018).".format(*QUALITY_RANGE),
            width,
        )
        for quality in QUALITIES:
            yield Text()
            yield _ends(quality, QUALITY_RANGE)
            for question in quality.questions:
                yield paragraph(f"“{question}”", width, theme.QUIET)
        yield Text()
        yield Text(" Emotions", style=theme.TITLE)
        yield paragraph(
            "What the music seems to express, not what it makes one feel, from {:g} to {:g}, as experts "
            "rated film music (Eerola & Vuoskoski 2011). The model makes each of them from the seven "
            "qualities alone.".format(*EMOTION_RANGE),
            width,
        )
        yield Text()
        for emotion in EMOTIONS:
            yield _ends(emotion, EMOTION_RANGE)
        yield Text()
        yield from _reading(width)


def _ends(label: Label, scale: tuple[float, float]) -> Text:
    low, high = scale
    name = label.name.ljust(_NAME)
    return Text.assemble(
        " ",
        (name, theme.TITLE),
        f"  {low:g} {label.low_pole} ",
        ("→", theme.QUIET),
        f" {high:g} {label.high_pole}",
    )


def _reading(width: int) -> Iterator[Text]:
    yield Text(" Effects", style=theme.TITLE)
    yield paragraph(
        "An effect is what a quality adds to an emotion or takes from it: its weight in the model times its "
        "distance from the average of the reference. Average and effects add up to the emotion, exactly. "
        "An absolute effect is the weight times the quality itself, and the sum starts from the model's "
        "intercept.",
        width,
    )
