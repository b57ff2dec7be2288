"""Valid files to broken ones. Every mutation is a function of its random numbers only."""

import json
import random
import struct
from collections.abc import Callable, Sequence
from contextlib import suppress

import onnx

_NUMBERS = (
    0,
    1,
    2,
    3,
    7,
    8,
    9,
    0x7F,
    0x80,
    0xFF,
    1024,
    0x7FFF,
    0x8000,
    0xFFFF,
    1000,
    44_100,
    655_350,
    10**6,
    10**7,
)
_HUGE = (0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF, 4 * 10**9)
_HEADER_BYTES = 512
_TEXTS = (
    *(
        '"',
        '""',
        ",",
        ";",
        "\n",
        "\r",
        "\0",
        "\t",
        "'",
        "=",
        "\ufeff",
        "\u2028",
        "\x85",
        "\x1b[2J",
        "[red]",
        "é",
    ),
    *("nan", "inf", "-1", "1e999", "1e-400", "٣", "²", "0x10", "1_000", "9" * 5000, "x" * 140_000, "../../x"),
    *("null", "{", "}", "[", "]", "true", "[" * 100_000, "\\ud800", "Infinity", "-0", "1.5.2"),
)
_VALUES = (
    *(None, True, False, 0, 1, -1, 1.5, 10**30, -(10**30), 1e308, float("nan"), float("inf"), 10**400),
    *(
        "",
        "x",
        "[bold]",
        "\x1b[31m",
        "\ud800",
        "9" * 400,
        [],
        {},
        [[]],
        [None],
        {"": None},
        [1, [2]],
        ["x"] * 3,
    ),
)


def mutate(content: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """One to five mutations of any binary file."""
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 5))):
        content = rng.choice(_MUTATIONS)(content, others, rng)
    if content.startswith(b"OggS") and rng.random() < 0.7:
        content = _with_ogg_checksums(content)
    return content


