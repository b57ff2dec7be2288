"""Model files: what loads, what is refused, and that chunks equal the whole."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from midcli.audio.spectrogram import BANDS, FRONTEND
from midcli.errors import ModelError
from midcli.model import file as model_module
from midcli.model.bundled import bundled_models, find_model
from midcli.model.file import Model
from tests.model_files import write_model


def load(path: Path) -> Model:
    return Model(path, FRONTEND)


def music(frames: int) -> np.ndarray:
    return np.random.default_rng(frames).uniform(0, 0.5, (frames, BANDS)).astype(np.float32)


@pytest.mark.parametrize("frames", [31, 32, 63, 64, 65, 127, 128, 129, 300, 1000])
def test_chunks_equal_the_whole(tiny_model: Path, monkeypatch: pytest.MonkeyPatch, frames: int) -> None:
    model = load(tiny_model)
    whole = model.evidence(music(frames))
    monkeypatch.setattr(model_module, "CHUNK_FRAMES", 64)
    chunked = model.evidence(music(frames))
    assert chunked.shape == whole.shape
    np.testing.assert_allclose(chunked, whole, atol=1e-5)


def test_parts_hear_their_mirror_images_beyond_their_ends(tiny_model: Path) -> None:
    model = load(tiny_model)
    stride, seam = model.grid.stride_frames, model_module.SEAM_FRAMES
    spectrogram = music(900)
    parts = [slice(10, 10 + 24 * stride + 3), slice(500, 500 + 18 * stride)]
    evidence = model.evidence_of_parts(spectrogram, parts)
    first, second = spectrogram[10 : 10 + 24 * stride], spectrogram[parts[1]]
    rising = ((np.arange(seam) + 0.5) / seam)[:, np.newaxis]
    led_over = first[-seam:][::-1] * (1 - rising) + second[:seam][::-1] * rising
    heard = np.concatenate([first[:seam][::-1], first, led_over, second, second[-seam:][::-1]])
    cells = model.evidence_of_all(heard.astype(np.float32))
    before = seam // stride
    expected = [cells[:, before : before + 24], cells[:, 2 * before + 24 : 2 * before + 42]]
    np.testing.assert_allclose(evidence, np.concatenate(expected, axis=1), atol=1e-5)


def test_parts_that_are_shorter_than_their_seams(tiny_model: Path) -> None:
    model = load(tiny_model)
    evidence = model.evidence_of_parts(music(200), [slice(0, 40), slice(100, 140), slice(190, 200)])
    assert evidence.shape[1] == 2 * (40 // model.grid.stride_frames)
    assert model.evidence_of_parts(music(20), [slice(0, 20)]).size


def test_outputs_agree_with_the_graph(tiny_model: Path) -> None:
    model = load(tiny_model)
    spectrogram = music(200)
    evidence = model.evidence(spectrogram)
    _, midlevel, emotion = model.network.run(model.standardise(spectrogram))
    np.testing.assert_allclose(model.midlevel(evidence), 10 * midlevel, atol=1e-4)
    np.testing.assert_allclose(model.head.emotions(model.midlevel(evidence)), 10 * emotion, atol=1e-4)


def test_card_and_reference_are_read(tiny_model: Path) -> None:
    model = load(tiny_model)
    assert (model.name, model.version) == ("tiny", "0")
    assert len(model.sha256) == 64
    assert model.reference.midlevel.shape == (40, 7)
    assert model.register_evidence.shape[0] == 7
    assert model.calibration["coverage"] == 0.8


def broken_head() -> dict[str, Any]:
    return {"weights": [[0.0] * 7] * 8, "intercept": [0.0] * 8, "midlevel_bias": [0.0] * 7}


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"format": None}, "not made by midcli"),
        ({"format": 2}, "format 2"),
        ({"labels": {"midlevel": [], "emotion": []}}, "other labels"),
        ({"head": broken_head()}, "not those of its network"),
        ({"head": {"weights": [[float("nan")] * 7] * 8}}, "malformed"),
        ({"head": None}, "incomplete"),
        ({"reference": None}, "incomplete"),
        ({"card": None}, "no card"),
        ({"card": {"name": "x"}}, "incomplete"),
        ({"calibration": {"coverage": 0.9, "emotion": {"low": [-1] * 8, "high": [1] * 8}}}, "of 80 %"),
        ({"calibration": {"emotion": {"low": [-1] * 8, "high": [1] * 8}}}, "coverage"),
        ({"frontend": {**FRONTEND, "mean": 0, "deviation": 0}}, "malformed"),
        ({"frontend": {**FRONTEND, "bands_per_octave": 12, "mean": 0, "deviation": 1}}, "bands_per_octave"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, changes: dict[str, Any], complaint: str) -> None:
    path = write_model(tmp_path / "odd.onnx", **changes)
    with pytest.raises(ModelError, match=complaint) as caught:
        load(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_description_must_be_json(tmp_path: Path) -> None:
    path = write_model(tmp_path / "odd.onnx")
    graph = onnx.load(path)
    for entry in graph.metadata_props:
        if entry.key == "midcli.card":
            entry.value = "{"
    onnx.save(graph, path)
    with pytest.raises(ModelError, match="JSON"):
        load(path)


def test_foreign_and_broken_files(tmp_path: Path, tiny_model: Path) -> None:
    foreign = tmp_path / "foreign.onnx"
    graph = onnx.load(tiny_model)
    del graph.metadata_props[:]
    onnx.save(graph, foreign)
    with pytest.raises(ModelError, match="not made by midcli"):
        load(foreign)
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(tiny_model.read_bytes()[:500])
    with pytest.raises(ModelError, match="not a usable ONNX model"):
        load(broken)
    with pytest.raises(ModelError, match="cannot be read"):
        load(tmp_path)


def test_unknown_names_list_the_known(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="bundled"):
        find_model("no-such-model")
    assert find_model(write_model(tmp_path / "own.onnx")) == tmp_path / "own.onnx"


def test_every_bundled_model_loads() -> None:
    for name, path in bundled_models().items():
        model = load(path)
        assert model.name == name
        assert path.stat().st_size < 10 * 2**20
        json.dumps(model.card)
