"""ONNX to the source form: constants folded, shapes made static, Q/DQ pairs collapsed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import onnx
import onnx.helper

from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.generator.frontends.advice import GENERAL, refused_operators
from tinyrig.generator.frontends.channel_norms import CHANNEL_NORMS, normed
from tinyrig.generator.frontends.check import INDEXING_OPS, local_name, opset_of
from tinyrig.generator.frontends.einsum import summed_product
from tinyrig.generator.frontends.folding import (
    FOLDABLE_OPS,
    LAYOUT_OPS,
    check_size,
    evaluate,
    move_codes,
)
from tinyrig.generator.frontends.identities import cast_like, neutral, passes_through, to_bool
from tinyrig.generator.frontends.known import Known
from tinyrig.generator.frontends.pointwise import FLAGS, UNARY
from tinyrig.generator.frontends.proto import (
    attributes_of,
    constant_array,
    live_nodes,
)
from tinyrig.generator.frontends.qdq import QuantizationSite, read_site
from tinyrig.generator.frontends.quantizers import settled
from tinyrig.generator.frontends.shapes import FLOAT, broadcast_shape, infer_outputs, type_name
from tinyrig.generator.frontends.source import (
    FLAG_OPS,
    Codes,
    ConstantArray,
    Parts,
    Source,
    SourceNode,
    Value,
)
from tinyrig.generator.frontends.validate.declared import check_declared
from tinyrig.generator.frontends.validate.geometry import check_geometry, check_outputs

_INTEGER_OPS = LAYOUT_OPS | {
    *("Concat", "DepthToSpace", "MaxPool", "Pad", "ReduceMax", "ReduceMin", "SpaceToDepth")
}
_WRITTEN = {"Einsum": summed_product, **dict.fromkeys(CHANNEL_NORMS, normed)}
"""Operators that are read as others by their operands' shapes."""


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
    read = Source(
        name,
        reader.values,
        tuple(reader.nodes),
        tuple(info.name for info in inputs if info.name in reader.values),
        outputs,
        reader.opset,
        reader.parameters(),
        {info.name: found for info in boundary if (found := reader.code_type(info.name))},
    )
    return settled(read)


