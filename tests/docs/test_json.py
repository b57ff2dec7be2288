"""docs/json.md names every field that is printed."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from midcli.cli.main import app
from midcli.explanation.facts import Facts, Tempo
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.model.vocabularies import further_vocabularies

ROOT = Path(__file__).parent.parent.parent
DOCUMENT = (ROOT / "docs" / "json.md").read_text("utf-8")
SONG, OTHER = (str(ROOT / "tests" / "examples" / f"{name}.ogg") for name in ("can-can", "baba-yaga"))
CHANGING = "CHANGING"
"""A piece of two moods, made for these tests."""
LABELS = {*EMOTION_NAMES, *QUALITY_NAMES}
BY_NAME = {"beside", "card", "cells", "devices", "songs", "settings", "runs", "changes"}
"""What is in these is called by names of files, settings and the like, or stands in a model file."""

VOCABULARY = set(further_vocabularies()["gems"].names)
RARE = {"explain": {"heard_s"}, "predict": {"contrast", "heard_s"}}
"""Only of files that are heard in part, of several tempi, that change."""

COMMANDS = {
    "explain": (*("explain", "--where", "dissonance", "--over-time", "--facts", "--highlight"), CHANGING),
    "explain gems": ("explain", "--vocabulary", "gems", SONG),
    "predict": ("predict", "--facts", "--track", "1", SONG),
    "compare": ("compare", "--facts", OTHER, OTHER),
    "whatif": ("whatif", OTHER),
    "whatif --target": ("whatif", "--target", "happy=6", OTHER),
    "whatif --set": ("whatif", "--set", "minorness=+1", OTHER),
    "model": ("model",),
    "evaluate": ("evaluate",),
    "config": ("config",),
}

MEASURED = Facts(
    20.0,
    120.0,
    1.0,
    0.8,
    2.0,
    30.0,
    "A minor",
    0.7,
    0.1,
    0.1,
    -12.0,
    10.0,
    (Tempo(0.0, 20.0, 120.0),),
    2000.0,
    onset_strength=np.random.default_rng(0).random(800, np.float32),
)


def section(schema: str) -> str:
    _, heading, rest = DOCUMENT.partition(f"\n## {schema}\n")
    assert heading, f"docs/json.md has no section {schema}"
    own = rest.partition("\n## ")[0]
    referred = re.findall(r"`(midcli\.\w+/1)` without|as above", own)
    return own + (section("midcli.explain/1") if referred and schema != "midcli.explain/1" else "")


def fields(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value[:3]:
            yield from fields(item)
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from fields(list(inner.values()) if name in BY_NAME and isinstance(inner, dict) else inner)


@pytest.fixture(scope="module")
def changing(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Noise and then the can-can."""
    song, rate_hz = soundfile.read(SONG)
    noise = np.random.default_rng(0).normal(0, 0.1, (8 * rate_hz, *song.shape[1:]))
    file = tmp_path_factory.mktemp("pieces") / "changing.wav"
    soundfile.write(file, np.concatenate([noise, song]), rate_hz)
    return str(file)


@cache
def printed(command: str, changing: str) -> dict[str, Any]:
    arguments = [changing if argument == CHANGING else argument for argument in COMMANDS[command]]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("midcli.explanation.facts.measure", lambda *_: MEASURED)
        result = CliRunner().invoke(app, [*arguments, "--json"])
    assert result.exit_code == 0, result.stderr
    value: dict[str, Any] = json.loads(result.stdout.splitlines()[0])
    return value


@pytest.mark.parametrize("command", COMMANDS)
def test_every_field_is_explained(command: str, changing: str) -> None:
    if "--facts" in COMMANDS[command]:
        pytest.importorskip("librosa")
    value = dict(printed(command, changing))
    value.pop("card", None)
    known = section(value.pop("schema"))
    described = set(re.findall(r"`([\w-]+)`", known)) | LABELS | VOCABULARY | {"schema"}
    assert set(fields(value)) - described == set()


@pytest.mark.parametrize("schema", ["explain", "predict", "compare", "whatif"])
def test_every_field_that_is_explained_is_there(schema: str, changing: str) -> None:
    pytest.importorskip("librosa")
    names = [name for name in COMMANDS if name.split()[0] == schema]
    found = {field for name in names for field in fields(printed(name, changing))}
    own = DOCUMENT.partition(f"\n## midcli.{schema}/1\n")[2].partition("\n## ")[0]
    told = {
        field
        for line in own.splitlines()
        if line.startswith("| `")
        for field in re.findall(r"`([\w]+)`", line.split("|")[1])
    }
    assert told - found == RARE.get(schema, set())


def test_every_schema_has_a_section() -> None:
    sources = "\n".join(path.read_text("utf-8") for path in (ROOT / "midcli").rglob("*.py"))
    printed = set(re.findall(r'"(midcli\.[a-z-]+/\d)"', sources)) - {"midcli.scores/1", "midcli.tags/1"}
    assert {f"## {schema}" for schema in printed} <= set(DOCUMENT.splitlines())
