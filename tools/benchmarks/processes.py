"""Whole processes: wall time, CPU time and peak memory, as the operating system accounts for them."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from statistics import median

MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024


@dataclass
class Measured:
    """A command and what each run of it cost."""

    name: str
    command: list[str]
    runs: int
    timeout_s: float = 900
    wall_s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    peak_mb: float = 0
    """Of the largest single process."""
    error: str = ""

    def run(self, counted: bool) -> None:
        """Run it once; after an error it is not run again."""
        if self.error:
            return
        environment = {name: os.environ[name] for name in os.environ if not name.startswith("PYTHON")}
        with tempfile.TemporaryFile() as stderr:
            started = time.perf_counter()
            process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                env=environment,
            )
            alarm = threading.Timer(self.timeout_s, process.kill)
            alarm.start()
            _, status, usage = os.wait4(process.pid, 0)
            wall_s = time.perf_counter() - started
            alarm.cancel()
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                stderr.seek(0)
                lines = stderr.read().decode(errors="replace").strip().splitlines()
                late = wall_s > self.timeout_s
                self.error = f"not within {self.timeout_s:g} s" if late else (lines or [f"exit {status}"])[-1]
            elif counted:
                self.wall_s.append(wall_s)
                self.cpu_s.append(usage.ru_utime + usage.ru_stime)
                self.peak_mb = max(self.peak_mb, usage.ru_maxrss * MAXRSS_BYTES / 1e6)

    def described(self) -> dict[str, object]:
        if not self.wall_s:
            return {"name": self.name, "error": self.error}
        return {
            "name": self.name,
            "wall_median_s": median(self.wall_s),
            "wall_min_s": min(self.wall_s),
            "cpu_median_s": median(self.cpu_s),
            "peak_mb": self.peak_mb,
            "runs": len(self.wall_s),
        }


def run_in_turn(measured: list[Measured]) -> None:
    """One uncounted run of each, then A B C A B C ..., so that all see the same machine."""
    for process in measured:
        if process.runs > 1:
            process.run(counted=False)
    for number in range(max(process.runs for process in measured)):
        for process in measured:
            if number < process.runs:
                process.run(counted=True)
