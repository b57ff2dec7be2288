"""One round of each kind of attack. Each raises AssertionError, with its story, if a promise was broken."""

import json
import os
import random
import resource
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from tests.model_files import write_model
from tools.soak.models import hostile_model
from tools.soak.program import Program, check_end, memory_mb, run, values, whole_rows, write_songs

SONGS = 12
_RESULTS = "out.jsonl"
_MOST_MEMORY_MB = 3000  # 2 GB for the network, and the program itself
_MOST_SECONDS = 90.0
_ANSWERS = 40

Round = Callable[[random.Random, Path], None]


def killed(rng: random.Random, folder: Path) -> None:
    """Killed at random moments and resumed until it is done: no row is lost, changed or there twice."""
    write_songs(folder / "songs", SONGS)
    command = ("predict", "songs", "--output", _RESULTS, "--jobs", "2")
    for _ in range(rng.randint(1, 4)):
        before = values(whole_rows(folder / _RESULTS))
        program = Program(*command, cwd=folder)
        time.sleep(rng.uniform(0.0, 3.0))
        number = rng.choice((signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT))
        program.kill(number, group=number in (signal.SIGHUP, signal.SIGINT) or rng.random() < 0.3)
        after = values(whole_rows(folder / _RESULTS))
        assert before.items() <= after.items(), "rows were lost or changed"
        if rng.random() < 0.3 and (folder / _RESULTS).exists():
            _cut_power(rng, folder / _RESULTS)
    run(*command, cwd=folder)
    rows = whole_rows(folder / _RESULTS)
    assert len(rows) == len(values(rows)) == SONGS, f"{len(rows)} rows"
    assert all(row.get("emotions") for row in rows)
    time.sleep(2.5)  # what a killed run left is removed by the next, if it is no longer new
    run(*command, cwd=folder)
    assert sorted(path.name for path in folder.iterdir()) == [_RESULTS, "songs"], "temporary files stayed"


def _cut_power(rng: random.Random, path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content + rng.choice((content[:50], bytes(4096), content[:50] + bytes(700))))


def tagged(rng: random.Random, folder: Path) -> None:
    """Killed while tags are written: every file is whole, and all of it can be done and taken back."""
    songs = folder / "songs"
    write_songs(songs, SONGS)
    run("predict", "songs", "--output", _RESULTS, "--jobs", "2", cwd=folder)
    _take_for_music(folder / _RESULTS)
    before = {path: path.read_bytes() for path in songs.iterdir()}
    heard = {path: soundfile.read(path)[0] for path in before}
    for _ in range(rng.randint(1, 4)):
        program = Program("tag", _RESULTS, "--write", cwd=folder)
        time.sleep(rng.uniform(0.2, 1.5))
        program.kill(rng.choice((signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT)))
        assert all(np.array_equal(soundfile.read(path)[0], heard[path]) for path in before), "audio changed"
    if rng.random() < 0.5:
        run("tag", _RESULTS, "--write", cwd=folder)
    time.sleep(2.5)  # what a killed run left is removed by the next, if it is no longer new
    code, _, stderr = run("tag", _RESULTS, "--undo", cwd=folder)
    assert code == 0, stderr
    assert {path: path.read_bytes() for path in before} == before, "tags were not taken back"
    left = {path.name for path in songs.iterdir()} - {path.name for path in before}
    assert not left or "nothing to do" in stderr, f"temporary files stayed: {left}"


def _take_for_music(path: Path) -> None:
    """Tones are no music, which would not be tagged."""
    rows = whole_rows(path)
    for row in rows:
        row.pop("novelty")
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))


def two_at_once(rng: random.Random, folder: Path) -> None:
    """Two runs that write to one file: the second is refused or goes on, and no row is lost."""
    write_songs(folder / "songs", SONGS)
    (folder / "none").mkdir()
    command = ("predict", "songs", "--output", _RESULTS, "--jobs", "1")
    others = [command, ("predict", "none", "--output", _RESULTS), ("predict", "missing.wav", "-o", _RESULTS)]
    programs = []
    for _ in range(rng.randint(2, 3)):
        programs.append(Program(*rng.choice(others), cwd=folder))
        time.sleep(rng.choice((0.0, rng.uniform(0.0, 1.5))))
    for program in programs:
        code, _, stderr = program.finish()
        check_end(code, stderr)
        assert code != 2 or "another midcli is writing" in stderr, stderr
    run(*command, cwd=folder)
    assert set(values(whole_rows(folder / _RESULTS))) >= {f"{number:02}.wav" for number in range(SONGS)}


