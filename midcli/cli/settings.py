"""A user's own defaults, from a config file and MIDCLI_* variables.

An option on the command line beats a variable, a variable beats the file, the file beats what is built in.
An empty variable stands for what is built in, so that it takes back what the file says.
"""

import os
from pathlib import Path
from typing import Any, NamedTuple

import typer

from midcli.errors import UsageError
from midcli.util.files import exists
from midcli.util.text import brief

CONFIG_VARIABLE = "MIDCLI_CONFIG"
DATA_VARIABLE = "MIDCLI_DATA"
BUILT_IN = "built in"
_MAX_CONFIG_BYTES = 64 << 10
_KINDS = {
    "path": "a path",
    **dict.fromkeys(("str", "text"), "text"),
    **dict.fromkeys(("int", "integer"), "a whole number"),
    "float": "a number",
    "boolean": "true or false",
}
"""What the types of options are called, by the first word that versions of typer call them."""


class Setting(NamedTuple):
    """One default that can be set: its type, limits and what is built in are those of an option."""

    name: str
    help: str
    options: tuple[str, ...]
    """The command and, if it has another name, the parameter that it is the default of."""
    may_name_a_file: bool = False
    """Text that is a file where there is one beside the config file, else a bundled model's name."""

    @property
    def variable(self) -> str:
        return f"MIDCLI_{self.name.upper()}"

    def declared(self, root: Any) -> list[Any]:
        """The parameters that it is the default of, of a group of commands."""
        found = []
        for command, name in map(self.place, self.options):
            group = root
            for word in command:
                group = group.commands[word]
            found += [parameter for parameter in group.params if parameter.name == name]
        return found

    def built_in(self, root: Any) -> Any:
        """The option's own default, or what its help says in place of one."""
        option = self.declared(root)[0]
        said = option.show_default if isinstance(option.show_default, str) else "none"
        return said if option.default is None else option.default

    def place(self, option: str) -> tuple[list[str], str]:
        """The words of the command of one of its options, and the name of the parameter."""
        command, _, parameter = option.partition(":")
        return command.split(), parameter or self.name


SETTINGS = (
    Setting(
        "data",
        "folder of the corpora, of train, evaluate and data",
        ("evaluate", "train", "data check:folder", "data fetch:folder"),
    ),
    Setting(
        "model",
        "name or .onnx file, of explain, predict, find, similar, tag, browse, compare, whatif and model",
        ("explain", "predict", "find", "similar", "tag", "browse", "compare", "whatif", "model"),
        may_name_a_file=True,
    ),
    Setting(
        "reference",
        "predictions to compare with, of explain, compare, whatif and model",
        ("explain", "compare", "whatif", "model"),
    ),
    Setting("relative", "relative or absolute effects, of explain and model", ("explain", "model")),
    Setting(
        "jobs",
        "worker processes of predict, find, similar, tag and browse",
        ("predict", "find", "similar", "tag", "browse"),
    ),
    Setting("time_limit", "seconds of work on a file, of predict", ("predict",)),
    Setting(
        "max_hours",
        "longest audio, of explain, predict, compare and whatif",
        ("explain", "predict", "compare", "whatif"),
    ),
    Setting("device", "cpu or cuda, of train and evaluate", ("train", "evaluate")),
    Setting("verbose", "0, 1 or 2: as many -v", ("",)),
    Setting("log_file", "file that a log is appended to", ("",)),
)


class Value(NamedTuple):
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


def read_settings(root: Any) -> dict[str, Value]:
    """All settings of a program's commands by name. Raises UsageError for a value that makes no sense."""
    file = config_file()
    written = _read_file(file)
    values = {}
    for setting in SETTINGS:
        text = os.environ.get(setting.variable)
        if text is not None:
            where = f"{setting.variable}={brief(text)}"
            value = _converted(setting, setting.declared(root)[0], text, where, Path()) if text else None
            values[setting.name] = Value(value, setting.variable)
        elif setting.name in written:
            where = f"{file}: {setting.name} = {brief(repr(written[setting.name]))}"
            option = setting.declared(root)[0]
            value = _from_toml(setting, option, written[setting.name], where, file.parent)
            values[setting.name] = Value(value, str(file))
        else:
            values[setting.name] = Value(None, BUILT_IN)
    return values


def defaults(values: dict[str, Value], root: Any) -> dict[str, Any]:
    """The settings as nested defaults of commands and their parameters."""
    result: dict[str, Any] = {}
    for setting in SETTINGS:
        value = values[setting.name].value
        if value is None:
            continue
        for option, parameter in zip(setting.options, setting.declared(root), strict=True):
            command, name = setting.place(option)
            place = result
            for word in command:
                place = place.setdefault(word, {})
            place[name] = [value] if getattr(parameter, "multiple", False) else value
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


def _from_toml(setting: Setting, option: Any, written: Any, where: str, beside: Path) -> Any:
    """What the option makes of a value, of which a number is no text, and true no number."""
    value = _converted(setting, option, str(written), where, beside)
    same = isinstance(written, str if isinstance(value, Path) else type(value))
    if not same and not (isinstance(value, float) and type(written) is int):
        raise UsageError(f"{where}: expected {_expected(option)}")
    return value


def _converted(setting: Setting, option: Any, text: str, where: str, beside: Path) -> Any:
    """What the option makes of a text; paths start from the user's home or, in a file, from its folder."""
    if not text.strip():
        raise UsageError(f"{where}: is empty")
    is_path = option.type.name == "path"
    if is_path or setting.may_name_a_file:
        text = _expanded(setting, text, where, beside)
    try:
        value = option.type.convert(text, option, None)
        if option.callback:
            option.callback(None, option, value)
    except (typer.BadParameter, UsageError, ValueError) as error:
        raise UsageError(f"{where}: expected {_expected(option)}") from error
    return Path(value) if is_path else value


def _expected(option: Any) -> str:
    kind, least = _KINDS[option.type.name.split()[0]], getattr(option.type, "min", None)
    return kind if least is None else f"{kind}, {least:g} or more"


def _expanded(setting: Setting, text: str, where: str, beside: Path) -> str:
    try:
        path = beside / Path(text).expanduser()
    except RuntimeError as error:
        raise UsageError(f"{where}: no such home folder") from error
    is_name = setting.may_name_a_file and not text.startswith("~") and not _is_own_model(text, path)
    return text if is_name else str(path)


def _is_own_model(name: str, file: Path) -> bool:
    if not exists(file):
        return False
    from midcli.model.bundled import bundled_models

    return name not in bundled_models()
