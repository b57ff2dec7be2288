"""Published corpora into the layout that midcli reads: complete, checked, and without losing anything."""

import io
import shutil
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from midcli.cli.main import app
from midcli.corpora.download import Patience
from midcli.corpora.fetch import CHECKSUMS, PUBLISHED, Fetched, fetch
from midcli.corpora.published import load_midlevel, load_soundtracks
from midcli.errors import DataError, ExtraError, OutputError, UsageError
from tests import unreliable_server as server
from tests.unreliable_server import UnreliableServer

SOUNDTRACKS, MIDLEVEL = PUBLISHED["soundtracks"], PUBLISHED["midlevel"]
PATIENCE = Patience(timeout_s=0.5, tries=2)


@pytest.fixture(autouse=True)
def nothing_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("MIDCLI_DATA", raising=False)


@pytest.fixture
def unreliable() -> Iterator[UnreliableServer]:
    with server.unreliable_server() as running:
        yield running


def packed(members: dict[str, bytes], year: int = 2020) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as opened:
        for name, data in members.items():
            opened.writestr(zipfile.ZipInfo(name, (year, 1, 1, 0, 0, 0)), data)
    return content.getvalue()


@pytest.fixture
def soundtracks(published: Path) -> dict[str, bytes]:
    """The members of what the project publishes, archives in it as they are there."""
    numbers = [f"{number:03}" for number in range(1, 361)]
    return {
        "Set1.zip": packed({f"Set1/{number}.mp3": number.encode() for number in numbers}),
        "Set2.zip": packed({f"Set2/{number}.mp3": b"another" for number in numbers[:110]}),
        "mean_ratings_set1.csv": (published / "soundtracks/mean_ratings_set1.csv").read_bytes(),
        "set1_tracklist.csv": (published / "soundtracks/set1_tracklist.csv").read_bytes(),
        "mean_ratings_set2.csv": b"another",
        "readme.md": b"read me",
    }


@pytest.fixture
def midlevel(published: Path) -> dict[str, bytes]:
    tables = published / "midlevel/metadata_annotations"
    names = ("annotations.csv", "metadata.csv")
    return {
        "audio.zip": packed(
            {f"audio/{song}.mp3": b"%d" % song for song in (1, 2, 4999)} | {"__MACOSX/audio/._1.mp3": b""}
        ),
        "metadata_annotations.zip": packed(
            {f"metadata_annotations/{name}": (tables / name).read_bytes() for name in names}
        ),
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "corpora"


def files_under(path: Path) -> dict[str, bytes]:
    return {str(found.relative_to(path)): found.read_bytes() for found in path.rglob("*") if found.is_file()}


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["data", "fetch", *map(str, arguments)])


def test_the_addresses_are_those_of_the_projects() -> None:
    assert SOUNDTRACKS.addresses == ("https://files.osf.io/v1/resources/p6vkg/providers/osfstorage/?zip=",)
    assert MIDLEVEL.addresses == ("https://files.osf.io/v1/resources/5aupt/providers/osfstorage/?zip=",)


def test_both_corpora_can_be_read_afterwards(
    unreliable: UnreliableServer, folder: Path, soundtracks: dict[str, bytes], midlevel: dict[str, bytes]
) -> None:
    result = run("soundtracks", folder, "--url", unreliable.at("/s", server.streamed(packed(soundtracks))))
    assert (result.exit_code, "midcli data fetch midlevel" in result.stderr) == (0, True)
    result = run("midlevel", folder, "--url", unreliable.at("/m", server.whole(packed(midlevel))))
    assert result.exit_code == 0
    assert "360 excerpts in 2 groups can be used" in result.stdout
    corpus = load_soundtracks(folder)
    assert corpus.excerpts[6].path.read_bytes() == b"007"
    assert len(load_midlevel(folder).excerpts) == 363
    assert {path.name for path in folder.iterdir()} == {"soundtracks", "midlevel"}
    assert "\x1b" not in result.stdout + result.stderr


def test_checksums_are_those_of_sha256sum(folder: Path, tmp_path: Path, midlevel: dict[str, bytes]) -> None:
    import subprocess

    (tmp_path / "m.zip").write_bytes(packed(midlevel))
    assert fetch(MIDLEVEL, folder, [str(tmp_path / "m.zip")]).placed == 5
    if shutil.which("sha256sum"):
        subprocess.run(["sha256sum", "--check", "--strict", CHECKSUMS], cwd=folder / "midlevel", check=True)
    assert len((folder / "midlevel" / CHECKSUMS).read_text().splitlines()) == 5


