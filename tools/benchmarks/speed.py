"""How long midcli takes and how much memory, beside the least it could take and beside others.

    python tools/benchmarks/speed.py [--competitors FOLDER] [--only PART ...] [--audio FOLDER] [--json FILE]

Measures whole processes on synthesised music, all commands of a case in turn. README.md tells more.
"""

import argparse
import json
import os
import platform
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from competitors import SCRIPTS, Installed, install_all
from processes import Measured, run_in_turn
from synthesis import write_audio, write_folder

FOLDER_FILES = 200


@dataclass(frozen=True)
class Limit:
    """What the first command of a case may cost at most: `value` of what was measured."""

    what: str
    limit: float
    value: Callable[[list[Measured]], float]
    at_least: bool = False

    def kept(self, measured: list[Measured]) -> bool:
        value = self.value(measured)
        return value >= self.limit if self.at_least else value <= self.limit


@dataclass(frozen=True)
class Case:
    """Commands to compare; the first is midcli's, and ratios are to it."""

    name: str
    measured: list[Measured]
    limits: list[Limit]


def seconds(limit: float) -> Limit:
    return Limit("s", limit, lambda measured: median(measured[0].wall_s))


def megabytes(limit: float) -> Limit:
    return Limit("MB", limit, lambda measured: measured[0].peak_mb)


def floor_ratio(limit: float) -> Limit:
    return Limit("x floor", limit, lambda measured: ratio(measured[0], measured[1]))


def faster_than_others(limit: float) -> Limit:
    def factor(measured: list[Measured]) -> float:
        others = [ratio(other, measured[0]) for other in measured[2:] if other.wall_s]
        return min(others, default=float("nan"))

    return Limit("x as fast as the fastest other", limit, factor, at_least=True)


def ratio(process: Measured, other: Measured) -> float:
    """Median of the ratios of runs that followed each other; not a number where either failed."""
    ratios = [a / b for a, b in zip(process.wall_s, other.wall_s, strict=False)]
    return median(ratios) if ratios else float("nan")


PARTS = ("start", "clip", "song", "hour", "folder")


def cases(options: argparse.Namespace, audio: Path, others: list[Installed]) -> Iterator[Case]:
    """The cases asked for, each with its audio written when it is its turn."""
    midcli = str(options.midcli)
    python = str(options.midcli.parent / Path(sys.executable).name)

    def against(file: Path, runs: int, fewer_runs: int) -> list[Measured]:
        return [
            Measured("midcli explain", [midcli, "explain", str(file)], runs),
            Measured("floor: decode, resample", [python, str(SCRIPTS / "floor.py"), str(file)], runs),
            *(
                Measured(other.name, [*other.command, str(file)], fewer_runs, error=other.error)
                for other in others
            ),
        ]

    if "start" in options.only:
        yield Case("start", [Measured("midcli --help", [midcli, "--help"], options.runs)], [seconds(0.3)])
    if "clip" in options.only:
        clip = write_audio(audio / "clip.wav", 15)
        yield Case("15 s, wav", against(clip, options.runs, 3), [seconds(0.45)])
    if "song" in options.only:
        song = write_audio(audio / "song.mp3", 180)
        limits = [seconds(1.2), floor_ratio(1.8), *([faster_than_others(6)] if others else [])]
        yield Case("180 s, mp3", against(song, options.runs, 3), limits)
    if "hour" in options.only:
        hour = write_audio(audio / "hour.mp3", 3600)
        yield Case("one hour, mp3", against(hour, min(options.runs, 3), 1), [seconds(15), megabytes(300)])
    if "folder" in options.only:
        folder = write_folder(audio / "folder", FOLDER_FILES, 30)
        command = [midcli, "predict", str(folder), "--format", "jsonl", "--jobs"]
        by_jobs = [
            Measured(f"midcli predict, {jobs} job{'s' * (jobs > 1)}", [*command, str(jobs)], 3)
            for jobs in (2, 1)
        ]
        doubled = Limit("x one job", 1.8, lambda measured: ratio(measured[1], measured[0]), at_least=True)
        yield Case(f"{FOLDER_FILES} files of 30 s, mp3", by_jobs, [doubled])


def machine() -> dict[str, Any]:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if "model name" in line]
    return {
        "cpu": names[0] if names else platform.processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def load() -> float:
    """Processes that want a core, averaged over a minute."""
    return round(os.getloadavg()[0], 1)


def print_case(case: Case, load_before: float) -> None:
    print(f"\n{case.name}   (load before: {load_before})")
    print(f"{'':28}{'median':>9}{'least':>9}{'CPU':>9}{'peak':>9}{'ratio':>8}  runs")
    first = case.measured[0]
    for process in case.measured:
        if not process.wall_s:
            print(f"{process.name:28}failed: {process.error}")
            continue
        print(
            f"{process.name:28}{median(process.wall_s):7.3f} s{min(process.wall_s):7.3f} s"
            f"{median(process.cpu_s):7.3f} s{process.peak_mb:6.0f} MB{ratio(process, first):8.2f}"
            f"{len(process.wall_s):6}"
        )
    if not first.error:
        for limit in case.limits:
            relation = "at least" if limit.at_least else "at most"
            verdict = "kept" if limit.kept(case.measured) else "MISSED"
            print(f"  {limit.value(case.measured):.3g} {limit.what}, {relation} {limit.limit:g}: {verdict}")
    sys.stdout.flush()


def described(case: Case) -> dict[str, Any]:
    return {
        "case": case.name,
        "commands": [process.described() for process in case.measured],
        "limits": [
            {"what": limit.what, "limit": limit.limit, "value": limit.value(case.measured)}
            for limit in case.limits
            if not case.measured[0].error
        ],
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=9, help="runs after the first of each command")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="these parts")
    parser.add_argument(
        "--competitors", type=Path, metavar="FOLDER", help="measure others too, installed into this folder"
    )
    parser.add_argument("--audio", type=Path, metavar="FOLDER", help="keep the audio here for the next time")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was measured as JSON too")
    parser.add_argument(
        "--midcli",
        type=Path,
        metavar="PROGRAM",
        default=Path(sysconfig.get_path("scripts")) / "midcli",
        help="the installation to measure, instead of that of this Python",
    )
    options = parser.parse_args()
    options.midcli = options.midcli.absolute()
    with ExitStack() as stack:
        audio = options.audio or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        audio.mkdir(parents=True, exist_ok=True)
        others = list(install_all(options.competitors.absolute())) if options.competitors else []
        print(
            "{cpu}, {cores} cores, {system}, Python {python}; ratio: time over midcli's".format(**machine())
        )
        for other in others:
            print(f"{other.name}: {other.error or other.versions}")
        results = []
        for case in cases(options, audio, others):
            load_before = load()
            run_in_turn(case.measured)
            print_case(case, load_before)
            results.append({**described(case), "load_before": load_before})
    if options.json:
        others_described = {other.name: other.error or other.versions for other in others}
        report = {"machine": machine(), "others": others_described, "cases": results}
        options.json.write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
