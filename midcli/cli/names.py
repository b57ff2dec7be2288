"""Names on the command line: those of emotions and qualities in any usual spelling, and of files."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from midcli.errors import UsageError
from midcli.explanation.words import names as spelling
from midcli.labels import EMOTION_NAMES, Label

if TYPE_CHECKING:
    from midcli.model.head import Head


NOT_TEXT = "its name is not UTF-8, and results cannot lead to it; rename it and predict again"
"""What is said of a file that nothing finds by what is kept of its name."""


def known_names(
    option: str, given: Iterable[str], names: Sequence[str], labels: Sequence[Label] = ()
) -> list[str]:
    """The given names as midcli spells them, each once. Raises UsageError for one that does not exist."""
    found = dict.fromkeys(known_name(option, text, names, labels) for text in given)
    return list(found)


def known_name(option: str, text: str, names: Sequence[str], labels: Sequence[Label] = ()) -> str:
    """The name as midcli spells it. Raises UsageError if there is none."""
    with of_option(option):
        return spelling.known_name(text, names, labels)


@contextmanager
def of_option(option: str) -> Iterator[None]:
    """Wrong usage of the library comes from an option here, and is told with its name."""
    try:
        yield
    except UsageError as error:
        raise UsageError(f"{option} {error}") from error


def check_emotions(named: Sequence[str], every: bool, only_eight: bool) -> None:
    """Raises UsageError for what is wrong whatever the model is; `only_eight`: it is the bundled one."""
    if every and named:
        raise UsageError("--all and --emotion exclude each other")
    if only_eight:
        known_names("--emotion", named, EMOTION_NAMES)


def chosen_emotions(named: Sequence[str], every: bool, head: "Head") -> list[str]:
    """What --emotion and --all ask for, each once; none if neither is given. Raises UsageError."""
    return list(head.names) if every else known_names("--emotion", named, head.names, head.labels)
