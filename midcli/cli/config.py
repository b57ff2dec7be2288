"""`midcli config`: a user's defaults, and where each comes from."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from midcli.cli.settings import Value

SCHEMA = "midcli.config/1"


def config(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, on stdout.")] = False,
) -> None:
    """Show your defaults, where each comes from, and how to set it.

    Example: midcli config

    An option beats a MIDCLI_* variable, a variable beats the config file, the file beats what is built in.
    An empty variable stands for what is built in. MIDCLI_CONFIG names another file.
    The file is TOML with one setting a line: data = "~/corpora"
    """
    from midcli.cli.console import print_json, stdout
    from midcli.cli.settings import SETTINGS, config_file

    file, values = config_file(), context.obj
    built_in = {setting.name: setting.built_in(context.find_root().command) for setting in SETTINGS}
    if as_json:
        print_json(settings_object(file, values, built_in))
        return
    from midcli.cli.settings_table import settings_table

    stdout().print(settings_table(file, values, built_in))


def settings_object(file: Path, values: "dict[str, Value]", built_in: dict[str, Any]) -> dict[str, Any]:
    """For JSON: each setting, null if no single value is built in, and its source."""
    from midcli.cli.settings import SETTINGS
    from midcli.util.text import json_text

    return {
        "schema": SCHEMA,
        "file": json_text(str(file)),
        "settings": {
            setting.name: {
                "value": _value(values[setting.name].value, built_in[setting.name]),
                "source": json_text(values[setting.name].source),
            }
            for setting in SETTINGS
        },
    }


def _value(value: Any, built_in: Any) -> float | str | None:
    from midcli.util.text import json_text

    if value is None:
        return None if isinstance(built_in, str) else built_in
    is_number = isinstance(value, int | float) and math.isfinite(value)
    return value if is_number else json_text(str(value))
