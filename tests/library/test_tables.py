from pathlib import Path

import pytest

from midcli.errors import ExtraError
from midcli.explanation.records import Record
from midcli.library.predicting import Format, write_table
from midcli.library.tables import COLUMNS, flat, require_parquet


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


def test_parquet_has_the_same_numbers_and_types(records: list[Record], tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    write_table(records, tmp_path / "x.parquet", Format.parquet)
    table = parquet.read_table(tmp_path / "x.parquet")
    assert table.to_pylist() == [flat(record) for record in records]
    write_table([], tmp_path / "x.parquet", Format.parquet)
    assert parquet.read_table(tmp_path / "x.parquet").schema == table.schema


def test_parquet_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow.parquet", None)
    with pytest.raises(ExtraError, match="extra parquet"):
        require_parquet()
