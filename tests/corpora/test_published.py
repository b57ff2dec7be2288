"""Readers of the published layouts and of a user's own corpus."""

import os
import re
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from midcli.cli.inputs import data_folder
from midcli.corpora.corpus import Corpus, rating_gaps
from midcli.corpora.own import load_corpus, load_own
from midcli.corpora.published import load_midlevel, load_soundtracks
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


def test_popular_excerpts_lie_where_their_own_corpus_keeps_them(published: Path) -> None:
    (published / "songs/mirex").mkdir(parents=True)
    for song in (4098, 4099, 4100):
        (published / f"songs/mirex/{song}.ogg").touch()
    (published / "songs/mirex.csv").write_text(
        "file,group\nmirex/4098.ogg,Someone\nmirex/4099.ogg,Someone\nmirex/4100.ogg,\n"
    )
    corpus = load_midlevel(published)
    assert len(corpus.excerpts) == 363
    assert [excerpt.group for excerpt in corpus.excerpts[-3:]] == ["Someone", "Someone", "4100"]
    assert corpus.excerpts[-1].path == published / "songs/mirex/4100.ogg"


RATINGS = "soundtracks/mean_ratings_set1.csv"
ANNOTATIONS = "midlevel/metadata_annotations/annotations.csv"


def test_a_missing_excerpt_is_named(published: Path) -> None:
    (published / "soundtracks/Set1/007.mp3").unlink()
    with pytest.raises(DataError, match=r"359 of 360 .*; without audio in Set1: 007; compare with https"):
        load_soundtracks(published)


@pytest.mark.parametrize(
    ("name", "old", "new", "complaint"),
    [
        (RATINGS, "\n007,", "\n008,", r"358 of 360 .*; not in mean.*: 007; more than once in mean.*: 008;"),
        (
            RATINGS,
            "\n007,.*",
            "\\g<0>\\g<0>",
            r"359 of 360 .*; more than once in mean_ratings_set1\.csv: 007;",
        ),
        (RATINGS, "\n007,", "\n7,", r"359 of 360 .*: 007; in mean.* but not of 001 to 360: 7;"),
        (RATINGS, "(?s)\n.*", "", r"0 of 360 .*; not in mean.*: 001, 002, 003 and 357 more;"),
        (RATINGS, "(?s).*", "", r"0 of 360 .*; not in mean.*: 001, 002, 003 and 357 more;"),
        ("soundtracks/set1_tracklist.csv", "\n007,", "\n7,", r"; not in set1_tracklist\.csv: 007;"),
        (
            ANNOTATIONS,
            "\n3582,.*",
            "",
            r"359 of 360 .*; not in annotations\.csv \(song_id is 3575 more\): 007;",
        ),
        (
            ANNOTATIONS,
            "\n3582,.*",
            "\\g<0>\\g<0>",
            r"annotations\.csv, line 3584: 3582 is named twice, first in line 3583",
        ),
    ],
)
def test_incomplete_tables_say_which_excerpts(
    published: Path, name: str, old: str, new: str, complaint: str
) -> None:
    (published / name).write_text(re.sub(old, new, (published / name).read_text("utf-8"), count=1), "utf-8")
    with pytest.raises(DataError, match=complaint):
        load_corpus(published)


@pytest.mark.parametrize(
    ("name", "old", "new", "complaint"),
    [
        (RATINGS, "valence", "valenz", "no column with ratings named valence; .*p6vkg"),
        (RATINGS, r"(?m)^(\d+),[^,]+,[^,]+,", r"\1,,nan,", "no column with ratings named valence, energy;"),
        (ANNOTATIONS, "melody", "tune", "no column with ratings named melody; .*5aupt"),
    ],
)
def test_published_tables_rate_every_label(
    published: Path, name: str, old: str, new: str, complaint: str
) -> None:
    (published / name).write_text(re.sub(old, new, (published / name).read_text("utf-8")), "utf-8")
    with pytest.raises(DataError, match=complaint):
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
        ("soundtracks/mean_ratings_set1.csv", "001,", r"csv, line 2: 'one' is not a number"),
        ("midlevel/metadata_annotations/annotations.csv", "3576,", r"csv, line 3577: 'one' is not a number"),
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


def test_headers_in_any_case_and_spare_commas(tmp_path: Path) -> None:
    corpus = own_corpus(tmp_path, "File,Happy,Group\na.wav,3,Queen,\nb ö.wav,7,Queen,,\n")
    assert corpus.emotion[:, 5].tolist() == [3, 7]
    assert {excerpt.group for excerpt in corpus.excerpts} == {"Queen"}


