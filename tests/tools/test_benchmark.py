"""The speed benchmark runs; what it measures is not judged here."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "tools" / "benchmarks" / "speed.py"


@pytest.mark.skipif(sys.platform == "win32", reason="the benchmark needs wait4")
def test_a_case_is_measured_against_its_floor(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    options = ["--only", "clip", "--runs", "1", "--audio", str(tmp_path), "--json", str(report)]
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *options], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "at most 0.45" in done.stdout
    (case,) = json.loads(report.read_text())["cases"]
    explain, floor = case["commands"]
    assert min(floor["wall_median_s"], explain["wall_median_s"]) > 0
    assert explain["peak_mb"] > floor["peak_mb"] > 10


@pytest.mark.skipif(sys.platform == "win32", reason="the benchmark needs wait4")
def test_a_command_that_fails_is_reported(tmp_path: Path) -> None:
    program = tmp_path / "midcli"
    program.write_text("#!/bin/sh\necho broken >&2\nexit 7\n")
    program.chmod(0o755)
    (tmp_path / Path(sys.executable).name).symlink_to(sys.executable)
    options = ["--only", "start", "--runs", "1", "--midcli", str(program)]
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *options], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "failed: broken" in done.stdout
