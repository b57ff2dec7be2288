import csv
import io
from pathlib import Path

import pytest

from midcli.analyser import Analyser
from midcli.errors import ExtraError, InputError, OutputError
from midcli.library.tables import COLUMNS, csv_header, csv_line, flat, require_parquet, write_table
from midcli.library.tasks import Row, Task, analyse_task, failure


@pytest.fixture(scope="module")
def rows(tiny_model: Path, song: Path) -> list[Row]:
    outcomes = (
        analyse_task(Analyser(tiny_model, threads=1), Task(str(song))),
        failure(InputError("lost.mp3", "no such file")),
    )
    return [outcome.row for outcome in outcomes if outcome.row]


def parsed(text: str) -> dict[str, str]:
    (row,) = csv.DictReader(io.StringIO(csv_header() + text))
    return row


def test_every_number_of_a_row_has_its_column(rows: list[Row]) -> None:
    analysed, failed = map(flat, rows)
    assert analysed["tension"] == rows[0]["emotions"]["tension"]["value"]
    assert analysed["minorness_percentile"] == rows[0]["midlevel"]["minorness"]["percentile"]
    assert analysed["tender_low"] == rows[0]["emotions"]["tender"]["low"]
    assert analysed["sha256"] == rows[0]["source"]["sha256"]
    assert analysed["model_sha256"] == rows[0]["model"]["sha256"]
    assert analysed["error_kind"] is None
    assert failed["error_kind"] == "input"
    assert failed["tension"] is None
    assert list(analysed) == list(failed) == list(COLUMNS)


def test_csv_has_the_same_numbers(rows: list[Row], tmp_path: Path) -> None:
    write_table(rows, tmp_path / "x.csv", "csv")
    with (tmp_path / "x.csv").open(newline="") as file:
        analysed, failed = csv.DictReader(file)
    assert float(analysed["tension"]) == rows[0]["emotions"]["tension"]["value"]
    assert failed["error_message"] == "no such file"
    assert failed["tension"] == ""


def test_parquet_has_the_same_numbers_and_types(rows: list[Row], tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    write_table(rows, tmp_path / "x.parquet", "parquet")
    table = parquet.read_table(tmp_path / "x.parquet")
    assert table.to_pylist() == [flat(row) for row in rows]
    write_table([], tmp_path / "x.parquet", "parquet")
    assert parquet.read_table(tmp_path / "x.parquet").schema == table.schema


def test_parquet_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow.parquet", None)
    with pytest.raises(ExtraError, match=r"midcli\[parquet\]"):
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
    row = failure(InputError(name, "broken")).row
    assert row
    assert parsed(csv_line(row))["file"] == cell


def test_numbers_below_zero_are_numbers(rows: list[Row]) -> None:
    row = rows[0] | {"emotions": rows[0]["emotions"] | {"sad": rows[0]["emotions"]["sad"] | {"value": -1.5}}}
    assert parsed(csv_line(row))["sad"] == "-1.5"


def test_table_that_cannot_be_written(rows: list[Row], tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written: No such file or directory"):
        write_table(rows, tmp_path / "missing" / "x.csv", "csv")
