import io
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from midcli.util.files import replacing, write_all, write_bytes


def test_file_appears_whole_with_usual_permissions(tmp_path: Path) -> None:
    usual = tmp_path / "usual"
    usual.touch()
    with replacing(tmp_path / "new") as file:
        file.write(b"content")
        assert not (tmp_path / "new").exists()
    assert (tmp_path / "new").read_bytes() == b"content"
    assert (tmp_path / "new").stat().st_mode == usual.stat().st_mode


def test_permissions_stay(tmp_path: Path) -> None:
    path = tmp_path / "private"
    path.touch(0o600)
    with replacing(path) as file:
        file.write(b"content")
    assert path.stat().st_mode & 0o777 == 0o600


def test_nothing_changes_after_an_error(tmp_path: Path) -> None:
    path = tmp_path / "old"
    path.write_bytes(b"old")
    with pytest.raises(TypeError), replacing(path) as file:
        file.writelines([b"new", "no bytes"])  # type: ignore[list-item]
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name != "posix", reason="needs limits")
def test_nothing_is_left_behind_on_a_full_disk(tmp_path: Path) -> None:
    import resource

    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3, usual[1]))
    try:
        with pytest.raises(OSError, match="too large"), replacing(tmp_path / "new") as file:
            file.write(b"content")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="needs links")
def test_a_link_to_itself_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    write_bytes(tmp_path / "loop", b"content")
    assert (tmp_path / "loop").read_bytes() == b"content"


@pytest.mark.skipif(os.name != "posix", reason="needs pipes with names")
def test_a_pipe_is_written_to_and_stays(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as pool:
        content = pool.submit(pipe.read_bytes)
        with replacing(pipe) as file:
            file.write(b"content")
        assert content.result(10) == b"content"
    assert pipe.is_fifo()


def test_names_may_be_as_long_as_the_file_system_allows(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255)
    with replacing(path) as file:
        file.write(b"content")
    assert path.read_bytes() == b"content"


def test_a_file_that_takes_a_part_at_a_time_gets_all_of_it() -> None:
    taken = []

    class Narrow(io.FileIO):
        def write(self, content: bytes) -> int:  # type: ignore[override]
            taken.append(bytes(content[:3]))
            return len(taken[-1])

    with Narrow(os.devnull, "wb") as file:
        write_all(file, b"12345678")
    assert taken == [b"123", b"456", b"78"]
