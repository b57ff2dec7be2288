import os
import signal
import sys
from io import FileIO
from pathlib import Path
from typing import Any

import pytest

from midcli.library.tags_audio import content_of
from midcli.util.interrupts import interrupts_deferred
from tests.tagged_files import write_audio

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends signals")


@pytest.fixture(autouse=True)
def an_interrupt_is_an_exception() -> Any:
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, usual)


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_an_interrupt_is_heard_at_the_end() -> None:
    done = []

    @interrupts_deferred()
    def work() -> None:
        interrupt()
        interrupt()
        done.append("all")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["all"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_without_one_nothing_changes() -> None:
    with interrupts_deferred():
        pass
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_what_ignores_interrupts_still_does() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with interrupts_deferred():
        interrupt()
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


class Interrupted(FileIO):
    """Gets an interrupt with the second call of either method."""

    calls = 0
    method = ""

    def read(self, size: int | None = -1, /) -> bytes | Any:
        self.note("read")
        return super().read(size)

    def seek(self, position: int, whence: int = 0, /) -> int:
        self.note("seek")
        return super().seek(position, whence)

    def note(self, method: str) -> None:
        self.calls += method == self.method
        if self.calls == 2:
            interrupt()


@pytest.mark.parametrize("method", ["read", "seek"])
def test_an_interrupt_in_the_midst_of_comparing_is_one(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], method: str
) -> None:
    with Interrupted(write_audio(tmp_path / "song.flac")) as file:
        file.method = method
        with pytest.raises(KeyboardInterrupt):
            content_of(file)
    assert capfd.readouterr().err == ""
