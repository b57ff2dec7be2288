"""The program under attack, in a process group of its own, and what it must keep whatever happens."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

EXPECTED_CODES = (0, 2, 3, 4, 5, 130)
ENDS_S = 2.0
"""So soon after its parent every process has ended."""
_TIMEOUT_S = 180.0
_RATE_HZ = 22_050


def write_songs(folder: Path, count: int) -> None:
    """Short pieces, each another chord."""
    rng = np.random.default_rng(0)
    time_s = np.arange(int(1.6 * _RATE_HZ)) / _RATE_HZ
    folder.mkdir()
    for number in range(count):
        tones = sum(np.sin(2 * np.pi * hz * time_s) for hz in rng.uniform(100, 900, 3))
        soundfile.write(folder / f"{number:02}.wav", 0.2 * tones * np.exp(-(time_s % 0.4) * 3), _RATE_HZ)


class Program:
    """`midcli` with these arguments."""

    def __init__(self, *arguments: str, cwd: Path, prepare: Callable[[], object] | None = None) -> None:
        self.began_s = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "midcli", *arguments],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | {"XDG_DATA_HOME": str(cwd / "data")},
            start_new_session=True,
            preexec_fn=prepare,
        )

    def finish(self) -> tuple[int, str, str]:
        """Exit code, stdout and stderr, as soon as all of its processes have ended or let go of them."""
        stdout, stderr = self.process.communicate(timeout=_TIMEOUT_S)
        return self.process.returncode, stdout.decode(errors="replace"), stderr.decode(errors="replace")

    def kill(self, number: signal.Signals, group: bool = False) -> None:
        """End it, or the whole group as a closed terminal does. Raises AssertionError if a process stays."""
        family = members(self.process.pid)
        if group:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)
        code, _, stderr = self.finish()
        deadline = time.monotonic() + ENDS_S
        while (left := [pid for pid in family if pid in members(self.process.pid)]) and (
            time.monotonic() < deadline
        ):
            time.sleep(0.02)
        assert not left, f"{len(left)} processes stayed after {number.name}"
        if _was_starting(stderr):
            return
        assert code in (-number, *EXPECTED_CODES), f"exit code {code} after {number.name}: {stderr}"
        assert "Traceback" not in stderr, stderr


def _was_starting(stderr: str) -> bool:
    """Whether the interrupt came before the program could hear it, while Python itself was starting."""
    in_program = re.search(r'__main__\.py", line \d+, in main$', stderr, re.MULTILINE)
    return stderr.rstrip().endswith("KeyboardInterrupt") and not in_program


def members(group: int) -> set[int]:
    """Processes of a group that have not ended."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == group and fields[0] != "Z":
                found.add(int(entry.name))
    return found


def memory_mb(group: int) -> float:
    """Memory of the processes of a group now."""
    total = 0.0
    for pid in members(group):
        try:
            total += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
        except OSError:
            continue
    return total


def run(*arguments: str, cwd: Path, prepare: Callable[[], object] | None = None) -> tuple[int, str, str]:
    """Exit code, stdout and stderr. Raises AssertionError unless it ended in a way that is promised."""
    code, stdout, stderr = Program(*arguments, cwd=cwd, prepare=prepare).finish()
    check_end(code, stderr)
    return code, stdout, stderr


def check_end(code: int, stderr: str) -> None:
    """Raises AssertionError unless a program ended in a way that is promised."""
    assert code in EXPECTED_CODES, f"exit code {code}: {stderr[-2000:]}"
    assert "Traceback" not in stderr, stderr
    assert all(len(line) < 2000 and line.isprintable() for line in stderr.splitlines()), stderr[:2000]


def whole_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a file of results, without one half written. Raises ValueError if one is broken."""
    if not path.exists():
        return []
    *lines, _ = path.read_bytes().split(b"\n")
    return [json.loads(line) for line in lines]


def values(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What was found of each file."""
    return {Path(row["file"]).name: row.get("emotions") for row in rows}
