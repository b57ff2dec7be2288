"""What a user could install from PyPI instead, each in a virtual environment of its own."""

import subprocess
import sys
import venv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

SCRIPTS = Path(__file__).parent / "scripts"


@dataclass(frozen=True)
class Competitor:
    """What to install (each group by a call of pip of its own), and the script that uses it."""

    name: str
    script: str
    requirements: tuple[tuple[str, ...], ...]


COMPETITORS: Sequence[Competitor] = [
    Competitor("openSMILE eGeMAPSv02", "opensmile_egemaps.py", (("opensmile",),)),
    Competitor("Essentia MusicExtractor", "essentia_extractor.py", (("--pre", "essentia"),)),
    Competitor(
        "Basic Pitch, onnxruntime",
        "basic_pitch_onnx.py",
        # without its dependencies: on Python 3.11 they include TensorFlow, which its ONNX model does not need
        (
            ("onnxruntime", "librosa", "mir_eval", "pretty_midi", "resampy", "scipy", "setuptools<81"),
            ("--no-deps", "basic-pitch"),
        ),
    ),
    Competitor("the paper, torch + librosa", "torch_librosa.py", (("torch", "librosa"),)),
]


@dataclass(frozen=True)
class Installed:
    """A competitor that can be run, or why not."""

    name: str
    command: list[str]
    versions: str
    error: str = ""


def install_all(folder: Path, competitors: Sequence[Competitor] = COMPETITORS) -> Iterator[Installed]:
    """Make what is missing in the folder; what is there is taken as it is."""
    for competitor in competitors:
        environment = folder / Path(competitor.script).stem
        python = environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
        finished = environment / "finished"
        if not finished.exists():
            print(f"installing {competitor.name} ...", file=sys.stderr)
            error = _install(environment, python, competitor)
            if error:
                yield Installed(competitor.name, [], "", error)
                continue
            finished.touch()
        yield Installed(
            competitor.name, [str(python), str(SCRIPTS / competitor.script)], _versions(python, competitor)
        )


def _install(environment: Path, python: Path, competitor: Competitor) -> str:
    venv.create(environment, with_pip=True, clear=True)
    for requirements in competitor.requirements:
        done = subprocess.run(
            [python, "-m", "pip", "install", "--quiet", *requirements],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
            return errors[-1] if errors else f"pip ended with exit code {done.returncode}"
    return ""


def _versions(python: Path, competitor: Competitor) -> str:
    names = [
        requirement
        for group in competitor.requirements
        for requirement in group
        if not requirement.startswith("-") and "<" not in requirement
    ]
    code = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))"
    done = subprocess.run([python, "-c", code, *names], capture_output=True, text=True, check=True)
    return ", ".join(map(" ".join, zip(names, done.stdout.split(), strict=True)))
