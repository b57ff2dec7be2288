"""The program: `midcli`, or `python -m midcli`."""

import _thread
import gc
import os
import signal
import sys
import threading
from types import FrameType
from typing import NoReturn

from midcli.cli.memory import shortage
from midcli.errors import RequirementError

_ALLOCATIONS_BETWEEN_COLLECTIONS = 100_000  # explaining a file, with all imports, makes 70 000 objects
_SWITCH_INTERVAL_S = 2e-4
_INTERRUPTED = 130
_SOON_S = 0.005


def main() -> NoReturn:
    """Run the command line with what a short-lived process needs."""
    interrupts = _watched_interrupts()
    gc.set_threshold(_ALLOCATIONS_BETWEEN_COLLECTIONS)  # imports make much and drop nothing
    sys.setswitchinterval(_SWITCH_INTERVAL_S)  # the decoder's thread waits for the lock less often
    # numpy's idle threads spin beside the decoder, and no product here is large enough for them
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if problem := shortage():
        sys.stderr.write(f"error: {problem}\n")
        raise SystemExit(RequirementError.exit_code)
    try:
        from midcli.cli.main import main as command_line

        command_line()
    except (KeyboardInterrupt, ImportError):
        if not interrupts:
            raise
        # numpy and others, interrupted while they load, say that they cannot be imported
        _leave(_INTERRUPTED, interrupted=True)
    except SystemExit as end:
        _leave(end.code, interrupted=bool(interrupts))


def _watched_interrupts() -> list[int]:
    """Every Ctrl-C from now on, the first of which is a KeyboardInterrupt as before.

    Libraries that load may lose it, so another one ends the process, unless it has others to end first.
    Where Python itself loses it, in a finaliser or a callback of its own, it comes again.
    """
    interrupts: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        interrupts.append(number)
        if len(interrupts) > 1 and not _has_processes():
            os._exit(_INTERRUPTED)
        signal.default_int_handler(number, frame)

    def repeat(lost: "sys.UnraisableHookArgs") -> None:
        if lost.exc_type is not KeyboardInterrupt:
            sys.__unraisablehook__(lost)
            return
        interrupts.clear()
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # since the one that was lost
            signal.signal(signal.SIGINT, note)
        threading.Timer(_SOON_S, _interrupt_main_thread).start()

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not where it is ignored
        signal.signal(signal.SIGINT, note)
        sys.unraisablehook = repeat
    return interrupts


def _interrupt_main_thread() -> None:
    if sys.platform == "win32":
        _thread.interrupt_main()
    else:  # the above would not wake it
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


def _has_processes() -> bool:
    return "multiprocessing" in sys.modules


def _leave(code: object, interrupted: bool) -> NoReturn:
    """End the process; where nothing is left to be done, without taking apart what the system takes back.

    That takes 35 ms, and libraries crash in it if an interrupt has left their threads running.
    """
    awaited = sum(not thread.daemon for thread in threading.enumerate())
    busy = _has_processes() or (awaited > 1 and not interrupted)
    if not busy and isinstance(code, int | None):
        _flush_and_exit(code or 0)
    raise SystemExit(code)


def _flush_and_exit(code: int) -> None:
    if "logging" in sys.modules:
        sys.modules["logging"].shutdown()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        return
    os._exit(code)


if __name__ == "__main__":
    main()
