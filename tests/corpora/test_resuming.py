"""A broken download goes on where it ended, if it is of the same; a busy server says when to come again."""

import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from pathlib import Path

import pytest

from midcli.corpora.download import Patience, download
from midcli.errors import DataError
from tests import unreliable_server as server
from tests.corpora.test_download import LIMIT, archive
from tests.unreliable_server import UnreliableServer

ARCHIVE = archive(200_000)
HALF = 2 << 16  # whole chunks, which is what is kept


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds of every pause, none of which is made."""
    pauses: list[float] = []
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr("time.sleep", pauses.append)
    return pauses


@pytest.fixture
def unreliable() -> Iterator[UnreliableServer]:
    with server.unreliable_server() as running:
        yield running


def get(url: str, folder: Path, tries: int = 2, heard: list[int] | None = None) -> bytes:
    patience = Patience(timeout_s=0.3, tries=tries, longest_wait_s=60)
    told = [] if heard is None else heard
    path = download(url, folder, LIMIT, patience, lambda done, _: told.append(done))
    assert list(folder.iterdir()) == [path]
    return path.read_bytes()


@pytest.mark.parametrize("broken", [server.cut(ARCHIVE, HALF), server.stalled(ARCHIVE, HALF)])
def test_only_the_rest_is_asked_for(
    unreliable: UnreliableServer, tmp_path: Path, broken: server.Answer
) -> None:
    heard: list[int] = []
    url = unreliable.at("/a.zip", broken, server.whole(ARCHIVE))
    assert get(url, tmp_path, heard=heard) == ARCHIVE
    assert unreliable.requests == [("/a.zip", None), ("/a.zip", f"bytes={HALF}-")]
    assert heard == sorted(heard)
    assert heard[-1] == len(ARCHIVE)


def test_an_error_between_two_parts_costs_nothing(unreliable: UnreliableServer, tmp_path: Path) -> None:
    answers = (server.cut(ARCHIVE, HALF), server.status(503), server.whole(ARCHIVE))
    assert get(unreliable.at("/a.zip", *answers), tmp_path, tries=3) == ARCHIVE
    assert [asked for _, asked in unreliable.requests] == [None, f"bytes={HALF}-", f"bytes={HALF}-"]


@pytest.mark.parametrize("etag", ["", 'W/"1"'])
def test_without_a_voucher_all_is_asked_for_again(
    unreliable: UnreliableServer, tmp_path: Path, etag: str
) -> None:
    url = unreliable.at("/a.zip", server.cut(ARCHIVE, HALF, etag=etag), server.whole(ARCHIVE, etag=etag))
    assert get(url, tmp_path) == ARCHIVE
    assert [asked for _, asked in unreliable.requests] == [None, None]


@pytest.mark.parametrize("second", [{"etag": '"2"'}, {"ranges": False}])
def test_parts_of_two_archives_are_never_joined(
    unreliable: UnreliableServer, tmp_path: Path, second: dict[str, str]
) -> None:
    other = archive(150_000, seed=1)
    answers = (server.cut(ARCHIVE, HALF), server.whole(other, **second))  # type: ignore[arg-type]
    assert get(unreliable.at("/a.zip", *answers), tmp_path) == other


def test_another_range_than_was_asked_for_is_not_taken(unreliable: UnreliableServer, tmp_path: Path) -> None:
    url = unreliable.at("/a.zip", server.cut(ARCHIVE, HALF), server.wrong_range(ARCHIVE))
    with pytest.raises(DataError, match="another range than was asked for"):
        get(url, tmp_path)
    assert get(url, tmp_path) == ARCHIVE


def test_a_rest_that_there_is_not(unreliable: UnreliableServer, tmp_path: Path) -> None:
    longer = server.cut(ARCHIVE + b"more", len(ARCHIVE) + 2)
    assert get(unreliable.at("/a.zip", longer, server.whole(ARCHIVE)), tmp_path, tries=3) == ARCHIVE


@pytest.mark.parametrize(
    ("said", "waited_s"),
    [
        (lambda: "7", 7),
        (lambda: "9999", 60),
        (lambda: "soon", 0),
        (lambda: "9" * 5000, 0),
        (lambda: "Mon, 01 Jan 99999999999999 00:00:00 GMT", 0),
        (lambda: formatdate(time.time() + 30), 30),
    ],
)
def test_a_busy_server_says_when(
    unreliable: UnreliableServer, tmp_path: Path, slept: list[float], said: Callable[[], str], waited_s: float
) -> None:
    url = unreliable.at("/a.zip", server.status(429, Retry_After=said()), server.whole(ARCHIVE))
    assert get(url, tmp_path) == ARCHIVE
    assert slept[-1] == pytest.approx(waited_s, abs=3)


def test_nobody_waits_for_a_try_that_does_not_come(
    unreliable: UnreliableServer, tmp_path: Path, slept: list[float]
) -> None:
    with pytest.raises(DataError, match="503"):
        get(unreliable.at("/a.zip", server.status(503, Retry_After="50")), tmp_path, tries=1)
    assert max(slept) == 0
