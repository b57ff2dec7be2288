"""`midcli browse`: a library to look at, full screen."""

import sys

from midcli.cli.find import Jobs, ModelName
from midcli.cli.libraries import LibraryPath, open_named
from midcli.errors import ExtraError, UsageError


def browse(library: LibraryPath, model: ModelName = None, jobs: Jobs = None) -> None:
    """Look through a library: sort, filter, read why, mark, play, export.

    Example: midcli browse Music

    Everything is done by keys; `?` lists them.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("browse needs a terminal; `midcli find` prints what fits, for programs too")
    try:
        import textual  # noqa: F401
    except ImportError as error:
        raise ExtraError("browse", "browse") from error
    from midcli.cli.console import waiting

    with waiting(str(library)):
        opened = open_named(library, model, jobs)
    from midcli.views.browse.app import Browser

    Browser(opened, model).run()
