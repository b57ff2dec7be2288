"""One archive over HTTP: resumed, retried, and never larger than allowed."""

import hashlib
import json
import logging
import re
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from midcli.errors import DataError, ExtraError, OutputError

Progress = Callable[[int, int | None], None]
"""Hears how many bytes are there, of how many if that is known."""

_log = logging.getLogger(__name__)

_CHUNK_BYTES = 1 << 14  # what is lost when a connection breaks off
_WORTH_A_RETRY_BYTES = 1 << 20
_ZIP_MAGIC = b"PK"
_MAX_REDIRECTS = 5
_LONGEST_WAIT_S = 60.0
_BUSY = {408, 425, 429, 500, 502, 503, 504}
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


@dataclass(frozen=True)
class Patience:
    """When to give an address up."""

    timeout_s: float = 30.0
    """Without a single byte."""
    tries: int = 5
    """In a row that bring less than 1 MiB."""
    wait_s: float = 1.0
    """Before the second try; doubles with each."""


def require_requests() -> None:
    """Raises ExtraError without the library that downloads."""
    if find_spec("requests") is None:
        raise ExtraError("downloading", "fetch")


def download(url: str, folder: Path, max_bytes: int, patience: Patience, on_progress: Progress) -> Path:
    """The zip archive at an address, in a folder, where an interrupted download is gone on with.

    Raises DataError if the address does not deliver it, OutputError if the folder cannot be written.
    """
    partial = _Partial(url, folder)
    best, failures = partial.size, 0
    while True:
        try:
            _go_on(partial, max_bytes, patience, on_progress)
        except _Passing as error:
            _log.info("%s: %s, with %d bytes", url, error, partial.size)
            gained, best = partial.size - best, max(best, partial.size)
            failures = 0 if gained >= _WORTH_A_RETRY_BYTES else failures + 1
            if failures == patience.tries:
                raise DataError(f"{error}, in {patience.tries} tries") from error
            time.sleep(error.wait_s or min(patience.wait_s * 2 ** max(failures - 1, 0), _LONGEST_WAIT_S))
        else:
            return partial.path


class _Passing(Exception):  # noqa: N818
    """What may go well next time."""

    def __init__(self, problem: str, wait_s: float = 0.0) -> None:
        super().__init__(problem)
        self.wait_s = min(wait_s, _LONGEST_WAIT_S)