def full_disk(rng: random.Random, folder: Path) -> None:
    """Files may grow to a random size only: what is there is whole, what is missing is said, and resumed."""
    write_songs(folder / "songs", SONGS)
    size = rng.randint(0, 20_000)
    output = rng.choice((_RESULTS, "out.csv"))
    command = ("predict", "songs", "--output", output, "--jobs", "1")
    code, _, stderr = run(
        *command, cwd=folder, prepare=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    )
    assert code in (0, 4), (code, stderr)
    lines = folder / (output if output == _RESULTS else f"{output}.jsonl")
    kept = values(whole_rows(lines))
    run(*command, cwd=folder)
    assert kept.items() <= values(whole_rows(lines)).items()
    assert len(whole_rows(lines)) == SONGS


def limits(rng: random.Random, folder: Path) -> None:
    """Little memory, little time: one clear line, or a result."""
    write_songs(folder / "songs", 3)
    kind = rng.choice(("memory", "time", "descriptors"))
    if kind == "time":
        seconds = str(rng.uniform(0.001, 1.5))
        run("predict", "songs", "--time-limit", seconds, "--json", "--jobs", "2", cwd=folder)
        return
    number, limit = (
        (resource.RLIMIT_AS, rng.randint(150, 1500) << 20)
        if kind == "memory"
        else (resource.RLIMIT_NOFILE, rng.randint(8, 64))
    )
    program = Program(
        *rng.choice((("predict", "songs", "--jobs", "2"), ("explain", "songs/00.wav"))),
        cwd=folder,
        prepare=lambda: resource.setrlimit(number, (limit, limit)),
    )
    code, _, stderr = program.finish()
    if "OpenBLAS" not in stderr:  # which ends a process without memory itself
        check_end(code, stderr)


def foreign_model(rng: random.Random, folder: Path) -> None:
    """A model of a stranger: refused or run within its limits, in one clean line."""
    write_songs(folder / "songs", 1)
    story = hostile_model(rng, write_model(folder / "model.onnx", rng.randrange(1000)))
    program = Program("explain", "songs/00.wav", "--model", "model.onnx", "--json", cwd=folder)
    most_mb = 0.0
    while program.process.poll() is None and time.monotonic() - program.began_s < _MOST_SECONDS:
        most_mb = max(most_mb, memory_mb(program.process.pid))
        time.sleep(0.05)
    seconds = time.monotonic() - program.began_s
    if program.process.poll() is None:
        os.killpg(program.process.pid, signal.SIGKILL)
    code, _, stderr = program.finish()
    assert seconds < _MOST_SECONDS, f"{story}: endless"
    assert most_mb < _MOST_MEMORY_MB, f"{story}: {most_mb:.0f} MB"
    check_end(code, stderr)
    assert code in (0, 4), f"{story}: {stderr}"
    assert len(stderr.splitlines()) <= 1, f"{story}: {stderr}"


def lying_server(rng: random.Random, folder: Path) -> None:
    """A download from a server whose headers and content are nonsense: one clear line, and no file."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/corpus.zip"
        threading.Thread(target=_lie, args=(rng, server, address), daemon=True).start()
        code, _, stderr = run("data", "fetch", "soundtracks", "corpora", "--url", address, cwd=folder)
    assert code == 4, stderr
    assert not list(folder.rglob("*.mp3"))


def _lie(rng: random.Random, server: socket.socket, address: str) -> None:
    for _ in range(_ANSWERS):
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection:
            try:
                connection.recv(65_536)
                connection.sendall(_answer(rng, address))
            except OSError:
                continue


def _answer(rng: random.Random, address: str) -> bytes:
    number = rng.choice(("0", "-1", "9" * 5000, "1e9", "٣", "", "10", str(2**63), "0x10", "5, 6"))
    location = rng.choice(
        ("http://[::", "http://\x00/", "//", "http://a:b:c/", "ftp://x", "\xff", address, "x" * 9000)
    )
    head = [
        rng.choice(
            ("HTTP/1.1 200 OK", "HTTP/1.1 206 Part", "HTTP/1.1 302 Found", "HTTP/1.1 999 ?", "nonsense")
        ),
        f"Content-Length: {number}",
        f"Content-Range: bytes {number}-{number}/{number}",
        f"Location: {location}",
        f"Content-Encoding: {rng.choice(('gzip', 'br', 'x' * 100, 'identity'))}",
        f"Transfer-Encoding: {rng.choice(('chunked', 'identity', 'x'))}",
        f"ETag: {number}",
    ]
    chosen = [head[0], *rng.sample(head[1:], rng.randint(0, len(head) - 1))]
    content = rng.choice((b"", b"PK\x03\x04" + rng.randbytes(50), rng.randbytes(2000), b"ffffffffffff\r\n"))
    return "\r\n".join(chosen).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + content


ROUNDS: dict[str, Round] = {
    "killed": killed,
    "tagged": tagged,
    "two at once": two_at_once,
    "full disk": full_disk,
    "limits": limits,
    "foreign model": foreign_model,
    "lying server": lying_server,
}
