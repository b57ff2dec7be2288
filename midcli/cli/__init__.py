"""The command line: thin commands over the library, and the one place that maps errors to exit codes."""

import sys
from typing import NoReturn

import typer

from midcli.cli import data
from midcli.cli.explain import explain
from midcli.cli.predict import predict
from midcli.errors import MidcliError

EXIT_INTERRUPTED = 130

app = typer.Typer(
    name="midcli",
    help="Why music sounds the way it does: emotions, explained by what listeners hear in the music.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(explain)
app.command()(predict)
app.add_typer(data.app, name="data")


def _show_version(wanted: bool) -> None:
    if wanted:
        from midcli import __version__

        typer.echo(f"midcli {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
    ),
) -> None:
    pass


def main() -> NoReturn:
    """Entry point: run a command and leave with its exit code."""
    try:
        app()
    except MidcliError as error:
        from midcli.cli.console import print_error

        print_error(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:
        # the reader of our pipe has left; what remains to be flushed has no taker
        import os

        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    sys.exit(0)
