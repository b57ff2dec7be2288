"""Model files that would do harm: each change is a function of its random numbers only."""

import itertools
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tools.fuzz.mutations import mutate_model

_SIDES = (3_000, 20_000, 60_000)


def hostile_model(rng: random.Random, path: Path) -> str:
    """Change a working model file for the worse, and say how."""
    if rng.random() < 0.4:
        path.write_bytes(mutate_model(path.read_bytes(), rng))
        return "mutated"
    change = rng.choice(_CHANGES)
    model = onnx.load(path)
    change(model, rng)
    onnx.save(model, path)
    return change.__name__.strip("_")


def _first(model: onnx.ModelProto, *nodes: onnx.NodeProto, **tensors: object) -> None:
    """Nodes that run before the network, and what they need."""
    rest = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend([*nodes, *rest])
    model.graph.initializer.extend(
        numpy_helper.from_array(np.asarray(value), key) for key, value in tensors.items()
    )


def _expand(model: onnx.ModelProto, rng: random.Random) -> None:
    side = rng.choice(_SIDES)
    operator = rng.choice(("Expand", "Tile", "ConstantOfShape"))
    inputs = ["s"] if operator == "ConstantOfShape" else ["one", "s"]
    _first(model, helper.make_node(operator, inputs, ["b"]), one=np.float32([[1]]), s=np.array([side, side]))


def _outer(model: onnx.ModelProto, rng: random.Random) -> None:
    side = rng.choice(_SIDES)
    a, b = np.ones((side, 1), np.float32), np.ones((1, side), np.float32)
    _first(
        model, helper.make_node(rng.choice(("Mul", "Add", "MatMul", "Greater")), ["a", "b"], ["c"]), a=a, b=b
    )


def _sorted(model: onnx.ModelProto, rng: random.Random) -> None:
    count = rng.choice((10**6, 10**8, 4 * 10**8))
    nodes = [
        helper.make_node("ConstantOfShape", ["n"], ["many"]),
        helper.make_node("TopK", ["many", "n"], ["top", "places"]),
    ]
    _first(model, *nodes, n=np.array([count]))


def _einsum(model: onnx.ModelProto, rng: random.Random) -> None:
    side = rng.choice((300, 1500, 3000))
    a = np.ones((side, side), np.float32)
    _first(
        model,
        helper.make_node("Einsum", ["a", "a"], ["c"], equation="ij,kl->ijkl"),
        a=a,
    )


def _texts(model: onnx.ModelProto, rng: random.Random) -> None:
    text = helper.make_tensor("text", TensorProto.STRING, [1], [b"x" * 1_000_000])
    _first(model, helper.make_node("Tile", ["text", "s"], ["b"]), s=np.array([rng.choice((10, 5000, 9000))]))
    model.graph.initializer.append(text)


def _unlisted(model: onnx.ModelProto, rng: random.Random) -> None:
    operator = rng.choice(
        ("Unique", "NonZero", "Compress", "StringNormalizer", "RandomNormal", "\x1b[31m" * 9000)
    )
    _first(model, helper.make_node(operator, ["m"], ["u"]), m=np.ones(9, np.float32))


def _slow(model: onnx.ModelProto, rng: random.Random) -> None:
    side, count = rng.choice(((100, 18_000), (1500, 3000), (4000, 300)))
    names = [f"b{number}" for number in range(count)]
    products = [helper.make_node("MatMul", [a, a], [b]) for a, b in itertools.pairwise(names)]
    _first(model, *products, b0=np.zeros((side, side), np.float32))


def _long_convolution(model: onnx.ModelProto, rng: random.Random) -> None:
    long = rng.choice((10**5, 10**6))
    nodes = [
        helper.make_node("ConstantOfShape", ["long"], ["signal"]),
        helper.make_node("ConstantOfShape", ["short"], ["kernel"]),
        helper.make_node("Conv", ["signal", "kernel"], ["c"]),
    ]
    _first(model, *nodes, long=np.array([1, 1, long]), short=np.array([1, 1, long // 2]))


def _deep_card(model: onnx.ModelProto, rng: random.Random) -> None:
    depth = rng.choice((40, 1000, 5000, 100_000))
    entry = next(entry for entry in model.metadata_props if entry.key == "midcli.card")
    entry.value = '{"name": ' + "[" * depth + "]" * depth + "}"


def _long_card(model: onnx.ModelProto, rng: random.Random) -> None:
    entry = rng.choice([entry for entry in model.metadata_props if entry.key.startswith("midcli.")])
    entry.value = rng.choice(
        ("9" * 5000, '"' + "\\u001b[31m" * 200_000 + '"', "[" + "0," * 10**6 + "0]", "{}", "")
    )


_CHANGES: tuple[Callable[[onnx.ModelProto, random.Random], None], ...] = (
    *(_expand, _outer, _sorted, _einsum, _texts, _unlisted, _slow, _long_convolution, _deep_card, _long_card),
)
