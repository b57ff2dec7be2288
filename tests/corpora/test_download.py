"""Downloads through pooch from a server that stalls, truncates, redirects and lies."""

import io
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from midcli.corpora.archives import TooLargeError
from midcli.corpora.download import Patience, download, require_pooch
from midcli.errors import DataError, ExtraError, OutputError
from tests import unreliable_server as server
from tests.unreliable_server import UnreliableServer

PATIENCE = Patience(timeout_s=0.3, tries=2)
LIMIT = 10_000_000


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr("time.sleep", lambda _: None)


@pytest.fixture
def unreliable() -> Iterator[UnreliableServer]:
    with server.unreliable_server() as running:
        yield running


@cache
def archive(bytes_: int = 50_000, seed: int = 0) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as opened:
        opened.writestr(zipfile.ZipInfo("noise.bin"), np.random.default_rng(seed).bytes(bytes_))
    return packed.getvalue()


def ignore(_done: int, _total: int | None) -> None:
    pass


def get(url: str, folder: Path, limit: int = LIMIT) -> bytes:
    return download(url, folder, limit, PATIENCE, ignore).read_bytes()


def test_whole(unreliable: UnreliableServer, tmp_path: Path) -> None:
    heard: list[tuple[int, int | None]] = []
    url = unreliable.at("/a.zip", server.whole(archive()))
    path = download(url, tmp_path, LIMIT, PATIENCE, lambda done, total: heard.append((done, total)))
    assert path.read_bytes() == archive()
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
    assert heard[-1] == (len(archive()), len(archive()))
    assert [done for done, _ in heard] == sorted(done for done, _ in heard)


def test_without_a_length(unreliable: UnreliableServer, tmp_path: Path) -> None:
    assert get(unreliable.at("/a.zip", server.streamed(archive())), tmp_path) == archive()


@pytest.mark.parametrize(
    "broken",
    [
        server.cut(archive(), 20_000),
        server.stalled(archive(), 20_000),
        server.streamed(archive(), to=20_000),
        server.status(503),
        server.status(429),
    ],
)
def test_a_second_try(unreliable: UnreliableServer, tmp_path: Path, broken: server.Answer) -> None:
    assert get(unreliable.at("/a.zip", broken, server.whole(archive())), tmp_path) == archive()
    assert len(unreliable.requests) == 2


@pytest.mark.parametrize("answer", [server.whole, server.streamed])
def test_a_finished_download_is_not_repeated(
    unreliable: UnreliableServer, tmp_path: Path, answer: Callable[[bytes], server.Answer]
) -> None:
    url = unreliable.at("/a.zip", answer(archive()))
    assert get(url, tmp_path) == get(url, tmp_path) == archive()
    assert len(unreliable.requests) == 1


@pytest.mark.parametrize(
    ("answer", "complaint", "requests"),
    [
        (server.silent, "the server has stopped sending", 2),
        (server.stalled(b"PK\3\4", 2), "the server has stopped sending", 2),
        (server.cut(archive(), 0), "the connection broke off", 2),
        (server.of_length(archive(), len(archive()) + 10), "the connection broke off", 2),
        (server.of_length(archive(), len(archive()) - 10), "no whole zip archive", 1),
        (server.status(500), "the server answers 500 Internal Server Error", 2),
        (server.status(404), "the server answers 404 Not Found", 1),
        (server.status(403), "the server answers 403 Forbidden", 1),
        (server.page, "no whole zip archive", 1),
        (server.of_length(b"", 0), "no whole zip archive", 1),
        (server.redirect("/a.zip"), "redirects in a circle", 62),
        (server.redirect("file:///etc/passwd"), "cannot be asked for", 2),
    ],
)
def test_gives_up_with_the_reason_and_leaves_nothing(
    unreliable: UnreliableServer, tmp_path: Path, answer: server.Answer, complaint: str, requests: int
) -> None:
    with pytest.raises(DataError, match=complaint):
        get(unreliable.at("/a.zip", answer), tmp_path)
    assert len(unreliable.requests) == requests
    assert list(tmp_path.iterdir()) == []


def test_follows_redirects(unreliable: UnreliableServer, tmp_path: Path) -> None:
    unreliable.at("/store", server.whole(archive()))
    unreliable.at("/moved", server.redirect("/store"))
    assert get(unreliable.at("/a.zip", server.redirect("/moved")), tmp_path) == archive()


@pytest.mark.parametrize(("location", "is_refused"), [("http://host/b.zip", True), ("/b.zip", False)])
def test_no_redirect_from_https_to_http(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, location: str, is_refused: bool
) -> None:
    requests = pytest.importorskip("requests")

    def send(_adapter: object, request: Any, **_: object) -> Any:
        response = requests.Response()
        response.request, response.url, response.raw = request, request.url, io.BytesIO(archive())
        response.status_code = 200 if request.url.endswith("b.zip") else 302
        response.headers["Location"] = location
        return response

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send)
    if is_refused:
        with pytest.raises(DataError, match="redirects from https to another protocol"):
            get("https://host/a.zip", tmp_path)
    else:
        assert get("https://host/a.zip", tmp_path) == archive()


def test_too_large_by_its_own_account(unreliable: UnreliableServer, tmp_path: Path) -> None:
    url = unreliable.at("/a.zip", server.whole(archive()))
    with pytest.raises(TooLargeError, match="or more; allowed are 40,000 bytes"):
        get(url, tmp_path, limit=40_000)
    assert get(url, tmp_path, limit=60_000) == archive()


def test_too_large_in_truth(unreliable: UnreliableServer, tmp_path: Path) -> None:
    with pytest.raises(TooLargeError, match="allowed are 10 MB"):
        get(unreliable.at("/a.zip", server.endless), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_no_server(tmp_path: Path) -> None:
    with server.unreliable_server() as gone:
        url = f"{gone.address}/a.zip"
    with pytest.raises(DataError, match="no connection to the server"):
        get(url, tmp_path)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1:1/a.zip", "http://", "http://[/a.zip", "x://y"])
def test_no_address(tmp_path: Path, url: str) -> None:
    with pytest.raises(DataError):
        get(url, tmp_path)


def test_a_disk_that_is_full(unreliable: UnreliableServer, tmp_path: Path) -> None:
    def full(_done: int, _total: int | None) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match="cannot be written: No space left on device"):
        download(unreliable.at("/a.zip", server.whole(archive())), tmp_path, LIMIT, PATIENCE, full)


def test_nothing_is_said_but_by_midcli(
    unreliable: UnreliableServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    get(unreliable.at("/a.zip", server.status(503), server.whole(archive())), tmp_path)
    assert capfd.readouterr() == ("", "")


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("midcli.corpora.download.find_spec", lambda _: None)
    with pytest.raises(ExtraError):
        require_pooch()
