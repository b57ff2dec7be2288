"""Optional packages: which are missing, and the command that brings them to where midcli is installed."""

import re
import sys
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

from midcli.errors import ExtraError

_REQUIREMENT = re.compile(r"""(?P<package>[^;]+);.*\bextra == ["'](?P<extra>[^"']+)["']""")
_NAME = re.compile(r"[\w.-]+")


def require(*wanted: tuple[str, str]) -> None:
    """Raises one ExtraError for all (purpose, extra) that packages are missing for."""
    missing = [(purpose, extra) for purpose, extra in wanted if any(map(_is_missing, _packages(extra)))]
    if missing:
        raise ExtraError(" and ".join(purpose for purpose, _ in missing), *(extra for _, extra in missing))


def install_command(extras: Iterable[str]) -> str:
    """What installs the missing packages of extras beside this midcli, whatever installed it.

    It names the packages and never midcli itself, which an index may know as something else.
    """
    packages = list(dict.fromkeys(package for extra in extras for package in _packages(extra)))
    missing = [package for package in packages if _is_missing(package)] or packages
    return _in_shell([*_installer(Path(sys.prefix)), *missing])


def _packages(extra: str) -> Iterator[str]:
    """Requirements such as `torch>=2.7` of an extra, from the metadata of midcli."""
    from importlib.metadata import requires

    for line in requires("midcli") or ():
        found = _REQUIREMENT.match(line)
        if found and found["extra"] == extra:
            yield found["package"].strip()


def _is_missing(package: str) -> bool:
    from importlib.metadata import PackageNotFoundError, distribution

    name = _NAME.match(package)
    try:
        distribution(name[0] if name else package)
    except PackageNotFoundError:
        return True
    return False


def _installer(environment: Path) -> list[str]:
    """What installs packages into this environment: pipx, its own pip, or uv if it has none."""
    if (environment / "pipx_metadata.json").exists():
        return ["pipx", "inject", environment.name]
    if find_spec("pip") is None:
        return ["uv", "pip", "install", "--python", sys.executable]
    return [sys.executable, "-m", "pip", "install"]


def _in_shell(words: list[str]) -> str:
    if sys.platform == "win32":
        import subprocess

        return subprocess.list2cmdline(words)
    import shlex

    return shlex.join(words)
