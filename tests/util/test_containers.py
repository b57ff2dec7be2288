"""Limits of containers, as files of control groups tell them."""

from pathlib import Path

import pytest

from midcli.util import containers
from midcli.util.containers import granted_bytes, granted_cores


def mounted(tmp_path: Path, own: str, **files: str) -> tuple[Path, Path]:
    """A mount point with those files (`__` for a slash, `_DOT_` for a dot), and what says the own group."""
    mount = tmp_path / "cgroup"
    for name, content in files.items():
        path = mount / name.replace("__", "/").replace("_DOT_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    (tmp_path / "own").write_text(own)
    return mount, tmp_path / "own"


@pytest.mark.parametrize(
    ("quota", "cores"),
    [("200000 100000", 2), ("150000 100000", 2), ("10000 100000", 1), ("max 100000", None), ("", None)],
)
def test_version_2(tmp_path: Path, quota: str, cores: int | None) -> None:
    assert granted_cores(*mounted(tmp_path, "0::/\n", cpu_DOT_max=quota)) == cores


def test_the_tightest_of_nested_groups(tmp_path: Path) -> None:
    place = mounted(
        tmp_path,
        "0::/pod/box\n",
        cpu_DOT_max="400000 100000",
        pod__cpu_DOT_max="300000 100000",
        pod__box__cpu_DOT_max="max 100000",
        pod__memory_DOT_max="2000000000",
        pod__box__memory_DOT_high="1000000000",
        pod__box__memory_DOT_max="max",
    )
    assert granted_cores(*place) == 3
    assert granted_bytes(*place) == 1_000_000_000


def test_version_1_whose_group_is_not_mounted_under_its_name(tmp_path: Path) -> None:
    place = mounted(
        tmp_path,
        "4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc\n",
        **{
            "cpu,cpuacct__cpu_DOT_cfs_quota_us": "50000",
            "cpu,cpuacct__cpu_DOT_cfs_period_us": "100000",
            "memory__memory_DOT_limit_in_bytes": "536870912",
        },
    )
    assert granted_cores(*place) == 1
    assert granted_bytes(*place) == 512 << 20


def test_version_1_without_limits(tmp_path: Path) -> None:
    place = mounted(
        tmp_path,
        "4:memory:/\n3:cpu:/\n",
        cpu__cpu_DOT_cfs_quota_us="-1",
        cpu__cpu_DOT_cfs_period_us="100000",
        memory__memory_DOT_limit_in_bytes="9223372036854771712",
    )
    assert granted_cores(*place) is None
    assert granted_bytes(*place) is None


@pytest.mark.parametrize("own", ["", "nonsense\n", "0::\n", "0::/../../..\n"])
def test_elsewhere_there_is_no_limit(tmp_path: Path, own: str) -> None:
    assert granted_cores(*mounted(tmp_path, own)) is None
    assert granted_bytes(tmp_path / "missing", tmp_path / "missing") is None


@pytest.mark.parametrize(
    ("cores", "memory", "bytes_each", "expected"),
    [(None, None, 100, 8), (3, None, 100, 3), (16, 450, 100, 4), (16, 450, 0, 8), (4, 50, 100, 1)],
)
def test_workers_are_as_many_as_are_granted(
    monkeypatch: pytest.MonkeyPatch, cores: int | None, memory: int | None, bytes_each: int, expected: int
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(8)), raising=False)
    monkeypatch.setattr(containers, "granted_cores", lambda: cores)
    monkeypatch.setattr(containers, "granted_bytes", lambda: memory)
    assert containers.usable_cores(bytes_each) == expected
