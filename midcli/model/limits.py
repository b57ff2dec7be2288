"""What a model file of a stranger may contain, checked before any of it is run.

ONNX files can name other files (even addresses in memory) as their weights and can loop. Nothing that midcli
trains does, so all of it is refused: what is left is a bounded number of standard operators, whose memory
onnxruntime's own arena limits (see model.py).
"""

from functools import cache
from pathlib import Path
from typing import Any

from midcli.errors import ModelError

MAX_NODES = 20_000
_STANDARD_DOMAINS = frozenset({b"", b"ai.onnx"})
_EXTERNAL = 1
_PACKAGE = "midcli.onnx"

# the fields of onnx.proto that matter here: number, type, repeated; others are skipped
_SCHEMA: dict[str, dict[str, tuple[int, str, bool]]] = {
    "Model": {
        "graph": (7, "Graph", False),
        "training": (20, "bytes", True),
        "functions": (25, "bytes", True),
    },
    "Graph": {
        "nodes": (1, "Node", True),
        "tensors": (5, "Tensor", True),
        "sparse_tensors": (15, "bytes", True),
    },
    "Node": {
        "operator": (4, "bytes", False),
        "attributes": (5, "Attribute", True),
        "domain": (7, "bytes", False),
    },
    "Attribute": {
        "tensor": (5, "Tensor", False),
        "graph": (6, "bytes", False),
        "tensors": (10, "Tensor", True),
        "graphs": (11, "bytes", True),
        "sparse_tensor": (22, "bytes", False),
        "sparse_tensors": (23, "bytes", True),
    },
    "Tensor": {"external": (13, "bytes", True), "location": (14, "int64", False)},
}


def check_content(path: Path, content: bytes) -> None:
    """Raises ModelError if an ONNX file contains what a model must not."""
    from google.protobuf.message import DecodeError

    try:
        model = _model_class().FromString(content)
    except DecodeError as error:
        raise ModelError(f"{path}: not a usable ONNX model") from error
    graph = model.graph
    if len(graph.nodes) > MAX_NODES:
        raise ModelError(f"{path}: {len(graph.nodes)} operators; a model has at most {MAX_NODES}")
    if model.functions or model.training or graph.sparse_tensors:
        raise ModelError(f"{path}: refused: it contains functions, training steps or sparse tensors")
    _check_tensors(path, graph.tensors)
    for node in graph.nodes:
        if node.domain not in _STANDARD_DOMAINS:
            domain = node.domain.decode(errors="replace")
            raise ModelError(f"{path}: refused: it uses operators of {domain!r}, not only standard ones")
        for attribute in node.attributes:
            if attribute.HasField("graph") or attribute.graphs:
                operator = node.operator.decode(errors="replace")
                raise ModelError(f"{path}: refused: its operator {operator!r} branches or loops")
            if attribute.HasField("sparse_tensor") or attribute.sparse_tensors:
                raise ModelError(f"{path}: refused: it contains sparse tensors")
            _check_tensors(path, [attribute.tensor, *attribute.tensors])


def _check_tensors(path: Path, tensors: Any) -> None:
    for tensor in tensors:
        if tensor.location == _EXTERNAL or tensor.external:
            raise ModelError(f"{path}: refused: its weights are in other files; export it as one file")


@cache
def _model_class() -> Any:
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    field_types = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="midcli/onnx.proto", package=_PACKAGE, syntax="proto2")
    for name, fields in _SCHEMA.items():
        message = file.message_type.add(name=name)
        for field_name, (number, kind, repeated) in fields.items():
            field = message.field.add(name=field_name, number=number)
            field.label = field_types.LABEL_REPEATED if repeated else field_types.LABEL_OPTIONAL
            if kind in _SCHEMA:
                field.type, field.type_name = field_types.TYPE_MESSAGE, f".{_PACKAGE}.{kind}"
            else:
                field.type = field_types.TYPE_BYTES if kind == "bytes" else field_types.TYPE_INT64
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.Model"))
