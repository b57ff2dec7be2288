"""Downloads from a server that stalls, truncates, redirects and lies."""

import io
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from midcli.corpora.download import Patience, _agree, _Partial, download
from midcli.errors import DataError, ExtraError, OutputError
from tests import unreliable_server as server
from tests.unreliable_server import UnreliableServer

PATIENCE = Patience(timeout_s=0.3, tries=3, wait_s=0.01)
LIMIT = 10_000_000


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


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
    assert heard[-1] == (len(archive()), len(archive()))
    assert [done for done, _ in heard] == sorted(done for done, _ in heard)


def test_without_a_length(unreliable: UnreliableServer, tmp_path: Path) -> None:
    assert get(unreliable.at("/a.zip", server.streamed(archive())), tmp_path) == archive()


@pytest.mark.parametrize("broken", [server.cut(archive(), 20_000), server.stalled(archive(), 20_000)])
def test_goes_on_where_it_broke_off(
    unreliable: UnreliableServer, tmp_path: Path, broken: server.Answer
) -> None:
    assert get(unreliable.at("/a.zip", broken, server.whole(archive())), tmp_path) == archive()
    assert unreliable.requests == [("/a.zip", None), ("/a.zip", "bytes=16384-")]


def test_goes_on_in_a_later_run(unreliable: UnreliableServer, tmp_path: Path) -> None:
    url = unreliable.at("/a.zip", server.cut(archive(), 20_000), server.status(503))
    with pytest.raises(DataError, match="503"):
        get(url, tmp_path)
    unreliable.at("/a.zip", server.whole(archive()))
    assert get(url, tmp_path) == archive()
    assert unreliable.requests[-1] == ("/a.zip", "bytes=16384-")


@pytest.mark.parametrize("answer", [server.whole, server.streamed])
def test_a_finished_download_is_not_repeated(
    unreliable: UnreliableServer, tmp_path: Path, answer: Callable[[bytes], server.Answer]
) -> None:
    url = unreliable.at("/a.zip", answer(archive()))
    assert get(url, tmp_path) == get(url, tmp_path) == archive()
    assert len(unreliable.requests) == 1


def test_starts_anew_if_the_file_has_changed(unreliable: UnreliableServer, tmp_path: Path) -> None:
    new = archive(seed=1)
    url = unreliable.at("/a.zip", server.cut(archive(), 20_000), server.whole(new, etag='"2"'))
    assert get(url, tmp_path) == new


def test_starts_anew_if_ranges_are_ignored(unreliable: UnreliableServer, tmp_path: Path) -> None:
    url = unreliable.at("/a.zip", server.cut(archive(), 20_000), server.whole(archive(), ranges=False))
    assert get(url, tmp_path) == archive()


def test_another_range_than_asked_for_is_not_believed(unreliable: UnreliableServer, tmp_path: Path) -> None:
    url = unreliable.at("/a.zip", server.cut(archive(), 20_000), server.wrong_range(archive()))
    assert get(url, tmp_path) == archive()


def test_a_partial_file_that_is_too_long_starts_anew(unreliable: UnreliableServer, tmp_path: Path) -> None:
    url = unreliable.at("/a.zip", server.cut(archive(60_000), 55_000), server.whole(archive()))
    assert get(url, tmp_path) == archive()


def test_old_bytes_are_not_taken_for_a_new_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    partial = _Partial("http://127.0.0.1/a.zip", tmp_path)
    partial.begin(1000, '"1"')
    partial.path.write_bytes(bytes(500))

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    for name in ("write_bytes", "write_text"):
        with monkeypatch.context() as patch:
            patch.setattr(Path, name, interrupt)
            with pytest.raises(KeyboardInterrupt):
                partial.begin(1000, '"2"')
        assert partial.whole["validator"] == '"1"' or not partial.size


def test_a_partial_file_without_notes_is_not_trusted(unreliable: UnreliableServer, tmp_path: Path) -> None:
    url = unreliable.at("/a.zip", server.cut(archive(), 20_000), server.whole(archive()))
    with pytest.raises(DataError):
        download(url, tmp_path, LIMIT, Patience(0.3, 1, 0.01), ignore)
    next(tmp_path.glob("*.json")).write_text("[]")
    assert get(url, tmp_path) == archive()
    assert unreliable.requests[-1] == ("/a.zip", None)


