"""Text that leaves midcli: JSON lines, and text from outside made harmless."""

import json
import re
import unicodedata
from typing import Any

_DECIMALS = 6
_JOINERS = "\u200c\u200d"  # part of how words are spelt and pictures composed
_UNSAFE_IN_JSON = re.compile("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_SURROGATES = re.compile("[\ud800-\udfff]")


def json_line(value: dict[str, Any]) -> str:
    """One line of JSON; NaN would not be JSON and is refused.

    Control characters, line separators and changes of direction that JSON allows are escaped too: a terminal
    may obey them.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return _UNSAFE_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def json_text(text: str) -> str:
    """A file name as text that can be encoded: bytes that are not UTF-8 become replacement characters."""
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)


def has_lost_bytes(name: str) -> bool:
    """Whether the name of a file was no valid text, so that nothing finds the file by it."""
    return "\N{REPLACEMENT CHARACTER}" in name


def rounded(number: float) -> float:
    """A number as the JSON has it."""
    return round(number, _DECIMALS) + 0.0  # never a negative zero


def printable(text: str) -> str:
    """Text from outside on one line, without control, format (but for joiners) or unencodable characters."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if _is_unsafe(character) else character for character in json_text(text)
    )


def _is_unsafe(character: str) -> bool:
    if character in _JOINERS:
        return False
    category = unicodedata.category(character)
    return category[0] == "C" or category in ("Zl", "Zp")


def brief(text: str, longest: int = 200) -> str:
    """Text from outside as a part of a message: printable, on one line, and not much of it."""
    start = printable(" ".join(text[: 4 * longest].split()))
    if len(start) <= longest and len(text) <= 4 * longest:
        return start
    return start[: longest - 1].rstrip() + "…"
