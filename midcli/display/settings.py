"""A user's defaults as a table."""

from pathlib import Path
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from midcli.output import printable
from midcli.settings import BUILT_IN, SETTINGS, Value


def settings_table(file: Path, values: dict[str, Value]) -> Group:
    """The config file, then one row a setting: value, where it comes from, what it is."""
    where = Text(f"config file {printable(str(file))}" + ("" if file.exists() else " (does not exist)"))
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("setting", "value", "from", "variable", "what it is"):
        table.add_column(column, overflow="fold", no_wrap=column in ("setting", "variable"))
    for setting in SETTINGS:
        value = values[setting.name]
        source = "config file" if value.source == str(file) else value.source
        table.add_row(
            setting.name,
            Text(_shown(value.value, setting.built_in), "" if value.value is None else "bold"),
            Text(source, "dim" if source == BUILT_IN else ""),
            setting.variable,
            Text(setting.help, "dim"),
        )
    return Group(where, Text(), table)


def _shown(value: Any, built_in: str) -> str:
    if value is None:
        return built_in
    return str(value).lower() if isinstance(value, bool) else printable(str(value))
