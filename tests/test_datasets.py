"""Readers of the published layouts and of a user's own corpus."""

from pathlib import Path

import numpy as np
import pytest

from midcli.datasets import (
    Corpus,
    data_folder,
    load_corpus,
    load_midlevel,
    load_own,
    load_soundtracks,
)
from midcli.errors import DataError


def test_soundtracks(published: Path) -> None:
    corpus = load_corpus(published)
    assert len(corpus.excerpts) == 360
    assert corpus.ids[0] == "001"
    assert corpus.fixed_test == ("008", "019")
    first = corpus.excerpts[0]
    assert first.midlevel[0] == pytest.approx(3.576)
    assert first.midlevel[1:].tolist() == [2, 3, 4, 5, 6, 7]
    assert first.emotion.tolist() == [1, 2, 3, 4, 5, 6, 7, 0.01]
    assert {excerpt.group for excerpt in corpus.excerpts} == {"The Portrait of a Lady", "Crouching Tiger"}


def test_midlevel_takes_whatever_audio_is_present(published: Path) -> None:
    assert len(load_midlevel(published).excerpts) == 360
    (published / "midlevel" / "audio").mkdir()
    (published / "midlevel" / "audio" / "1.mp3").touch()
    corpus = load_midlevel(published)
    assert len(corpus.excerpts) == 361
    assert corpus.ids[0] == "1"
    assert np.isnan(corpus.excerpts[0].emotion).all()


@pytest.mark.parametrize("header", ["artist", "Artist"])
def test_artists_are_the_groups_of_the_midlevel_excerpts(published: Path, header: str) -> None:
    (published / "midlevel/audio").mkdir()
    for song in (1, 2, 3):
        (published / f"midlevel/audio/{song}.mp3").touch()
    table = published / "midlevel/metadata_annotations/metadata.csv"
    table.write_text(f"song id;Source;{header}\n1;jamendo;Someone\n2;jamendo;Someone\n3;jamendo;\n")
    assert [excerpt.group for excerpt in load_midlevel(published).excerpts[:3]] == ["Someone", "Someone", "3"]


def test_a_missing_excerpt_is_named(published: Path) -> None:
    (published / "soundtracks/Set1/007.mp3").unlink()
    with pytest.raises(DataError, match="359 of 360"):
        load_soundtracks(published)


@pytest.mark.parametrize(
    "name", ["soundtracks/mean_ratings_set1.csv", "midlevel/metadata_annotations/annotations.csv"]
)
def test_a_missing_table_says_where_it_is_published(published: Path, name: str) -> None:
    (published / name).unlink()
    with pytest.raises(DataError, match=r"osf\.io"):
        load_soundtracks(published)


def own_corpus(folder: Path, table: str) -> Corpus:
    for name in ("a.wav", "b ö.wav"):
        (folder / name).touch()
    path = folder / "ratings.csv"
    path.write_text(table, encoding="utf-8")
    return load_own(path)


@pytest.mark.parametrize(
    ("name", "column", "complaint"),
    [
        ("soundtracks/mean_ratings_set1.csv", "number", "no column `number`"),
        ("soundtracks/set1_tracklist.csv", "Nro", "no column `Nro`"),
        ("soundtracks/set1_tracklist.csv", "Album name", "no column `Album name`"),
        ("midlevel/metadata_annotations/annotations.csv", "song_id", "no column `song_id`"),
        ("soundtracks/mean_ratings_set1.csv", "001,", "'one' is not a number"),
        ("midlevel/metadata_annotations/annotations.csv", "3576,", "'one' is not a number"),
    ],
)
def test_tables_of_another_shape(published: Path, name: str, column: str, complaint: str) -> None:
    text = (published / name).read_text("utf-8")
    (published / name).write_text(
        text.replace(column, "one," if column.endswith(",") else "other", 1), "utf-8"
    )
    load = load_midlevel if name.startswith("midlevel") else load_soundtracks
    with pytest.raises(DataError, match=complaint):
        load(published)


def test_own_corpus(tmp_path: Path) -> None:
    corpus = own_corpus(tmp_path, "file,dissonance,happy,group\na.wav,3.5,,x\nb ö.wav,,7,x\n")
    assert corpus.ids == ("a.wav", "b ö.wav")
    assert corpus.excerpts[0].midlevel[4] == 3.5
    assert np.isnan(corpus.emotion[0]).all()
    assert corpus.emotion[1, 5] == 7
    assert corpus.excerpts[0].group == "x"
    assert load_corpus(tmp_path).ids == corpus.ids


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ("name,happy\na.wav,3\n", "no column `file`"),
        ("file,mood\na.wav,3\n", "no label column"),
        ("file,happy\na.wav,very\n", "not a number"),
        ("file,happy\na.wav,70\n", "70 is far from the scale of 1 to 9"),
        ("file,dissonance\na.wav,inf\n", "inf is far from the scale of 1 to 10"),
        ("file,happy\nmissing.wav,3\n", r"missing\.wav"),
        ("file,happy\na.wav,3\na.wav,4\n", "twice"),
        ("file,happy\n", "no rows"),
        (f"file,happy\n{'x' * 5000}.wav,3\n", "no such file beside the table"),
        ("file,happy\na.wav\0,3\n", "no such file beside the table|cannot be read"),
    ],
)
def test_bad_tables(tmp_path: Path, table: str, complaint: str) -> None:
    with pytest.raises(DataError, match=complaint):
        own_corpus(tmp_path, table)


def test_a_folder_must_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MIDCLI_DATA", raising=False)
    with pytest.raises(DataError, match="MIDCLI_DATA"):
        data_folder(None)
    with pytest.raises(DataError, match="no such folder"):
        data_folder(tmp_path / "nowhere")
    monkeypatch.setenv("MIDCLI_DATA", str(tmp_path))
    assert data_folder(None) == tmp_path
    with pytest.raises(DataError, match="neither"):
        load_corpus(tmp_path)


@pytest.mark.data
def test_the_published_data() -> None:
    corpus = load_soundtracks(data_folder(None))
    assert len({excerpt.group for excerpt in corpus.excerpts}) == 45
    assert np.isfinite(corpus.midlevel).all()
    assert np.isfinite(corpus.emotion).all()
    tonal, melody = corpus.midlevel[:, 5], corpus.midlevel[:, 0]
    assert np.corrcoef(tonal, melody)[0, 1] == pytest.approx(0.68, abs=0.01)


def test_numbers_too_long_for_a_file_name_are_refused(published: Path) -> None:
    table = published / "midlevel" / "metadata_annotations" / "annotations.csv"
    table.write_text(table.read_text().replace("\n5000,", f"\n{'3' * 300},"))
    with pytest.raises(DataError, match="is no excerpt's number"):
        load_midlevel(published)
