"""Which element types of ONNX are taken where, found by giving the reader each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import onnx
import onnx.helper

from tinyrig.generator.errors import InputError
from tinyrig.generator.frontends.narrow import widened
from tinyrig.generator.frontends.qdq import read_site
from tinyrig.generator.frontends.reader import Reader
from tinyrig.generator.frontends.source import Value

_OPSET = 21


@dataclass(frozen=True)
class TypeRow:
    """An element type, and whether it is taken as input, constant, and codes of Q and DQ."""

    name: str
    input: bool
    constant: bool
    codes: bool


def type_rows() -> Iterator[TypeRow]:
    """Yield every element type of ONNX in the order ONNX numbers them."""
    for name, kind in onnx.TensorProto.DataType.items():
        if kind != onnx.TensorProto.UNDEFINED:
            yield TypeRow(name, _as_input(kind), _as_constant(kind), _as_codes(kind))


def _as_input(kind: int) -> bool:
    info = onnx.helper.make_tensor_value_info("x", kind, [1, 4])
    return _taken(lambda: _reader().add_input(info))


def _as_constant(kind: int) -> bool:
    if kind == onnx.TensorProto.STRING:
        return False
    data = np.zeros((2,), dtype=onnx.helper.tensor_dtype_to_np_dtype(kind))
    return _taken(lambda: _reader().add_constant("c", data))


def _as_codes(kind: int) -> bool:
    if kind == onnx.TensorProto.STRING:
        return False
    zero, _ = widened(np.zeros((), dtype=onnx.helper.tensor_dtype_to_np_dtype(kind)))
    node = onnx.helper.make_node("QuantizeLinear", ["x", "s", "z"], ["q"])
    values = [Value("x", (1, 4)), Value("s", (), np.ones(())), Value("z", (), zero)]
    return _taken(lambda: read_site(node, values))


def _reader() -> Reader:
    imports = [onnx.helper.make_opsetid("", _OPSET)]
    graph = onnx.helper.make_graph([], "types", [], [])
    return Reader(onnx.helper.make_model(graph, opset_imports=imports), ())


def _taken(use: Callable[[], object]) -> bool:
    try:
        use()
    except InputError:
        return False
    return True
