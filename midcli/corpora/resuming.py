"""What pooch calls to download: a broken download goes on where it ended, and a busy server says when."""

import time
from pathlib import Path
from typing import IO, Any, Protocol

from midcli.util.files import exists

_OK, _PARTIAL, _RANGE_IS_NONE = 200, 206, 416


class Gauge(Protocol):
    """Progress as pooch tells of it, which counts from what is there already."""

    kept: int
    """Bytes of an earlier try."""


class ResumingDownloader:
    """Keeps what arrived in a file until a later try brings the rest of the same.

    That it is the same the server has to vouch for by an ETag (RFC 9110, If-Range); otherwise all of it is
    asked for again. `options` are those of pooch.HTTPDownloader; `hear` is called with every answer first.
    """

    def __init__(self, part: Path, gauge: Gauge, longest_wait_s: float, **options: Any) -> None:
        self._part, self._gauge, self._longest_wait_s = part, gauge, longest_wait_s
        self._headers = options.pop("headers")
        self._hear = options.pop("hear")
        self._options = options
        self._etag: str | None = None
        self._not_before_s = 0.0

    def __call__(self, url: str, place: str, store: Any) -> None:
        import pooch

        time.sleep(max(0.0, self._not_before_s - time.monotonic()))
        start = self._part.stat().st_size if self._etag and exists(self._part) else 0
        rest = {"Range": f"bytes={start}-", "If-Range": self._etag} if start else {}
        with self._part.open("ab") as file:
            pooch.HTTPDownloader(
                headers=self._headers | rest,
                hooks={"response": lambda response, **_: self._answer(response, file, start)},
                progressbar=self._gauge,
                **self._options,
            )(url, file, store)
        self._part.replace(place)

    def _answer(self, response: Any, file: IO[bytes], start: int) -> None:
        self._note_when_to_come_again(response)
        if response.status_code == _RANGE_IS_NONE:
            self._etag = None
            return
        self._hear(response)
        if response.status_code not in (_OK, _PARTIAL):
            return
        etag = response.headers.get("ETag", "")
        self._etag = etag if etag.startswith('"') else None  # a weak one vouches for no bytes
        if response.status_code == _OK:
            file.truncate(0)
            start = 0
        elif not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            import requests

            self._etag = None
            raise requests.RequestException("another range than was asked for")
        self._gauge.kept = start

    def _note_when_to_come_again(self, response: Any) -> None:
        from urllib3.exceptions import InvalidHeader
        from urllib3.util import Retry

        try:
            wait_s = Retry().parse_retry_after(response.headers.get("Retry-After", "0"))
        except (InvalidHeader, ValueError, OverflowError):  # the latter of absurd numbers and years
            return
        self._not_before_s = time.monotonic() + min(wait_s, self._longest_wait_s)
