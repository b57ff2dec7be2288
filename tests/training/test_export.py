import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
torch.set_num_threads(1)  # threads would wait for each other longer than tiny networks take
pytest.importorskip("torchaudio")
onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")

from midcli.analyser import Analyser
from midcli.audio.spectrogram import FRONTEND
from midcli.errors import ModelError, OutputError
from midcli.labels import RATING_SCALE
from midcli.model.file import Model
from midcli.study.recipes import DEFAULT
from midcli.training import export as export_module
from midcli.training.experiment import fit_model
from midcli.training.export import export, grid, prepared
from tests.training_corpus import TINY, made_up_corpus

CORPUS, SPECTROGRAMS = made_up_corpus()
CHECKED = [SPECTROGRAMS[name] for name in CORPUS.ids[:3]]
METADATA = {
    "reference": {
        "name": "made-up",
        "ids": ["001", "002"],
        "midlevel": [[0.5] * 7, [0.6] * 7],
        "register_evidence": [[0.0] * 38] * 7,
    },
    "calibration": {},
    "card": {"name": "tiny", "version": "9", "scheme": "joint"},
}


def fitted(scheme="joint", **changes):
    return fit_model(CORPUS, CORPUS.ids, (), scheme, replace(TINY, **changes), 0, SPECTROGRAMS, device="cpu")


@pytest.fixture(scope="module")
def model():
    return fitted(stage_channels=(48,))


@pytest.fixture(scope="module")
def file(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "tiny.onnx"
    export(path, model, METADATA, CHECKED)
    return path


def test_file_gives_what_the_networks_give(file, model):
    loaded = Model(file, FRONTEND)
    for spectrogram in SPECTROGRAMS.values():
        expected = model.predict(spectrogram)
        evidence = loaded.evidence(spectrogram)
        assert evidence * RATING_SCALE == pytest.approx(expected.evidence, abs=1e-5)
        midlevel = loaded.midlevel(evidence)
        assert midlevel * RATING_SCALE == pytest.approx(expected.midlevel, abs=1e-5)
        assert loaded.head.emotions(midlevel) * RATING_SCALE == pytest.approx(expected.emotion, abs=1e-5)


def test_file_explains_audio(file, song):
    analysis = Analyser(file).analyse(song)
    for emotion in analysis.emotions.values():
        assert emotion.value == pytest.approx(emotion.intercept + sum(emotion.effects.values()))
    assert (analysis.model.name, analysis.model.version) == ("tiny", "9")


def test_card_says_how_coarse_the_map_is(file, model):
    card = Model(file, FRONTEND).card
    cell = grid(model.explained.network.trunk)
    assert card["receptive_field"] == {
        "stride_frames": cell.stride_frames,
        "stride_bands": cell.stride_bands,
        "frames": 17,
        "bands": 17,
        "seconds": 0.54,
    }


def test_file_tells_nothing_about_the_machine(file):
    content = file.read_bytes()
    for word in (str(Path.home()).encode(), b".py", b"site-packages"):
        assert word not in content
    assert not any(node.metadata_props for node in onnx.load(file).graph.node)


def test_batch_norm_is_folded(model):
    stored = prepared(model.explained, half=False)
    batch = torch.rand(2, 50, 149)
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in stored.modules())
    for ours, theirs in zip(stored(batch), model.explained(batch), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-5)


def test_halves_are_smaller_and_exactly_the_rounded_network(file, model, tmp_path):
    small = tmp_path / "half.onnx"
    export(small, model, METADATA, CHECKED, half=True)
    assert small.stat().st_size < 0.62 * file.stat().st_size
    rounded = replace(model, explained=prepared(model.explained, half=True))
    evidence = Model(small, FRONTEND).evidence(CHECKED[0])
    assert evidence * RATING_SCALE == pytest.approx(rounded.predict(CHECKED[0]).evidence, abs=1e-5)


def test_a2e_file_has_emotions_only(tmp_path):
    path = tmp_path / "a2e.onnx"
    export(path, fitted("a2e"), {"calibration": {}, "card": {"name": "a2e"}}, CHECKED)
    graph = onnx.load(path)
    assert [output.name for output in graph.graph.output] == ["emotion"]
    entries = {entry.key: json.loads(entry.value) for entry in graph.metadata_props}
    assert "midcli.head" not in entries
    assert entries["midcli.frontend"].items() >= FRONTEND.items()
    with pytest.raises(ModelError, match="leads from qualities to emotions"):
        Model(path, FRONTEND)


def test_an_a2e_file_of_landmarks_hears_music_of_any_length(tmp_path):
    path = tmp_path / "a2e.onnx"
    recipe = replace(DEFAULT, landmarks=20, copies=0)
    fit = fit_model(CORPUS, CORPUS.ids, (), "a2e", recipe, 0, SPECTROGRAMS, device="cpu")
    export(path, fit, {"calibration": {}, "card": {"name": "a2e"}}, [np.tile(CHECKED[0], (9, 1)), CHECKED[0]])
    assert path.exists()


@pytest.mark.parametrize(
    ("tolerance", "message"), [("TORCH_TOLERANCE", "differs from torch"), ("CHUNK_TOLERANCE", "chunks")]
)
def test_wrong_file_is_not_written(tolerance, message, file, model, tmp_path, monkeypatch):
    monkeypatch.setattr(export_module, tolerance, -1)
    monkeypatch.setattr(export_module, "to_onnx", lambda _: without_metadata(file))
    with pytest.raises(ModelError, match=message):
        export(tmp_path / "bad.onnx", model, METADATA, CHECKED)
    assert list(tmp_path.iterdir()) == []


def test_other_weights_are_noticed(file, tmp_path, monkeypatch):
    monkeypatch.setattr(export_module, "to_onnx", lambda _: without_metadata(file))
    with pytest.raises(ModelError, match="differs from torch"):
        export(tmp_path / "bad.onnx", fitted(stage_channels=(48,), epochs=1), METADATA, CHECKED)


def test_place_that_cannot_be_written(file, model, tmp_path, monkeypatch):
    monkeypatch.setattr(export_module, "to_onnx", lambda _: without_metadata(file))
    with pytest.raises(OutputError, match="cannot be written"):
        export(tmp_path / "missing" / "model.onnx", model, METADATA, CHECKED)


def without_metadata(file):
    graph = onnx.load(file)
    del graph.metadata_props[:]
    return graph
