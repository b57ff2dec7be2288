"""What is done and how long it takes: on stderr for -v, in a file for --log-file."""

import logging
import os
import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from midcli.cli.console import ON_STDERR, keep_stderr, print_warning, stderr
from midcli.errors import OutputError, UsageError
from midcli.util.files import isfile

_log = logging.getLogger("midcli")
_RECORD = re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ [A-Z]+ midcli")
_LONGEST_START = 100  # bytes
_LEVELS = [logging.WARNING, logging.INFO, logging.DEBUG]


def start(verbosity: int = 0, file: Path | None = None) -> None:
    """Log to stderr (1: stages, 2: also details and tracebacks) and, everything, to the end of a file.

    Called again, it replaces what was set before. Raises UsageError if the file is there and no log of
    midcli, OutputError if it cannot be written.
    """
    if verbosity:
        _replace(_ToStderr(_LEVELS[min(verbosity, 2)]), "%(message)s")
    if file:
        try:
            if isfile(file) and not (_is_own_stream(Path(file)) or _may_be_appended_to(Path(file))):
                raise UsageError(f"{file}: exists and is no log of midcli; choose another --log-file")
            handler = _ToFile(file, encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise OutputError(f"{file}: cannot be written: {error.strerror}") from error
        _replace(handler, "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s")
    _log.propagate = False
    _log.setLevel(logging.DEBUG)


def writes_to(file: Path) -> bool:
    """Whether that is the log file."""
    logs = [Path(handler.baseFilename) for handler in _log.handlers if isinstance(handler, _ToFile)]
    return isfile(file) and any(isfile(log) and log.samefile(file) for log in logs)


def stop() -> None:
    """Close the file and forget the handlers."""
    for handler in list(_log.handlers):
        _remove(handler)
    _log.setLevel(logging.NOTSET)


def bug(error: BaseException) -> None:
    """Log the traceback of a bug, which Python itself prints on stderr."""
    if _log.handlers:
        _log.critical("unexpected %s", type(error).__name__, exc_info=error, extra=ON_STDERR)


def _is_own_stream(file: Path) -> bool:
    """Whether that is where stdout or stderr go, as /dev/stderr is."""
    for descriptor in (1, 2):
        with suppress(OSError):
            if os.path.samestat(file.stat(), os.fstat(descriptor)):
                return True
    return False


def _may_be_appended_to(file: Path) -> bool:
    with file.open("rb") as there:
        start = there.read(_LONGEST_START)
    return not start or bool(_RECORD.match(start))


def _replace(handler: logging.Handler, form: str) -> None:
    for earlier in [earlier for earlier in _log.handlers if type(earlier) is type(handler)]:
        _remove(earlier)
    handler.setFormatter(_Harmless(form))
    _log.addHandler(handler)
    if handler.level <= logging.DEBUG:
        handler.handle(_log.makeRecord(_log.name, logging.DEBUG, "", 0, _circumstances(), (), None))


def _circumstances() -> str:
    import platform

    from midcli import __version__

    python, system = platform.python_version(), platform.platform()
    return f"midcli {__version__}, Python {python}, {system}, arguments {sys.argv[1:]}"


def _remove(handler: logging.Handler) -> None:
    _log.removeHandler(handler)
    handler.close()


class _Harmless(logging.Formatter):
    """No control characters, whatever the names of files contain."""

    def format(self, record: logging.LogRecord) -> str:
        from midcli.util.text import printable

        return "\n".join(map(printable, super().format(record).split("\n")))


class _ToFile(logging.FileHandler):
    """Until it cannot be written, which is said once."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            super().handleError(record)
            return
        self.setLevel(sys.maxsize)
        with suppress(OSError):
            self.close()
        print_warning(f"{self.baseFilename}: the log cannot be written: {error.strerror}")


class _ToStderr(logging.Handler):
    """Above progress bars, and without what stands there anyway."""

    def __init__(self, level: int) -> None:
        super().__init__(level)
        keep_stderr()

    def filter(self, record: logging.LogRecord) -> Any:
        return not hasattr(record, *ON_STDERR) and super().filter(record)

    def emit(self, record: logging.LogRecord) -> None:
        from rich.text import Text

        stderr().print(Text(self.format(record), "dim"), soft_wrap=True)
