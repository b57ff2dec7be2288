"""Model files that a stranger may have made to do harm."""

import itertools
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from midcli.audio.spectrogram import FRONTEND
from midcli.errors import ModelError
from midcli.library.batch import model_sha256
from midcli.model import file as model_module
from midcli.model import limits
from midcli.model.file import Model
from midcli.model.network import NetworkError
from tests.model_files import write_model

MAIN = "from midcli.cli.main import main; main()"
SIDE = 30_000  # its square takes 3.6 GB as float32


def changed(path: Path, change: Callable[[onnx.ModelProto], object]) -> Path:
    model = onnx.load(write_model(path))
    change(model)
    onnx.save(model, path)
    return path


def first(model: onnx.ModelProto, *nodes: onnx.NodeProto, **tensors: Any) -> None:
    """Nodes that run before the network, and what they need."""
    rest = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend([*nodes, *rest])
    model.graph.initializer.extend(
        numpy_helper.from_array(np.asarray(value), name) for name, value in tensors.items()
    )


def external(location: str, **entries: int) -> Callable[[onnx.ModelProto], None]:
    def change(model: onnx.ModelProto) -> None:
        tensor = next(tensor for tensor in model.graph.initializer if tensor.name == "conv1")
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in {"location": location, **entries}.items():
            entry = tensor.external_data.add()
            entry.key, entry.value = key, str(value)

    return change


def external_constant(model: onnx.ModelProto) -> None:
    tensor = TensorProto(name="t", data_type=TensorProto.FLOAT, dims=[150])
    tensor.data_location = TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "weights.bin"
    first(model, helper.make_node("Constant", [], ["c"], value=tensor))


def loop(model: onnx.ModelProto) -> None:
    truth = [helper.make_tensor_value_info(name, TensorProto.BOOL, []) for name in ("go", "on")]
    turn = helper.make_tensor_value_info("turn", TensorProto.INT64, [])
    body = helper.make_graph([helper.make_node("Identity", ["go"], ["on"])], "b", [turn, truth[0]], truth[1:])
    first(model, helper.make_node("Loop", ["turns", "yes"], [], body=body), turns=np.int64(2**62), yes=True)


def other_domain(model: onnx.ModelProto) -> None:
    model.opset_import.add(domain="com.microsoft", version=1)
    model.graph.node[2].domain, model.graph.node[2].op_type = "com.microsoft", "Gelu"


def function(model: onnx.ModelProto) -> None:
    model.opset_import.add(domain="own", version=1)
    nodes = [helper.make_node("Relu", ["x"], ["y"])]
    opsets = [helper.make_opsetid("", 17)]
    model.functions.append(helper.make_function("own", "Mine", ["x"], ["y"], nodes, opsets))


def sparse(model: onnx.ModelProto) -> None:
    value, place = (numpy_helper.from_array(np.ones(1, kind), "s") for kind in (np.float32, np.int64))
    model.graph.sparse_initializer.append(helper.make_sparse_tensor(value, place, [10**5, 10**5]))


def many_nodes(model: onnx.ModelProto) -> None:
    names = ["conv1", *(f"i{number}" for number in range(20_000))]
    first(model, *(helper.make_node("Identity", [a], [b]) for a, b in itertools.pairwise(names)))


def expand(model: onnx.ModelProto) -> None:
    first(model, helper.make_node("Expand", ["one", "s"], ["bomb"]), one=np.float32([1]), s=[SIDE, SIDE])


def constant_of_shape(model: onnx.ModelProto) -> None:
    first(model, helper.make_node("ConstantOfShape", ["s"], ["bomb"]), s=[SIDE, SIDE])


def counting(model: onnx.ModelProto) -> None:
    first(model, helper.make_node("Range", ["a", "b", "c"], ["bomb"]), a=0, b=10**9, c=1)


def tile(model: onnx.ModelProto) -> None:
    first(model, helper.make_node("Tile", ["one", "s"], ["bomb"]), one=np.float32([[1]]), s=[SIDE, SIDE])


def broadcast(model: onnx.ModelProto) -> None:
    a, b = np.ones((SIDE, 1), np.float32), np.ones((1, SIDE), np.float32)
    first(model, helper.make_node("Mul", ["a", "b"], ["bomb"]), a=a, b=b)


def texts(model: onnx.ModelProto) -> None:
    text = helper.make_tensor("text", TensorProto.STRING, [1], [b"x" * 1_000_000])
    first(model, helper.make_node("Tile", ["text", "s"], ["bomb"]), s=np.array([5000]))
    model.graph.initializer.append(text)


def texts_in_a_node(model: onnx.ModelProto) -> None:
    first(model, helper.make_node("Constant", [], ["text"], value_string="x" * 1_000_000))