class Reader(Known):
    """The state of one pass over the nodes in execution order."""

    def __init__(self, model: onnx.ModelProto, supported: Collection[str]) -> None:
        super().__init__()
        self.nodes: list[SourceNode] = []
        self.opset = opset_of(model)
        self._supported = supported

    def check(self, graph: onnx.GraphProto) -> None:
        """Compare what was read with what the graph declares: type (0: any) and shape."""
        declared = {info.name for info in (*graph.value_info, *graph.output)}
        values = {name: self.values.get(self.resolve(name)) for name in declared}
        found = {
            name: (self._integer.get(name, self._type_of(value)), value.shape)
            for name, value in values.items()
            if value is not None
        }
        check_declared(graph, found)

    def refusal(self, node: onnx.NodeProto) -> UnsupportedError:
        """Return the error of an operator that is not supported."""
        local = local_name(node)
        return UnsupportedError(
            f"{local} node {node.name!r} is not a supported operator. "
            f"{refused_operators().get(local, GENERAL)} `tinyrig check --operators` lists what "
            "runs."
        )

    def read(self, node: onnx.NodeProto) -> None:
        """Add one node: as constants, as quantization of a value, or as a source node."""
        local = local_name(node)
        self._refuse_empty(node)
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
            case "CastLike" if len(inputs) == 2 and inputs[1] is not None:
                self.read(cast_like(node, inputs[1]))
            case _ if inputs and all(v is None or v.data is not None for v in inputs):
                self._constant(node, local, inputs)
            case _ if self._passes_through(node, local):
                self._alias[node.output[0]] = self.resolve(node.input[0])
                self._keep_integer(node)
            case _ if (passed := self._neutral(node, local, inputs)) is not None:
                self._alias[node.output[0]] = passed.name
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

    def _quantize(self, node: onnx.NodeProto, site: QuantizationSite) -> None:
        source, out = site.value, node.output[0]
        self._integer[out] = site.elem_type
        bounds = self._narrow.get(self.resolve(node.input[2])) if len(node.input) > 2 else None
        if source.data is not None:
            self._count(node)
            codes = site.encode(source.data)
            if bounds is not None:
                low, high = (site.lowered(bound) for bound in bounds)
                codes = replace(codes, data=np.clip(codes.data, low, high))
            self.values[out] = Value(out, source.shape, codes.real(), codes)
            return
        if bounds is not None:
            raise UnsupportedError(
                f"{site.node} gives the activation {source.name!r} 4 bits; supported are INT8 and "
                "UINT8 activations, and weights of 4 bits."
            )
        affine = site.affine()
        if source.affine == affine:
            self._alias[out] = source.name
            return
        self.values[out] = Value(out, source.shape, affine=affine)
        self.nodes.append(SourceNode("Requantize", node.name or out, (source.name,), (out,)))

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
        if local == "Cast" and self.resolve(node.input[0]) in self._flags and to_bool(node):
            return True
        passed = passes_through(node, local, training, node.input[0] in self._integer)
        return passed and self.resolve(node.input[0]) not in self._flags

    def _neutral(
        self, node: onnx.NodeProto, local: str, inputs: list[Value | None]
    ) -> Value | None:
        on_codes = any(name in self._integer for name in node.input)
        return None if on_codes else neutral(local, inputs)

    def _activation(self, node: onnx.NodeProto, local: str) -> None:
        if local not in self._supported:
            raise self.refusal(node)
        if not node.input or not node.input[0] or not node.output or not node.output[0]:
            raise InputError(f"{local} node {node.name!r} lacks its first input or output.")
        if local == "Pad" and node.input[0] in self._integer:
            node = self._pad_of_reals(node)
        inputs = tuple(self.resolve(name) if name else "" for name in node.input)
        on_codes = any(name in self._integer for name in node.input)
        if local == "Clip" and node.input[0] in self._integer:
            inputs = self._clip_on_codes(node)
        elif on_codes and local not in _INTEGER_OPS and not _is_nearest(node):
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
        written = _WRITTEN.get(local)
        parts = written(made, operands) if written else Parts((made,), ())
        self.values.update({value.name: value for value in parts.values})
        self.nodes.extend(parts.nodes)

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

    def _pad_of_reals(self, node: onnx.NodeProto) -> onnx.NodeProto:
        """Return a Pad on codes with the real value that the code beside them stands for."""
        source = self.values[self.resolve(node.input[0])]
        if attributes_of(node).get("mode", "constant") != "constant":
            return node
        if source.affine is None:
            raise UnsupportedError(
                f"Pad node {node.name!r} pads the codes of tensor {source.name!r}, which no "
                "QuantizeLinear made. Supported is a Pad between Q and DQ."
            )
        made = onnx.NodeProto()
        made.CopyFrom(node)
        made.input.extend([""] * (3 - len(made.input)))
        given = self.values[self.resolve(made.input[2])].data if made.input[2] else np.zeros(())
        if given is None:
            raise UnsupportedError(f"Pad node {node.name!r} takes its value from other nodes.")
        code = int(given.reshape(-1)[0]) - self._offset_of(node.input[0])
        made.input[2] = f"{node.output[0]}:value"
        real = source.affine.scale * (code - source.affine.zero_point)
        self.values[made.input[2]] = Value(made.input[2], (), np.asarray(real, np.float32))
        return made

    def _output_shapes(self, node: onnx.NodeProto, local: str) -> dict[str, tuple[int, ...]]:
        values = self._inputs(node)
        if local in FLAGS or local == "Not":  # ONNX infers some of them since opset 16 only
            shapes = [values[self.resolve(name)].shape for name in node.input]
            self._flags.add(node.output[0])
            return {node.output[0]: broadcast_shape(node, shapes)}
        # Contributed and unary operators keep the shape; a Clip of codes has other bounds.
        kept = local == "Clip" or local in UNARY or local in CHANNEL_NORMS
        if local != node.op_type or kept:
            return {node.output[0]: values[self.resolve(node.input[0])].shape}
        found = infer_outputs(self._renamed(node), values, self.opset)
        for name, (kind, _) in found.items():
            flags = local in FLAG_OPS or (name == node.output[-1] and len(node.output) > 1)
            if flags and kind != FLOAT:
                self._flags.add(name)
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
        names = [self.resolve(name) for name in node.input if name]
        return {name: self.values[name] for name in names}

    def _renamed(self, node: onnx.NodeProto) -> onnx.NodeProto:
        copy = onnx.NodeProto()
        copy.CopyFrom(node)
        for slot, name in enumerate(node.input):
            copy.input[slot] = self.resolve(name)
        return copy


def _is_nearest(node: onnx.NodeProto) -> bool:
    """Whether a Resize moves codes, and makes none between them."""
    return node.op_type == "Resize" and attributes_of(node).get("mode", "nearest") == "nearest"
