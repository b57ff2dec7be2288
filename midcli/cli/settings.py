"""A user's own defaults, from a config file and MIDCLI_* variables.

An option on the command line beats a variable, a variable beats the file, the file beats what is built in.
An empty variable stands for what is built in, so that it takes back what the file says.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from midcli.audio.limits import MAX_HOURS
from midcli.errors import UsageError
from midcli.util.files import exists
from midcli.util.text import brief

CONFIG_VARIABLE = "MIDCLI_CONFIG"
DATA_VARIABLE = "MIDCLI_DATA"
BUILT_IN = "built in"
TIME_LIMIT_S = 1800.0
_MAX_CONFIG_BYTES = 64 << 10
LEAST_LIMIT = 0.001
"""Of the two."""

_WORDS = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}
_KINDS = {Path: "a path", str: "text", int: "a whole number", float: "a number", bool: "true or false"}


@dataclass(frozen=True)
class Setting:
    """One default that can be set."""

    name: str
    kind: type
    help: str
    options: tuple[str, ...]
    """The command and, if it has another name, the parameter that it is the default of, with + if a list."""
    default: float | str
    """What is built in, in words where it is no value."""
    minimum: float | None = None
    may_name_a_file: bool = False
    """Text that is a file where there is one beside the config file, else a bundled model's name."""

    @property
    def built_in(self) -> str:
        """In words."""
        if isinstance(self.default, bool):
            return str(self.default).lower()
        return self.default if isinstance(self.default, str) else f"{self.default:g}"

    @property
    def variable(self) -> str:
        return f"MIDCLI_{self.name.upper()}"


SETTINGS = (
    Setting(
        "data",
        Path,
        "folder of the corpora, of train, evaluate and data",
        ("train:data+", "evaluate", "data check:folder", "data fetch:folder"),
        "none",
    ),
    Setting(
        "model",
        str,
        "name or .onnx file, of explain, predict, find, similar, tag, browse, compare, whatif and model",
        ("explain", "predict", "find", "similar", "tag", "browse", "compare", "whatif", "model"),
        "the bundled one",
        may_name_a_file=True,
    ),
    Setting(
        "reference",
        Path,
        "predictions to compare with, of explain, compare, whatif and model",
        ("explain", "compare", "whatif", "model"),
        "the model's corpus",
    ),
    Setting(
        "relative", bool, "relative or absolute effects, of explain and model", ("explain", "model"), True
    ),
    Setting(
        "jobs",
        int,
        "worker processes of predict, find, similar, tag and browse",
        ("predict", "find", "similar", "tag", "browse"),
        "all cores",
        minimum=1,
    ),
    Setting(
        "time_limit",
        float,
        "seconds of work on a file, of predict",
        ("predict",),
        TIME_LIMIT_S,
        minimum=LEAST_LIMIT,
    ),
    Setting(
        "max_hours",
        float,
        "longest audio, of explain, predict, compare and whatif",
        ("explain", "predict", "compare", "whatif"),
        MAX_HOURS,
        minimum=LEAST_LIMIT,
    ),
    Setting("device", str, "cpu or cuda, of train and evaluate", ("train", "evaluate"), "the best there is"),
    Setting("verbose", int, "0, 1 or 2: as many -v", ("",), 0, minimum=0),
    Setting("log_file", Path, "file that a log is appended to", ("",), "none"),
)


@dataclass(frozen=True)
class Value:
    """What a setting is, and where that comes from: a variable's name, a file's path, or BUILT_IN."""

    value: Any
    """None if it is built in."""
    source: str


def config_file() -> Path:
    """Where the config file is, or would be."""
    named = os.environ.get(CONFIG_VARIABLE)
    if named:
        try:
            return Path(named).expanduser()
        except RuntimeError as error:
            raise UsageError(f"{CONFIG_VARIABLE}={named}: no such home folder") from error
    from platformdirs import user_config_path

    return user_config_path("midcli", appauthor=False) / "config.toml"


def read_settings() -> dict[str, Value]:
    """All settings by name. Raises UsageError for a value that makes no sense, from wherever it comes."""
    file = config_file()
    written = _read_file(file)
    values = {}
    for setting in SETTINGS:
        text = os.environ.get(setting.variable)
        if text is not None:
            value = _from_text(setting, text) if text else None
            values[setting.name] = Value(value, setting.variable)
        elif setting.name in written:
            values[setting.name] = Value(_from_toml(setting, written[setting.name], file), str(file))
        else:
            values[setting.name] = Value(None, BUILT_IN)
    return values


def defaults(values: dict[str, Value]) -> dict[str, Any]:
    """The settings as nested defaults of commands and their parameters."""
    result: dict[str, Any] = {}
    for setting in SETTINGS:
        value = values[setting.name].value
        if value is None:
            continue
        for option in setting.options:
            command, _, parameter = option.partition(":")
            place = result
            for name in command.split():
                place = place.setdefault(name, {})
            name = parameter.removesuffix("+") or setting.name
            place[name] = [value] if parameter.endswith("+") else value  # where several may be named
    return result


def _read_file(path: Path) -> dict[str, Any]:
    from midcli.util.documents import ContentError, from_toml, read_document

    try:
        written = from_toml(read_document(path, _MAX_CONFIG_BYTES))
    except (FileNotFoundError, NotADirectoryError):
        if os.environ.get(CONFIG_VARIABLE):
            raise UsageError(f"{path}: no such file; it is named by {CONFIG_VARIABLE}") from None
        return {}
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except ContentError as error:
        raise UsageError(f"{path}: {error}") from error
    known = [setting.name for setting in SETTINGS]
    for name in written:
        if name not in known:
            raise UsageError(f"{path}: unknown setting {brief(name)!r}; known are {', '.join(known)}")
    return written


def _from_toml(setting: Setting, value: Any, file: Path) -> Any:
    expected = {Path: (str,), float: (int, float)}.get(setting.kind, (setting.kind,))
    shown = brief(repr(value))
    if type(value) not in expected:
        raise UsageError(f"{file}: {setting.name} = {shown}: expected {_KINDS[setting.kind]}")
    return _checked(setting, value, f"{file}: {setting.name} = {shown}", file.parent)


def _from_text(setting: Setting, text: str) -> Any:
    where = f"{setting.variable}={brief(text)}"
    value: Any = text
    if setting.kind is bool:
        value = _WORDS.get(text.strip().lower())
    elif setting.kind is int:
        value = int(text) if re.fullmatch("[0-9]{1,9}", text) else None
    elif setting.kind is float:
        value = _number(text)
    if value is None:
        raise UsageError(f"{where}: expected {_KINDS[setting.kind]}")
    return _checked(setting, value, where, Path())


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _checked(setting: Setting, value: Any, where: str, beside: Path) -> Any:
    """The value, with paths that start from the user's home or, in a file, from the folder of that file."""
    if setting.minimum is not None and not value >= setting.minimum:  # NaN is no number either
        raise UsageError(f"{where}: expected {setting.minimum:g} or more")
    if isinstance(value, str) and not value.strip():
        raise UsageError(f"{where}: is empty")
    if not isinstance(value, str):
        return value
    try:
        expanded = Path(value).expanduser()
    except RuntimeError as error:
        raise UsageError(f"{where}: no such home folder") from error
    if setting.kind is Path:
        return beside / expanded
    if setting.may_name_a_file and _is_own_model(value, beside / expanded):
        return str(beside / expanded)
    return str(expanded) if value.startswith("~") else value


def _is_own_model(name: str, file: Path) -> bool:
    if not exists(file):
        return False
    from midcli.model.bundled import bundled_models

    return name not in bundled_models()
