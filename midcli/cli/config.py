"""`midcli config`: a user's defaults, and where each comes from."""

from typing import Annotated

import typer


def config(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, on stdout.")] = False,
) -> None:
    """Show your defaults, where each comes from, and how to set it.

    Example: midcli config

    An option beats a MIDCLI_* variable, a variable beats the config file, the file beats what is built in.
    An empty variable stands for what is built in. MIDCLI_CONFIG names another file.
    The file is TOML with one setting a line: data = "~/corpora"
    """
    from midcli.cli.console import print_json, stdout
    from midcli.cli.settings import config_file, read_settings
    from midcli.explanation.json import config_object

    file, values = config_file(), read_settings()
    if as_json:
        print_json(config_object(file, values))
        return
    from midcli.views.terminal.settings import settings_table

    stdout().print(settings_table(file, values))