class _Partial:
    """The bytes there are of an address, and what identifies the whole that they belong to."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.path = folder / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.zip.part"
        self._notes = self.path.with_suffix(".json")

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def whole(self) -> dict[str, Any]:
        """Its total size and validator as far as the server told them; empty without notes."""
        try:
            notes = json.loads(self._notes.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return notes if isinstance(notes, dict) else {}

    def begin(self, total: int | None, validator: str | None) -> None:
        self.path.write_bytes(b"")  # first: old bytes must not be taken for those that the notes describe
        self._note({"url": self.url, "total": total, "validator": validator})

    def complete(self) -> None:
        """Its size is the total that the server did not tell."""
        self._note(self.whole | {"total": self.size})

    def _note(self, whole: dict[str, Any]) -> None:
        self._notes.write_text(json.dumps(whole), "utf-8")

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)
        self._notes.unlink(missing_ok=True)


def _go_on(partial: _Partial, max_bytes: int, patience: Patience, on_progress: Progress) -> None:
    """Fetch what is missing. Raises _Passing if that breaks off, DataError if it has no prospects."""
    import requests

    whole, start = partial.whole, partial.size
    if not whole:
        start = 0
    elif start and start == whole.get("total") and zipfile.is_zipfile(partial.path):
        return
    with requests.Session() as session:
        session.max_redirects = _MAX_REDIRECTS
        try:
            with session.get(
                partial.url, headers=_headers(whole, start), stream=True, timeout=patience.timeout_s
            ) as response:
                total = _agree(response, partial, start, max_bytes)
                _receive(response, partial, total, max_bytes, on_progress)
                if total is None and zipfile.is_zipfile(partial.path):
                    partial.complete()
        except requests.TooManyRedirects as error:
            raise DataError(f"redirects more than {_MAX_REDIRECTS} times") from error
        except (
            requests.ConnectionError,
            requests.Timeout,
            requests.exceptions.ChunkedEncodingError,
        ) as error:
            raise _Passing(_in_words(error)) from error
        except requests.RequestException as error:
            raise DataError(f"cannot be asked for: {error}") from error
        except OSError as error:
            raise OutputError(f"{partial.path}: cannot be written: {error.strerror}") from error
    if partial.size < (total or 0):
        raise _Passing("the connection broke off")
    if not zipfile.is_zipfile(partial.path):
        partial.discard()
        raise _Passing("what arrived is no whole zip archive")


def _headers(whole: dict[str, Any], start: int) -> dict[str, str]:
    from midcli import __version__

    headers = {"User-Agent": f"midcli/{__version__}", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
        if whole.get("validator"):
            headers["If-Range"] = whole["validator"]
    return headers


def _agree(response: Any, partial: _Partial, start: int, max_bytes: int) -> int | None:
    """The size of the whole, if known, once the partial file ends where the response starts."""
    hops = [urlsplit(hop.url).scheme for hop in (*response.history, response)]
    if "https" in hops and set(hops[hops.index("https") :]) != {"https"}:
        raise DataError("redirects from https to http")
    status = response.status_code
    if status == 416:
        partial.discard()
        raise _Passing("the rest that was asked for is not there")
    if status in _BUSY:
        raise _Passing(f"the server answers {status} {response.reason}", _retry_after(response))
    if status not in (200, 206):
        raise DataError(f"the server answers {status} {response.reason}")
    if status == 206:
        found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
        total = int(found[2]) if found and found[2] != "*" else None
        expected = partial.whole.get("total")
        if not found or int(found[1]) != start or expected not in (None, total):
            partial.discard()
            raise _Passing("the server sends another part than was asked for")
    else:
        length = response.headers.get("Content-Length", "")
        total = int(length) if length.isdecimal() else None
    if total is not None and total > max_bytes:
        raise DataError(f"is {_megabytes(total)}, more than {_megabytes(max_bytes)}; --max-gb allows more")
    if status == 200:
        headers = response.headers
        strong = headers.get("ETag", "") if not headers.get("ETag", "").startswith("W/") else ""
        partial.begin(total, strong or headers.get("Last-Modified"))
    return total


def _receive(
    response: Any, partial: _Partial, total: int | None, max_bytes: int, on_progress: Progress
) -> None:
    size = partial.size
    with partial.path.open("ab") as file:
        for chunk in response.iter_content(_CHUNK_BYTES):
            if not size and not _ZIP_MAGIC.startswith(chunk[: len(_ZIP_MAGIC)]):
                sort = response.headers.get("Content-Type", "something").partition(";")[0]
                raise DataError(f"sends {sort} that is no zip archive")
            size += len(chunk)
            if size > max_bytes:
                partial.discard()
                raise DataError(f"is more than {_megabytes(max_bytes)}; --max-gb allows more")
            file.write(chunk)
            on_progress(size, total)


def _retry_after(response: Any) -> float:
    seconds = response.headers.get("Retry-After", "")
    return float(seconds) if seconds.isascii() and seconds.isdecimal() else 0.0


def _in_words(error: Exception) -> str:
    import requests

    if isinstance(error, requests.exceptions.SSLError):
        return "no secure connection to the server"
    if isinstance(error, requests.ConnectTimeout):
        return "the server does not answer"
    if "timed out" in str(error).lower():
        return "the server has stopped sending"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection broke off"
    return "no connection to the server"


def _megabytes(number: int) -> str:
    return f"{number / 1e6:,.0f} MB" if number >= 1e7 else f"{number:,} bytes"
