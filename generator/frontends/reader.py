"""ONNX to the source form: constants folded, shapes made static, Q/DQ pairs collapsed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np
import onnx
import onnx.helper

from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.generator.frontends.check import INDEXING_OPS, local_name, opset_of
from tinyrig.generator.frontends.folding import (
    FOLDABLE_OPS,
    LAYOUT_OPS,
    as_constant,
    check_size,
    evaluate,
    move_codes,
)
from tinyrig.generator.frontends.identities import passes_through
from tinyrig.generator.frontends.pointwise import UNARY
from tinyrig.generator.frontends.proto import (
    attributes_of,
    constant_array,
    live_nodes,
    tensor_array,
)
from tinyrig.generator.frontends.qdq import QuantizationSite, read_site
from tinyrig.generator.frontends.recurrent import is_sizes
from tinyrig.generator.frontends.shapes import FLOAT, infer_outputs, input_shape, type_name
from tinyrig.generator.frontends.source import (
    Codes,
    ConstantArray,
    Source,
    SourceNode,
    Value,
)
from tinyrig.generator.frontends.validate.declared import check_declared
from tinyrig.generator.frontends.validate.geometry import check_geometry, check_outputs
from tinyrig.generator.graph.graph import CodeType
from tinyrig.generator.graph.tensor import Affine

_CODE_TYPES: Mapping[int, CodeType] = {
    onnx.TensorProto.INT8: "int8",
    onnx.TensorProto.UINT8: "uint8",
}
_CONSTANT_KINDS = "fiub"
_INTEGER_OPS = LAYOUT_OPS | {"MaxPool", "Concat"}


def read_source(model: onnx.ModelProto, name: str, supported: Collection[str]) -> Source:
    """Read a checked model whose operators are all in `supported` (or folded away).

    Raises InputError and UnsupportedError, naming the node or the tensor.
    """
    return source_of(Reader(model, supported), model, name)


def source_of(reader: Reader, model: onnx.ModelProto, name: str) -> Source:
    """Return a model as a reader reads it."""
    for tensor in model.graph.initializer:
        reader.add_initialiser(tensor)
    constants = {tensor.name for tensor in model.graph.initializer}
    inputs = [info for info in model.graph.input if info.name not in constants]
    for info in inputs:
        reader.add_input(info)
    for node in live_nodes(model.graph):
        reader.read(node)
    reader.settle()
    reader.check(model.graph)
    resolved = ((info.name, reader.resolve(info.name)) for info in model.graph.output)
    outputs = tuple(pair for pair in resolved if pair[1] in reader.values)
    boundary = (*inputs, *model.graph.output)
    return Source(
        name,
        reader.values,
        tuple(reader.nodes),
        tuple(info.name for info in inputs if info.name in reader.values),
        outputs,
        reader.opset,
        reader.parameters(),
        {info.name: found for info in boundary if (found := reader.code_type(info.name))},
    )


class Reader:
    """The state of one pass over the nodes in execution order.

    `_alias` maps ONNX names to values where they differ. `_integer` holds the ONNX names that
    stand for the int8 or uint8 codes of their value, with that type. `_waiting` maps a value of
    codes whose affine is not known yet to all values that hold the same codes.
    """

    def __init__(self, model: onnx.ModelProto, supported: Collection[str]) -> None:
        self.values: dict[str, Value] = {}
        self.nodes: list[SourceNode] = []
        self.opset = opset_of(model)
        self._supported = supported
        self._alias: dict[str, str] = {}
        self._integer: dict[str, int] = {}
        self._waiting: dict[str, list[str]] = {}
        self._weights: dict[str, int] = {}

    def parameters(self) -> int:
        """Return the elements of all constants of rank 1 or more that were read as weights."""
        return sum(self._weights.values())

    def check(self, graph: onnx.GraphProto) -> None:
        """Compare what was read with what the graph declares: type (0: any) and shape."""
        declared = {info.name for info in (*graph.value_info, *graph.output)}
        values = {name: self.values.get(self.resolve(name)) for name in declared}
        found = {
            name: (self._integer.get(name, FLOAT if value.data is None else 0), value.shape)
            for name, value in values.items()
            if value is not None
        }
        check_declared(graph, found)

    def resolve(self, name: str) -> str:
        """Return the name of the value an ONNX name stands for."""
        return self._alias.get(name, name)

    def refusal(self, node: onnx.NodeProto) -> UnsupportedError:
        """Return the error of an operator that is not supported."""
        return UnsupportedError(
            f"{local_name(node)} node {node.name!r} is not a supported operator. Supported are "
            f"{', '.join(sorted(self._supported))}, with QuantizeLinear and DequantizeLinear."
        )

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
        # Exporters write scalar attributes (an epsilon, a 0.5) in double precision too.
        scalar = data.dtype == np.float64 and data.size == 1
        odd = data.dtype.kind not in _CONSTANT_KINDS or data.dtype in (np.float16, np.float64)
        if odd and not scalar:
            raise InputError(
                f"The constant {name!r} has type {data.dtype}; supported are float32, int8, "
                "uint8, int32, and int64 for shapes."
            )
        if data.dtype.kind == "f" and data.size == 0:
            raise InputError(f"The constant {name!r} has shape {list(data.shape)}: it is empty.")
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
                "and INT8 or UINT8 read by a DequantizeLinear."
            )
        check_size(shape, f"The model input {info.name!r}")
        self.values[info.name] = Value(info.name, shape)

    def read(self, node: onnx.NodeProto) -> None:
        """Add one node: as constants, as quantization of a value, or as a source node."""
        local = local_name(node)
        inputs = [self.values[self.resolve(name)] if name else None for name in node.input]
        match local:
            case "Constant":
                self.add_constant(node.output[0], constant_array(node))
            case "QuantizeLinear":
                self._quantize(node, read_site(node, inputs))
            case "DequantizeLinear":
                coded = self._integer.get(node.input[0], 0)
                self._dequantize(node, read_site(node, inputs, coded))
            case "Shape" | "Size" if inputs[0] is not None:
                self._fold(node, [np.broadcast_to(np.float32(0), inputs[0].shape)])
            case _ if inputs and all(v is None or v.data is not None for v in inputs):
                self._constant(node, local, inputs)
            case _ if self._passes_through(node, local):
                self._alias[node.output[0]] = self.resolve(node.input[0])
                self._keep_integer(node)
            case _:
                self._activation(node, local)

    def _constant(self, node: onnx.NodeProto, local: str, inputs: list[Value | None]) -> None:
        first = inputs[0]
        if local == "Identity" and first is not None:
            self._alias[node.output[0]] = first.name
            self._keep_integer(node)
            return
        if local not in FOLDABLE_OPS:
            raise UnsupportedError(
                f"{local} node {node.name!r} computes on constants only, and {local} is not among "
                f"the operators that are folded: {', '.join(sorted(FOLDABLE_OPS))}."
            )
        data = [None if value is None else value.data for value in inputs]
        if first is not None and first.codes is not None:
            codes = first.codes
            if local in LAYOUT_OPS:
                moved = move_codes(node, data, codes, self.opset)
                self._add_codes(node, moved)
                return
            if local == "Clip" and node.input[0] in self._integer:
                self._add_codes(node, [self._clipped(node, codes)])
                return
        self._fold(node, data)

    def _fold(self, node: onnx.NodeProto, data: list[ConstantArray | None]) -> None:
        if node.op_type not in ("Shape", "Size"):
            values = self._inputs(node)
            shapes = infer_outputs(self._renamed(node), values, self.opset, may_be_empty=True)
            for output, (_, shape) in shapes.items():
                check_size(shape, f"The constant {output!r}")
            self._count(node)
        for name, result in zip(node.output, evaluate(node, data, self.opset), strict=True):
            self.values[name] = Value(name, result.shape, result)

    def _add_codes(self, node: onnx.NodeProto, found: list[Codes]) -> None:
        for name, codes in zip(node.output, found, strict=True):
            self.values[name] = Value(name, codes.data.shape, codes.real(), codes)
        self._keep_integer(node)

    def _clipped(self, node: onnx.NodeProto, codes: Codes) -> Codes:
        low, high = self._code_bounds(node)
        return replace(codes, data=np.clip(codes.data, low, high))

    def _code_bounds(self, node: onnx.NodeProto) -> tuple[int, int]:
        """Return the bounds of a Clip on codes, on the int8 scale."""
        offset = 128 if self._integer[node.input[0]] == onnx.TensorProto.UINT8 else 0
        bounds = [-128, 127]
        for slot, name in enumerate(node.input[1:3]):
            value = self.values[self.resolve(name)] if name else None
            if value is not None and value.data is not None:
                bounds[slot] = int(value.data.reshape(-1)[0]) - offset
        return bounds[0], bounds[1]

    def _quantize(self, node: onnx.NodeProto, site: QuantizationSite) -> None:
        source, out = site.value, node.output[0]
        self._integer[out] = site.elem_type
        if source.data is not None:
            self._count(node)
            codes = site.encode(source.data)
            self.values[out] = Value(out, source.shape, codes.real(), codes)
            return
        affine = site.affine()
        if source.affine is None:
            self.values[source.name] = replace(source, affine=affine)
        elif source.affine != affine:
            self.values[out] = Value(out, source.shape, affine=affine)
            self.nodes.append(SourceNode("Requantize", node.name or out, (source.name,), (out,)))
            return
        self._alias[out] = source.name

    def _dequantize(self, node: onnx.NodeProto, site: QuantizationSite) -> None:
        source, out = site.value, node.output[0]
        if source.data is not None:
            self._count(node)
            known = source.codes
            codes = site.decode(source.data) if known is None else site.retyped(known)
            self.values[out] = Value(out, source.shape, codes.real(), codes)
            return
        if node.input[0] not in self._integer:
            raise InputError(
                f"DequantizeLinear node {node.name!r} reads tensor {node.input[0]!r}, which is not "
                "quantized."
            )
        affine = site.affine()
        if source.affine is None:
            self._give_affine(source.name, affine)
        elif source.affine != affine:
            self.values[out] = Value(out, source.shape, affine=affine)
            self.nodes.append(SourceNode("Reinterpret", node.name or out, (source.name,), (out,)))
            return
        self._alias[out] = source.name

    def _passes_through(self, node: onnx.NodeProto, local: str) -> bool:
        slot = node.input[2] if local == "Dropout" and len(node.input) > 2 else ""
        training = self.values[self.resolve(slot)] if slot else None
        return passes_through(node, local, training, node.input[0] in self._integer)

    def _activation(self, node: onnx.NodeProto, local: str) -> None:
        if local not in self._supported:
            raise self.refusal(node)
        if not node.input or not node.input[0] or not node.output or not node.output[0]:
            raise InputError(f"{local} node {node.name!r} lacks its first input or output.")
        inputs = tuple(self.resolve(name) if name else "" for name in node.input)
        on_codes = any(name in self._integer for name in node.input)
        if local == "Clip" and node.input[0] in self._integer:
            inputs = self._clip_on_codes(node)
        elif on_codes and local not in _INTEGER_OPS:
            raise UnsupportedError(
                f"{local} node {node.name!r} computes on the integer tensor {node.input[0]!r}. "
                "Supported is the QDQ form, where every operator reads DequantizeLinear outputs."
            )
        label = node.name or f"{node.op_type}_{len(self.nodes)}"
        made = SourceNode(local, label, inputs, tuple(node.output), attributes_of(node))
        operands = [self.values[name] if name else None for name in inputs]
        check_geometry(made, operands)
        self._count(node)
        shapes = self._output_shapes(node, local)
        check_outputs(made, operands, shapes)
        for name, shape in shapes.items():
            self.values[name] = Value(name, shape)
        if on_codes:
            self._keep_integer(node)
            self._keep_affine(node, inputs)
        self.nodes.append(made)

    def _keep_affine(self, node: onnx.NodeProto, inputs: tuple[str, ...]) -> None:
        """Codes that are moved or limited as integers keep the affine they came with."""
        read = [name for name in inputs if self.values[name].data is None]
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

    def _clip_on_codes(self, node: onnx.NodeProto) -> tuple[str, ...]:
        """Turn a Clip between Q and DQ (Brevitas) into one of the real values."""
        source = self.values[self.resolve(node.input[0])]
        if source.affine is None:
            raise UnsupportedError(
                f"Clip node {node.name!r} limits the codes of tensor {source.name!r}, which no "
                "QuantizeLinear made. Supported is a Clip between Q and DQ."
            )
        names = [source.name]
        for label, code in zip(("low", "high"), self._code_bounds(node), strict=True):
            name = f"{node.output[0]}:{label}"
            real = np.asarray(source.affine.scale * (code - source.affine.zero_point))
            self.values[name] = Value(name, (), real)
            names.append(name)
        return tuple(names)

    def _output_shapes(self, node: onnx.NodeProto, local: str) -> dict[str, tuple[int, ...]]:
        values = self._inputs(node)
        # Contributed and unary operators keep the shape; a Clip of codes has other bounds.
        if local != node.op_type or local == "Clip" or local in UNARY:
            return {node.output[0]: values[self.resolve(node.input[0])].shape}
        found = infer_outputs(self._renamed(node), values, self.opset)
        for name, (kind, _) in found.items():
            flags = local == "IsNaN" or (name == node.output[-1] and len(node.output) > 1)
            if kind == onnx.TensorProto.INT64 and local in INDEXING_OPS:
                self._integer[name] = kind
            elif kind != FLOAT and not flags:
                raise InputError(
                    f"Tensor {name!r}, written by {local} node {node.name!r}, has type "
                    f"{type_name(kind)}; supported are float32 activations quantized to int8 or "
                    "uint8."
                )
            check_size(found[name][1], f"Tensor {name!r}")
        return {name: shape for name, (_, shape) in found.items()}

    def _inputs(self, node: onnx.NodeProto) -> dict[str, Value]:
        return {name: self.values[name] for name in map(self.resolve, filter(None, node.input))}

    def _renamed(self, node: onnx.NodeProto) -> onnx.NodeProto:
        copy = onnx.NodeProto()
        copy.CopyFrom(node)
        for slot, name in enumerate(node.input):
            copy.input[slot] = self.resolve(name)
        return copy

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
