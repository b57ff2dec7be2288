"""What the qualities and emotions mean, and what the raters were asked."""

from collections.abc import Iterator, Sequence

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from midcli.explanation.words.vocabulary import EMOTION_WORDS, QUALITY_WORDS
from midcli.labels import EMOTION_RANGE, EMOTIONS, QUALITIES, QUALITY_RANGE, Label
from midcli.views.terminal import theme
from midcli.views.terminal.paragraph import paragraph

_NAME = max(len(label.name) for label in (*QUALITIES, *EMOTIONS))


class Glossary:
    """All words of midcli, or the named ones, as wide as the console."""

    def __init__(self, names: Sequence[str] = ()) -> None:
        self.names = names

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = theme.card_width(options.max_width)
        if self.names:
            yield from _named(self.names, width)
        else:
            yield from _everything(width)


def _named(names: Sequence[str], width: int) -> Iterator[Text]:
    labels = {label.name: label for label in (*QUALITIES, *EMOTIONS)}
    for number, name in enumerate(dict.fromkeys(names)):
        if number:
            yield Text()
        label = labels[name]
        if label in QUALITIES:
            yield _ends(label, QUALITY_RANGE)
            for question in label.questions:
                yield paragraph(f"“{question}”", width, theme.QUIET)
            words = QUALITY_WORDS[name]
            said = (words.very_low, words.is_low, words.is_high, words.very_high)
        else:
            yield _ends(label, EMOTION_RANGE)
            emotion = EMOTION_WORDS[name]
            said = (emotion.low, emotion.less, emotion.more, emotion.high)
        yield paragraph(f"Said of it: {', '.join(dict.fromkeys(said))}.", width)
        if synonyms := _synonyms(name):
            yield paragraph(f"Also understood: {', '.join(synonyms)}.", width)


def _synonyms(name: str) -> tuple[str, ...]:
    return QUALITY_WORDS[name].synonyms if name in QUALITY_WORDS else EMOTION_WORDS[name].synonyms


def _everything(width: int) -> Iterator[Text]:
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
