import gc
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from midcli.audio.quiet import silenced

DESCRIPTORS = Path("/proc/self/fd")


def test_silence_ends_even_after_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        with silenced(), silenced():
            os.write(2, b"quiet")
            raise ValueError

    with pytest.raises(ValueError):
        fail()
    os.write(2, b"loud")
    assert capfd.readouterr().err == "loud"


def test_threads_that_overlap_restore_what_was_there(capfd: pytest.CaptureFixture[str]) -> None:
    def work(_: int) -> None:
        for _repeat in range(200):
            with silenced():
                os.write(2, b"quiet")

    gc.collect()  # what earlier tests left open is not closed in between
    before = len(list(DESCRIPTORS.iterdir())) if DESCRIPTORS.is_dir() else 0
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    os.write(2, b"loud")
    assert capfd.readouterr().err == "loud"
    if before:
        assert len(list(DESCRIPTORS.iterdir())) == before
