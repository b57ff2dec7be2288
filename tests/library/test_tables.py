import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from midcli.analyser import Analyser
from midcli.errors import ExtraError, InputError, OutputError
from midcli.explanation.records import Prediction, Record
from midcli.library.tables import COLUMNS, csv_header, csv_line, flat, require_parquet, write_table
from midcli.library.tasks import Task, analyse_task, failure


@pytest.fixture(scope="module")
def records(tiny_model: Path, song: Path) -> list[Record]:
    outcomes = (
        analyse_task(Analyser(tiny_model, threads=1), Task(str(song))),
        failure(InputError("lost.mp3", "no such file")),
    )
    return [outcome.record for outcome in outcomes if outcome.record]


def parsed(text: str) -> dict[str, str]:
    (row,) = csv.DictReader(io.StringIO(csv_header() + text))
    return row


def test_every_number_of_a_row_has_its_column(records: list[Record]) -> None:
    analysed, failed = map(flat, records)
    row = records[0].to_dict()
    assert analysed["tension"] == row["emotions"]["tension"]["value"]
    assert analysed["minorness_percentile"] == row["midlevel"]["minorness"]["percentile"]
    assert analysed["tender_low"] == row["emotions"]["tender"]["low"]
    assert analysed["sha256"] == row["source"]["sha256"]
    assert analysed["model_sha256"] == row["model"]["sha256"]
    assert analysed["error_kind"] is None
    assert failed["error_kind"] == "input"
    assert failed["tension"] is None
    assert list(analysed) == list(failed) == list(COLUMNS)


def test_csv_has_the_same_numbers(records: list[Record], tmp_path: Path) -> None:
    write_table(records, tmp_path / "x.csv", "csv")
    with (tmp_path / "x.csv").open(newline="") as file:
        analysed, failed = csv.DictReader(file)
    assert float(analysed["tension"]) == records[0].to_dict()["emotions"]["tension"]["value"]
    assert failed["error_message"] == "no such file"
    assert failed["tension"] == ""


def test_parquet_has_the_same_numbers_and_types(records: list[Record], tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    write_table(records, tmp_path / "x.parquet", "parquet")
    table = parquet.read_table(tmp_path / "x.parquet")
    assert table.to_pylist() == [flat(record) for record in records]
    write_table([], tmp_path / "x.parquet", "parquet")
    assert parquet.read_table(tmp_path / "x.parquet").schema == table.schema


def test_parquet_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow.parquet", None)
    with pytest.raises(ExtraError, match="extra parquet"):
        require_parquet()


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("=HYPERLINK(1).mp3", "./=HYPERLINK(1).mp3"),
        ("-1+1.mp3", "./-1+1.mp3"),
        ("@x.mp3", "./@x.mp3"),
        ("a\x1b[31mb\nc\x9bd.mp3", "a�[31mb�c�d.mp3"),
        ('quoted "a", b.mp3', 'quoted "a", b.mp3'),
        ("é 🎵.mp3", "é 🎵.mp3"),
    ],
)
def test_text_in_cells_is_harmless(name: str, cell: str) -> None:
    record = failure(InputError(name, "broken")).record
    assert record
    assert parsed(csv_line(record))["file"] == cell


def test_numbers_below_zero_are_numbers(records: list[Record]) -> None:
    piece = records[0]
    assert isinstance(piece, Prediction)
    sad = replace(piece.emotions["sad"], value=-1.5)
    assert parsed(csv_line(replace(piece, emotions={**piece.emotions, "sad": sad})))["sad"] == "-1.5"


def test_table_that_cannot_be_written(records: list[Record], tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written: No such file or directory"):
        write_table(records, tmp_path / "missing" / "x.csv", "csv")
