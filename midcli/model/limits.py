"""What a model file of a stranger may contain and take, checked before any of it is run.

ONNX files can name other files (even addresses in memory) as their weights, loop, and compute with texts.
Nothing that midcli trains does, so what is allowed is listed: a bounded number of operators that networks are
made of. Memory and time are limited from outside (midcli.model.confined).
"""

from functools import cache
from typing import Any

from midcli.model.network import NetworkError
from midcli.util.text import brief

MAX_MEMORY_BYTES = 2 << 30
"""Of a network beside the program that runs it: the paper's takes 0.4 GB."""
MEMORY_PROBLEM = f"its network needs more than {MAX_MEMORY_BYTES >> 30} GB of memory"
MAX_LOAD_S = 20.0
MAX_RUN_S = 20.0
"""Beside the duration of the music: no network may be slower than what it listens to."""
MAX_DESCRIPTION_BYTES = 32 << 20
MAX_NODES = 20_000

OPERATORS = frozenset(
    """
    Abs Add And ArgMax ArgMin AveragePool BatchNormalization Cast Ceil Celu Clip Concat Constant
    ConstantOfShape Conv Cos CumSum DepthToSpace Div Dropout Einsum Elu Equal Erf Exp Expand Flatten Floor
    GRU Gather GatherElements GatherND Gelu Gemm GlobalAveragePool GlobalMaxPool Greater GreaterOrEqual
    GroupNormalization HardSigmoid HardSwish Identity InstanceNormalization LSTM LayerNormalization LeakyRelu
    Less LessOrEqual Log LogSoftmax LpNormalization MatMul Max MaxPool Mean Min Mish Mod Mul Neg Not Or PRelu
    Pad Pow Range Reciprocal ReduceL1 ReduceL2 ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd
    ReduceSum ReduceSumSquare Relu Reshape Resize Round Selu Shape Sigmoid Sign Sin Size Slice Softmax
    Softplus Softsign SpaceToDepth Split Sqrt Squeeze Sub Sum Tanh ThresholdedRelu Tile TopK Transpose
    Unsqueeze Where
    """.split()  # noqa: SIM905
)
_STANDARD_DOMAINS = frozenset({b"", b"ai.onnx"})
_EXTERNAL = 1
_STRING = 8
_OF_TEXTS = frozenset({b"value_string", b"value_strings"})
_TYPES = frozenset({b"to", b"dtype", b"output_datatype"})
_LONGEST_NAME = 40
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
        "name": (1, "bytes", False),
        "integer": (3, "int64", False),
        "tensor": (5, "Tensor", False),
        "graph": (6, "bytes", False),
        "tensors": (10, "Tensor", True),
        "graphs": (11, "bytes", True),
        "sparse_tensor": (22, "bytes", False),
        "sparse_tensors": (23, "bytes", True),
    },
    "Tensor": {
        "type": (2, "int64", False),
        "texts": (6, "bytes", True),
        "external": (13, "bytes", True),
        "location": (14, "int64", False),
    },
}


def allowed_s(music_s: float) -> float:
    """How long a network may take for so much music."""
    return MAX_RUN_S + music_s


def check_content(content: bytes) -> None:
    """Raises NetworkError if an ONNX file contains what a model must not."""
    from google.protobuf.message import DecodeError

    try:
        model = _model_class().FromString(content)
    except DecodeError as error:
        raise NetworkError("not a usable ONNX model") from error
    graph = model.graph
    if len(graph.nodes) > MAX_NODES:
        raise NetworkError(f"{len(graph.nodes)} operators; a model has at most {MAX_NODES}")
    if model.functions or model.training or graph.sparse_tensors:
        raise NetworkError("refused: it contains functions, training steps or sparse tensors")
    _check_tensors(graph.tensors)
    for node in graph.nodes:
        _check_node(node)


def _check_node(node: Any) -> None:
    operator = brief(node.operator.decode(errors="replace"), _LONGEST_NAME)
    if node.domain not in _STANDARD_DOMAINS:
        domain = brief(node.domain.decode(errors="replace"), _LONGEST_NAME)
        raise NetworkError(f"refused: it uses operators of {domain!r}, not only standard ones")
    for attribute in node.attributes:
        if attribute.HasField("graph") or attribute.graphs:
            raise NetworkError(f"refused: its operator {operator!r} branches or loops")
        if attribute.HasField("sparse_tensor") or attribute.sparse_tensors:
            raise NetworkError("refused: it contains sparse tensors")
        if attribute.name in _OF_TEXTS or (attribute.name in _TYPES and attribute.integer == _STRING):
            raise NetworkError("refused: it computes with texts")
        _check_tensors([attribute.tensor, *attribute.tensors])
    if operator not in OPERATORS:
        raise NetworkError(f"refused: it uses the operator {operator!r}, which no network of midcli needs")


def _check_tensors(tensors: Any) -> None:
    for tensor in tensors:
        if tensor.location == _EXTERNAL or tensor.external:
            raise NetworkError("refused: its weights are in other files; export it as one file")
        if tensor.type == _STRING or tensor.texts:
            raise NetworkError("refused: it computes with texts")


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
