"""Names of emotions and qualities in any usual spelling."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from midcli.errors import UsageError
from midcli.explanation.words.vocabulary import EMOTION_WORDS, QUALITY_WORDS, QualityWords, emotion_words
from midcli.labels import EmotionWords, Label

_ALIKE = 0.7  # less alike is another word, not a slip of the pen


def known_name(text: str, names: Sequence[str], labels: Sequence[Label] = ()) -> str:
    """The name as midcli spells it, also for what people say instead ("scared", "key").

    `labels` are those of emotions that bring words of their own. Raises UsageError, which is a ValueError,
    with the right ones.
    """
    meant = _meant(names, labels)
    given = _plain(text)
    if given in meant:
        return meant[given]
    near = get_close_matches(given, meant, 1, cutoff=_ALIKE)
    suggestion = f"did you mean {meant[near[0]]}? " if near else ""
    raise UsageError(f"{text}: no such name; {suggestion}choose from {', '.join(names)}")


def find_name(text: str, names: Sequence[str], labels: Sequence[Label] = ()) -> str | None:
    """The same, None where there is no such name."""
    return _meant(names, labels).get(_plain(text))


def _meant(names: Sequence[str], labels: Sequence[Label]) -> dict[str, str]:
    """Spellings to names."""
    return {spelling: name for name in names for spelling in _spellings(name, labels)}


def index_of(text: str, names: Sequence[str], labels: Sequence[Label] = ()) -> int:
    """Where a name, in any usual spelling, stands among the names. Raises UsageError as `known_name` does."""
    return names.index(text if text in names else known_name(text, names, labels))


def _spellings(name: str, labels: Sequence[Label]) -> list[str]:
    """Of one name, the name itself last, so that another's synonym never hides it."""
    words = {**_WORDS} | {label.name: emotion_words(label) for label in labels}
    said = words.get(name)
    others = (said.noun, *said.synonyms) if said else ()
    return [*map(_plain, others), name]


def _plain(text: str) -> str:
    return text.strip().lower().replace(" ", "_").replace("-", "_")


_WORDS: Mapping[str, EmotionWords | QualityWords] = {**QUALITY_WORDS, **EMOTION_WORDS}
