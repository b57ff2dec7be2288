"""Hits as JSON, as a table for spreadsheets and as a playlist."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from midcli.library.columns import Library
from midcli.library.hits import artists_of, csv_text, hits_of, m3u8, shown_names
from midcli.library.index import open_library
from midcli.library.lists import read_playlist
from midcli.library.search import find
from midcli.util.text import json_line
from tests.library_files import predictions, qualities, write_library


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    for name, artist in (("one", "Ann"), ("two", "Bob"), ("three", None)):
        with soundfile.SoundFile(folder / f"{name}.flac", "w", 8000, 1) as file:
            if artist:
                file.title, file.artist = f"Song {name}", artist
            file.write(np.zeros(8000))
    return folder


@pytest.fixture
def library(music: Path, tmp_path: Path, tiny_model: Path) -> Library:
    names = [str(music / f"{name}.flac") for name in ("one", "two", "three", "four")]
    path = write_library(tmp_path / "library.jsonl", predictions(tiny_model, qualities(4), names))
    return open_library(path, tiny_model)


def test_titles_come_from_tags_else_from_names(library: Library) -> None:
    ranking = find(library, least={"dissonance": 1})
    hits = {hit.title: hit for hit in hits_of(ranking)}
    assert set(hits) == {"Song one", "Song two", "three", "four"}
    assert hits["Song one"].named == "Ann – Song one"
    assert [title for title, hit in hits.items() if hit.gone] == ["four"]
    assert sorted(map(str, artists_of(ranking))) == ["None", "None", "ann", "bob"]


def test_json_has_what_was_asked_for_and_why(library: Library) -> None:
    ranking = find(library, "not dissonant")
    hit = json.loads(json_line(hits_of(ranking)[0].to_dict(shown_names(ranking))))
    assert hit["schema"] == "midcli.find/1"
    assert hit["rank"] == 1
    assert set(hit["values"]) == {"dissonance"}
    assert hit["why"]["differences"]["dissonance"]["value"] == hit["values"]["dissonance"]
    assert hit["perhaps"] == ["dissonance"]  # the model of the tests has no intervals
    assert hit["gone"] in (True, False)


def test_columns_are_those_of_the_query(library: Library) -> None:
    assert shown_names(find(library, "tense")) == ("tension",)
    like = find(library, like=[library.files[0]], but="less staccato")
    assert shown_names(like) == ("articulation", *library.emotion_names)
    assert shown_names(find(library, like=[library.files[0]], on="qualities"))[0] == "melodiousness"
    assert shown_names(find(library, like=[library.files[0]], opposite=True)) == library.names


def test_playlists_have_relative_paths_that_lead_to_the_files(
    library: Library, music: Path, tmp_path: Path
) -> None:
    hits = hits_of(find(library, least={"dissonance": 1}))
    for folder in (tmp_path, music, tmp_path / "lists" / "deep"):
        folder.mkdir(parents=True, exist_ok=True)
        lines = m3u8(hits, folder).splitlines()
        assert lines[0] == "#EXTM3U"
        assert sum(line.startswith("#EXTINF:") for line in lines) == 4
        paths = [line for line in lines if not line.startswith("#")]
        assert not any(Path(path).is_absolute() for path in paths)
        assert {(folder / path).resolve() for path in paths} == {Path(hit.file).resolve() for hit in hits}
    assert "#EXTINF:60,Ann - Song one" in lines


def test_playlists_through_a_link_lead_to_the_files(library: Library, music: Path, tmp_path: Path) -> None:
    link = tmp_path / "elsewhere" / "link"
    link.parent.mkdir()
    link.symlink_to(music, target_is_directory=True)
    hits = hits_of(find(library, "tense"))
    paths = [line for line in m3u8(hits, link).splitlines() if not line.startswith("#")]
    assert all(Path(f"{link}/{path}").exists() or hit.gone for path, hit in zip(paths, hits, strict=True))


def test_odd_names_cannot_break_a_playlist(tmp_path: Path, tiny_model: Path) -> None:
    names = ["#1.wav", "a\nb.wav", "c\u2028d.wav", "é 🎵.wav", " 2.wav"]
    for name in names:
        (tmp_path / name).touch()
    path = write_library(tmp_path / "library.jsonl", predictions(tiny_model, qualities(5), names))
    hits = hits_of(find(open_library(path, tiny_model), least={"dissonance": 1}))
    written = tmp_path / "list.m3u8"
    written.write_text(m3u8(hits, tmp_path), encoding="utf-8")
    assert set(written.read_text("utf-8").splitlines()[2::2]) == {"./#1.wav", "é 🎵.wav", "./ 2.wav"}
    assert {Path(path).name for path in read_playlist(written)} == {"#1.wav", "é 🎵.wav", " 2.wav"}


def test_spreadsheets_open_the_table_right(tmp_path: Path, tiny_model: Path) -> None:
    names = ["=cmd().wav", "ä.wav"]
    path = write_library(tmp_path / "library.jsonl", predictions(tiny_model, qualities(2), names))
    hits = hits_of(find(open_library(path, tiny_model), least={"dissonance": 1}))
    text = csv_text(hits)
    assert text.startswith("\ufeffrank,score,file,title,artist,duration_s,valence,")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert {row["file"] for row in rows} == {"./=cmd().wav", "ä.wav"}
    assert all(len(row["tension"].split(".")[1]) == 2 for row in rows)
    assert csv_text([]).startswith("\ufeffrank")
