"""Archives that want out, blow up or break: everything ends in DataError, and nothing outside the folder."""

import io
import stat
import struct
import zipfile
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midcli.corpora.archives import unpack
from midcli.errors import DataError, MidcliError

LIMIT = 1_000_000


def packed(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as opened:
        for name, data in members.items():
            opened.writestr(zipfile.ZipInfo(name), data, compression)
    return content.getvalue()


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def by_name(path: PurePosixPath) -> str | None:
    return f"audio/{path.name}" if path.suffix == ".mp3" else None


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "inside"


def files_under(path: Path) -> set[str]:
    return {str(found.relative_to(path)) for found in path.rglob("*") if found.is_file()}


def test_wanted_members_go_where_we_say(tmp_path: Path, folder: Path) -> None:
    archive = written(tmp_path / "a.zip", packed({"x/1.mp3": b"one", "x/readme.txt": b"no", "y/": b""}))
    sums = unpack(archive, folder, by_name, LIMIT)
    assert files_under(folder) == set(sums) == {"audio/1.mp3"}
    assert sums["audio/1.mp3"].startswith("7692c3ad3540bb80")


def test_archives_in_the_archive(tmp_path: Path, folder: Path) -> None:
    asked: list[str] = []

    def wanted(path: PurePosixPath) -> str | None:
        asked.append(str(path))
        return by_name(path)

    inner = packed({"Set1/1.mp3": b"one", "deeper.zip": packed({"2.mp3": b"two"})})
    archive = written(tmp_path / "a.zip", packed({"Set1.zip": inner, "3.mp3": b"three"}))
    assert set(unpack(archive, folder, wanted, LIMIT)) == {"audio/1.mp3", "audio/3.mp3"}
    assert asked == ["Set1.zip", "Set1.zip/Set1/1.mp3", "Set1.zip/deeper.zip", "3.mp3"]
    assert files_under(folder) == {"audio/1.mp3", "audio/3.mp3"}


@pytest.mark.parametrize(
    "name",
    ["", "../out.mp3", "a/../../out.mp3", "/out.mp3", "..\\out.mp3", "\\out.mp3", "C:\\out.mp3", "C:out.mp3"],
)
@pytest.mark.parametrize("nested", [False, True])
def test_names_that_lead_out(tmp_path: Path, folder: Path, name: str, nested: bool) -> None:
    content = packed({"1.mp3": b"fine", name: b"out"})
    archive = written(tmp_path / "a.zip", packed({"inner.zip": content}) if nested else content)
    with pytest.raises(DataError, match="leads out of it"):
        unpack(archive, folder, by_name, LIMIT)
    assert "out.mp3" not in {Path(path).name for path in files_under(tmp_path)}


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_links_and_devices(tmp_path: Path, folder: Path, kind: int) -> None:
    member = zipfile.ZipInfo("1.mp3")
    member.create_system = 3
    member.external_attr = (kind | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as opened:
        opened.writestr(member, "../../secret")
    with pytest.raises(DataError, match="no file"):
        unpack(tmp_path / "a.zip", folder, by_name, LIMIT)
    assert not folder.exists()


def test_a_bomb_by_its_own_account(tmp_path: Path, folder: Path) -> None:
    archive = written(tmp_path / "a.zip", packed({f"{i}.mp3": bytes(200_000) for i in range(6)}))
    assert archive.stat().st_size < 5_000
    with pytest.raises(DataError, match=r"unpacks to more than 1\.0 MB"):
        unpack(archive, folder, by_name, LIMIT)
    assert len(unpack(archive, folder, by_name, 1_200_000)) == 6


def test_a_bomb_in_an_archive_in_the_archive(tmp_path: Path, folder: Path) -> None:
    bomb = packed({"1.mp3": bytes(2_000_000)})
    archive = written(tmp_path / "a.zip", packed({"inner.zip": bomb}))
    with pytest.raises(DataError, match="unpacks to more than"):
        unpack(archive, folder, by_name, LIMIT)


def test_a_bomb_that_lies_about_its_size(tmp_path: Path, folder: Path) -> None:
    content = bytearray(packed({"1.mp3": bytes(5_000_000)}))
    for header, offset in ((b"PK\1\2", 24), (b"PK\3\4", 22)):
        struct.pack_into("<I", content, content.index(header) + offset, 100)
    with pytest.raises(DataError):
        unpack(written(tmp_path / "a.zip", bytes(content)), folder, by_name, LIMIT)
    assert all(path.stat().st_size <= 100 for path in folder.rglob("*.mp3"))


def test_members_that_overlap_count_each(tmp_path: Path, folder: Path) -> None:
    one = packed({"1.mp3": bytes(300_000)})
    directory = one[one.index(b"PK\1\2") : one.index(b"PK\5\6")]
    start = one.index(b"PK\1\2")
    many = (
        one[:start]
        + directory * 5
        + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 5, 5, len(directory) * 5, start, 0)
    )
    with pytest.raises(DataError, match="unpacks to more than"):
        unpack(written(tmp_path / "a.zip", many), folder, by_name, LIMIT)


def test_two_different_files_for_the_same_place(tmp_path: Path, folder: Path) -> None:
    same = written(tmp_path / "a.zip", packed({"a/1.mp3": b"one", "b/1.mp3": b"one"}))
    assert set(unpack(same, folder, by_name, LIMIT)) == {"audio/1.mp3"}
    differing = written(tmp_path / "b.zip", packed({"a/1.mp3": b"one", "b/1.mp3": b"two"}))
    with pytest.raises(DataError, match=r"two different files for audio/1\.mp3"):
        unpack(differing, folder, by_name, LIMIT)


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packed_in_an_unusual_way(tmp_path: Path, folder: Path, compression: int) -> None:
    with pytest.raises(DataError, match="unusual way"):
        unpack(written(tmp_path / "a.zip", packed({"1.mp3": b"one"}, compression)), folder, by_name, LIMIT)


def test_a_feature_that_zipfile_lacks(tmp_path: Path, folder: Path) -> None:
    content = bytearray(packed({"a.mp3": b"a" * 100}))
    patched_data = 0x20
    content[6] |= patched_data
    content[content.index(b"PK\1\2") + 8] |= patched_data
    with pytest.raises(DataError, match="packed in an unusual way"):
        unpack(written(tmp_path / "a.zip", bytes(content)), folder, by_name, LIMIT)


def test_encrypted(tmp_path: Path, folder: Path) -> None:
    content = bytearray(packed({"1.mp3": b"one"}))
    content[content.index(b"PK\1\2") + 8] |= 1
    with pytest.raises(DataError, match="encrypted"):
        unpack(written(tmp_path / "a.zip", bytes(content)), folder, by_name, LIMIT)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_damage_ends_in_an_error_or_in_what_was_packed(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    inner = packed({"2.mp3": b"two" * 200, "3.mp3": b"three" * 100}, zipfile.ZIP_STORED)
    content = bytearray(packed({"1.mp3": b"one" * 300, "in.zip": inner, "x/é.mp3": b"e"}))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        if data.draw(st.booleans()):
            content[at] = data.draw(st.integers(0, 255))
        else:
            del content[at : at + data.draw(st.integers(1, 40))]
    top = tmp_path_factory.mktemp("damaged")
    archive = written(top / "a.zip", bytes(content))
    try:
        sums = unpack(archive, top / "folder", by_name, LIMIT)
    except MidcliError:
        sums = {}
    assert all(path.is_relative_to(top / "folder") for path in top.rglob("*") if path != archive)
    assert all((top / "folder" / place).is_file() for place in sums)
