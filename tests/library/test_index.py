"""A library as columns: what is in them, when the index is made anew, what is refused."""

import io
import json
import os
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import midcli
from midcli.audio.spectrogram import FRONTEND
from midcli.errors import DataError, InputError, ModelError
from midcli.explanation.records import ModelInfo
from midcli.library import index
from midcli.library.index import open_library
from midcli.model.bundled import bundled_models
from midcli.model.file import Model
from tests.library_files import failure, predictions, qualities, write_library
from tests.model_files import write_model


@pytest.fixture
def library(tmp_path: Path, tiny_model: Path) -> Path:
    return write_library(tmp_path / "library.jsonl", predictions(tiny_model, qualities(5), flagged=[3]))


@pytest.fixture
def always_indexed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(index, "WORTH_AN_INDEX_BYTES", 0)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_columns_are_those_of_the_rows(library: Path, tiny_model: Path) -> None:
    opened = open_library(library, tiny_model)
    assert len(opened) == 5
    assert np.array_equal(opened.midlevel, qualities(5))
    assert opened.is_music.tolist() == [True, True, True, False, True]
    record = opened.record(2)
    assert record.file == "002.wav"
    assert [value.value for value in record.emotions.values()] == pytest.approx(
        opened.values[2, :8].tolist(), abs=1e-5
    )


def test_later_rows_replace_earlier_ones_and_failures_are_counted(tmp_path: Path, tiny_model: Path) -> None:
    first, second = predictions(tiny_model, qualities(2))
    again = predictions(tiny_model, qualities(1, seed=1))[0]
    path = write_library(tmp_path / "library.jsonl", [first, second, failure("a.wav"), again])
    opened = open_library(path, tiny_model)
    assert sorted(opened.files) == ["000.wav", "001.wav"]
    assert opened.failures == 1
    assert opened.midlevel[opened.files.index("000.wav")].tolist() == qualities(1, seed=1)[0].tolist()


