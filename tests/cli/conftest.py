from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from midcli.cli.main import app


@pytest.fixture
def run_midcli(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[str, str]]:
    """The command, as if it were called in `tmp_path`; gives what it wrote to stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MIDCLI_MODEL", str(tiny_model))
    for kind in ("data", "cache"):
        monkeypatch.setenv(f"XDG_{kind.upper()}_HOME", str(tmp_path / kind))

    def run(command: str, *arguments: object, code: int = 0) -> tuple[str, str]:
        done = CliRunner().invoke(app, [command, *map(str, arguments)])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == code, done.stderr
        return done.stdout, done.stderr

    return run