def test_a_second_time_nothing_is_downloaded(
    unreliable: UnreliableServer, folder: Path, midlevel: dict[str, bytes]
) -> None:
    url = unreliable.at("/m", server.whole(packed(midlevel)))
    assert fetch(MIDLEVEL, folder, [url]) == Fetched(url, 5, 0, ())
    assert fetch(MIDLEVEL, folder) == Fetched(None, 0, 5, ())
    assert len(unreliable.requests) == 1


def test_a_whole_corpus_is_not_downloaded_again_though_a_source_is_named(
    unreliable: UnreliableServer, folder: Path, soundtracks: dict[str, bytes]
) -> None:
    url = unreliable.at("/s", server.whole(packed(soundtracks)))
    assert fetch(SOUNDTRACKS, folder, [url]) == Fetched(url, 362, 0, ())
    assert fetch(SOUNDTRACKS, folder, [url]) == Fetched(None, 0, 362, ())
    assert len(unreliable.requests) == 1


def test_a_corpus_in_several_archives(folder: Path, tmp_path: Path, midlevel: dict[str, bytes]) -> None:
    parts = [tmp_path / "part1.zip", tmp_path / "part2.zip"]
    parts[0].write_bytes(packed(midlevel))
    parts[1].write_bytes(packed({"audio/7.mp3": b"7"}))
    results = [run("midlevel", folder, "--url", part) for part in parts]
    assert [result.exit_code for result in results] == [0, 0]
    assert (folder / "midlevel/audio/7.mp3").read_bytes() == b"7"
    assert len((folder / "midlevel" / CHECKSUMS).read_text().splitlines()) == 6


def test_what_changed_on_disk_is_found_and_fetched_again_only_when_asked(
    unreliable: UnreliableServer, folder: Path, midlevel: dict[str, bytes]
) -> None:
    # an archive made on demand has other times in it each time, and so another checksum
    url = unreliable.at("/m", server.whole(packed(midlevel, 2020)), server.whole(packed(midlevel, 2021)))
    fetch(MIDLEVEL, folder, [url])
    song = folder / "midlevel/audio/2.mp3"
    song.write_bytes(b"rotten")
    with pytest.raises(DataError, match=r"audio/2\.mp3 changed since the download"):
        fetch(MIDLEVEL, folder)
    assert fetch(MIDLEVEL, folder, [url]).differing == ("audio/2.mp3",)
    assert song.read_bytes() == b"rotten"
    assert fetch(MIDLEVEL, folder, [url], overwrite=True).placed == 5
    assert song.read_bytes() == b"2"


def test_only_what_is_missing_is_placed(
    unreliable: UnreliableServer, folder: Path, midlevel: dict[str, bytes]
) -> None:
    url = unreliable.at("/m", server.whole(packed(midlevel)))
    (folder / "midlevel/audio").mkdir(parents=True)
    own = folder / "midlevel/audio/1.mp3"
    own.write_bytes(b"my own")
    (folder / "midlevel/notes.txt").write_bytes(b"mine")
    result = run("midlevel", folder, "--url", url)
    assert result.exit_code == 0
    assert "1 files that were there, such as audio/1.mp3, are not as published" in result.stderr
    assert own.read_bytes() == b"my own"
    (folder / "midlevel/audio/2.mp3").unlink()
    assert fetch(MIDLEVEL, folder, [url]) == Fetched(url, 1, 4, ("audio/1.mp3",))
    assert run("midlevel", folder, "--url", url, "--overwrite").exit_code == 0
    assert own.read_bytes() == b"1"
    assert (folder / "midlevel/notes.txt").read_bytes() == b"mine"