def test_accents_in_names_are_found_however_they_are_written(tmp_path: Path) -> None:
    parts = unicodedata.normalize("NFD", "é.wav")
    (tmp_path / parts).touch()
    corpus = own_corpus(tmp_path, f"file,happy\n{parts},3\nb ö.wav,4\n")
    assert all(excerpt.path.is_file() for excerpt in corpus.excerpts)
    with pytest.raises(DataError, match="is named twice"):
        own_corpus(tmp_path, f"file,happy\n{parts},3\né.wav,4\n")


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ("name,happy\na.wav,3\n", "no column `file`"),
        ("file,mood\na.wav,3\n", "no label column"),
        ("file,happy\na.wav,3\n\nb ö.wav,very\n", r"ratings\.csv, line 4: happy: 'very' is not a number"),
        ("file,happy\na.wav,70\n", r"ratings\.csv, line 2: happy: 70 is far from the scale of 1 to 9"),
        ("file,dissonance\na.wav,inf\n", "inf is far from the scale of 1 to 10"),
        ("file,happy\nmissing.wav,3\n", r"line 2: missing\.wav"),
        ("file,happy\na.wav,3\na.wav,4\n", r"csv, line 3: a\.wav is named twice, first in line 2"),
        ("file,happy\na.wav,3\n./a.wav,4\n", r"csv, line 3: \./a\.wav is named twice, first in line 2"),
        ("file,happy\na.wav,3,5\n", r"csv, line 2: has more cells than the header"),
        ("file,happy,happy\na.wav,3,\n", "has several columns `happy`"),
        ("file;happy\na.wav;3\n", "it has file;happy; cells are separated by commas"),
        ("file,happy,sad\na.wav,.48,.9\n", r"emotions are rated from 0\.48 to 0\.9; the scale is 1 to 9"),
        (
            "file,happy,mode\na.wav,3,.1\nb ö.wav,3,1",
            r"qualities are rated from 0\.1 to 1; the scale is 1 to 10",
        ),
        ("file,happy\na.wav,-1\nb ö.wav,0.5\n", r"emotions are rated from -1 to 0\.5; the scale is 1 to 9"),
        ("file,happy\n", "no rows"),
        (f"file,happy\n{'x' * 5000}.wav,3\n", "no such file beside the table"),
        ("file,happy\na.wav\0,3\n", "no such file beside the table|cannot be read"),
        ("file,happy,sad\na.wav,5,1\nb ö.wav,5,2\n", "happy is 5 everywhere, so there is nothing to learn"),
    ],
)
def test_bad_tables(tmp_path: Path, table: str, complaint: str) -> None:
    with pytest.raises(DataError, match=complaint):
        own_corpus(tmp_path, table)


@pytest.mark.parametrize("ratings", ["1\nb ö.wav,2", "0.9\nb ö.wav,1.1", "0.2\nb ö.wav,9.5"])
def test_some_ratings_may_be_off_the_scale(tmp_path: Path, ratings: str) -> None:
    assert np.isfinite(own_corpus(tmp_path, f"file,happy\na.wav,{ratings}\n").emotion[:, 5]).all()


def test_published_ratings_on_another_scale_are_refused(published: Path) -> None:
    table = published / ANNOTATIONS
    header, *rows = table.read_text().splitlines()
    table.write_text("\n".join([header, *(f"{row.split(',')[0]},{','.join(['0.48'] * 7)}" for row in rows)]))
    with pytest.raises(DataError, match=r"annotations\.csv: qualities are rated from 0\.48 to 0\.48"):
        load_midlevel(published)


def test_gaps_in_the_ratings_are_counted(tmp_path: Path) -> None:
    nowhere, partly = rating_gaps(own_corpus(tmp_path, "file,sad,happy,mode\na.wav,,3,nan\nb ö.wav,4,2,5\n"))
    assert nowhere.startswith("no ratings at all: melodiousness, articulation, ")
    assert "happy" not in nowhere
    assert partly == "excerpts without a rating, of 2: minorness 1, sad 1"


def test_a_folder_must_be_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="MIDCLI_DATA"):
        data_folder(None)
    with pytest.raises(DataError, match="no such folder"):
        data_folder(tmp_path / "nowhere")
    assert data_folder(tmp_path) == tmp_path
    with pytest.raises(DataError, match="neither"):
        load_corpus(tmp_path)


@pytest.mark.parametrize(
    ("encoding", "readable"), [("utf-8-sig", True), ("utf-16", True), ("latin-1", False)]
)
def test_lists_of_a_fixed_part_in_other_encodings(published: Path, encoding: str, readable: bool) -> None:
    (published / "soundtracks" / "fixed-test-36.txt").write_text("008\n019\n" if readable else "ä", encoding)
    if readable:
        assert load_soundtracks(published).fixed_test == ("008", "019")
    else:
        with pytest.raises(DataError, match=r"fixed-test-36\.txt: not text in UTF-8"):
            load_soundtracks(published)


@pytest.mark.data
def test_the_published_data() -> None:
    corpus = load_soundtracks(Path(os.environ["MIDCLI_DATA"]))
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
