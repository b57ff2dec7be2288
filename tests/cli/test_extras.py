"""Optional packages: what is missing, and what brings it."""

import os
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import pytest

from midcli.cli import extras
from midcli.cli.extras import install_command, require
from midcli.cli.hints import with_hint
from midcli.errors import ExtraError
from tests.missing_packages import without

posix = pytest.mark.skipif(os.name != "posix", reason="quotes of another shell")


def test_what_is_there_is_not_asked_for() -> None:
    require(("training", "dev"))
    require()


def test_everything_that_is_missing_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "resvg-py", "matplotlib", "font-source-sans-pro")
    with pytest.raises(ExtraError) as raised:
        require(("a picture", "pictures"), ("tests", "parquet"), ("figures", "figures"))
    assert raised.value.extras == ("pictures", "figures")
    assert str(raised.value).startswith("a picture and figures need packages that are not installed")
    command = with_hint(raised.value).partition(": ")[2]
    for package in ("font-source-sans-pro>=", "resvg-py>=", "matplotlib>="):
        assert command.count(package) == 1


@posix
def test_the_command_is_for_this_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    without(monkeypatch, "matplotlib")
    monkeypatch.setattr(extras, "find_spec", lambda _: None)
    assert install_command(["figures"]).startswith(f"uv pip install --python {sys.executable} 'matplotlib>=")
    monkeypatch.setattr(extras, "find_spec", lambda _: True)
    assert install_command(["figures"]).startswith(f"{sys.executable} -m pip install 'matplotlib>=")
    (tmp_path / "midcli-next").mkdir()
    (tmp_path / "midcli-next" / "pipx_metadata.json").touch()
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "midcli-next"))
    assert install_command(["figures"]).startswith("pipx inject midcli-next 'matplotlib>=")


def only_midcli(name: str) -> Distribution:
    if name != "midcli":
        raise PackageNotFoundError(name)
    return distribution(name)


@pytest.mark.parametrize("extra", ["train", "facts", "fetch", "figures", "pictures", "parquet", "cluster"])
def test_no_command_names_midcli_as_a_package(monkeypatch: pytest.MonkeyPatch, extra: str) -> None:
    monkeypatch.setattr("importlib.metadata.distribution", only_midcli)
    command = install_command([extra])
    packages = command.partition(" install ")[2]
    assert packages
    assert "midcli" not in packages.replace(sys.executable, "")
