"""Names of emotions and qualities in any usual spelling."""

from collections.abc import Sequence
from difflib import get_close_matches

from midcli.errors import UsageError


def known_name(text: str, names: Sequence[str]) -> str:
    """The name as midcli spells it. Raises UsageError, which is a ValueError, with the right ones."""
    name = text.strip().lower().replace(" ", "_").replace("-", "_")
    if name in names:
        return name
    near = get_close_matches(name, names, 1)
    suggestion = f"did you mean {near[0]}? " if near else ""
    raise UsageError(f"{text}: no such name; {suggestion}choose from {', '.join(names)}")
