"""Documents: short enough, and what they point at is there."""

import json
import re
import tomllib
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from midcli.cli.main import app

ROOT = Path(__file__).parent.parent.parent
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "models" / "README.md",
    *ROOT.glob("docs/*.md"),
]


def test_the_readme_is_read_in_one_sitting() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 150


def headings(document: Path) -> set[str]:
    """The anchors that hosts of repositories give to the headings."""
    found = re.findall(r"^#+ (.+)$", document.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)\s]+)\)", document.read_text("utf-8"))
    for path, _, anchor in (target.partition("#") for target in targets if "://" not in target):
        linked = document.parent / path if path else document
        assert linked.exists(), path
        assert not anchor or anchor in headings(linked), f"{path}#{anchor}"


def test_the_readme_names_every_extra() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    named = re.findall(r"`(\w+)`", (ROOT / "README.md").read_text("utf-8"))
    assert set(extras) - {"dev"} <= set(named)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_nobody_is_sent_to_an_index_for_midcli(document: Path) -> None:
    assert re.findall(r"(?:pipx? (?:install|run)|uvx?) '?midcli\b", document.read_text("utf-8")) == []


def test_the_readme_says_which_commands_print_json() -> None:
    commands = typer.main.get_group(app).commands
    without = {
        name
        for name, command in commands.items()
        if "--json" not in {o for p in command.params for o in p.opts}
    }
    said = re.search(r"With `--json`, all but (.+?) print JSON", (ROOT / "README.md").read_text("utf-8"))
    assert said is not None
    assert set(re.findall("`(.+?)`", said[1])) == without


def test_the_tag_of_the_model_is_that_of_the_bundled_one() -> None:
    result = CliRunner().invoke(app, ["model", "--json"])
    card = json.loads(result.stdout)["card"]
    row = next(
        line for line in (ROOT / "docs" / "tags.md").read_text("utf-8").splitlines() if "MIDCLI_MODEL" in line
    )
    assert f"`{card['name']} {card['version']}`" in row


def test_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert f"\nversion: {project['version']}\n" in (ROOT / "CITATION.cff").read_text("utf-8")