@pytest.mark.usefixtures("always_indexed")
def test_the_index_gives_the_same_library(
    library: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = open_library(library, tiny_model)
    assert (library.parent / "library.jsonl.index").exists()
    monkeypatch.setattr(index, "read_lines", None)  # from now on the index has to do
    indexed = open_library(library)
    assert indexed.files == read.files
    assert np.array_equal(indexed.values, read.values)
    assert indexed.head.labels == read.head.labels
    assert [reach.tolist() for reach in indexed.reach] == [reach.tolist() for reach in read.reach]
    assert indexed.record(1) == read.record(1)


@pytest.mark.usefixtures("always_indexed")
def test_the_index_is_made_anew_when_the_file_has_changed(library: Path, tiny_model: Path) -> None:
    open_library(library, tiny_model)
    write_library(library, predictions(tiny_model, qualities(6)))
    assert len(open_library(library, tiny_model)) == 6
    same_size = library.read_bytes().replace(b"000.wav", b"999.wav")
    library.write_bytes(same_size)
    os.utime(library, ns=(1, 1))
    assert "999.wav" in open_library(library, tiny_model).files


@pytest.mark.usefixtures("always_indexed")
@pytest.mark.parametrize("content", [b"", b"my notes", b"PK\x03\x04 broken"])
def test_a_broken_index_is_not_believed_and_no_file_of_the_users_replaced(
    library: Path, tiny_model: Path, content: bytes
) -> None:
    own = library.with_name("library.jsonl.index")
    own.write_bytes(content)
    assert len(open_library(library, tiny_model)) == 5
    assert own.read_bytes() == content
    assert list((library.parent / "cache").rglob("*.index"))


def foreign(place: Path, **changes: Any) -> None:
    """The index with other arrays, or other facts about them."""
    with np.load(place) as arrays:
        kept = dict(arrays)
    about = json.loads(kept["about"].tobytes())
    for name, value in changes.items():
        if name in about:
            about[name] = value
        else:
            kept[name] = value
    text = changes.get("about_text") or json.dumps(about)
    kept["about"] = np.frombuffer(text.encode(), np.uint8)
    kept.pop("about_text", None)
    np.savez(place, **kept)
    place.with_name(f"{place.name}.npz").replace(place)


def changed(rows: npt.NDArray[Any], name: str, value: Any) -> npt.NDArray[Any]:
    rows = rows.copy()
    rows[name] = value
    return rows


@pytest.mark.usefixtures("always_indexed")
@pytest.mark.parametrize(
    "changes",
    [
        {"vocabulary": "none"},
        {"vocabulary": ["emotions"]},
        {"failures": "many"},
        {"contrast_names": [7]},
        {"model": {"name": "a", "version": 1, "sha256": "b"}},
        {"model": {}},
        {"heads": {"emotions": {}}},
        {"midlevel_interval": [[1], "a"]},
        {"rows": np.zeros(5)},
        {"files": np.zeros(4, np.uint8)},
        {"about_text": "[" * 100_000},
        {"about_text": '{"stamp": ' + "9" * 10_000},
        {"midlevel": np.nan},
        {"duration_s": np.inf},
        {"contrast": (3, 0.0, 0.0, 0.0, 0.0)},
        {"contrast": (-1, np.nan, 0.0, 0.0, 0.0)},
    ],
)
def test_a_foreign_index_is_not_believed(library: Path, tiny_model: Path, changes: dict[str, Any]) -> None:
    read = open_library(library, tiny_model)
    place = library.parent / "library.jsonl.index"
    [(name, value)] = changes.items()
    foreign(
        place,
        **({"rows": changed(read.rows, name, value)} if name in (read.rows.dtype.names or ()) else changes),
    )
    opened = open_library(library, tiny_model)
    assert np.array_equal(opened.values, read.values)
    assert (opened.failures, opened.vocabulary) == (read.failures, read.vocabulary)


@pytest.mark.usefixtures("always_indexed")
def test_an_index_that_would_not_fit_into_memory_is_not_believed(library: Path, tiny_model: Path) -> None:
    read = open_library(library, tiny_model)
    place = library.parent / "library.jsonl.index"
    with np.load(place) as index:
        arrays = dict(index)
    np.savez_compressed(place.with_suffix(".npz"), **arrays)  # may grow a thousandfold
    place.with_suffix(".npz").replace(place)
    assert np.array_equal(open_library(library, tiny_model).values, read.values)
    with zipfile.ZipFile(place) as index:  # made anew
        assert {part.compress_type for part in index.infolist()} == {zipfile.ZIP_STORED}
    huge = io.BytesIO()
    header = {
        "descr": np.lib.format.dtype_to_descr(read.rows.dtype),
        "fortran_order": False,
        "shape": (10**15,),
    }
    np.lib.format.write_array_header_1_0(huge, header)
    with zipfile.ZipFile(place, "w") as index:
        index.writestr("rows.npy", huge.getvalue())
        for name in ("files", "about"):
            content = io.BytesIO()
            np.save(content, arrays[name])
            index.writestr(f"{name}.npy", content.getvalue())
    assert np.array_equal(open_library(library, tiny_model).values, read.values)


@pytest.mark.usefixtures("always_indexed")
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_in_place_of_the_index_is_not_waited_for(library: Path, tiny_model: Path) -> None:
    os.mkfifo(library.with_name("library.jsonl.index"))
    assert len(open_library(library, tiny_model)) == 5
    assert list((library.parent / "cache").rglob("*.index"))


@pytest.mark.usefixtures("always_indexed")
def test_without_any_place_for_an_index(
    library: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = library.parent / "000.wav" / "nowhere"
    monkeypatch.setattr(index, "index_places", lambda _: (nowhere, nowhere))
    assert len(open_library(library, tiny_model)) == 5


def test_marks_and_empty_bytes_do_not_matter(library: Path, tiny_model: Path) -> None:
    library.write_bytes(b"\xef\xbb\xbf" + library.read_bytes() + bytes(4096))
    opened = open_library(library, tiny_model)
    assert len(opened) == 5
    assert opened.record(0).file == "000.wav"


def test_a_row_that_is_still_being_written_is_left_out(library: Path, tiny_model: Path) -> None:
    library.write_bytes(library.read_bytes()[:-30])
    assert len(open_library(library, tiny_model)) == 4


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "holds no analysed piece"),
        (b"file,energy\na.mp3,5\n", "line 1 is no result"),
        (b'{"schema": "midcli.predict/1", "file": "a"}\n', "line 1 is no result"),
        (b"\xff\xfe\n", "line 1 is no result"),
        (b"[" * 100_000 + b"\n", "line 1 is no result"),
        (b'{"schema": ' + b"9" * 10_000 + b"}\n", "line 1 is no result"),
    ],
)
def test_what_is_no_library_is_told(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "library.jsonl"
    path.write_bytes(content)
    with pytest.raises(DataError, match=problem):
        open_library(path)


@pytest.mark.parametrize("name", ["", "a\0b", "a\ud800b"])
def test_names_that_no_file_can_have_are_no_rows(library: Path, tiny_model: Path, name: str) -> None:
    row = json.loads(library.read_text().splitlines()[0]) | {"file": name}
    library.write_text(json.dumps(row) + "\n")
    with pytest.raises(DataError, match="line 1 is no result"):
        open_library(library, tiny_model)


def test_a_library_of_failures_is_told(tmp_path: Path) -> None:
    path = write_library(tmp_path / "library.jsonl", [failure("a.wav"), failure("b.wav")])
    with pytest.raises(DataError, match="holds no analysed piece, only 2 that could not be analysed"):
        open_library(path)


def test_a_library_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        open_library(tmp_path / "none.jsonl")
    with pytest.raises(InputError, match="is a folder"):
        open_library(tmp_path)


def test_another_model_is_told(library: Path, tmp_path: Path, tiny_model: Path) -> None:
    with pytest.raises(ModelError, match="does not come with this midcli"):
        open_library(library)
    other = write_model(tmp_path / "other.onnx", seed=1)
    with pytest.raises(ModelError, match="made by another model"):
        open_library(library, other)
    mixed = predictions(tiny_model, qualities(1)) + predictions(other, qualities(1), ["b.wav"])
    with pytest.raises(DataError, match="several models"):
        open_library(write_library(tmp_path / "mixed.jsonl", mixed), tiny_model)


def test_two_builds_of_one_version_are_told_apart(tmp_path: Path, tiny_model: Path) -> None:
    music = bundled_models()["music"]
    info = Model(music, FRONTEND, threads=1)
    build, own = f"{info.name} {info.version}, sha256 00000000", info.sha256[:8]
    (first,) = predictions(tiny_model, qualities(1))
    older = replace(first, file="old.wav", model=ModelInfo(info.name, info.version, "0" * 64))
    newer = replace(first, model=ModelInfo(info.name, info.version, info.sha256))
    path = write_library(tmp_path / "library.jsonl", [older])
    with pytest.raises(ModelError) as told:
        open_library(path)
    assert str(told.value) == (
        f"{path}: was made by a model ({build}) that does not come with this midcli, whose music is another "
        f"(sha256 {own}); name the file of that model, or predict again"
    )
    with pytest.raises(ModelError) as told:
        open_library(path, music)
    assert str(told.value) == (
        f"{path}: was made by another model ({build}) than {music} (sha256 {own}); "
        "name the file of that model, or predict again"
    )
    with pytest.raises(DataError) as of_both:
        open_library(write_library(path, [newer, older]))
    assert str(of_both.value) == (
        f"{path}: holds results of several models (the first by music {info.version}, sha256 {own}; "
        f"of old.wav by {build}); predict again with one"
    )


@pytest.fixture
def predict_from_its_folder(
    tmp_path: Path, tiny_model: Path, song: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], None]:
    """Analyses music/song.wav from within music; afterwards one is in the folder above."""

    def predict_into(output: str) -> None:
        folder = tmp_path / "music"
        folder.mkdir()
        (folder / "song.wav").write_bytes(song.read_bytes())
        monkeypatch.chdir(folder)
        midcli.predict("song.wav", output=output, model=tiny_model)
        monkeypatch.chdir(tmp_path)

    return predict_into


