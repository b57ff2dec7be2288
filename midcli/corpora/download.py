"""One archive over HTTP through pooch, never larger than allowed."""

import hashlib
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from midcli.corpora.archives import TooLargeError
from midcli.corpora.resuming import ResumingDownloader
from midcli.errors import DataError, ExtraError, OutputError

Progress = Callable[[int, int | None], None]
"""Hears how many bytes are there, of how many if that is known."""

_CHUNK_BYTES = 1 << 16
_BUSY = {408, 425, 429}
"""The client errors that a second try may not meet."""


@dataclass(frozen=True)
class Patience:
    """When to give an address up."""

    timeout_s: float = 30.0
    """Without a single byte."""
    tries: int = 5
    """Of the whole archive; pooch waits one second more before each."""
    longest_wait_s: float = 120.0
    """Before a try, if the server asks for that (Retry-After)."""


def require_pooch() -> None:
    """Raises ExtraError without the library that downloads."""
    if find_spec("pooch") is None:
        raise ExtraError("downloading", "fetch")


def download(url: str, folder: Path, max_bytes: int, patience: Patience, on_progress: Progress) -> Path:
    """The zip archive at an address, in a folder; one that is there already is not asked for again.

    It appears whole or not at all. Raises DataError if the address does not deliver it, OutputError if the
    folder cannot be written.
    """
    if not url.startswith(("http://", "https://")):
        raise DataError("is no address of http or https")
    import pooch
    import requests

    from midcli import __version__

    pooch.get_logger().setLevel("WARNING")  # it would write to stderr
    name = f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.zip"
    store = pooch.create(
        folder, "", registry={name: None}, urls={name: url}, retry_if_failed=patience.tries - 1
    )
    part = folder / f"{name}.part"
    downloader = ResumingDownloader(
        part,
        _Gauge(max_bytes, on_progress),
        patience.longest_wait_s,
        chunk_size=_CHUNK_BYTES,
        timeout=patience.timeout_s,
        headers={"User-Agent": f"midcli/{__version__}", "Accept-Encoding": "identity"},
        hear=_check_response,
    )
    try:
        path = Path(store.fetch(name, downloader=downloader))
    except _RefusedError as refused:
        raise refused.why from refused
    except requests.RequestException as error:
        raise DataError(_in_words(error)) from error
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            part.unlink()
    if not zipfile.is_zipfile(path):
        path.unlink()
        raise DataError("sends something that is no whole zip archive")
    return path


class _RefusedError(Exception):
    """Stops a download for good, where pooch would try again after a ValueError."""

    def __init__(self, why: DataError) -> None:
        super().__init__(str(why))
        self.why = why


class _Gauge:
    """What pooch takes for a progress bar: tells of progress, and stops what grows too large."""

    def __init__(self, max_bytes: int, on_progress: Progress) -> None:
        self._max_bytes, self._on_progress = max_bytes, on_progress
        self.kept = 0
        self._done = self._total = 0

    @property
    def total(self) -> int:
        """Bytes as the server says; 0 if it does not."""
        return self._total

    @total.setter
    def total(self, total: int) -> None:
        self._done, self._total = self.kept, total and self.kept + total  # a new try begins
        self._check(self._total)

    def update(self, received: int) -> None:
        """Some more bytes are there; the last chunk may be smaller than it says."""
        self._check(self._done)
        self._done += received
        self._on_progress(min(self._done, self._total or self._done), self._total or None)

    def reset(self) -> None:
        self._done = self.kept

    def close(self) -> None:
        pass

    def _check(self, size: int) -> None:
        if size > self._max_bytes:
            allowed = megabytes(self._max_bytes)
            raise _RefusedError(TooLargeError(f"is {megabytes(size)} or more; allowed are {allowed}"))


def megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB" if size >= 1e7 else f"{size:,} bytes"


def _check_response(response: Any) -> None:
    """Refuses an answer that a second try would get again."""
    if 400 <= response.status_code < 500 and response.status_code not in _BUSY:
        raise _RefusedError(DataError(_status(response)))
    target = urljoin(response.url, response.headers.get("Location", ""))
    if response.is_redirect and urlsplit(response.url).scheme == "https" != urlsplit(target).scheme:
        raise _RefusedError(DataError("redirects from https to another protocol"))
    try:
        int(response.headers.get("Content-Length", 0))
    except ValueError as error:  # also of thousands of digits
        raise _RefusedError(DataError("the server names a length that is no number")) from error


def _status(response: Any) -> str:
    return f"the server answers {response.status_code} {response.reason}"


def _in_words(error: Any) -> str:
    import requests

    known = {
        requests.HTTPError: error.response is not None and _status(error.response),
        requests.TooManyRedirects: "redirects in a circle",
        requests.exceptions.SSLError: "no secure connection to the server",
        requests.ConnectTimeout: "the server does not answer",
        requests.exceptions.ChunkedEncodingError: "the connection broke off",
    }
    if words := next((words for kind, words in known.items() if isinstance(error, kind)), None):
        return str(words)
    if "timed out" in str(error).lower():
        return "the server has stopped sending"
    if isinstance(error, requests.ConnectionError):
        return "no connection to the server"
    return f"cannot be asked for: {error}"
