"""The command line: thin commands over the library, and the one place that maps errors to exit codes."""

import sys
from pathlib import Path
from typing import NoReturn

import typer

from midcli.cli.root import Root
from midcli.errors import OutputError, UsageError

app = typer.Typer(
    name="midcli",
    cls=Root,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from midcli.cli.versions import version_lines

        typer.echo("\n".join(version_lines()))
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    verbose: int = typer.Option(
        0,
        "--verbose",
        "-v",
        min=0,
        count=True,
        show_default=False,
        help="Say on stderr what is done and how long it takes; -vv says more. Also after the command.",
    ),
    log_file: Path | None = typer.Option(
        None,
        help="Append a log to this file, with tracebacks of failures. Also after the command.",
    ),
    version: bool = typer.Option(  # noqa: ARG001
        False,
        "--version",
        callback=_show_version,
        is_eager=True,
        help="Show the versions of midcli, its model and its libraries, and exit.",
    ),
) -> None:
    """Why music sounds the way it does: emotions, explained by what listeners hear in the music.

    Example: midcli explain song.mp3
    """
    verbosity = verbose or context.lookup_default("verbose") or 0
    file = log_file or context.lookup_default("log_file")
    if verbosity or file:
        from midcli.cli import logs

        try:
            logs.start(verbosity, file)
        except (UsageError, OutputError) as error:
            if log_file:
                raise
            _explain_log_file(error, context)


def _explain_log_file(error: UsageError | OutputError, context: typer.Context) -> None:
    """Say which setting is to blame; the command that shows the settings works nevertheless."""
    message = f"{context.obj['log_file'].source}: log_file {error}"
    if context.invoked_subcommand != "config":
        raise type(error)(message) from error
    from midcli.cli.console import print_warning

    print_warning(message)


def main() -> NoReturn:
    """Entry point: run a command and leave with its exit code."""
    from midcli.cli.console import prepare_streams, prepare_terminal

    prepare_terminal()
    prepare_streams()
    try:
        app()
    except Exception as error:
        from midcli.cli import logs

        logs.bug(error)
        raise
    sys.exit(0)
