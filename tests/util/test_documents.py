"""Small files within limits, and every reader of them fed with what should not be there."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from typer.main import get_command

from midcli.cli.main import app
from midcli.cli.settings import CONFIG_VARIABLE, read_settings
from midcli.corpora.fetch import read_checksums
from midcli.corpora.labelled import read_labelled
from midcli.corpora.own import load_own
from midcli.corpora.published import load_soundtracks
from midcli.errors import DataError, InputError, MidcliError, UsageError
from midcli.explanation.reference import read_reference
from midcli.library.index import open_library
from midcli.library.journal import Journal
from midcli.library.lists import read_playlist
from midcli.library.tags_undo import UndoJournal
from midcli.study.results import read_result
from midcli.study.scores import read_scores
from midcli.util import documents
from midcli.util.documents import ContentError, document_lines, from_json, from_toml, read_document

FREE = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
endless = pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no endless file")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("text", ["ä\u2028b\nc\r\nd", "", "\n"])
def test_encodings_with_a_mark(tmp_path: Path, encoding: str, text: str) -> None:
    (tmp_path / "x").write_bytes(text.encode(encoding))
    assert read_document(tmp_path / "x") == text
    assert "".join(document_lines(tmp_path / "x")) == text


def test_other_encodings_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes("a\nä".encode("latin-1"))
    with pytest.raises(ContentError, match=r"not text in UTF-8: .* at byte 2"):
        read_document(tmp_path / "x")
    with pytest.raises(ContentError, match=r"not text in UTF-8: .* in line"):
        list(document_lines(tmp_path / "x"))


def test_sizes(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("12345\n678")
    assert read_document(tmp_path / "x", 9) == "12345\n678"
    assert list(document_lines(tmp_path / "x", 9, 6)) == ["12345\n", "678"]
    for refused in (
        lambda: read_document(tmp_path / "x", 8),
        lambda: list(document_lines(tmp_path / "x", 8)),
        lambda: list(document_lines(tmp_path / "x", longest=5)),
    ):
        with pytest.raises(ContentError, match=r"larger|longer"):
            refused()


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (nested(documents.MAX_DEPTH + 1), "nested deeper than 32 levels"),
        (nested(1000), "nested deeper than 32 levels"),
        ('{"a":' * 2000 + "1" + "}" * 2000, "nested deeper"),
        (nested(100_000), "nested deeper"),
        ("9" * 5000, "not valid JSON"),
        ("9" * 4000, "too many digits"),
        ("[1" + "0" * 30 + "]", "too many digits"),
        ("", "not valid JSON"),
        ("\ufeff{}", "not valid JSON"),
    ],
)
def test_documents_beyond_measure(text: str, complaint: str) -> None:
    with pytest.raises(ContentError, match=complaint):
        from_json(text)


def test_documents_within_measure() -> None:
    assert from_json(nested(documents.MAX_DEPTH)) == json.loads(nested(documents.MAX_DEPTH))
    assert from_json("[1e400, -5, 18446744073709551615]") == [float("inf"), -5, 2**64 - 1]
    assert from_toml("a = [[1]]") == {"a": [[1]]}


@pytest.mark.parametrize(
    "text",
    [
        "a = " + nested(3000),
        ".".join("a" * 3000) + " = 1",
        "[" + ".".join("a" * 3000) + "]",
        "a = " + "9" * 5000,
        "a = 0x" + "f" * 5000,
        "a = 2020-13-45",
        "a = \x1b",
        "jobs = 1\njobs = 2",
    ],
)
def test_toml_beyond_measure(text: str) -> None:
    with pytest.raises(ContentError) as caught:
        from_toml(text)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 200


def config(path: Path) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CONFIG_VARIABLE, str(path))
        return read_settings(get_command(app))


def journal(path: Path) -> None:
    Journal(path).close()


def own_table(path: Path) -> object:
    return load_own(path)


def list_of_ids(path: Path) -> object:
    return load_soundtracks(path.parents[1])


def undo(path: Path) -> object:
    return UndoJournal(path).of(Path("a.mp3"))


def own_labels(path: Path) -> object:
    return read_labelled(path, ["calm"])


READERS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "config": ("config.toml", config),
    "reference": ("rows.jsonl", lambda path: read_reference(path, "")),
    "own table": ("own.csv", own_table),
    "checksums": ("SHA256SUMS", read_checksums),
    "run": ("joint-paper-seed0.json", read_result),
    "scores": ("scores.json", read_scores),
    "journal": ("out.jsonl", journal),
    "library": ("library.jsonl", open_library),
    "playlist": ("list.m3u8", read_playlist),
    "undo": ("undo.jsonl", undo),
    "own labels": ("labels.csv", own_labels),
}
VALUES = st.sampled_from(
    [
        *("9" * 5000, "-" + "9" * 5000, "1e999", "NaN", "Infinity", nested(1000), nested(100_000)),
        *(
            '{"a":' * 3000,
            "\x00" * 3000,
            "\ufeff",
            "\ufeff\ufeff",
            "\u2028",
            "\ud800",
            "\x1b[31m",
            "x" * 2_000_000,
        ),
        *(
            '{"schema": "midcli.predict/1", "file": ',
            "jobs = ",
            "model = ",
            "file,valence\na.wav,",
            "file,group,calm\na.wav,1,",
            '{"file": ',
            "#EXTM3U\n",
            '"',
            ",",
            "\n",
        ),
    ]
)


@pytest.mark.parametrize("reader", READERS)
@FREE
@example(["jobs = ", "9" * 5000])
@example(["max_hours = ", nested(3000)])
@example(["time_limit = 0x", "f" * 5000])
@example(['model = "', "x" * 60_000, '"'])
@given(st.lists(st.one_of(VALUES, st.text(max_size=20)), max_size=5))
def test_every_reader_of_small_files(tmp_path: Path, reader: str, parts: list[str]) -> None:
    name, read = READERS[reader]
    path = tmp_path / name
    path.write_bytes("".join(parts).encode("utf-8", "surrogatepass"))
    try:
        read(path)
    except MidcliError as error:
        assert "\n" not in str(error)  # noqa: PT017
        assert len(str(error)) < 1000 + len(str(tmp_path))  # noqa: PT017


NOT_ENDLESS = ("journal", "run", "undo", "library", "playlist")  # opened for writing, own, or below


@endless
@pytest.mark.parametrize("reader", [name for name in READERS if name not in NOT_ENDLESS])
def test_endless_files(reader: str) -> None:
    with pytest.raises((DataError, UsageError), match="/dev/zero"):
        READERS[reader][1](Path("/dev/zero"))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_marks_are_accepted_in_configs(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "config.toml").write_text("jobs = 3\n", encoding)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CONFIG_VARIABLE, str(tmp_path / "config.toml"))
        assert read_settings(get_command(app))["jobs"].value == 3


def test_a_deep_document_needs_no_deep_stack() -> None:
    limit = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(10**6)
        with pytest.raises(ContentError, match="nested deeper"):
            from_json(nested(20_000))
    finally:
        sys.setrecursionlimit(limit)


@endless
def test_endless_libraries_and_playlists() -> None:
    with pytest.raises(DataError, match="line 1 is no result"):
        open_library("/dev/zero")
    with pytest.raises(InputError, match="too large for a playlist"):
        read_playlist(Path("/dev/zero"))


def test_a_library_that_a_power_cut_left(tmp_path: Path) -> None:
    path = tmp_path / "library.jsonl"
    failed = '{"schema": "midcli.predict/1", "file": "a", "error": {"kind": "input", "message": "b"}}'
    for end in ("", "\0" * 5000, '\n{"schema": "' + "\0" * 5000):
        path.write_text(failed + end)
        with pytest.raises(DataError, match="only 1 that could not be analysed"):
            open_library(path)
