"""The examples in public docstrings are run, in a folder with `song.ogg` and `other.ogg`."""

import doctest
import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest
import soundfile

import midcli

PACKAGE = Path(midcli.__file__).parent
WITH_EXAMPLES = sorted(
    ".".join(("midcli", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")
    for path in PACKAGE.rglob("*.py")
    if re.search(r"^ *>>> ", path.read_text("utf-8"), re.MULTILINE)
)
NEEDED = {"tags": "mutagen", "tagging": "mutagen"}


EXAMPLES = Path(__file__).parent / "examples"


@pytest.fixture
def music(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three seconds of two pieces in the working folder."""
    for name, piece in (("song", "can-can"), ("other", "prelude-e-minor")):
        samples, rate_hz = soundfile.read(EXAMPLES / f"{piece}.ogg", frames=3 * 44_100)
        soundfile.write(tmp_path / f"{name}.ogg", samples[: 3 * rate_hz], rate_hz)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", WITH_EXAMPLES)
@pytest.mark.usefixtures("music")
def test_examples_give_what_they_say(name: str) -> None:
    pytest.importorskip(NEEDED.get(name.rpartition(".")[2], "numpy"))
    done = doctest.testmod(import_module(name), optionflags=doctest.ELLIPSIS, raise_on_error=False)
    assert done.attempted > 0
    assert done.failed == 0


@pytest.mark.parametrize("name", [name for name in midcli.__all__ if not name.endswith(("Error", "__"))])
def test_every_public_name_has_an_example(name: str) -> None:
    assert ">>> " in inspect.getdoc(getattr(midcli, name))  # type: ignore[operator]


@pytest.mark.parametrize("name", [name for name in midcli.__all__ if name.endswith("Error")])
def test_every_public_error_says_what_it_is(name: str) -> None:
    assert inspect.getdoc(getattr(midcli, name))
