"""Playing through whatever the system has for it."""

import shutil
import subprocess
from pathlib import Path

from midcli.errors import UsageError
from midcli.util.tethered import start_tethered

_PLAYERS = (
    ("mpv", "-no-video", "-really-quiet"),
    ("ffplay", "-nodisp", "-autoexit", "-loglevel", "quiet", "-i"),
    ("afplay",),
    ("xdg-open",),
    ("open",),
)
"""Commands that a file's name completes: those that can be stopped, then those that hand it on."""


class Player:
    """Plays one file at a time."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self.file: Path | None = None
        """What plays now."""

    def toggle(self, file: Path) -> bool:
        """Stop what plays; if that was another file, play this one. Whether something plays now.

        Raises UsageError where the system has no player.
        """
        stopped = self.stop()
        if stopped == file:
            return False
        command = next((one for one in _PLAYERS if shutil.which(one[0])), None)
        if command is None:
            raise UsageError(
                f"no player was found; install one of {', '.join(one[0] for one in _PLAYERS[:2])}"
            )
        self._process = start_tethered([*command, str(file.absolute())])
        self.file = file
        return True

    def stop(self) -> Path | None:
        """Stop what plays, and say what it was."""
        playing, self.file = self.file, None
        if self._process is None:
            return None
        process, self._process = self._process, None
        if process.poll() is not None:
            return None
        process.communicate()  # closes its stdin
        return playing
