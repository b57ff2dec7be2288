"""Small text files and documents from outside, read within limits.

Whatever a name leads to (a device that never ends, a list nested a thousand deep, a number of a million
digits, another encoding), the answer is text, values, or a ContentError in a few words.
"""

import codecs
import io
import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

MAX_DOCUMENT_BYTES = 16 << 20
"""Of a file that is read as a whole; five thousand rated excerpts take less than 1 MB."""
MAX_LINE_CHARACTERS = 1 << 20
MAX_DEPTH = 32
"""Of lists and tables within each other."""

_GREATEST = 1 << 64
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LONGEST_MARK = 3
_PART_BYTES = 1 << 20


class ContentError(ValueError):
    """What is wrong with a content, in words that may follow the name of its file."""


def read_bytes(path: Path, most_bytes: int) -> bytes:
    """The content of a file. Raises OSError, or ContentError if it is larger: endless files are, too."""
    content = bytearray()
    with path.open("rb") as file:
        while part := file.read(_PART_BYTES):  # a larger one would be allocated however small the file is
            content += part
            if len(content) > most_bytes:
                raise ContentError(f"larger than {_size(most_bytes)}")
    return bytes(content)


def read_document(path: Path, most_bytes: int = MAX_DOCUMENT_BYTES) -> str:
    """The text of a file: UTF-8, or what its byte-order mark says.

    Raises OSError, or ContentError if it is larger or no text.
    """
    content = read_bytes(path, most_bytes)
    try:
        return content.decode(_encoding(content))
    except UnicodeDecodeError as error:
        raise ContentError(f"not text in UTF-8: {error.reason} at byte {error.start}") from error


def document_lines(
    path: Path, most_bytes: int | None = None, longest: int = MAX_LINE_CHARACTERS, newline: str = "\n"
) -> Iterator[str]:
    """The lines of a text file of any length, or at most `most_bytes`, with their ends, one by one.

    `newline` is as in `open`. Raises OSError, or ContentError for a line that is too long or no text.
    """
    with path.open("rb") as file:
        encoding = _encoding(file.peek(_LONGEST_MARK))
        text = io.TextIOWrapper(file, encoding, newline=newline)
        number = characters = 0
        while True:
            number += 1
            try:
                line = text.readline(longest)
            except UnicodeDecodeError as error:
                raise ContentError(f"not text in UTF-8: {error.reason} in line {number}") from error
            if not line:
                return
            characters += len(line)
            if len(line) == longest and line[-1] not in "\r\n":
                raise ContentError(f"line {number} is longer than {_size(longest)}")
            if most_bytes is not None and characters > most_bytes:
                raise ContentError(f"larger than {_size(most_bytes)}")
            yield line


def read_json(path: Path, most_bytes: int = MAX_DOCUMENT_BYTES) -> Any:
    """The value in a file of JSON. Raises OSError or ContentError."""
    return from_json(read_document(path, most_bytes))


def from_json(text: str | bytes) -> Any:
    """The value that JSON says. Raises ContentError if it is none, too deep, or a number in it too long."""
    try:
        value = json.loads(text)
    except RecursionError as error:
        raise ContentError(_too_deep()) from error
    except ValueError as error:
        raise ContentError("not valid JSON") from error
    return _checked(value)


def from_toml(text: str) -> dict[str, Any]:
    """The table that TOML says. Raises ContentError like `from_json`."""
    import tomllib

    try:
        table = tomllib.loads(text)
    except RecursionError as error:
        raise ContentError(_too_deep()) from error
    except tomllib.TOMLDecodeError as error:
        raise ContentError(f"not valid TOML: {error}") from error
    except ValueError as error:  # of a number's digits, a date that is none
        raise ContentError("not valid TOML: a number or date cannot be") from error
    checked: dict[str, Any] = _checked(table)
    return checked


def _checked(value: Any) -> Any:
    """The value, if its parts are not too deep in each other and no number is longer than any use of it."""
    level, depth = [value], 0
    while level:
        kinds = set(map(type, level))  # mostly of one: a model describes itself with ten thousand fractions
        whole = [part for part in level if type(part) is int] if int in kinds else []
        if whole and max(max(whole), -min(whole)) > _GREATEST:
            raise ContentError("a number has too many digits")
        nested = [part for part in level if isinstance(part, (dict, list))] if kinds & {dict, list} else []
        if nested and depth == MAX_DEPTH:
            raise ContentError(_too_deep())
        level = list(
            chain.from_iterable(part.values() if isinstance(part, dict) else part for part in nested)
        )
        depth += 1
    return value


def _too_deep() -> str:
    return f"nested deeper than {MAX_DEPTH} levels"


def _encoding(start: bytes) -> str:
    return next((encoding for mark, encoding in _MARKS if start.startswith(mark)), "utf-8")


def _size(count: int) -> str:
    return f"{count >> 20} MB" if count >= 1 << 20 else f"{count >> 10} kB"
