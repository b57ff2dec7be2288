"""Trained networks to a model file (midcli.model.file reads it), which is checked before it appears."""

import copy
import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from midcli.audio.silence import TRIMMING
from midcli.audio.spectrogram import BANDS, FRAMES_PER_SECOND, FRONTEND, FloatArray
from midcli.errors import ModelError, OutputError
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES, RATING_SCALE
from midcli.model.engine import onnxruntime
from midcli.model.file import CHUNK_FRAMES, FORMAT, METADATA_PREFIX, Grid, Model
from midcli.training.cells import STRIDE_FRAMES
from midcli.training.descriptors import REGISTER_STRIDE_BANDS
from midcli.training.experiment import FittedModel
from midcli.training.loop import standardised
from midcli.training.networks import ConvNorm, Explained, receptive_field
from midcli.training.radial import RadialTrunk
from midcli.util.files import replacing

Metadata = dict[str, Any]

TORCH_TOLERANCE = 1e-4
CHUNK_TOLERANCE = 1e-5

_LABELS = {"midlevel": list(QUALITY_NAMES), "emotion": list(EMOTION_NAMES)}
_OPSET = 18
_TRACED_FRAMES = 313
_LONG_FRAMES = 2 * CHUNK_FRAMES + 1000
_HALF_FROM_VALUES = 4096  # smaller arrays are not worth it


def export(
    path: Path, model: FittedModel, metadata: Metadata, checked_on: Sequence[FloatArray], half: bool = False
) -> None:
    """Write a model file, or nothing.

    `metadata` holds reference, calibration, card and labels, unless these are ours; what follows from the
    network is added here. With `half`, large arrays are rounded to float16 and stored so; they are computed
    with in float32. Raises ModelError if the file's outputs for the raw spectrograms `checked_on` (frames,
    149) are not those of torch with the same weights, or chunks of a long one do not give what the whole
    gives; OutputError if it cannot be written.
    """
    explained = prepared(model.explained, half)
    graph = to_onnx(explained)
    if half:
        _store_halves(graph)
    facts = _network_facts(model, explained)
    facts["card"] = metadata.get("card", {}) | facts["card"]
    for key, value in ({"labels": _LABELS} | metadata | facts).items():
        entry = graph.metadata_props.add()
        entry.key, entry.value = METADATA_PREFIX + key, json.dumps(value, allow_nan=False)
    content = graph.SerializeToString()
    exact = FittedModel(explained, model.scaling, model.epochs, model.best_epoch, model.seconds)
    try:
        with replacing(path) as file:
            file.write(content)
            file.flush()
            check(Path(file.name), exact, checked_on)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error


def check(path: Path, model: FittedModel, spectrograms: Sequence[FloatArray]) -> None:
    """Raise ModelError if the file does not give what the networks give."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = list(model.explained.output_names)
    for spectrogram in spectrograms:
        batch = standardised(spectrogram, model.scaling).unsqueeze(0)
        with torch.inference_mode():
            expected = model.explained(batch)
        for name, ours, theirs in zip(
            names, expected, session.run(names, {"spectrogram": batch.numpy()}), strict=True
        ):
            difference = _difference(ours.numpy(), theirs)
            if not difference <= TORCH_TOLERANCE:
                raise ModelError(
                    f"not written: {name} of the exported network differs from torch by {difference:.1e}"
                )
    if "emotion" in names and "evidence" in names:
        _check_chunks(path, session, spectrograms)


def grid(trunk: nn.Module) -> Grid:
    """How coarse the map of a trunk is."""
    if isinstance(trunk, RadialTrunk):
        return Grid(STRIDE_FRAMES, REGISTER_STRIDE_BANDS, trunk.descriptors.receptive_frames, BANDS)
    seen, stride = receptive_field(trunk)
    return Grid(stride, stride, seen, min(seen, BANDS))


@torch.no_grad()
def prepared(explained: Explained, half: bool) -> Explained:
    """A copy as it is stored: batch norm folded into the convolutions, large arrays rounded if wished."""
    stored = copy.deepcopy(explained).eval()
    for module in stored.modules():
        if isinstance(module, ConvNorm) and isinstance(module.norm, nn.BatchNorm2d):
            module.conv = fuse_conv_bn_eval(module.conv, module.norm)
            module.norm = nn.Identity()
    if half:
        for tensor in (*stored.parameters(), *stored.buffers()):
            if tensor.is_floating_point() and tensor.numel() >= _HALF_FROM_VALUES:
                tensor.copy_(tensor.half().float())
    return stored


def to_onnx(explained: Explained) -> onnx.ModelProto:
    """By tracing: torch's newer exporter needs many minutes for shapes that are all multiples of one."""
    dynamic = {name: {0: "batch"} for name in explained.output_names}
    if explained.explains:
        dynamic["evidence"] = {0: "batch", 2: "cells"}
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        traced, folded = Path(folder, "traced.onnx"), Path(folder, "folded.onnx")
        torch.onnx.export(
            explained,
            (torch.rand(1, _TRACED_FRAMES, BANDS),),
            str(traced),
            input_names=["spectrogram"],
            output_names=list(explained.output_names),
            dynamic_axes=dynamic | {"spectrogram": {0: "batch", 1: "frames"}},
            opset_version=_OPSET,
            dynamo=False,
        )
        _fold(traced, folded)
        graph = onnx.load(folded)
    _strip(graph)
    return graph