def test_something_else_than_first_downloaded_is_refused(
    unreliable: UnreliableServer, folder: Path, midlevel: dict[str, bytes]
) -> None:
    forged = midlevel | {"audio.zip": packed({"audio/1.mp3": b"forged", "audio/2.mp3": b"2"})}
    url = unreliable.at("/m", server.whole(packed(midlevel)))
    fetch(MIDLEVEL, folder, [url])
    before = files_under(folder)
    bad = unreliable.at("/bad", server.whole(packed(forged)))
    result = run("midlevel", folder, "--url", bad, "--overwrite")
    assert (result.exit_code, "audio/1.mp3 not as first downloaded" in result.stderr) == (4, True)
    assert files_under(folder / "midlevel") == {
        name.removeprefix("midlevel/"): content for name, content in before.items()
    }
    assert fetch(MIDLEVEL, folder, [bad, url], overwrite=True).source == url
    (folder / "midlevel" / CHECKSUMS).unlink()
    assert fetch(MIDLEVEL, folder, [bad], overwrite=True).source == bad


@pytest.mark.parametrize(
    "answer",
    [
        server.status(404),
        server.status(500),
        server.page,
        server.silent,
        server.of_length(b"PK\3\4", 100),
        server.whole(packed({"holiday.mp3": b"", "annotations.txt": b""})),
        server.whole(packed({"../annotations.csv": b""})),
    ],
)
def test_a_mirror_takes_over(
    unreliable: UnreliableServer, folder: Path, midlevel: dict[str, bytes], answer: server.Answer
) -> None:
    urls = [unreliable.at("/first", answer), unreliable.at("/second", server.whole(packed(midlevel)))]
    fetched = fetch(MIDLEVEL, folder, urls, patience=PATIENCE)
    assert (fetched.source, fetched.placed) == (urls[1], 5)
    assert {path.name for path in folder.iterdir()} == {"midlevel"}


def test_all_mirrors_fail_in_one_line(unreliable: UnreliableServer, folder: Path) -> None:
    urls = [unreliable.at("/first", server.status(404)), unreliable.at("/second", server.page)]
    result = run("midlevel", folder, "--url", urls[0], "--url", urls[1])
    assert (result.exit_code, result.stdout) == (DataError.exit_code, "")
    assert len(result.stderr.splitlines()) == 1
    assert f"{urls[0]}: the server answers 404 Not Found; {urls[1]}: sends something that is" in result.stderr
    assert "can be named with --url" in result.stderr
    assert not (folder / "midlevel").exists()


def test_an_interrupted_download_leaves_everything_as_it_was(
    unreliable: UnreliableServer, folder: Path, midlevel: dict[str, bytes]
) -> None:
    url = unreliable.at("/m", server.whole(packed(midlevel)))

    def interrupt(done: int, total: int | None) -> None:
        assert total == len(packed(midlevel))
        if done > 50_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(MIDLEVEL, folder, [url], on_progress=interrupt)
    assert not folder.exists()
    assert fetch(MIDLEVEL, folder, [url]).placed == 5


@pytest.mark.skipif(sys.platform == "win32", reason="no locks there")
def test_one_download_at_a_time(
    unreliable: UnreliableServer, folder: Path, midlevel: dict[str, bytes]
) -> None:
    url = unreliable.at("/m", server.whole(packed(midlevel)))

    def meanwhile(_done: int, _total: int | None) -> None:
        result = run("midlevel", folder, "--url", url)
        assert (result.exit_code, "another midcli is downloading" in result.stderr) == (2, True)

    assert fetch(MIDLEVEL, folder, [url], on_progress=meanwhile).placed == 5


def test_an_archive_downloaded_by_hand(folder: Path, tmp_path: Path, midlevel: dict[str, bytes]) -> None:
    own = tmp_path / "by hand.zip"
    own.write_bytes(packed(midlevel))
    assert run("midlevel", folder, "--url", own).exit_code == 0
    assert own.exists()
    own.write_bytes(packed({"x": b""}))
    assert run("midlevel", tmp_path / "other", "--url", own).exit_code == 4
    assert own.exists()
    result = run("midlevel", tmp_path / "other", "--url", tmp_path / "none.zip")
    assert "none.zip: neither an address nor a file" in result.stderr


def test_a_size_limit_that_a_user_can_raise(
    unreliable: UnreliableServer, folder: Path, midlevel: dict[str, bytes]
) -> None:
    large = midlevel | {"more.zip": packed({"audio/3.mp3": bytes(1_500_000)})}
    url = unreliable.at("/m", server.whole(packed(large)))
    result = run("midlevel", folder, "--url", url, "--max-gb", "0.001")
    assert (result.exit_code, "--max-gb allows more" in result.stderr) == (4, True)
    assert run("midlevel", folder, "--url", url, "--max-gb", "0.01").exit_code == 0


