"""`midcli --version`: what a bug report needs."""

import hashlib
import platform
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner

from midcli.cli import versions
from midcli.cli.main import app
from midcli.model.bundled import bundled_models


def test_all_versions_are_there() -> None:
    result = CliRunner().invoke(app, ["--version"])
    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert lines[0] == f"midcli {version('midcli')}"
    sha256 = hashlib.sha256(bundled_models()["music"].read_bytes()).hexdigest()
    assert lines[1].startswith("model music ")
    assert lines[1].endswith(f"(sha256 {sha256})")
    assert f"Python {platform.python_version()}" in lines
    for name in versions.LIBRARIES:
        assert f"{name} {version(name)}" in lines
    assert any(line.startswith("libsndfile 1.") for line in lines)


def test_extras_are_told_if_they_are_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "OPTIONAL_LIBRARIES", ("rich", "no-such-library"))
    assert versions.version_lines()[-1] == f"rich {version('rich')}"


def test_a_model_that_cannot_be_loaded_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("midcli.model.bundled.models_folder", lambda: tmp_path)
    assert versions.version_lines()[1] == "model: music: no such model; bundled: none, or name an .onnx file"