def texts_by_a_cast(model: onnx.ModelProto) -> None:
    first(model, helper.make_node("Cast", ["one"], ["text"], to=TensorProto.STRING), one=np.float32([1]))


def other_operator(model: onnx.ModelProto) -> None:
    first(model, helper.make_node("Unique", ["many"], ["few"]), many=np.ones(9, np.float32))


def colourful_operator(model: onnx.ModelProto) -> None:
    first(
        model, helper.make_node("\x1b[31m" + "X" * 1_000_000, ["many"], ["few"]), many=np.ones(9, np.float32)
    )


def colourful_name(model: onnx.ModelProto) -> None:
    node = helper.make_node("Reshape", ["many", "s"], ["few"], name="\x1b[31m\n" + "x" * 1_000_000)
    first(model, node, many=np.ones(9, np.float32), s=np.array([7]))


def promised_tensor(model: onnx.ModelProto) -> None:
    tensor = next(tensor for tensor in model.graph.initializer if tensor.name == "conv1")
    tensor.dims[:] = [SIDE, SIDE]


@pytest.mark.confined
@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (external("weights.bin"), "weights are in other files"),
        (external("/etc/hostname", length=10), "weights are in other files"),
        (external("../weights.bin"), "weights are in other files"),
        (external("*/_ORT_MEM_ADDR_/*", offset=4096, length=600), "weights are in other files"),
        (external_constant, "weights are in other files"),
        (loop, "'Loop' branches or loops"),
        (other_domain, "operators of 'com.microsoft'"),
        (function, "contains functions"),
        (sparse, "sparse tensors"),
        (many_nodes, "at most 20000"),
        (expand, "more than 2 GB of memory"),
        (constant_of_shape, "more than 2 GB of memory"),
        (counting, "more than 2 GB of memory"),
        (tile, "more than 2 GB of memory"),
        (broadcast, "more than 2 GB of memory"),
        (texts, "computes with texts"),
        (texts_in_a_node, "computes with texts"),
        (texts_by_a_cast, "computes with texts"),
        (other_operator, "uses the operator 'Unique'"),
        (colourful_operator, "uses the operator '.\\[31mXXX"),
        (colourful_name, "does not run"),
        (promised_tensor, "not a usable ONNX model"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_hostile_graphs_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[onnx.ModelProto], None], complaint: str
) -> None:
    path = changed(tmp_path / "hostile.onnx", change)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "weights.bin").write_bytes(np.ones(150, np.float32).tobytes())  # loaded, were it not refused
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ModelError, match=complaint) as caught:
        Model(path, FRONTEND)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb
    if sys.platform == "linux":
        assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 3 << 20
    assert grown < 500 * (1 << 20 if sys.platform == "darwin" else 1 << 10)


@pytest.mark.confined
def test_a_single_operator_that_takes_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(model: onnx.ModelProto) -> None:
        first(
            model,
            helper.make_node("ConstantOfShape", ["long"], ["signal"]),
            helper.make_node("ConstantOfShape", ["short"], ["kernel"]),
            helper.make_node("Conv", ["signal", "kernel"], ["convolved"]),
            long=np.array([1, 1, 400_000], np.int64),
            short=np.array([1, 1, 200_000], np.int64),
        )

    monkeypatch.setattr(limits, "MAX_RUN_S", 0.1)
    started = time.monotonic()
    with pytest.raises(ModelError, match=r"takes longer than 1\.12 s for 1\.02 s of music"):
        Model(changed(tmp_path / "slow.onnx", slow), FRONTEND)
    assert time.monotonic() - started < 5


def test_a_model_in_the_format_of_onnxruntime_itself_is_not_loaded(tmp_path: Path) -> None:
    from midcli.model.engine import Engine, onnxruntime

    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "m.ort")
    options.add_session_config_entry("session.save_model_format", "ORT")
    onnxruntime.InferenceSession(
        write_model(tmp_path / "m.onnx"), options, providers=["CPUExecutionProvider"]
    )
    content = (tmp_path / "m.ort").read_bytes()
    assert onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"]).get_outputs()
    with pytest.raises(NetworkError, match="not a usable ONNX model"):
        Engine(content, 1)


@pytest.mark.confined
def test_a_network_that_takes_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(model: onnx.ModelProto) -> None:
        names = [f"b{number}" for number in range(3000)]
        products = (helper.make_node("MatMul", [a, a], [b]) for a, b in itertools.pairwise(names))
        first(model, *products, b0=np.zeros((1000, 1000), np.float32))

    monkeypatch.setattr(limits, "MAX_RUN_S", 0.3)
    with pytest.raises(ModelError, match=r"takes longer than 1\.32 s for 1\.02 s of music"):
        Model(changed(tmp_path / "slow.onnx", slow), FRONTEND)


