"""The command line: thin commands over the library, and the one place that maps errors to exit codes."""

import errno
import sys
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from midcli.cli import data, model
from midcli.cli.compare import compare
from midcli.cli.evaluate import evaluate
from midcli.cli.explain import explain
from midcli.cli.glossary import glossary
from midcli.cli.predict import predict
from midcli.cli.train import train
from midcli.cli.whatif import whatif
from midcli.errors import MidcliError, OutputError, UsageError

_OUTPUT_ERRORS = {errno.ENOSPC, errno.EIO, errno.EFBIG}


class _Commands(TyperGroup):
    """All commands, with the exit codes of expected failures."""

    def invoke(self, ctx: Any) -> Any:
        from midcli.cli.console import discard_stdout, print_error

        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except MidcliError as error:
            print_error(error)
            raise typer.Exit(error.exit_code) from error
        except BrokenPipeError as error:
            # the reader of our pipe has left; what remains to be flushed has no taker
            discard_stdout()
            raise typer.Exit from error
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                too_long = UsageError(f"{error.filename}: the name is too long")
                print_error(too_long)
                raise typer.Exit(too_long.exit_code) from error
            if error.filename is not None or error.errno not in _OUTPUT_ERRORS:
                raise
            discard_stdout()
            failure = OutputError(f"stdout: cannot be written: {error.strerror}")
            print_error(failure)
            raise typer.Exit(failure.exit_code) from error
        return result


app = typer.Typer(
    name="midcli",
    cls=_Commands,
    help="Why music sounds the way it does: emotions, explained by what listeners hear in the music.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(explain)
app.command()(predict)
app.command()(compare)
app.command()(whatif)
app.command()(glossary)
app.command()(train)
app.command()(evaluate)
app.add_typer(model.app, name="model")
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
    from midcli.cli.console import prepare_streams

    prepare_streams()
    app()
    sys.exit(0)
