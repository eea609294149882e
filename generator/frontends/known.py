"""What is known of a model's tensors while its nodes are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import onnx

from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.generator.frontends.check import local_name
from tinyrig.generator.frontends.folding import as_constant, check_size
from tinyrig.generator.frontends.narrow import widened
from tinyrig.generator.frontends.proto import tensor_array
from tinyrig.generator.frontends.recurrent import is_sizes
from tinyrig.generator.frontends.shapes import FLOAT, input_shape, type_name
from tinyrig.generator.frontends.source import ConstantArray, Value
from tinyrig.generator.graph.graph import CodeType
from tinyrig.generator.graph.tensor import Affine

_CODE_TYPES: Mapping[int, CodeType] = {
    onnx.TensorProto.INT8: "int8",
    onnx.TensorProto.UINT8: "uint8",
}
_CONSTANT_KINDS = "fiub"


class Known:
    """Values by name, and what ONNX's names stand for.

    `_alias` maps ONNX names to values where they differ. `_integer` holds the ONNX names that
    stand for the int8 or uint8 codes of their value, with that type; `_narrow` the bounds of codes
    of 4 bits. `_waiting` maps a value of codes whose affine is not known yet to all values that
    hold the same codes. `_flags` are the values that are true or false, and `_empty` says why a
    constant without elements is none.
    """

    def __init__(self) -> None:
        self.values: dict[str, Value] = {}
        self._alias: dict[str, str] = {}
        self._integer: dict[str, int] = {}
        self._waiting: dict[str, list[str]] = {}
        self._weights: dict[str, int] = {}
        self._flags: set[str] = set()
        self._empty: dict[str, str] = {}
        self._narrow: dict[str, tuple[int, int]] = {}

    def parameters(self) -> int:
        """Return the elements of all constants of rank 1 or more that were read as weights."""
        return sum(self._weights.values())

    def _type_of(self, value: Value) -> int:
        """Return the type of a value that is no codes; 0 for a constant, and for flags."""
        return 0 if value.data is not None or value.name in self._flags else FLOAT

    def resolve(self, name: str) -> str:
        """Return the name of the value an ONNX name stands for."""
        return self._alias.get(name, name)

    def code_type(self, name: str) -> CodeType | None:
        """Return the type of the codes an ONNX name stands for; None when it stands for reals."""
        return _CODE_TYPES.get(self._integer.get(name, 0))

    def settle(self) -> None:
        """Let codes that nothing quantizes or dequantizes stand for themselves."""
        for name, kind in self._integer.items():
            value = self.values[self.resolve(name)]
            if kind in _CODE_TYPES and value.data is None and value.affine is None:
                first = -128 if kind == onnx.TensorProto.UINT8 else 0
                self._give_affine(value.name, Affine(1.0, first))

    def _give_affine(self, name: str, affine: Affine) -> None:
        """Give a value without an affine one, and with it all that hold the same codes."""
        for one in self._waiting.get(name, [name]):
            self.values[one] = replace(self.values[one], affine=affine)

    def add_initialiser(self, tensor: onnx.TensorProto) -> None:
        """Add a constant as the graph stores it."""
        self.add_constant(tensor.name, tensor_array(tensor))

    def add_constant(self, name: str, data: ConstantArray) -> None:
        """Add a constant. Raises InputError for a type that is not taken."""
        data, bounds = widened(data)
        if bounds is not None:
            self._narrow[name] = bounds
        # Exporters write scalar attributes (an epsilon, a 0.5) in double precision too.
        scalar = data.dtype == np.float64 and data.size == 1
        odd = data.dtype.kind not in _CONSTANT_KINDS or data.dtype in (np.float16, np.float64)
        if odd and not scalar:
            raise InputError(
                f"The constant {name!r} has type {data.dtype}; supported are float32, int4, "
                "uint4, int8, uint8, int32, and int64 for shapes."
            )
        if data.dtype.kind == "f" and data.size == 0:
            self._empty[name] = f"The constant {name!r} has shape {list(data.shape)}: it is empty."
        self.values[name] = Value(name, data.shape, as_constant(data))

    def add_input(self, info: onnx.ValueInfoProto) -> None:
        """Add a model input. Raises InputError for a type or shape that is not taken."""
        shape = input_shape(info)
        kind = info.type.tensor_type.elem_type
        if kind in _CODE_TYPES:
            self._integer[info.name] = kind
        elif kind != FLOAT:
            raise InputError(
                f"The model input {info.name!r} has type {type_name(kind)}; supported are FLOAT, "
                "and INT8 or UINT8 read by a DequantizeLinear. Words and the like are looked up "
                "before the model: export it from its embeddings on (in transformers: "
                "inputs_embeds), or cut it behind its Gather or OneHot."
            )
        check_size(shape, f"The model input {info.name!r}")
        self.values[info.name] = Value(info.name, shape)

    def _refuse_empty(self, node: onnx.NodeProto) -> None:
        """Exporters write the absent region and factors of a Resize as a list of none."""
        for slot, name in enumerate(node.input):
            if name in self._empty and not (local_name(node) == "Resize" and slot in (1, 2)):
                raise InputError(self._empty[name])

    def _offset_of(self, name: str) -> int:
        """Return what codes are above ours: uint8 are kept as int8."""
        return 128 if self._integer[name] == onnx.TensorProto.UINT8 else 0

    def _code_bounds(self, node: onnx.NodeProto) -> tuple[int, int]:
        """Return the bounds of a Clip on codes, on the int8 scale."""
        offset = self._offset_of(node.input[0])
        bounds = [-128, 127]
        for slot, name in enumerate(node.input[1:3]):
            value = self.values[self.resolve(name)] if name else None
            if value is not None and value.data is not None:
                bounds[slot] = int(value.data.reshape(-1)[0]) - offset
        return bounds[0], bounds[1]

    def _keep_affine(self, node: onnx.NodeProto, inputs: tuple[str, ...]) -> None:
        """Codes that are moved or limited as integers keep the affine they came with."""
        read = [name for name in inputs if name and self.values[name].data is None]
        known = {found for name in read if (found := self.values[name].affine)}
        if len(known) > 1:
            raise UnsupportedError(
                f"{node.op_type} node {node.name!r} joins integer tensors quantized with different "
                "scales. Supported is joining them between DequantizeLinear and QuantizeLinear."
            )
        named = (*(name for name in read if self.values[name].affine is None), *node.output)
        same = [one for name in named if name for one in self._waiting.get(name, [name])]
        self._waiting.update(dict.fromkeys(same, same))
        if known:
            self._give_affine(same[0], known.pop())

    def _keep_integer(self, node: onnx.NodeProto) -> None:
        kind = self._integer.get(node.input[0])
        if kind is not None:
            self._integer.update(dict.fromkeys(node.output, kind))

    def _count(self, node: onnx.NodeProto) -> None:
        """Count the real or quantized constants a node reads as data, each once."""
        on_data = node.op_type in ("QuantizeLinear", "DequantizeLinear")
        for name in node.input[:1] if on_data else node.input:
            value = self.values[self.resolve(name)] if name else None
            if value is None or value.data is None or not value.shape or value.codes is not None:
                continue
            if on_data or (value.data.dtype.kind == "f" and not is_sizes(node, value.data)):
                self._weights[value.name] = value.data.size
