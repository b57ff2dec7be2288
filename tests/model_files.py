"""Small model files of the real format with random weights, for tests that need any working model."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from midcli.audio.spectrogram import BANDS, FRONTEND
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES

STRIDE = 4
CHANNELS = 6


def write_model(path: Path, seed: int = 0, **changes: Any) -> Path:
    """A joint model of two strided convolutions; `changes` replace metadata entries (None: drop)."""
    rng = np.random.default_rng(seed)
    weights = {
        "conv1": rng.normal(0, 0.3, (CHANNELS, 1, 5, 5)),
        "conv2": rng.normal(0, 0.2, (CHANNELS, CHANNELS, 3, 3)),
        "evidence_weights": rng.normal(0, 0.2, (7, CHANNELS, 1, 1)),
        "midlevel_bias": rng.uniform(0.3, 0.6, 7),
        "head_weights": rng.normal(0, 0.4, (7, 8)),
        "head_intercept": rng.uniform(0.1, 0.3, 8),
        "channel_axis": np.array([1]),
    }
    nodes = [
        helper.make_node("Unsqueeze", ["spectrogram", "channel_axis"], ["image"]),
        helper.make_node("Conv", ["image", "conv1"], ["c1"], strides=[2, 2], pads=[2, 2, 2, 2]),
        helper.make_node("Relu", ["c1"], ["r1"]),
        helper.make_node("Conv", ["r1", "conv2"], ["c2"], strides=[2, 2], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c2"], ["r2"]),
        helper.make_node("Conv", ["r2", "evidence_weights"], ["evidence"]),
        helper.make_node("ReduceMean", ["evidence"], ["pooled"], axes=[2, 3], keepdims=0),
        helper.make_node("Add", ["pooled", "midlevel_bias"], ["midlevel"]),
        helper.make_node("Gemm", ["midlevel", "head_weights", "head_intercept"], ["emotion"]),
    ]
    initialisers = [
        numpy_helper.from_array(value.astype(np.int64 if name == "channel_axis" else np.float32), name)
        for name, value in weights.items()
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("spectrogram", TensorProto.FLOAT, ["batch", "frames", BANDS])],
        [
            helper.make_tensor_value_info("evidence", TensorProto.FLOAT, ["batch", 7, "time", "register"]),
            helper.make_tensor_value_info("midlevel", TensorProto.FLOAT, ["batch", 7]),
            helper.make_tensor_value_info("emotion", TensorProto.FLOAT, ["batch", 8]),
        ],
        initialisers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    metadata = model_metadata(weights, rng) | changes
    for key, value in metadata.items():
        if value is not None:
            entry = model.metadata_props.add()
            entry.key, entry.value = f"midcli.{key}", json.dumps(value)
    onnx.save(model, path)
    return path


def model_metadata(weights: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    registers = -(-BANDS // STRIDE)
    float32 = {name: value.astype(np.float32) for name, value in weights.items()}
    return {
        "format": 1,
        "frontend": {**FRONTEND, "mean": 0.1, "deviation": 0.2},
        "labels": {"midlevel": list(QUALITY_NAMES), "emotion": list(EMOTION_NAMES)},
        "head": {
            "weights": float32["head_weights"].T.tolist(),
            "intercept": float32["head_intercept"].tolist(),
            "midlevel_bias": float32["midlevel_bias"].tolist(),
        },
        "reference": {
            "name": "40 made-up excerpts",
            "ids": [f"{number:03}" for number in range(40)],
            "midlevel": rng.uniform(0.2, 0.9, (40, 7)).tolist(),
            "register_evidence": rng.normal(0, 0.1, (7, registers)).tolist(),
        },
        "calibration": {
            "coverage": 0.8,
            "midlevel": {"low": [-0.11] * 7, "high": [0.12] * 7},
            "emotion": {"low": [-0.09] * 8, "high": [0.08] * 8},
        },
        "card": {
            "name": "tiny",
            "version": "0",
            "scheme": "joint",
            "receptive_field": {
                "stride_frames": STRIDE,
                "stride_bands": STRIDE,
                "frames": 9,
                "bands": 9,
            },
        },
    }