@pytest.mark.parametrize(
    ("answer", "complaint", "requests"),
    [
        (server.silent, "the server has stopped sending, in 3 tries", 3),
        (server.stalled(b"PK\3\4", 2), "the server has stopped sending, in 3 tries", 3),
        (server.cut(archive(), 0), "the connection broke off, in 3 tries", 3),
        (server.streamed(archive(), to=20_000), "the connection broke off, in 3 tries", 3),
        (server.of_length(archive(), len(archive()) + 10), "the connection broke off, in 3 tries", 3),
        (server.of_length(archive(), len(archive()) - 10), "no whole zip archive, in 3 tries", 3),
        (server.status(500), "the server answers 500 Internal Server Error, in 3 tries", 3),
        (server.status(429, Retry_After="0"), "429 Too Many Requests, in 3 tries", 3),
        (server.status(404), "the server answers 404 Not Found", 1),
        (server.status(403), "the server answers 403 Forbidden", 1),
        (server.page, "sends text/html that is no zip archive", 1),
        (server.of_length(b"", 0), "no whole zip archive, in 3 tries", 3),
        (server.redirect("/a.zip"), "redirects more than 5 times", 6),
        (server.redirect("file:///etc/passwd"), "cannot be asked for", 1),
    ],
)
def test_gives_up_with_the_reason(
    unreliable: UnreliableServer, tmp_path: Path, answer: server.Answer, complaint: str, requests: int
) -> None:
    with pytest.raises(DataError, match=complaint):
        get(unreliable.at("/a.zip", answer), tmp_path)
    assert len(unreliable.requests) == requests


def test_follows_redirects(unreliable: UnreliableServer, tmp_path: Path) -> None:
    unreliable.at("/store", server.whole(archive()))
    unreliable.at("/moved", server.redirect("/store"))
    assert get(unreliable.at("/a.zip", server.redirect("/moved")), tmp_path) == archive()


@pytest.mark.parametrize(
    "schemes", [["https", "http"], ["http", "https", "http"], ["https", "http", "https"]]
)
def test_no_redirect_from_https_to_http(tmp_path: Path, schemes: list[str]) -> None:
    hops = [SimpleNamespace(url=f"{scheme}://host/a.zip", status_code=200) for scheme in schemes]
    response = SimpleNamespace(history=hops[:-1], **vars(hops[-1]))
    with pytest.raises(DataError, match="redirects from https to http"):
        _agree(response, _Partial("https://host/a.zip", tmp_path), 0, LIMIT)


def test_waits_longer_and_longer_or_as_it_is_told(
    unreliable: UnreliableServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("midcli.corpora.download.time.sleep", waits.append)
    busy = [server.status(503), server.status(503, Retry_After="7"), server.status(503, Retry_After="9999")]
    url = unreliable.at("/a.zip", *busy, server.status(503), server.whole(archive()))
    download(url, tmp_path, LIMIT, Patience(wait_s=0.5), ignore)
    assert waits == [0.5, 7, 60, 4]


def test_tries_that_get_somewhere_do_not_count(unreliable: UnreliableServer, tmp_path: Path) -> None:
    large = archive(6_000_000)

    def rest(request: server.Request) -> None:
        start = int((request.headers["Range"] or "bytes=0-")[6:-1])
        more = {"Content_Range": f"bytes {start}-{len(large) - 1}/{len(large)}"} if start else {}
        request.head(206 if start else 200, len(large) - start, ETag='"1"', **more)
        request.wfile.write(large[start : start + 1_200_000])
        request.close_connection = True

    assert get(unreliable.at("/a.zip", rest), tmp_path) == large
    assert len(unreliable.requests) == 6  # twice as many as tries


def test_too_large_by_its_own_account(unreliable: UnreliableServer, tmp_path: Path) -> None:
    url = unreliable.at("/a.zip", server.whole(archive()))
    with pytest.raises(DataError, match="more than 40,000 bytes; --max-gb allows more"):
        get(url, tmp_path, limit=40_000)
    assert get(url, tmp_path, limit=60_000) == archive()


def test_too_large_in_truth(unreliable: UnreliableServer, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="more than 10 MB"):
        get(unreliable.at("/a.zip", server.endless), tmp_path)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) == 0


def test_no_server(tmp_path: Path) -> None:
    with server.unreliable_server() as gone:
        url = f"{gone.address}/a.zip"
    with pytest.raises(DataError, match="no connection to the server, in 3 tries"):
        get(url, tmp_path)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/a.zip", "http://", "http://[/a.zip", "x://y"])
def test_no_address(tmp_path: Path, url: str) -> None:
    with pytest.raises(DataError):
        get(url, tmp_path)


def test_a_disk_that_is_full(unreliable: UnreliableServer, tmp_path: Path) -> None:
    def full(_done: int, _total: int | None) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match="cannot be written: No space left on device"):
        download(unreliable.at("/a.zip", server.whole(archive())), tmp_path, LIMIT, PATIENCE, full)


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    from midcli.corpora import download as module

    monkeypatch.setattr(module, "find_spec", lambda _: None)
    with pytest.raises(ExtraError, match=r"midcli\[fetch\]"):
        module.require_requests()
