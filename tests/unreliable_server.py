"""An HTTP server on this machine that stalls, truncates, redirects and lies as told."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[["Request"], None]


@dataclass
class UnreliableServer:
    """What each path answers, request by request; the last answer is repeated."""

    address: str
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[tuple[str, str | None]] = field(default_factory=list)
    """Path and Range of each request."""
    over: threading.Event = field(default_factory=threading.Event)

    def at(self, path: str, *answers: Answer) -> str:
        self.answers[path] = list(answers)
        return self.address + path


class Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    unreliable: UnreliableServer

    def do_GET(self) -> None:
        self.unreliable.requests.append((self.path, self.headers["Range"]))
        waiting = self.unreliable.answers.get(self.path, [status(404)])
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        answer(self)

    def head(self, code: int, length: int | str | None, **headers: str) -> None:
        self.send_response(code)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Clients that leave are no news."""


@contextmanager
def unreliable_server() -> Iterator[UnreliableServer]:
    handler = type("Handler", (Request,), {})
    server = _Server(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    unreliable = handler.unreliable = UnreliableServer(f"http://127.0.0.1:{server.server_address[1]}")  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield unreliable
    finally:
        unreliable.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def whole(content: bytes, *, ranges: bool = True, etag: str = '"1"', sort: str = "application/zip") -> Answer:
    """All of it, or the range that was asked for."""

    def answer(request: Request) -> None:
        found = re.fullmatch(r"bytes=(\d+)-", request.headers["Range"] or "")
        unchanged = request.headers["If-Range"] in (None, etag)
        start = int(found[1]) if found and ranges and unchanged else 0
        part = content[start:]
        if found and start >= len(content):
            request.head(416, 0, Content_Range=f"bytes */{len(content)}")
            return
        more = {"Content_Range": f"bytes {start}-{len(content) - 1}/{len(content)}"} if start else {}
        if etag:
            more["ETag"] = etag
        request.head(206 if start else 200, len(part), Content_Type=sort, **more)
        request.wfile.write(part)

    return answer


def cut(content: bytes, at: int, *, etag: str = '"1"') -> Answer:
    """The connection closed in the middle, though the length was promised."""

    def answer(request: Request) -> None:
        request.head(200, len(content), ETag=etag)
        request.wfile.write(content[:at])
        request.close_connection = True

    return answer


def stalled(content: bytes, at: int) -> Answer:
    """Silence in the middle."""

    def answer(request: Request) -> None:
        request.head(200, len(content), ETag='"1"')
        request.wfile.write(content[:at])
        request.wfile.flush()
        request.unreliable.over.wait(5)
        request.close_connection = True

    return answer


def silent(request: Request) -> None:
    """No answer at all."""
    request.unreliable.over.wait(5)
    request.close_connection = True


def of_length(content: bytes, length: int | str) -> Answer:
    """A length that is not true, or none."""

    def answer(request: Request) -> None:
        request.head(200, length)
        request.wfile.write(content)
        request.close_connection = True

    return answer


def streamed(content: bytes, *, to: int | None = None) -> Answer:
    """No length, in chunks; without the end if cut."""

    def answer(request: Request) -> None:
        request.head(200, None, Transfer_Encoding="chunked", Content_Type="application/octet-stream")
        for start in range(0, len(content[:to]), 1000):
            part = content[:to][start : start + 1000]
            request.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        if to is None:
            request.wfile.write(b"0\r\n\r\n")
        request.close_connection = True

    return answer


def endless(request: Request) -> None:
    """A zip that never ends, without a length."""
    request.head(200, None, Connection="close")
    try:
        request.wfile.write(b"PK\3\4")
        while not request.unreliable.over.is_set():
            request.wfile.write(bytes(1 << 16))
    except OSError:
        pass


def status(code: int, **headers: str) -> Answer:
    def answer(request: Request) -> None:
        request.head(code, 0, **headers)

    return answer


def redirect(to: str) -> Answer:
    return status(302, Location=to)


def page(request: Request) -> None:
    """An error page that claims success."""
    text = b"<html><body>Sorry, something went wrong.</body></html>"
    request.head(200, len(text), Content_Type="text/html; charset=utf-8")
    request.wfile.write(text)


def wrong_range(content: bytes) -> Answer:
    """The range from another place than was asked for."""

    def answer(request: Request) -> None:
        if request.headers["Range"]:
            request.head(206, len(content), Content_Range=f"bytes 0-{len(content) - 1}/{len(content)}")
        else:
            request.head(200, len(content))
        request.wfile.write(content)

    return answer


def slowly(content: bytes, pieces: int, pause_s: float) -> Answer:
    def answer(request: Request) -> None:
        request.head(200, len(content), ETag='"1"')
        step = -(-len(content) // pieces)
        for start in range(0, len(content), step):
            request.wfile.write(content[start : start + step])
            request.wfile.flush()
            time.sleep(pause_s)

    return answer
