"""Valid ONNX files made invalid, byte by byte or field by field."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import onnx
from fuzz.graphs import Recipe, network
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

_INTEGERS = (
    *(-1, 0, 1, 2, 3, 5, 7, 127, 128, 255, 1000, -129, 10**6, 10**9),
    *(2**31 - 1, 2**31, -(2**31), 2**63 - 1, -(2**63)),
)
_REALS = (0.0, -0.0, -1.0, 1e-45, 1e-30, 3e38, 1e300, float("nan"), float("inf"), -float("inf"))
_TEXTS = ("", "x" * 5000, "../x", "a\0b", "\u202e\U0001f600", "%s{}\\", "<b>", "1", "ai.onnx")
_OPERATORS = (
    "If",
    "Loop",
    "Conv",
    "Gemm",
    "Reshape",
    "Identity",
    "QuantizeLinear",
    "TopK",
    "Shape",
)
_INT_TYPES = frozenset(
    {
        FieldDescriptor.CPPTYPE_INT32,
        FieldDescriptor.CPPTYPE_INT64,
        FieldDescriptor.CPPTYPE_UINT32,
        FieldDescriptor.CPPTYPE_UINT64,
    }
)
_REAL_TYPES = frozenset({FieldDescriptor.CPPTYPE_FLOAT, FieldDescriptor.CPPTYPE_DOUBLE})

_MODELS = 97
"""How many small valid models there are to be damaged."""

Damage = Callable[[int], bytes]


@functools.cache
def _sound(seed: int) -> bytes:
    return network(Recipe(seed, (1, 2))).case.model.SerializeToString()


def damaged_bytes(seed: int) -> bytes:
    """Return a model's file with one to eight runs of bytes changed."""
    rng = np.random.default_rng((seed, 5))
    data = bytearray(_sound(seed % _MODELS))
    for _ in range(int(rng.choice([1, 1, 1, 2, 3, 8]))):
        at = int(rng.integers(len(data)))
        run = int(rng.integers(1, 9))
        match int(rng.choice([0, 0, 0, 1, 2, 3, 4, 5, 5])):
            case 0:
                data[at] ^= 1 << int(rng.integers(8))
            case 1:
                data[at : at + run] = rng.bytes(min(run, len(data) - at))
            case 2:
                del data[at : at + run]
            case 3:
                data[at:at] = rng.bytes(run)
            case 4:
                data[at:at] = data[at : at + run]
            case _:
                data[at] = int(rng.choice([0, 1, 127, 128, 255]))
    return bytes(data[: int(rng.integers(len(data) + 1))] if rng.random() < 0.05 else data)


def damaged_fields(seed: int) -> bytes:
    """Return a model's file with one to three fields set, cleared, repeated or swapped."""
    rng = np.random.default_rng((seed, 6))
    model = onnx.load_model_from_string(_sound(seed % _MODELS))
    for _ in range(int(rng.choice([1, 1, 1, 2, 3]))):
        fields = list(_fields(model))
        message, field = fields[int(rng.integers(len(fields)))]
        _change(message, field, model, rng)
    return model.SerializeToString()


def _fields(message: Message) -> Iterator[tuple[Message, FieldDescriptor]]:
    """Yield every field that is set, of a message and those in it."""
    for field, value in message.ListFields():
        yield message, field
        if field.message_type is not None:
            for part in value if field.is_repeated else (value,):
                yield from _fields(part)


def _change(
    message: Message, field: FieldDescriptor, model: onnx.ModelProto, rng: np.random.Generator
) -> None:
    if not field.is_repeated:
        if rng.random() < 0.2 or field.message_type is not None:
            message.ClearField(field.name)
        else:
            setattr(message, field.name, _odd(field, getattr(message, field.name), model, rng))
        return
    items = getattr(message, field.name)
    at = int(rng.integers(len(items)))
    match int(rng.integers(5)):
        case 0:
            del items[at]
        case 1 if field.message_type is not None:
            items.add().CopyFrom(items[at])
        case 1:
            items.append(items[at])
        case 2:
            kept = [items[int(i)] for i in rng.permutation(len(items))]
            copies = (
                [type(kept[0]).FromString(k.SerializeToString()) for k in kept]
                if (field.message_type is not None)
                else kept
            )
            del items[:]
            items.extend(copies)
        case 3:
            del items[:]
        case _ if field.message_type is None:
            items[at] = _odd(field, items[at], model, rng)
        case _:
            items[at].Clear()


def _odd(
    field: FieldDescriptor, found: Any, model: onnx.ModelProto, rng: np.random.Generator
) -> Any:
    """Return another value for a field, most often one that some code does not expect."""
    if field.cpp_type == FieldDescriptor.CPPTYPE_ENUM:
        return int(rng.choice([value.number for value in field.enum_type.values]))
    if field.cpp_type in _INT_TYPES:
        wide = field.cpp_type in (FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64)
        limit = 2**63 if wide else 2**31
        near = (*_INTEGERS, int(found) + 1, int(found) - 1, -int(found))
        return int(rng.choice([n for n in near if -limit <= n < limit]))
    if field.cpp_type in _REAL_TYPES:
        drawn = float(rng.choice(_REALS))
        single = field.cpp_type == FieldDescriptor.CPPTYPE_FLOAT
        return (
            float(np.float32(np.clip(drawn, -3e38, 3e38)))
            if single and np.isfinite(drawn)
            else drawn
        )
    if field.type == FieldDescriptor.TYPE_BYTES:
        cut = found[: int(rng.integers(len(found) + 1))]
        return (cut, found + rng.bytes(4), rng.bytes(len(found)), b"")[int(rng.integers(4))]
    names = [name for node in model.graph.node for name in (*node.input, *node.output, node.name)]
    known = [str(rng.choice(names)) for _ in range(12)] if names else []
    return str(rng.choice([*_TEXTS, *_OPERATORS, *known]))
