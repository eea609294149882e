"""An integer graph as JSON and arrays, and back, exactly.

`{"name", "inputs", "outputs", "tensors": [...], "nodes": [...]}`. A tensor has the fields of
`Tensor`, a node those of its class and the class's name as `op`; a tuple is a list, a value of a
class an object, and an array the key of an array that lies beside the JSON. JSON keeps integers,
and Python writes floats so that they read back equal.
"""

from __future__ import annotations

import dataclasses
import math
import re
import reprlib
from collections.abc import Mapping
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.errors import InputError
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Node
from tinyrig.generator.graph.tensor import Tensor
from tinyrig.generator.operators.table import operators

Arrays = Mapping[str, NDArray[Any]]
Json = dict[str, Any]

_SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}\Z")


@cache
def _operators() -> Mapping[str, type[Node]]:
    """The operators of graphs by name; parts of one are the planner's alone."""
    known = operators().items()
    return {node.__name__: node for node, operator in known if operator.value is not None}


def encode_graph(graph: Graph) -> tuple[Json, dict[str, NDArray[Any]]]:
    """Return a graph as a JSON object and its arrays by key."""
    arrays: dict[str, NDArray[Any]] = {}
    nodes = [
        {"op": type(node).__name__, **_encode(node, node.name, arrays)} for node in graph.nodes
    ]
    tensors = [_encode(tensor, "", arrays) for tensor in graph.tensors.values()]
    document = {
        "name": graph.name,
        "inputs": list(graph.inputs),
        "outputs": list(graph.outputs),
        "tensors": tensors,
        "nodes": nodes,
    }
    return document, arrays


def decode_graph(document: Json, arrays: Arrays) -> Graph:
    """Return the graph a document and its arrays describe; InputError when they do not."""
    try:
        tensors = [_decode(raw, Tensor, arrays) for raw in _list(document["tensors"])]
        names = (tuple[str, ...], arrays)
        graph = Graph(
            name=_decode(document["name"], str, arrays),
            tensors={tensor.name: tensor for tensor in tensors},
            nodes=tuple(_node(raw, arrays) for raw in _list(document["nodes"])),
            inputs=_decode(document["inputs"], *names),
            outputs=_decode(document["outputs"], *names),
        )
        _check(graph)
    except KeyError as error:
        raise InputError(f"The capsule's graph has no {reprlib.repr(error.args[0])}.") from error
    except (TypeError, ValueError) as error:
        raise InputError(f"The capsule's graph cannot be used: {error}.") from error
    return graph


def _check(graph: Graph) -> None:
    graph.validate()
    # These names go into C and onto the board's UART.
    for name in (graph.name, *graph.tensors, *(node.name for node in graph.nodes)):
        if not _SAFE.match(name):
            raise ValueError(f"{reprlib.repr(name)} is no safe name")


def _encode(value: Any, key: str, arrays: dict[str, NDArray[Any]]) -> Any:
    if isinstance(value, np.ndarray):
        arrays[key] = value
        return key
    if dataclasses.is_dataclass(value):
        return {
            field.name: _encode(getattr(value, field.name), f"{key}/{field.name}", arrays)
            for field in dataclasses.fields(value)
        }
    if isinstance(value, tuple):
        return [_encode(item, f"{key}/{index}", arrays) for index, item in enumerate(value)]
    if isinstance(value, np.generic):
        return value.item()
    return value


def _node(raw: Any, arrays: Arrays) -> Node:
    if not isinstance(raw, dict) or raw.get("op") not in _operators():
        raise ValueError("a node has no operator of ours")
    fields = {key: value for key, value in raw.items() if key != "op"}
    node = _decode(fields, _operators()[raw["op"]], arrays)
    assert isinstance(node, Node)
    return node


def _decode(raw: Any, hint: Any, arrays: Arrays) -> Any:
    """Return the value of a type that JSON stands for."""
    origin, parameters = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        (kind,) = [part for part in parameters if part is not NoneType]
        return None if raw is None else _decode(raw, kind, arrays)
    if origin is np.ndarray:
        return _array(raw, get_args(parameters[1])[0], arrays)
    if origin is tuple:
        items = _list(raw)
        kinds = (parameters[0],) * len(items) if parameters[-1] is Ellipsis else parameters
        return tuple(_decode(i, kind, arrays) for i, kind in zip(items, kinds, strict=True))
    if dataclasses.is_dataclass(hint):
        return _dataclass(raw, hint, arrays)
    if type(raw) is not hint and not (hint is float and type(raw) is int):
        raise TypeError(f"{reprlib.repr(raw)} is no {hint.__name__}")
    if isinstance(raw, float) and not math.isfinite(raw):
        raise ValueError(f"{reprlib.repr(raw)} is not finite")
    return raw


def _dataclass(raw: Any, kind: Any, arrays: Arrays) -> Any:
    hints = get_type_hints(kind)
    names = {field.name for field in dataclasses.fields(kind)}
    if not isinstance(raw, dict) or set(raw) != names:
        raise ValueError(f"a {kind.__name__} has other fields than {', '.join(sorted(names))}")
    return kind(**{name: _decode(raw[name], hints[name], arrays) for name in raw})


def _array(raw: Any, dtype: Any, arrays: Arrays) -> NDArray[Any]:
    array = arrays[raw] if isinstance(raw, str) else None
    if array is None or array.dtype != np.dtype(dtype):
        raise ValueError(f"array {reprlib.repr(raw)} is not of type {np.dtype(dtype)}")
    return array


def _list(raw: Any) -> list[Any]:
    if not isinstance(raw, list):
        raise TypeError(f"{reprlib.repr(raw)} is no list")
    return raw