def test_files_are_found_from_elsewhere_and_by_content(
    tmp_path: Path, tiny_model: Path, song: Path, predict_from_its_folder: Callable[[str], None]
) -> None:
    predict_from_its_folder("library.jsonl")
    opened = open_library("music/library.jsonl", tiny_model)
    (tmp_path / "song.wav").touch()  # of that name, but not where the name counts from
    assert opened.locate(0) == Path("music/song.wav")
    assert opened.row_of("music/song.wav") == 0
    assert opened.row_of(song) == 0
    assert opened.row_of("music/library.jsonl") is None
    assert opened.row_of("nowhere.wav") is None


@pytest.mark.usefixtures("always_indexed")
def test_files_are_found_where_their_names_count_from(
    tmp_path: Path,
    tiny_model: Path,
    monkeypatch: pytest.MonkeyPatch,
    predict_from_its_folder: Callable[[str], None],
) -> None:
    predict_from_its_folder("../library.jsonl")
    for _ in range(2):  # from the lines, then from the index
        opened = open_library("library.jsonl", tiny_model)
        assert opened.locate(0) == tmp_path / "music/song.wav"
        assert opened.row_of("music/song.wav") == 0
        monkeypatch.setattr(index, "read_lines", None)
    (tmp_path / "music/song.wav").unlink()
    assert opened.locate(0) == tmp_path / "music/song.wav"