@pytest.mark.confined
def test_a_file_too_large_for_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_module, "MAX_MODEL_BYTES", 8 << 20)
    with (tmp_path / "large.onnx").open("wb") as file:
        file.truncate(5 << 30)
    for load in (lambda path: Model(path, FRONTEND), lambda path: model_sha256(str(path))):
        with pytest.raises(ModelError, match="larger than 8 MB"):
            load(tmp_path / "large.onnx")


DEEP: Any = None
for _ in range(900):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    "changes",
    [
        {"card": {"name": "x", "note": DEEP}},
        {"card": {"name": "x", "score": float("nan")}},
        {"card": {"name": "\ud800", "receptive_field": {}}},
        {"calibration": [1]},
        {"calibration": {"midlevel": {"low": [1], "high": [2]}}},
        {"calibration": {"emotion": {"low": ["x"] * 8, "high": [0] * 8}}},
        {"calibration": {"coverage": 0.8, "midlevel": {"low": [0.1] * 7, "high": [-0.1] * 7}}},
        {"card": {"name": "x" * 1_000_000}},
        {"card": {"name": "x", "note": "x" * 1_000_000}},
        {"format": "x" * 1_000_000},
        {"frontend": "none"},
        {"frontend": {**FRONTEND, "mean": 1e300, "deviation": 1}},
        {"head": {"weights": [[1e300] * 7] * 8, "intercept": [0] * 8, "midlevel_bias": [0] * 7}},
        {"head": {"weights": [[10**400] * 7] * 8, "intercept": [0] * 8, "midlevel_bias": [0] * 7}},
        {"reference": {"name": "x", "ids": 3, "midlevel": [], "register_evidence": []}},
        {"reference": []},
    ],
)
def test_descriptions_of_strange_values_are_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(ModelError) as caught:
        Model(write_model(tmp_path / "odd.onnx", **changes), FRONTEND)
    assert str(tmp_path) in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.confined
@pytest.mark.parametrize(
    "value",
    ["[" * 100_000, '{"a":' * 100_000, "9" * 5000, "\ufeff{}", "", '"\\ud800'],
    ids=["nested lists", "nested objects", "long number", "byte-order mark", "empty", "half a surrogate"],
)
def test_descriptions_that_are_no_json_are_refused(tmp_path: Path, value: str) -> None:
    def change(model: onnx.ModelProto) -> None:
        next(entry for entry in model.metadata_props if entry.key == "midcli.card").value = value

    with pytest.raises(ModelError, match=r"not valid JSON|nested deeper than 32 levels|no card"):
        Model(changed(tmp_path / "odd.onnx", change), FRONTEND)


@pytest.mark.parametrize("field", ["stride_frames", "stride_bands", "frames", "bands"])
@pytest.mark.parametrize("number", [0, -1, 10**12, 1e999])
def test_grids_that_cannot_be_are_refused(tmp_path: Path, field: str, number: float) -> None:
    grid = {"stride_frames": 4, "stride_bands": 4, "frames": 9, "bands": 9, field: number}
    with pytest.raises(ModelError):
        Model(write_model(tmp_path / "odd.onnx", card={"name": "x", "receptive_field": grid}), FRONTEND)


def test_a_graph_that_is_not_utf8_leaves_stdout_alone(tmp_path: Path) -> None:
    path = write_model(tmp_path / "odd.onnx")
    content = path.read_bytes()
    place = content.index(b"Unsqueeze")
    path.write_bytes(content[:place] + b"Uns\xffueeze" + content[place + 9 :])
    code = f"from midcli.analyser import Analyser; Analyser({str(path)!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == ""
    assert "ModelError" in done.stderr


def test_cards_are_shown_harmlessly(tmp_path: Path) -> None:
    card: dict[str, Any] = {"name": "[red]x\x1b]0;t\x07", "version": "\x9b31m", "no\nte": "[/]\u2028"}
    card["receptive_field"] = {"stride_frames": 4, "stride_bands": 4, "frames": 9, "bands": 9}
    path = write_model(tmp_path / "odd.onnx", card=card)
    for arguments in ([], ["--json"]):
        done = subprocess.run(
            [sys.executable, "-c", MAIN, "model", "--model", str(path), *arguments],
            capture_output=True,
            check=False,
            env={**os.environ, "PYTHONUTF8": "1"},
        )
        assert done.returncode == 0, done.stderr
        text = done.stdout.decode()
        assert not set(text) & {*map(chr, range(10)), *map(chr, range(11, 32)), "\x7f", "\x9b", "\u2028"}
        assert "[red]x" in text
