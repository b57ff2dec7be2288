"""Measures whole processes: wall time (median after a warm-up) and peak memory, beside the machine's floor.

    python tests/benchmarks/speed.py [--runs 7] [--hour] [--model FILE] [--json]

Runs the `midcli` of this Python's own environment on synthesised music. The floor is a fresh Python process
that only imports the decoder and the resampler and decodes and resamples the same file.
"""

import argparse
import functools
import json
import multiprocessing
import os
import platform
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

MIDCLI = Path(sysconfig.get_path("scripts")) / "midcli"
SAMPLE_RATE_HZ = 44_100
MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024

FLOOR = """
import sys, soundfile, soxr
with soundfile.SoundFile(sys.argv[1]) as file:
    resampler = soxr.ResampleStream(file.samplerate, 22050, 1, dtype="float32")
    for block in file.blocks(1 << 17, dtype="float32", always_2d=True):
        resampler.resample_chunk(block.mean(axis=1))
"""


@dataclass(frozen=True)
class Case:
    """A command to measure, what it may cost, and the command that is its floor."""

    name: str
    command: list[str]
    floor: list[str] | None = None
    max_s: float | None = None
    max_floor_ratio: float | None = None
    max_mb: float | None = None
    max_runs: int | None = None


@dataclass(frozen=True)
class Measurement:
    """Wall times in seconds and the highest peak memory in MB."""

    runs_s: list[float]
    peak_mb: float

    @property
    def median_s(self) -> float:
        return statistics.median(self.runs_s)


@dataclass(frozen=True)
class Target:
    """A limit of a case, and whether it was kept."""

    what: str
    limit: float
    value: float
    met: bool


@dataclass(frozen=True)
class Result:
    """A case with what it cost."""

    name: str
    median_s: float
    runs_s: list[float]
    peak_mb: float
    floor_s: float | None
    floor_ratio: float | None
    targets: list[Target]


def run_once(command: list[str]) -> tuple[float, float]:
    """Wall time in seconds and peak memory in MB of one process."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    elapsed_s = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"exit code {process.returncode}: {' '.join(command)}")
    return elapsed_s, usage.ru_maxrss * MAXRSS_BYTES / 1e6


def measure(command: list[str], runs: int) -> Measurement:
    run_once(command)
    times_s, peaks_mb = zip(*(run_once(command) for _ in range(runs)), strict=True)
    return Measurement(list(times_s), max(peaks_mb))


def judge(case: Case, runs: int) -> Result:
    runs = min(runs, case.max_runs or runs)
    cost = measure(case.command, runs)
    floor_s = measure(case.floor, runs).median_s if case.floor else None
    ratio = cost.median_s / floor_s if floor_s else None
    limits = [
        ("seconds", case.max_s, cost.median_s),
        ("x floor", case.max_floor_ratio, ratio),
        ("MB", case.max_mb, cost.peak_mb),
    ]
    targets = [
        Target(what, limit, value, value <= limit)
        for what, limit, value in limits
        if limit is not None and value is not None
    ]
    return Result(case.name, cost.median_s, cost.runs_s, cost.peak_mb, floor_s, ratio, targets)


def cases(folder: Path, model: str | None, hour: bool) -> Iterator[Case]:
    """The cases of the project's speed targets, each with its audio written when it is its turn."""
    explain = [str(MIDCLI), "explain", *(["--model", model] if model else [])]
    floor = [sys.executable, "-c", FLOOR]
    yield Case("midcli --help", [str(MIDCLI), "--help"], max_s=0.3)
    clip = write_audio(folder / "clip.wav", 15)
    yield Case("explain 15 s wav", [*explain, clip], [*floor, clip], max_s=0.6)
    song = write_audio(folder / "song.mp3", 180)
    yield Case("explain 180 s mp3", [*explain, song], [*floor, song], max_s=1.2, max_floor_ratio=2.5)
    if hour:
        long = write_audio(folder / "hour.mp3", 3600)
        yield Case("explain 1 h mp3", [*explain, long], [*floor, long], max_mb=400, max_runs=1)


def write_audio(path: Path, duration_s: int) -> str:
    # in a process of its own: on Linux a child's peak memory starts at its parent's, so ours must stay small
    writer = multiprocessing.get_context("spawn").Process(target=_synthesise, args=(path, duration_s))
    writer.start()
    writer.join()
    if writer.exitcode:
        raise SystemExit(f"could not write {path}")
    return str(path)


def _synthesise(path: Path, duration_s: int) -> None:
    """Stereo music of sorts, 2 s at a time: bass, chords of decaying partials, a melody and a noisy beat."""
    import numpy as np
    import soundfile

    random = np.random.default_rng(0)
    time_s = np.arange(2 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    chords = [(0, 3, 7), (8, 12, 15), (3, 7, 10), (10, 14, 17)]

    @functools.cache
    def tone(semitones: int, decay_s: float, period_s: float) -> Any:
        hz = 220 * 2 ** (semitones / 12)
        partials = sum(np.sin(2 * np.pi * hz * n * time_s) / n**1.5 for n in range(1, 7))
        return partials * np.exp(-(time_s % period_s) / decay_s)

    with soundfile.SoundFile(path, "w", SAMPLE_RATE_HZ, 2) as file:
        for bar in range(duration_s * SAMPLE_RATE_HZ // len(time_s) + 1):
            chord = chords[bar % len(chords)]
            accompaniment = tone(chord[0] - 24, 0.3, 0.5) + sum(tone(note, 0.8, 1.0) for note in chord)
            melody = tone(int(random.choice(chord)) + 12, 0.4, 0.5)
            beat = random.standard_normal(len(time_s)) * np.exp(-(time_s % 0.5) / 0.03)
            left = 0.05 * (accompaniment + 0.7 * melody + beat)
            right = 0.05 * (0.7 * accompaniment + melody + beat)
            remaining = duration_s * SAMPLE_RATE_HZ - file.frames
            file.write(np.stack([left, right], axis=1)[:remaining])


def machine() -> dict[str, Any]:
    cpuinfo = Path("/proc/cpuinfo")
    names = [
        line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line
    ]
    return {
        "cpu": names[0] if names else platform.processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1),
    }


def print_table(results: Iterator[Result]) -> None:
    print(
        "{cpu}, {cores} cores, {system}, Python {python}, load {load} before the start\n".format(**machine())
    )
    print(f"{'':20}{'median':>10}{'peak':>10}{'floor':>10}{'ratio':>8}   targets")
    for result in results:
        floor = f"{result.floor_s:8.3f} s{result.floor_ratio:8.2f}" if result.floor_s else " " * 18
        targets = ", ".join(
            f"{target.limit:g} {target.what}: {'pass' if target.met else 'MISS'}" for target in result.targets
        )
        print(
            f"{result.name:20}{result.median_s:8.3f} s{result.peak_mb:7.0f} MB{floor}   {targets}", flush=True
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=7, help="runs after the warm-up (default 7)")
    parser.add_argument("--hour", action="store_true", help="a one-hour file too (one run, some minutes)")
    parser.add_argument("--model", help="explain with this model instead of the default one")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        results = (judge(case, options.runs) for case in cases(Path(folder), options.model, options.hour))
        if options.json:
            print(json.dumps({"machine": machine(), "results": [asdict(result) for result in results]}))
        else:
            print_table(results)


if __name__ == "__main__":
    main()
