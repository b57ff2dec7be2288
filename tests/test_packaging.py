"""The package as a whole: version, public names, what gets imported when, nothing private in the files."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

import midcli

ROOT = Path(__file__).parent.parent
HEAVY = {"torch", "torchaudio", "librosa", "scipy", "numba", "matplotlib", "onnx"}
SLOW_TO_START = HEAVY | {"numpy", "onnxruntime", "soundfile", "soxr", "av"}
RUN_CLI = """
import json, sys
modules_file, *sys.argv[1:] = sys.argv[1:]
from midcli.cli.main import main
try:
    main()
finally:
    packages = sorted({name.partition(".")[0] for name in sys.modules})
    open(modules_file, "w").write(json.dumps(packages))
"""
MACHINE_PATH = re.compile(rb"(?<![\w.}])/(?:root|home|work|tmp|Users)/\w+")


def declared_version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def packages_imported_by(tmp_path: Path, *arguments: str) -> set[str]:
    """Top-level packages that a fresh process has loaded after `midcli ARGUMENTS`."""
    modules_file = tmp_path / "modules.json"
    command = [sys.executable, "-c", RUN_CLI, str(modules_file), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(modules_file.read_text()))


def test_installed_version_is_the_declared_one() -> None:
    assert midcli.__version__ == version("midcli") == declared_version()


def test_version_stands_in_one_place() -> None:
    sources = (ROOT / "midcli").rglob("*.py")
    assert [path for path in sources if f'"{declared_version()}"' in path.read_text(encoding="utf-8")] == []


def test_latest_release_in_the_changelog_is_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    releases = re.findall(r"^## \[?v?(\d+\.\d+\.\d+)", changelog, re.MULTILINE)
    assert releases[:1] in ([], [declared_version()])


def test_public_names() -> None:
    classes = ["Analyser", "Analysis"]
    errors = [
        "DataError",
        "ExtraError",
        "InputError",
        "MidcliError",
        "ModelError",
        "OutputError",
        "UsageError",
    ]
    functions = ["analyse", "compare", "predict", "save"]
    assert midcli.__all__ == [*classes, *errors, "__version__", *functions]
    assert all(getattr(midcli, name) is not None for name in midcli.__all__)


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = midcli.no_such_name


def test_import_is_light() -> None:
    code = "import sys, midcli; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert SLOW_TO_START.isdisjoint(done.stdout.split())


@pytest.mark.parametrize("arguments", [["--help"], ["config"], ["explain", "--help"]])
def test_help_is_light(tmp_path: Path, arguments: list[str]) -> None:
    assert SLOW_TO_START.isdisjoint(packages_imported_by(tmp_path, *arguments))


def test_version_imports_no_heavy_library(tmp_path: Path) -> None:
    assert HEAVY.isdisjoint(packages_imported_by(tmp_path, "--version"))


@pytest.mark.parametrize("options", [[], ["--json"]])
@pytest.mark.parametrize("command", ["explain", "predict"])
def test_analysis_imports_no_heavy_library(
    tmp_path: Path, song: Path, command: str, options: list[str]
) -> None:
    imported = packages_imported_by(tmp_path, command, str(song), *options)
    assert "onnxruntime" in imported
    assert HEAVY.isdisjoint(imported)


def test_libraries_leave_no_traces_of_their_own(tmp_path: Path, song: Path, tiny_model: Path) -> None:
    silencing = ("ORT_DISABLE_TELEMETRY", "ORT_RUNNING_UNIT_TESTS", "CI")
    environment = {name: value for name, value in os.environ.items() if name not in silencing}
    environment |= {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    command = [sys.executable, "-m", "midcli", "predict", str(song), str(song), "--jobs", "2"]
    subprocess.run([*command, "--model", str(tiny_model)], env=environment, capture_output=True, check=True)
    assert not (tmp_path / "cache").exists()


def test_the_program_and_the_module_are_one(tmp_path: Path) -> None:
    environment = {name: os.environ[name] for name in os.environ if name != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run(
        [sys.executable, "-m", "midcli", "explain", str(tmp_path / "missing.wav")],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 3
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    assert scripts == {"midcli": "midcli.__main__:main"}


@pytest.mark.skipif(
    not (ROOT / ".git").exists() or shutil.which("git") is None, reason="needs a checkout and git"
)
def test_no_tracked_file_names_a_path_of_a_machine() -> None:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    tracked = [ROOT / name.decode() for name in listing.split(b"\0") if name]
    found = {
        str(path.relative_to(ROOT)): match[0].decode()
        for path in tracked
        if path.is_file() and (match := MACHINE_PATH.search(path.read_bytes()))
    }
    assert found == {}


@pytest.mark.parametrize(
    "audio", sorted((ROOT / "tests" / "examples").glob("*.ogg")), ids=lambda path: path.stem
)
def test_examples_are_short_small_and_have_their_notes(audio: Path) -> None:
    import soundfile

    info = soundfile.info(audio)
    assert (info.samplerate, info.channels, info.subtype) == (44_100, 2, "VORBIS")
    assert 10 <= info.duration <= 20
    assert audio.stat().st_size < 200_000
    assert audio.with_suffix(".toml").exists()
