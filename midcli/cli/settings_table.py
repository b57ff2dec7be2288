"""A user's defaults as a table."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from midcli.cli.settings import BUILT_IN, SETTINGS, Setting, Value
from midcli.util.text import printable
from midcli.views.terminal import theme
from midcli.views.terminal.paragraph import paragraph

_LEAST_FOR_COLUMNS = 72


@dataclass(frozen=True)
class _Settings:
    file: Path
    values: dict[str, Value]
    built_in: dict[str, Any]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        exists = "" if self.file.exists() else " (does not exist)"
        yield Text(f"config file {printable(str(self.file))}{exists}", overflow="fold")
        yield Text()
        if options.max_width >= _LEAST_FOR_COLUMNS:
            yield self._table()
            return
        for setting in SETTINGS:
            yield Text.assemble((setting.name, theme.TITLE), "  ", self._value(setting), overflow="fold")
            source = f"{self._source(setting)}, variable {setting.variable}"
            yield paragraph(source, options.max_width)
            yield paragraph(setting.help, options.max_width, theme.QUIET)

    def _table(self) -> Table:
        table = Table(box=None, pad_edge=False, header_style=theme.QUIET)
        for column in ("setting", "value", "from", "variable", "what it is"):
            table.add_column(column, overflow="fold", no_wrap=column in ("setting", "variable"))
        for setting in SETTINGS:
            table.add_row(
                setting.name,
                self._value(setting),
                self._source(setting),
                setting.variable,
                Text(setting.help, theme.QUIET),
            )
        return table

    def _value(self, setting: Setting) -> Text:
        value = self.values[setting.name].value
        if value is None:
            return Text(_shown(self.built_in[setting.name]))
        return Text(_shown(value), theme.TITLE)

    def _source(self, setting: Setting) -> Text:
        source = self.values[setting.name].source
        if source == str(self.file):
            return Text("config file")
        return Text(source, theme.QUIET if source == BUILT_IN else "")


def settings_table(file: Path, values: dict[str, Value], built_in: dict[str, Any]) -> _Settings:
    """The config file, then one row a setting: value, where it comes from, what it is.

    In a narrow terminal each setting has a few lines of its own.
    """
    return _Settings(file, values, built_in)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else printable(str(value))
