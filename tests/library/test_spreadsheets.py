"""Tables for people: what Excel opens right, few columns, few decimals."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
import soundfile

import midcli
from midcli.errors import ExtraError, InputError, OutputError, UsageError
from midcli.explanation.records import Prediction, Record
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.library.predicting import Format, Run, emotion_names, write_table
from midcli.library.spreadsheets import ALL, Sheet, require_xlsx, sheet_of, without_constants, write_xlsx
from midcli.library.tasks import failure
from midcli.model.novelty import Novelty
from tests.tagged_files import write_audio, write_titles


def parsed(sheet: Sheet, record: Record) -> dict[str, str]:
    (row,) = csv.DictReader(io.StringIO(sheet.header() + sheet.line(record)))
    return row


def test_a_file_has_a_mark_and_few_columns(records: list[Record], tmp_path: Path) -> None:
    write_table(records, tmp_path / "x.csv", Format.csv)
    assert (tmp_path / "x.csv").read_bytes().startswith(b"\xef\xbb\xbffile,title,artist,duration_s,valence,")
    with (tmp_path / "x.csv").open(newline="", encoding="utf-8-sig") as file:
        analysed, failed = csv.DictReader(file)
    assert list(analysed) == ["file", "title", "artist", "duration_s", *EMOTION_NAMES, *QUALITY_NAMES, "flag"]
    tension = records[0].to_dict()["emotions"]["tension"]["value"]
    assert analysed["tension"] == f"{tension:.2f}"
    assert failed["flag"] == "failed: no such file"
    assert failed["tension"] == ""


def test_more_columns_and_decimals_where_asked_for(records: list[Record]) -> None:
    row = parsed(sheet_of("file, tension, Tension-low, sha256", 6), records[0])
    assert list(row) == ["file", "tension", "tension_low", "sha256"]
    assert float(row["tension"]) == pytest.approx(
        records[0].to_dict()["emotions"]["tension"]["value"], abs=1e-6
    )
    assert len(row["sha256"]) == 64
    with pytest.raises(UsageError, match="tensoin: no such name; did you mean tension"):
        sheet_of("file,tensoin")
    for columns in ("", "file,,tension", "file,"):
        with pytest.raises(UsageError, match=f"^{columns}: expected names with commas between them"):
            sheet_of(columns)


def test_of_all_columns_those_that_never_change_are_left_out(records: list[Record]) -> None:
    one = records[0]
    other = replace(one, file="other.wav", duration_s=9.0)
    sheet = without_constants(sheet_of("all"), [one, other])
    assert sheet.columns == ("file", "title", "duration_s") or sheet.columns == ("file", "duration_s")
    assert without_constants(sheet_of("all"), [one]).columns == ALL


def test_all_columns_are_all_in_another_vocabulary_too(tmp_path: Path, song: Path) -> None:
    other = tmp_path / "other.wav"
    soundfile.write(other, soundfile.read(song)[0][::-1], soundfile.info(song).samplerate)
    table = tmp_path / "x.csv"
    with Run(map(str, (song, other)), output=table, vocabulary="gems", sheet=sheet_of("all")) as run:
        assert len(list(run.records())) == 2
    first = table.read_text("utf-8-sig").splitlines()[0].split(",")
    assert "nostalgia" in first
    assert not {"model", "tempo_bpm", "nostalgia_average"} & set(first)


def test_single_columns_of_another_vocabulary_are_chosen_by_its_names(tmp_path: Path, song: Path) -> None:
    emotions = emotion_names(None, "gems")
    chosen = sheet_of("file,tension,Joyful activation,nostalgia_low", emotions=emotions)
    with Run([str(song)], output=tmp_path / "x.csv", vocabulary="gems", sheet=chosen) as run:
        (record,) = run.records()
    assert isinstance(record, Prediction)
    with (tmp_path / "x.csv").open(newline="", encoding="utf-8-sig") as file:
        (row,) = csv.DictReader(file)
    assert list(row) == ["file", "tension", "joyful_activation", "nostalgia_low"]
    assert float(row["tension"]) == pytest.approx(record.emotions["tension"].value, abs=0.005)
    with pytest.raises(UsageError, match="valence: no such name"):
        sheet_of("file,valence", emotions=emotions)


def test_titles_are_those_of_files_that_were_named_from_another_folder(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "x.csv"
    for seed, name in enumerate(("first", "second")):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        write_titles(write_audio(Path(f"{name}.flac"), seed), f"Title of the {name}", "Ann")
        midcli.predict(f"{name}.flac", table, tiny_model)
    with table.open(newline="", encoding="utf-8-sig") as file:
        titles = [row["title"] for row in csv.DictReader(file)]
    assert titles == ["Title of the first", "Title of the second"]


def test_flags_say_what_to_know_of_a_row(records: list[Record]) -> None:
    piece = records[0]
    assert isinstance(piece, Prediction)
    assert parsed(Sheet(), replace(piece, novelty=None))["flag"] == ""
    odd = replace(piece, novelty=Novelty(0.9, True, "applause"), heard_s=61.44)
    assert parsed(Sheet(), odd)["flag"] == "not music: applause; 61 s heard"


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
    assert parsed(Sheet(), record)["file"] == cell


def test_numbers_below_zero_are_numbers(records: list[Record]) -> None:
    piece = records[0]
    assert isinstance(piece, Prediction)
    sad = replace(piece.emotions["sad"], value=-1.5)
    assert parsed(Sheet(), replace(piece, emotions={**piece.emotions, "sad": sad}))["sad"] == "-1.50"


def test_xlsx_has_numbers_as_numbers_and_text_as_text(records: list[Record], tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter")
    import zipfile

    odd = failure(InputError("=1+1.mp3", "broken")).record
    assert odd
    write_table([*records, odd], tmp_path / "x.xlsx", Format.xlsx)
    with zipfile.ZipFile(tmp_path / "x.xlsx") as book:
        cells = book.read("xl/worksheets/sheet1.xml").decode()
        texts = book.read("xl/sharedStrings.xml").decode()
    tension = round(records[0].to_dict()["emotions"]["tension"]["value"], 2)
    assert f"<v>{tension:.16g}</v>" in cells
    assert "<f>" not in cells
    assert "./=1+1.mp3" in texts
    assert "autoFilter" in cells


def test_xlsx_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "xlsxwriter", None)
    with pytest.raises(ExtraError, match="extra xlsx"):
        require_xlsx()


def test_table_that_cannot_be_written(records: list[Record], tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written: No such file or directory"):
        write_table(records, tmp_path / "missing" / "x.csv", Format.csv)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device")
@pytest.mark.parametrize("form", [Format.csv, Format.xlsx])
def test_a_full_disk(records: list[Record], form: Format) -> None:
    if form is Format.xlsx:
        pytest.importorskip("xlsxwriter")
    with pytest.raises(OutputError, match="No space left"):
        write_table(records, Path("/dev/full"), form)


def test_a_workbook_needs_no_temporary_files(
    records: list[Record], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("xlsxwriter")
    with (tmp_path / "x.xlsx").open("wb") as file:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
        write_xlsx(records, file, Sheet())
    assert (tmp_path / "x.xlsx").stat().st_size > 1000
