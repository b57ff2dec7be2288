"""The library as an app developer meets it: its names, and what it leaves alone."""

import pydoc
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

import midcli
from midcli.errors import OutputError, UsageError
from midcli.explanation.whatif import Change

USED = """
import io, os, sys

environment = dict(os.environ)
links = "/proc/self/fd"
descriptors = {fd: os.readlink(f"{links}/{fd}") for fd in ("0", "1", "2")} if os.path.isdir(links) else {}

def forbidden(*_):
    raise AssertionError("a descriptor is redirected")

os.dup2 = forbidden
streams = sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__

import midcli
from midcli import Analyser, analyse, compare, predict, save

song, broken, model = sys.argv[1:4]
analyser = Analyser(model, first=song)
a = analyser.analyse(song)
a.summary, a.reasons("tension"), a.curves(), a.turning_points(), a.to_dict(), a._repr_html_()
a.what_if().reach({"happy": 3})
compare(a, a)
save(a, "page.html")
save([a, a], "pages.html")
save(a, "picture.svg")
list(analyser.analyse_many([song, broken, "missing.wav"], jobs=2))
predict([song, broken], output="out.jsonl", model=model)
try:
    predict([song], output="out.xyz", model=model)
except ValueError:
    pass

assert dict(os.environ) == environment, set(os.environ.items()) ^ set(environment.items())
assert streams == (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__)
assert descriptors == {fd: os.readlink(f"{links}/{fd}") for fd in descriptors}
"""


def test_using_the_library_leaves_the_program_alone(tmp_path: Path, song: Path, tiny_model: Path) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(song.read_bytes()[: 40_000 * 2 + 44])
    done = subprocess.run(
        [sys.executable, "-c", USED, song, broken, tiny_model], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.stderr.decode() == ""
    assert done.stdout.decode() == ""
    assert done.returncode == 0


def test_dir_shows_the_public_names() -> None:
    assert dir(midcli) == sorted(midcli.__all__)
    for name in midcli.__all__:
        assert getattr(midcli, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'analyze'"):
        midcli.analyze  # noqa: B018


def test_help_shows_the_public_names() -> None:
    text = pydoc.plain(pydoc.render_doc(midcli))
    for name in ("Analyser", "Analysis", "InputError", "analyse(", "compare(", "predict(", "save("):
        assert name in text
    assert "Why music sounds the way it does" in text
    assert "analyse_many" in text


@pytest.fixture
def folder(tmp_path: Path, chord: np.ndarray) -> Path:
    folder = tmp_path / "Music"
    folder.mkdir()
    for number in range(3):
        soundfile.write(folder / f"{number}.wav", chord[: 44_100 * (3 - number)], 44_100)
    (folder / "broken.flac").write_bytes(b"no music")
    return folder


def test_predictions_are_rows_and_a_table(folder: Path, tiny_model: Path) -> None:
    pandas = pytest.importorskip("pandas")
    table = midcli.predict(folder, model=tiny_model)
    assert len(table) == 3
    assert [failure.file for failure in table.failures] == [str(folder / "broken.flac")]
    frame = table.to_pandas()
    assert list(frame.index) == [str(folder / f"{number}.wav") for number in range(3)]
    assert frame.index.name == "file"
    assert {"duration_s", "tension", "tension_percentile", "dissonance", "model"} <= set(frame.columns)
    assert pandas.api.types.is_float_dtype(frame["tension"])
    assert frame["tension"].tolist() == pytest.approx([piece.emotions["tension"].value for piece in table])
    assert "error_kind" not in frame.columns


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_predictions_are_kept_and_gone_on_from(folder: Path, tiny_model: Path, ending: str) -> None:
    output = folder.parent / f"out.{ending}"
    heard: list[object] = []
    first = midcli.predict(folder, output, tiny_model, on_record=heard.append)
    assert (len(first), len(heard)) == (3, 4)
    again = midcli.predict(folder, str(output), tiny_model, on_record=heard.append)
    assert (again, len(heard)) == (first, 5)  # only what failed is tried again
    assert len(output.read_text("utf-8").splitlines()) == {"jsonl": 4, "csv": 5}[ending]


def test_predictions_compare_with_a_reference(folder: Path, tiny_model: Path) -> None:
    output = folder.parent / "reference.jsonl"
    midcli.predict(folder, output, tiny_model)
    compared = midcli.predict(folder / "0.wav", model=tiny_model, reference=output)[0]
    assert compared.reference == "3 of reference.jsonl"
    with pytest.raises(UsageError, match="leave reference and vocabulary out"):
        midcli.predict(folder, folder.parent / "more.jsonl", tiny_model, reference=output)


def test_wrong_names_are_told_at_the_gate(folder: Path, song: Path, tiny_model: Path) -> None:
    with pytest.raises(ValueError, match=r"must end in \.jsonl, \.csv, \.xlsx or \.parquet"):
        midcli.predict(folder, "out.xyz", tiny_model)
    analysis = midcli.analyse(song, tiny_model)
    with pytest.raises(ValueError, match=r"must end in \.html, \.svg, \.png"):
        midcli.save(analysis, "report.pdf")
    with pytest.raises(ValueError, match="a picture shows a single piece"):
        midcli.save([analysis, analysis], "report.svg")
    with pytest.raises(ValueError, match="embedded in pages"):
        midcli.save(analysis, "report.svg", embed_audio=True)
    for ask in (
        lambda: analysis.reasons("boredom"),
        lambda: analysis.evidence.strongest("boredom"),
        lambda: analysis.evidence.over_time("boredom", 3),
        lambda: analysis.evidence.by_register("boredom"),
        lambda: analysis.to_dict(where=["boredom"]),
        lambda: analysis.what_if().reach({"boredom": 5}),
        lambda: analysis.what_if().set([Change("boredom", 1, relative=True)]),
    ):
        with pytest.raises(UsageError, match=r"boredom: no such name; .*(tension|dissonance)"):
            ask()


def test_names_may_be_spelt_as_people_spell_them(song: Path, tiny_model: Path) -> None:
    analysis = midcli.analyse(song, tiny_model)
    assert analysis.evidence.strongest("Tonal stability") == analysis.evidence.strongest("tonal_stability")
    assert set(analysis.what_if().reach({"Happiness": 5}).attainable) == {"happy"}
    assert analysis.reasons("Happy") == analysis.reasons("happy")


def test_save_writes_one_piece_or_several_and_overwrites_only_if_asked(
    tmp_path: Path, song: Path, tiny_model: Path
) -> None:
    analysis = midcli.analyse(song, tiny_model)
    page = tmp_path / "page.html"
    midcli.save(analysis, page)
    before = page.read_bytes()
    with pytest.raises(OutputError, match="exists") as refused:
        midcli.save([analysis, analysis], page)
    assert isinstance(refused.value, OSError)
    assert page.read_bytes() == before
    midcli.save([analysis, analysis], page, overwrite=True)
    assert page.read_bytes().count(b"<article") == 2
    midcli.save(analysis, str(page), overwrite=True, embed_audio=True)
    assert b"data:audio/mpeg;base64," in page.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["page.html"]