def mutate_text(content: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """One to five mutations of a text file: some of its bytes, some of its characters."""
    for _ in range(rng.choice((1, 1, 2, 3, 5))):
        if rng.random() < 0.4:
            content = mutate(content, others, rng)
        else:
            place = rng.randint(0, len(content))
            text = rng.choice(_TEXTS).encode("utf-8", "surrogatepass")
            content = content[:place] + text + content[place + rng.choice((0, 0, 1, len(text))) :]
    return content


def mutate_json(content: bytes, rng: random.Random) -> bytes:
    """Another value somewhere in lines of JSON."""
    lines = content.splitlines(keepends=True)
    place = rng.randrange(len(lines))
    lines[place] = json.dumps(_other(json.loads(lines[place]), rng)).encode() + b"\n"
    return b"".join(lines)


def mutate_model(content: bytes, rng: random.Random) -> bytes:
    """An ONNX file with another description or another graph, still well-formed."""
    model = onnx.load_from_string(content)
    for _ in range(rng.choice((1, 1, 2))):
        if rng.random() < 0.6:
            entry = rng.choice(model.metadata_props)
            with suppress(ValueError, RecursionError):  # where it is broken already
                entry.value = json.dumps(_other(json.loads(entry.value), rng))
            if rng.random() < 0.1:
                entry.value = rng.choice(("", "[" * 100_000, "NaN", "9" * 5000, '{"a":' * 5000))
        else:
            _change_graph(model.graph, rng)
    return model.SerializeToString()


def _change_graph(graph: onnx.GraphProto, rng: random.Random) -> None:
    node = rng.choice(graph.node)
    tensor = rng.choice(graph.initializer)
    match rng.randrange(8):
        case 0:
            node.op_type = rng.choice(
                ("Add", "Mul", "Expand", "Tile", "Loop", "Foo", "ConstantOfShape", "Relu")
            )
        case 1:
            node.domain = rng.choice(("com.microsoft", "my.ops", "ai.onnx.ml"))
        case 2:
            node.input[0] = rng.choice(("", "missing", tensor.name, "spectrogram"))
        case 3:
            tensor.dims[:] = [rng.choice((*_NUMBERS, -1, 2**40)) for _ in range(rng.randint(0, 5))]
        case 4:
            tensor.data_type = rng.randrange(25)
        case 5:
            for attribute in node.attribute:
                attribute.ints[:] = [rng.choice((*_NUMBERS, -1, 2**40)) for _ in range(rng.randint(0, 4))]
        case 6:
            tensor.data_location = onnx.TensorProto.EXTERNAL
            entry = tensor.external_data.add()
            entry.key, entry.value = (
                "location",
                rng.choice(("weights.bin", "/etc/passwd", "../x", "tiny.onnx")),
            )
        case _:
            tensor.raw_data = mutate(tensor.raw_data, [b""], rng)


def _other(value: object, rng: random.Random) -> object:
    """The value with one part of it replaced."""
    if rng.random() < 0.15 or not isinstance(value, dict | list) or not value:
        return rng.choice(_VALUES)
    if isinstance(value, dict):
        key = rng.choice(list(value))
        if rng.random() < 0.1:
            return {other: part for other, part in value.items() if other != key}
        return value | {key: _other(value[key], rng)}
    place = rng.randrange(len(value))
    if rng.random() < 0.1:
        return value[:place]
    return [*value[:place], _other(value[place], rng), *value[place + 1 :]]


def _truncate(content: bytes, _: Sequence[bytes], rng: random.Random) -> bytes:
    return content[: _place(content, rng)]


def _flip(content: bytes, _: Sequence[bytes], rng: random.Random) -> bytes:
    changed = bytearray(content)
    for _time in range(rng.choice((1, 1, 2, 4, 16, 64))):
        if changed:
            changed[min(_place(content, rng), len(changed) - 1)] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _lie(content: bytes, _: Sequence[bytes], rng: random.Random) -> bytes:
    """Another number where a header may have one."""
    size, order = rng.choice((1, 2, 4, 4, 8)), rng.choice("<>")
    number = rng.choice((*_NUMBERS, *_HUGE, rng.getrandbits(64))) & ((1 << 8 * size) - 1)
    place = _place(content, rng)
    packed = struct.pack(f"{order}{ {1: 'B', 2: 'H', 4: 'I', 8: 'Q'}[size] }", number)
    return content[:place] + packed + content[place + size :]


def _lie_in_wav(content: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Another format, number of channels, rate, alignment or depth."""
    start = content.find(b"fmt ")
    if start < 0:
        return _lie(content, others, rng)
    offset, size = rng.choice(((4, 4), (8, 2), (10, 2), (12, 4), (16, 4), (20, 2), (22, 2)))
    number = rng.choice((*_NUMBERS, *_HUGE)) & ((1 << 8 * size) - 1)
    place = start + offset
    return content[:place] + number.to_bytes(size, "little") + content[place + size :]


def _lie_in_flac(content: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Another STREAMINFO: block sizes, frame sizes, rate, channels, depth, length."""
    start = content.find(b"fLaC")
    if start < 0:
        return _lie(content, others, rng)
    changed = bytearray(content)
    for _ in range(rng.randint(1, 3)):
        changed[min(start + 8 + rng.randrange(18), len(changed) - 1)] = rng.choice(
            (0, 1, 0x0F, 0x7F, 0xF0, 0xFF)
        )
    return bytes(changed)


def _lie_in_boxes(content: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """A huge size or count just before or after a four-letter name, as in mp4, aiff, caf, avi."""
    names = (
        b"mdat",
        b"moov",
        b"stsz",
        b"stts",
        b"stsc",
        b"stco",
        b"trak",
        b"mp4a",
        b"esds",
        b"mdhd",
        b"mvhd",
    )
    names += (
        b"COMM",
        b"SSND",
        b"desc",
        b"pakt",
        b"data",
        b"LIST",
        b"strf",
        b"fact",
        b"ds64",
        b"trun",
        b"tfhd",
    )
    places = [place for name in names if (place := content.find(name)) >= 4]
    if not places:
        return _lie(content, others, rng)
    place = rng.choice(places) + rng.choice((-4, 4, 8, 12, 16, 20, 24))
    number = rng.choice((*_NUMBERS, *_HUGE)) & 0xFFFFFFFF
    return content[:place] + struct.pack(rng.choice(("<I", ">I")), number) + content[place + 4 :]


def _splice(content: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    other = rng.choice(others)
    start = rng.randint(0, len(other))
    part = other[start : start + rng.choice((4, 64, 1024, len(other)))]
    place = _place(content, rng)
    return content[:place] + part + content[place + rng.choice((0, len(part))) :]


def _repeat(content: bytes, _: Sequence[bytes], rng: random.Random) -> bytes:
    start = _place(content, rng)
    stop = start + rng.choice((1, 4, 100, 2000))
    return content[:stop] + content[start:stop] * rng.choice((1, 3, 100)) + content[stop:]


def _delete(content: bytes, _: Sequence[bytes], rng: random.Random) -> bytes:
    start = _place(content, rng)
    return content[:start] + content[start + rng.choice((1, 2, 4, 100, 2000)) :]


def _fill(content: bytes, _: Sequence[bytes], rng: random.Random) -> bytes:
    start, length = _place(content, rng), rng.choice((4, 64, 2000))
    filling = rng.choice((bytes(length), b"\xff" * length, rng.randbytes(length)))
    return content[:start] + filling + content[start + length :]


def _tag(content: bytes, _: Sequence[bytes], rng: random.Random) -> bytes:
    """An ID3 tag that claims up to 256 MB."""
    size = bytes(rng.choice((0, 1, 0x7F)) for _ in range(4))
    return b"ID3" + bytes((rng.choice((2, 3, 4, 255)), 0, rng.choice((0, 0xFF)))) + size + content


_MUTATIONS: tuple[Callable[[bytes, Sequence[bytes], random.Random], bytes], ...] = (
    *(
        _truncate,
        _flip,
        _flip,
        _flip,
        _lie,
        _lie,
        _lie,
        _lie_in_wav,
        _lie_in_flac,
        _lie_in_boxes,
        _lie_in_boxes,
    ),
    *(_splice, _repeat, _delete, _fill, _tag),
)


def _place(content: bytes, rng: random.Random) -> int:
    """An offset, mostly in a header, which may also be at the end."""
    chance = rng.random()
    if chance < 0.6:
        return rng.randint(0, min(len(content), _HEADER_BYTES))
    if chance < 0.75:
        return rng.randint(max(0, len(content) - 4 * _HEADER_BYTES), len(content))
    return rng.randint(0, len(content))


def _crc_table() -> list[int]:
    table = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1) ^ (0x04C11DB7 if value & 0x80000000 else 0)
        table.append(value & 0xFFFFFFFF)
    return table


_CRC_TABLE = _crc_table()


def _with_ogg_checksums(content: bytes) -> bytes:
    """Checksums that are right again, so that mutations reach the decoder."""
    changed = bytearray(content)
    start = changed.find(b"OggS")
    while start >= 0 and start + 27 <= len(changed):
        segments = changed[start + 26]
        stop = start + 27 + segments + sum(changed[start + 27 : start + 27 + segments])
        changed[start + 22 : start + 26] = bytes(4)
        checksum = 0
        for byte in changed[start:stop]:
            checksum = (checksum << 8 & 0xFFFFFFFF) ^ _CRC_TABLE[checksum >> 24 ^ byte]
        changed[start + 22 : start + 26] = struct.pack("<I", checksum)
        start = changed.find(b"OggS", max(stop, start + 4))
    return bytes(changed)
