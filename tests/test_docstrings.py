"""The examples in public docstrings are run, in a folder with two pieces and their library.

What is public stands in one place, the last table of docs/python.md.
"""

import doctest
import inspect
import re
import shutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import FunctionType

import pytest
import soundfile

import midcli

PACKAGE = Path(midcli.__file__).parent
EXAMPLES = Path(__file__).parent / "examples"
GUIDE = (Path(__file__).parent.parent / "docs" / "python.md").read_text("utf-8")
WITH_EXAMPLES = sorted(
    ".".join(("midcli", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")
    for path in PACKAGE.rglob("*.py")
    if re.search(r"^ *>>> ", path.read_text("utf-8"), re.MULTILINE)
)
NEEDED = {"tags": "mutagen", "tagging": "mutagen"}


def public() -> Iterator[tuple[str, str]]:
    """Module and name of each row of the table."""
    for module, names in re.findall(r"^\| `([a-z_.]+)` \| (.*) \|$", GUIDE, re.MULTILINE):
        yield from ((module, name) for name in re.findall(r"`(\w+)`", names))


PUBLIC = [*public()]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds of two pieces, and their library."""
    folder = tmp_path_factory.mktemp("music")
    for name, piece in (("song", "can-can"), ("other", "prelude-e-minor")):
        samples, rate_hz = soundfile.read(EXAMPLES / f"{piece}.ogg", frames=3 * 44_100)
        soundfile.write(folder / f"{name}.ogg", samples[: 3 * rate_hz], rate_hz)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        midcli.predict(["song.ogg", "other.ogg"], output="library.jsonl")
    return folder


@pytest.fixture
def music(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy of it, in which examples may write, as the working folder."""
    shutil.copytree(made, tmp_path / "music")
    monkeypatch.chdir(tmp_path / "music")


@pytest.mark.parametrize("name", WITH_EXAMPLES)
@pytest.mark.usefixtures("music")
def test_examples_give_what_they_say(name: str) -> None:
    pytest.importorskip(NEEDED.get(name.rpartition(".")[2], "numpy"))
    done = doctest.testmod(import_module(name), optionflags=doctest.ELLIPSIS, raise_on_error=False)
    assert done.attempted > 0
    assert done.failed == 0


def test_the_door_and_the_guide_agree() -> None:
    shown = {name for name in midcli.__all__ if not name.endswith(("Error", "__"))}
    assert {name for module, name in PUBLIC if module == "midcli"} == shown


def test_what_the_guide_imports_is_public() -> None:
    imports = re.findall(r"^>>> from (midcli\.[a-z_.]+) import (.*)$", GUIDE, re.MULTILINE)
    used = {(module, name.strip()) for module, names in imports for name in names.split(",")}
    assert used
    assert used <= set(PUBLIC)


@pytest.mark.parametrize(("module", "name"), PUBLIC)
def test_every_public_name_has_an_example(module: str, name: str) -> None:
    named = getattr(import_module(module), name)
    assert inspect.isclass(named) or isinstance(named, FunctionType)
    assert ">>> " in (named.__doc__ or "")


@pytest.mark.parametrize(("module", "name"), PUBLIC)
def test_every_public_method_says_what_it_gives(module: str, name: str) -> None:
    named = getattr(import_module(module), name)
    silent = [
        key
        for key, value in vars(named).items()
        if isinstance(value, FunctionType) and not key.startswith("_") and not inspect.getdoc(value)
    ]
    assert not silent


@pytest.mark.parametrize("name", [name for name in midcli.__all__ if name.endswith("Error")])
def test_every_public_error_says_what_it_is(name: str) -> None:
    assert inspect.getdoc(getattr(midcli, name))