def _fold(traced: Path, folded: Path) -> None:
    """Compute once what does not depend on the input; the operators stay those of the standard."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(folded)
    options.log_severity_level = 4
    onnxruntime.InferenceSession(str(traced), options, providers=["CPUExecutionProvider"])


def _strip(graph: onnx.ModelProto) -> None:
    """Remove what the exporter tells about the machine and the source code."""
    graph.doc_string = ""
    del graph.metadata_props[:]
    standard = [opset for opset in graph.opset_import if not opset.domain]
    del graph.opset_import[:]
    graph.opset_import.extend(standard)
    inner = graph.graph
    inner.doc_string = ""
    del inner.metadata_props[:]
    for part in (*inner.node, *inner.input, *inner.output, *inner.value_info, *inner.initializer):
        part.doc_string = ""
        del part.metadata_props[:]
    _name_briefly(inner)


def _name_briefly(graph: onnx.GraphProto) -> None:
    """Number what is inside the graph: names take a twentieth of the file, and time to load."""
    outside = {"", *(value.name for value in (*graph.input, *graph.output))}
    names: dict[str, str] = {}
    del graph.value_info[:]
    for node in graph.node:
        node.name = ""
        for side in (node.input, node.output):
            for place, name in enumerate(side):
                if name not in outside:
                    side[place] = names.setdefault(name, f"v{len(names)}")
    for tensor in graph.initializer:
        tensor.name = names.get(tensor.name, tensor.name)


def _store_halves(graph: onnx.ModelProto) -> None:
    """Store large arrays whose values all are float16 numbers as such, each with a cast to float32."""
    casts = []
    for tensor in graph.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or values.size < _HALF_FROM_VALUES:
            continue
        halves = values.astype(np.float16)
        if np.array_equal(halves.astype(np.float32), values):
            name, stored = tensor.name, f"{tensor.name}.half"
            casts.append(helper.make_node("Cast", [stored], [name], to=TensorProto.FLOAT))
            tensor.CopyFrom(numpy_helper.from_array(halves, stored))
    nodes = [*casts, *graph.graph.node]
    del graph.graph.node[:]
    graph.graph.node.extend(nodes)


def _network_facts(model: FittedModel, explained: Explained) -> Metadata:
    """What follows from the networks: format, front end, labels, head, receptive field."""
    facts: Metadata = {
        "format": FORMAT,
        "frontend": _frontend(model),
        "card": {},
    }
    if explained.explains:
        facts["card"] = {"receptive_field": _grid_facts(grid(explained.network.trunk))}
    if explained.explains and explained.head:
        facts["head"] = {
            "weights": explained.head.weight.tolist(),
            "intercept": explained.head.bias.tolist(),
            "midlevel_bias": explained.midlevel_bias.tolist(),
        }
    return facts


def _frontend(model: FittedModel) -> Metadata:
    facts = {**FRONTEND, "mean": model.scaling.mean, "deviation": model.scaling.deviation}
    return facts | {"silence": TRIMMING} if model.trims else facts


def _grid_facts(cell: Grid) -> Metadata:
    return {
        "stride_frames": cell.stride_frames,
        "stride_bands": cell.stride_bands,
        "frames": cell.receptive_frames,
        "bands": cell.receptive_bands,
        "seconds": round(cell.receptive_frames / FRAMES_PER_SECOND, 2),
    }


def _check_chunks(path: Path, session: Any, spectrograms: Sequence[FloatArray]) -> None:
    """Also loads the file as every user's midcli will."""
    loaded = Model(path, FRONTEND)
    long = np.resize(np.concatenate(list(spectrograms)), (_LONG_FRAMES, BANDS))
    whole = session.run(["evidence"], {"spectrogram": loaded.standardise(long)[np.newaxis]})[0][0]
    chunked = loaded.evidence_of_all(long) * RATING_SCALE
    difference = _difference(chunked, whole)
    if not difference <= CHUNK_TOLERANCE:
        raise ModelError(f"not written: the map of chunks differs from that of the whole by {difference:.1e}")


def _difference(ours: npt.NDArray[Any], theirs: npt.NDArray[Any]) -> float:
    return float(np.abs(ours - theirs).max()) if ours.shape == theirs.shape else float("inf")
