"""The description inside an ONNX file, replaced without touching its network."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from midcli.model.network import NetworkError

_PACKAGE = "midcli.properties"
_FIELD_OF_PROPERTIES = 14  # of onnx.proto's ModelProto


def properties(content: bytes) -> dict[str, str]:
    """The properties of an ONNX file. Raises NetworkError if it is none, or broken."""
    from google.protobuf.message import DecodeError

    try:
        model = _model_class().FromString(content)
    except DecodeError as error:
        raise NetworkError("not a usable ONNX model") from error
    return {entry.key: entry.value for entry in model.properties}


def with_properties(content: bytes, changes: Mapping[str, str]) -> bytes:
    """An ONNX file with some of its properties set; everything else in it stays as it is."""
    model = _model_class().FromString(content)  # fields that are not named here are kept
    kept = [entry for entry in model.properties if entry.key not in changes]
    entries = {entry.key: entry.value for entry in kept} | dict(changes)
    del model.properties[:]
    for key, value in entries.items():
        model.properties.add(key=key, value=value)
    written: bytes = model.SerializeToString()
    return written


@cache
def _model_class() -> Any:
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    kinds = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(
        name="midcli/properties.proto", package=_PACKAGE, syntax="proto2"
    )
    entry = file.message_type.add(name="Entry")
    for number, name in ((1, "key"), (2, "value")):
        entry.field.add(name=name, number=number, label=kinds.LABEL_OPTIONAL, type=kinds.TYPE_STRING)
    file.message_type.add(name="Model").field.add(
        name="properties",
        number=_FIELD_OF_PROPERTIES,
        label=kinds.LABEL_REPEATED,
        type=kinds.TYPE_MESSAGE,
        type_name=f".{_PACKAGE}.Entry",
    )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.Model"))
