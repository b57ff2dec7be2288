import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def run_midcli(tmp_path: Path, tiny_model: Path) -> Callable[..., tuple[str, str]]:
    """The command in a process of its own, in `tmp_path`; gives what it wrote to stdout and stderr."""

    def run(command: str, *arguments: object, code: int = 0) -> tuple[str, str]:
        environment = os.environ | {
            "MIDCLI_MODEL": str(tiny_model),
            "XDG_DATA_HOME": str(tmp_path / "data"),
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
        }
        done = subprocess.run(
            [sys.executable, "-m", "midcli", command, *map(str, arguments)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr
        assert done.returncode == code, done.stderr
        return done.stdout, done.stderr

    return run
