"""A user's own reference: what is read and what is refused."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from midcli.errors import DataError
from midcli.explanation.reference import read_reference
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES

SHA256 = "ab" * 32
MODEL = {"name": "tiny", "version": "0", "sha256": SHA256}


def valued(value: Any, names: Iterable[str] = QUALITY_NAMES) -> dict[str, Any]:
    return {name: {"value": value, "average": 5.0, "percentile": 50.0} for name in names}


def prediction(value: float = 5.0, **changes: Any) -> str:
    row: dict[str, Any] = {
        "schema": "midcli.predict/1",
        "file": f"{value}.wav",
        "duration_s": 3.0,
        "model": MODEL,
        "midlevel": valued(value),
        "emotions": valued(4.0, EMOTION_NAMES),
        "warnings": [],
    }
    return json.dumps(row | changes)


def written(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "library.jsonl"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_values_are_read_and_errors_skipped(tmp_path: Path) -> None:
    failed = json.dumps(
        {"schema": "midcli.predict/1", "file": "x", "error": {"kind": "input", "message": "y"}}
    )
    path = written(tmp_path, prediction(4), failed, "", prediction(6, schema="midcli.explain/1"))
    reference = read_reference(path, SHA256)
    assert reference.name == "2 of library.jsonl"
    assert reference.ids == ("4.wav", "6.wav")
    np.testing.assert_allclose(reference.midlevel, [[4] * 7, [6] * 7])


def test_later_rows_of_a_file_replace_earlier_ones_and_a_torn_last_one_is_left_out(tmp_path: Path) -> None:
    path = written(tmp_path, prediction(4, file="a"), prediction(5, file="b"), prediction(6, file="a"))
    assert read_reference(path, SHA256).midlevel[:, 0] == pytest.approx([6, 5])
    whole = path.read_text()
    path.write_text(whole + prediction(7, file="c")[:60])
    assert read_reference(path, SHA256).name == "2 of library.jsonl"
    path.write_text(whole + prediction(7, file="c"))
    assert read_reference(path, SHA256).name == "3 of library.jsonl"
    path.write_text(whole + "nonsense")
    with pytest.raises(DataError, match="line 4: not valid JSON"):
        read_reference(path, SHA256)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "line 2: not valid JSON"),
        ("[1]", "line 2: not a prediction"),
        ('{"schema": "midcli.compare/1"}', "line 2: not a prediction"),
        (prediction(schema=None), "not a prediction"),
        (prediction(midlevel={}), "incomplete"),
        (prediction(midlevel=valued("loud")), "incomplete"),
        (prediction(midlevel=valued(1e999)), "incomplete"),
        (prediction(midlevel=valued(10**400)), "too many digits"),
        ("[" * 100_000, "nested deeper than 32 levels"),
        (prediction(model="tiny"), "incomplete"),
        (prediction(source="disk"), "incomplete"),
        (
            prediction(model=MODEL | {"sha256": "cd" * 32}),
            rf"another model \(.*, sha256 cdcdcdcd\) than the one in use \(sha256 {SHA256[:8]}\)",
        ),
    ],
)
def test_bad_lines_are_named(tmp_path: Path, line: str, complaint: str) -> None:
    with pytest.raises(DataError, match=complaint) as caught:
        read_reference(written(tmp_path, prediction(), line), SHA256)
    assert "library.jsonl" in str(caught.value)


def test_too_few_predictions_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="predictions in it: 1; a reference needs at least 2"):
        read_reference(written(tmp_path, prediction()), SHA256)


def test_unreadable_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_reference(tmp_path / "missing.jsonl", SHA256)
    (tmp_path / "song.wav").write_bytes(b"RIFF\xff\xfe\x80")
    with pytest.raises(DataError, match="not text in UTF-8"):
        read_reference(tmp_path / "song.wav", SHA256)


def test_only_newlines_end_lines(tmp_path: Path) -> None:
    names = ["a\u2028b.mp3", "c\x85d.mp3", "e\x1cf.mp3", "g\x0bh.mp3"]
    text = "".join(json.dumps(json.loads(prediction(file=name)), ensure_ascii=False) + "\n" for name in names)
    (tmp_path / "library.jsonl").write_text(text, "utf-8")
    assert read_reference(tmp_path / "library.jsonl", SHA256).ids == tuple(names)
