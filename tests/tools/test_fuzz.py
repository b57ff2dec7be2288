"""A hundred cases of `python -m tools.fuzz`, and free input for the readers."""

import math
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from midcli.audio.reading import AudioReader
from midcli.audio.spectrogram import FRONTEND
from midcli.corpora.own import load_own
from midcli.errors import DataError, InputError, ModelError, UsageError
from midcli.explanation.reference import read_reference
from midcli.library.journal import Journal
from midcli.model.file import Model
from tools.fuzz.__main__ import describe, run
from tools.fuzz.cases import Case

MAGIC = st.sampled_from(
    [
        *(b"", b"RIFF\xff\xff\xff\xffWAVEfmt ", b"fLaC\0\0\0\x22", b"OggS\0\x02", b"\xff\xfb\x90\x64"),
        *(b"ID3\x04\0\0\x7f\x7f\x7f\x7f", b"FORM\0\0\0\x64AIFFCOMM", b"caff\0\x01\0\0desc", b".snd"),
        *(b"\x1aE\xdf\xa3", b"0&\xb2u\x8ef\xcf\x11", b"\0\0\0\x18ftypM4A ", b"\xf0\x7e\0\x01"),
    ]
)
FREE = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)


def test_a_hundred_files_broken_or_as_writers_leave_them() -> None:
    as_written = [Case(12, number, writers=True) for number in range(10)]
    verdicts = run([*(Case(11, number) for number in range(90)), *as_written])
    assert len(verdicts) == 100
    assert [describe(verdict) for verdict in verdicts if verdict.failed] == []
    # mutations must reach what is behind the first check of a header
    kinds = [verdict.ended for verdict in verdicts if verdict.file.startswith("audio/")]
    assert kinds.count("result") > len(kinds) / 4
    assert kinds.count("input") > len(kinds) / 4


@FREE
@given(MAGIC, st.binary(max_size=4000))
def test_any_bytes_are_audio_or_an_input_error(tmp_path: Path, magic: bytes, rest: bytes) -> None:
    (tmp_path / "a.bin").write_bytes(magic + rest)
    reader = AudioReader(tmp_path / "a.bin", 22_050)
    try:
        samples = sum(len(block) for block in reader.blocks())
    except InputError as error:
        assert error.path == str(tmp_path / "a.bin")  # noqa: PT017
    else:
        assert samples >= 22_050


@pytest.mark.confined
@settings(FREE, max_examples=8)
@given(st.binary(max_size=2000), st.integers(0, 10_000))
def test_any_bytes_are_a_model_or_a_model_error(
    tmp_path: Path, tiny_model: Path, inserted: bytes, place: int
) -> None:
    content = tiny_model.read_bytes()
    place %= len(content)
    (tmp_path / "a.onnx").write_bytes(content[:place] + inserted + content[place + len(inserted) :])
    try:
        model = Model(tmp_path / "a.onnx", FRONTEND)
    except ModelError as error:
        assert "\n" not in str(error)  # noqa: PT017
    else:
        assert math.isfinite(model.head.weights.sum())


@FREE
@example("file,valence\na.wav," + "9" * 5000)
@example('file,valence\n"a.wav\0",1')
@given(st.text(max_size=400))
def test_any_text_is_a_table_or_a_data_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.wav").touch()
    (tmp_path / "own.csv").write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        load_own(tmp_path / "own.csv")
    except DataError as error:
        assert str(tmp_path) in str(error)  # noqa: PT017


@FREE
@example("[" * 100_000)
@given(st.text(max_size=400))
def test_any_text_is_rows_or_an_error(tmp_path: Path, text: str) -> None:
    content = text.encode("utf-8", "surrogatepass")
    (tmp_path / "rows.jsonl").write_bytes(content)
    with pytest.raises(DataError):
        read_reference(tmp_path / "rows.jsonl", "")
    try:
        Journal(tmp_path / "rows.jsonl").close()
    except UsageError:
        assert (tmp_path / "rows.jsonl").read_bytes() == content
