"""docs/json.md names every field that is printed."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from midcli.cli.main import app
from midcli.explanation.facts import Facts, Tempo
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES

ROOT = Path(__file__).parent.parent.parent
DOCUMENT = (ROOT / "docs" / "json.md").read_text("utf-8")
SONG, OTHER = (str(ROOT / "tests" / "examples" / f"{name}.ogg") for name in ("can-can", "baba-yaga"))
LABELS = {*EMOTION_NAMES, *QUALITY_NAMES}
BY_NAME = {"card", "cells", "devices", "songs", "settings", "runs", "changes"}
"""What is in these is called by names of files, settings and the like, or stands in a model file."""

COMMANDS = {
    "explain": (*("explain", "--where", "dissonance", "--over-time", "--facts"), SONG),
    "predict": ("predict", "--facts", SONG),
    "compare": ("compare", SONG, OTHER),
    "whatif": ("whatif", "--target", "happy=6", OTHER),
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


@pytest.mark.parametrize("command", COMMANDS)
def test_every_field_is_explained(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if "--facts" in COMMANDS[command]:
        pytest.importorskip("librosa")
    monkeypatch.setattr("midcli.explanation.facts.measure", lambda *_: MEASURED)
    result = CliRunner().invoke(app, [*COMMANDS[command], "--json"])
    assert result.exit_code == 0, result.stderr
    value = json.loads(result.stdout.splitlines()[0])
    value.pop("card", None)
    known = section(value.pop("schema"))
    described = set(re.findall(r"`([\w-]+)`", known)) | LABELS | {"schema"}
    assert set(fields(value)) - described == set()


def test_every_schema_has_a_section() -> None:
    sources = "\n".join(path.read_text("utf-8") for path in (ROOT / "midcli").rglob("*.py"))
    printed = set(re.findall(r'"(midcli\.[a-z-]+/\d)"', sources)) - {"midcli.scores/1", "midcli.tags/1"}
    assert {f"## {schema}" for schema in printed} <= set(DOCUMENT.splitlines())
