"""Names of emotions and qualities on the command line, in any usual spelling."""

from collections.abc import Iterable, Sequence

from midcli.errors import UsageError


def known_names(option: str, given: Iterable[str], names: Sequence[str]) -> list[str]:
    """The given names as midcli spells them, each once. Raises UsageError for one that does not exist."""
    found = dict.fromkeys(known_name(option, text, names) for text in given)
    return list(found)


def known_name(option: str, text: str, names: Sequence[str]) -> str:
    """The name as midcli spells it. Raises UsageError if there is none."""
    name = text.strip().lower().replace(" ", "_").replace("-", "_")
    if name not in names:
        raise UsageError(f"{option} {text}: no such name; choose from {', '.join(names)}")
    return name
