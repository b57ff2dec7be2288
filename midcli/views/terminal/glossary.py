"""What the qualities and emotions mean, and what the raters were asked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from midcli.explanation.words.names import find_name, known_name
from midcli.explanation.words.vocabulary import QUALITY_WORDS, emotion_words
from midcli.labels import EMOTION_RANGE, EMOTIONS, QUALITIES, QUALITY_RANGE, Label
from midcli.library.query_words import MEANINGS
from midcli.model.head import EIGHT, Head
from midcli.views.terminal import theme
from midcli.views.terminal.paragraph import paragraph

_QUALITIES = "qualities"
_NAME = max(len(label.name) for label in (*QUALITIES, *EMOTIONS))


@dataclass(frozen=True)
class Entry:
    """A word as a glossary has it."""

    label: Label
    scale: tuple[float, float]
    of: str = ""
    """Which further vocabulary it is of, and what that is."""


class Glossary:
    """All words of a model, or some entries, as wide as the console."""

    def __init__(
        self, entries: Sequence[Entry], further: Mapping[str, Head], vocabulary: str | None = None
    ) -> None:
        self.entries = entries
        self.further = further
        self.vocabulary = vocabulary

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = theme.card_width(options.max_width)
        if self.entries:
            yield from _named(self.entries, width)
        elif self.vocabulary:
            head = self.further.get(self.vocabulary)
            yield from _vocabulary(head, width) if head else _eight(width)
        else:
            yield from _everything(self.further, width)


def entries(names: Sequence[str], further: Mapping[str, Head], vocabulary: str | None) -> list[Entry]:
    """What is meant by each name, of all vocabularies or one; a word of two of them has two entries.

    Raises UsageError for a name that none of them has.
    """
    groups = {
        _QUALITIES: [Entry(label, QUALITY_RANGE) for label in QUALITIES],
        EIGHT: [Entry(label, EMOTION_RANGE) for label in EMOTIONS],
        **{name: _entries(head) for name, head in further.items()},
    }
    if vocabulary:
        groups = {vocabulary: groups[vocabulary]}
    everything = [entry.label for group in groups.values() for entry in group]
    found: dict[Entry, None] = {}
    for name in names:
        meant = [entry for group in groups.values() for entry in _meant(name, group)]
        if not meant:
            known_name(name, list(dict.fromkeys(label.name for label in everything)), everything)
        found |= dict.fromkeys(meant)
    return list(found)


def _meant(name: str, group: Sequence[Entry]) -> list[Entry]:
    labels = [entry.label for entry in group]
    known = find_name(name, [label.name for label in labels], [label for label in labels if label.words])
    return [entry for entry in group if entry.label.name == known]


def _entries(head: Head) -> list[Entry]:
    return [Entry(label, head.scale, f"{head.name}: {head.about}") for label in head.labels]


def _named(entries: Sequence[Entry], width: int) -> Iterator[Text]:
    for number, entry in enumerate(entries):
        if number:
            yield Text()
        label = entry.label
        yield _ends(label, entry.scale, width)
        if entry.of:
            yield paragraph(f"Of the vocabulary {entry.of}.", width)
        for question in label.questions:
            yield paragraph(f"“{question}”", width, theme.QUIET)
        yield paragraph(f"Said of it: {', '.join(dict.fromkeys(_said(label)))}.", width)
        if synonyms := _synonyms(label):
            yield paragraph(f"Also understood: {', '.join(synonyms)}.", width)


def _said(label: Label) -> tuple[str, ...]:
    """How one says that there is little or much of it."""
    if label in QUALITIES:
        words = QUALITY_WORDS[label.name]
        return words.very_low, words.is_low, words.is_high, words.very_high
    emotion = emotion_words(label)
    return emotion.low, emotion.less, emotion.more, emotion.high


def _synonyms(label: Label) -> tuple[str, ...]:
    return QUALITY_WORDS[label.name].synonyms if label in QUALITIES else emotion_words(label).synonyms


def _everything(further: Mapping[str, Head], width: int) -> Iterator[Text]:
    yield Text(" Qualities", style=theme.TITLE)
    yield paragraph(
        "What listeners hear in the music, from {:g} to {:g}. Musically trained raters compared excerpts "
        "in pairs and were asked these questions (Aljanaki & Soleymani 2018).".format(*QUALITY_RANGE),
        width,
    )
    for quality in QUALITIES:
        yield Text()
        yield _ends(quality, QUALITY_RANGE, width)
        for question in quality.questions:
            yield paragraph(f"“{question}”", width, theme.QUIET)
    yield Text()
    yield from _eight(width)
    for head in further.values():
        yield Text()
        yield from _vocabulary(head, width)
    yield Text()
    yield from _reading(width)
    yield Text()
    yield from _said_instead(width)


def _eight(width: int) -> Iterator[Text]:
    yield Text(" Emotions", style=theme.TITLE)
    yield paragraph(
        "What the music seems to express, not what it makes one feel, from {:g} to {:g}, as experts "
        "rated film music (Eerola & Vuoskoski 2011). The model makes each of them from the seven "
        "qualities alone.".format(*EMOTION_RANGE),
        width,
    )
    yield Text()
    for emotion in EMOTIONS:
        yield _ends(emotion, EMOTION_RANGE, width)


def _vocabulary(head: Head, width: int) -> Iterator[Text]:
    """Other emotions that the same qualities make."""
    yield Text(f" Vocabulary {head.name}", style=theme.TITLE)
    yield paragraph(f"{head.about[:1].upper()}{head.about[1:]}.", width)
    yield Text()
    for emotion in head.labels:
        yield _ends(emotion, head.scale, width)


def _ends(label: Label, scale: tuple[float, float], width: int) -> Text:
    """The name and the ends of its scale, which go on below themselves where they do not fit."""
    low, high = scale
    indent = _NAME + 3
    ends = Text(f"{low:g} {label.low_pole} → {high:g} {label.high_pole}")
    ends.highlight_words(["→"], theme.QUIET)
    below = Text(f"\n{' ' * indent}").join(ends.wrap(Console(), width - indent))
    return Text.assemble(" ", (label.name.ljust(_NAME), theme.TITLE), "  ", below)


def _reading(width: int) -> Iterator[Text]:
    yield Text(" Effects", style=theme.TITLE)
    yield paragraph(
        "An effect is what a quality adds to an emotion or takes from it: its weight in the model times its "
        "distance from the average of the reference. Average and effects add up to the emotion, exactly. "
        "An absolute effect is the weight times the quality itself, and the sum starts from the model's "
        "intercept.",
        width,
    )


def _said_instead(width: int) -> Iterator[Text]:
    """Words of queries that are none of these, by what they are read as."""
    yield Text(" Searching", style=theme.TITLE)
    yield paragraph("A search reads these words as those above:", width)
    said: dict[str, list[str]] = {}
    for word, meaning in MEANINGS.items():
        said.setdefault(meaning, []).append(word)
    yield Text()
    for meaning, words in said.items():
        yield paragraph(f"{', '.join(words)}: {meaning}", width)