def test_an_archive_that_the_user_may_allow_is_not_downloaded_again(
    unreliable: UnreliableServer, folder: Path, midlevel: dict[str, bytes]
) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in (midlevel | {"audio/3.mp3": bytes(2_000_000)}).items():
            opened.writestr(name, data)
    url = unreliable.at("/m", server.whole(content.getvalue()))
    with pytest.raises(DataError, match="unpacks to more than"):
        fetch(MIDLEVEL, folder, [url], max_bytes=1_000_000)
    fetch(MIDLEVEL, folder, [url])
    assert len(unreliable.requests) == 1
    other = unreliable.at("/other", server.whole(packed(midlevel | {"audio/1.mp3": b"1", "8.mp3": b"8"})))
    (folder / "midlevel" / CHECKSUMS).write_text(f"{'0' * 64}  audio/1.mp3\n")
    with pytest.raises(DataError, match=r"remove .*SHA256SUMS"):
        fetch(MIDLEVEL, folder, [other])
    (folder / "midlevel" / CHECKSUMS).unlink()
    assert fetch(MIDLEVEL, folder, [other]).placed == 1
    assert len(unreliable.requests) == 2


def test_a_damaged_archive_is_downloaded_again(
    unreliable: UnreliableServer, folder: Path, midlevel: dict[str, bytes]
) -> None:
    foreign = packed({"holiday.mp3": b""})
    url = unreliable.at("/m", server.whole(foreign), server.whole(packed(midlevel)))
    with pytest.raises(DataError, match="is not the corpus"):
        fetch(MIDLEVEL, folder, [url])
    assert fetch(MIDLEVEL, folder, [url]).placed == 5


def test_an_incomplete_corpus_is_told_by_the_check(
    unreliable: UnreliableServer, published: Path, soundtracks: dict[str, bytes]
) -> None:
    shutil.rmtree(published / "soundtracks")
    less = soundtracks | {"Set1.zip": packed({"Set1/001.mp3": b"1"})}
    result = run("soundtracks", published, "--url", unreliable.at("/s", server.whole(packed(less))))
    assert (result.exit_code, "1 of 360" in result.stdout) == (DataError.exit_code, True)
    assert "1 of 360 excerpts are complete" in result.stderr


def test_wrong_usage(tmp_path: Path) -> None:
    result = run("soundtracks")
    assert (result.exit_code, "no folder named" in result.stderr) == (UsageError.exit_code, True)
    assert run("anything", tmp_path).exit_code == UsageError.exit_code
    (tmp_path / "midlevel").write_bytes(b"")
    assert run("midlevel", tmp_path).exit_code == OutputError.exit_code
    (tmp_path / "file").write_bytes(b"")
    result = run("midlevel", tmp_path / "file")
    assert (result.exit_code, "cannot be written" in result.stderr) == (OutputError.exit_code, True)


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr("midcli.corpora.download.find_spec", lambda _: None)
    result = run("soundtracks", folder / "films")
    assert (result.exit_code, "pooch>=" in result.stderr) == (ExtraError.exit_code, True)
    assert not folder.exists()


@pytest.mark.parametrize(
    "answer",
    [
        server.status(404),
        server.page,
        server.whole(packed({"a.mp3": b""})),
        server.of_length(b"", "٣".encode().decode("latin-1")),
        server.of_length(b"", "9" * 5000),
    ],
)
def test_nothing_stays_where_nothing_came(
    unreliable: UnreliableServer, tmp_path: Path, folder: Path, answer: server.Answer
) -> None:
    url = unreliable.at("/m", answer)
    (tmp_path / "none.zip").write_bytes(packed({"a.mp3": b""}))
    for source in (url, "nonsense", "nonsense://", tmp_path / "none.zip"):
        assert run("midlevel", folder / "songs", "--url", source).exit_code == DataError.exit_code
        assert not folder.exists()
    folder.mkdir()
    assert run("midlevel", folder, "--url", url).exit_code == DataError.exit_code
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("content", ["nonsense\n", "\udcff"])
def test_a_list_of_checksums_that_is_none(folder: Path, content: str) -> None:
    (folder / "midlevel").mkdir(parents=True)
    (folder / "midlevel" / CHECKSUMS).write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(DataError, match=CHECKSUMS):
        fetch(MIDLEVEL, folder)
