"""Quantizers written out in arithmetic, as DeepQuant exports them, read as QuantizeLinear.

Codes are floats: Div by a scale, Add of a zero point, Round and Clip make them; Sub and Mul make
reals of them again. A product multiplies codes by codes and adds codes of a bias; one Sub and Mul
behind it make reals of its sums, by the product of the scales. Here the reals are multiplied, which
is the same number: what the zero point adds to the sums is added to the bias.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from tinyrig.generator.frontends.written_graph import (
    Written,
    channel_values,
    constant_operand,
    is_whole,
)

_PRODUCTS = frozenset({"MatMul", "Gemm", "Conv"})
_LAYOUT = frozenset({"Reshape", "Transpose", "Flatten", "Squeeze", "Unsqueeze", "Identity"})
_SAME_SCALE = 1e-3
_PER_CHANNEL_OPSET = 13
_CODE = (-128, 127)
_UNSIGNED = (0, 255)


def with_quantizers(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return a model whose quantizers are written out with QuantizeLinear and DequantizeLinear.

    Nodes are in order. A quantizer one of whose readers is another stays as it is, and the model
    is returned itself where none is read. The model is not changed.
    """
    found = {node.op_type for node in model.graph.node}
    if "QuantizeLinear" in found or not {"Round", "Clip"} <= found:
        return model
    rewritten = _Rewriting(Written(model))
    return rewritten.model() if rewritten.any() else model


@dataclass(frozen=True, eq=False)
class _Quantizer:
    """What makes codes of a value: `low` and `high` are the least and the greatest."""

    value: str
    codes: str
    scale: float
    zero: int
    low: int
    high: int
    last: onnx.NodeProto

    @property
    def kind(self) -> type[np.integer[Any]]:
        return np.int8 if self.high <= _CODE[1] else np.uint8


@dataclass(frozen=True, eq=False)
class _Product:
    """A product of codes, what stands between it and the codes, and what makes reals of its sums.

    `weight` is None where both operands are computed.
    """

    node: onnx.NodeProto
    between: tuple[onnx.NodeProto, ...]
    behind: tuple[onnx.NodeProto, ...]
    scale: NDArray[np.float64]
    bias: NDArray[np.float64]
    weight: NDArray[np.int64] | None

    @property
    def output(self) -> str:
        return str(self.behind[-1].output[0])


@dataclass(eq=False)
class _Rewriting:
    """What becomes of each node: left out, or replaced by others where it stood."""

    written: Written
    _made: dict[int, list[onnx.NodeProto]] = field(default_factory=dict)
    _constants: list[onnx.TensorProto] = field(default_factory=list)
    _inputs: dict[tuple[int, int], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        found = {q.codes: q for q in map(self._quantizer, self.written.nodes) if q is not None}
        products = {id(p.node): p for p in self._products(found)}
        whole = {name: q for name, q in found.items() if self._is_whole(q, products)}
        while True:
            # A product of two computed operands needs both.
            kept = {
                key: product
                for key, product in products.items()
                if all(codes in whole for codes, _ in self._paths(product.node))
            }
            still = {name: q for name, q in whole.items() if self._is_whole(q, kept)}
            if len(still) == len(whole):
                break
            whole = still
        for quantizer in whole.values():
            self._quantize(quantizer)
        for product in kept.values():
            self._multiply(product, whole)

    def any(self) -> bool:
        """Whether a quantizer was read."""
        return bool(self._made)

    def model(self) -> onnx.ModelProto:
        """Return the rewritten model."""
        made = onnx.ModelProto()
        made.CopyFrom(self.written.model)
        nodes: list[onnx.NodeProto] = []
        for node in self.written.nodes:
            nodes += self._made.get(id(node), [node])
        copies = []
        for node in nodes:
            copy = onnx.NodeProto()
            copy.CopyFrom(node)
            for slot in range(len(copy.input)):
                copy.input[slot] = self._inputs.get((id(node), slot), copy.input[slot])
            copies.append(copy)
        del made.graph.node[:], made.graph.value_info[:]
        made.graph.node.extend(copies)
        made.graph.initializer.extend(self._constants)
        return made

    # Finding

    def _quantizer(self, node: onnx.NodeProto) -> _Quantizer | None:
        written = self.written
        limits = [written.scalar(name) for name in node.input[1:]]
        rounded = written.maker(node.input[0], "Round") if node.op_type == "Clip" else None
        if rounded is None or len(limits) != 2 or None in limits:
            return None
        value, zero = rounded.input[0], 0.0
        if (added := written.maker(value, "Add")) is not None:
            value, constant = constant_operand(written, added)
            zero = constant if constant is not None else np.nan
        divided = written.maker(value, "Div")
        scale = None if divided is None else written.scalar(divided.input[1])
        if divided is None or scale is None or not (np.isfinite(scale) and scale > 0):
            return None
        low, high = (float(limit) for limit in limits if limit is not None)
        codes = _CODE if high <= _CODE[1] else _UNSIGNED
        if not (is_whole(low, zero, high) and codes[0] <= low < high <= codes[1]):
            return None
        if not codes[0] <= zero <= codes[1]:
            return None
        name = node.output[0]
        return _Quantizer(divided.input[0], name, scale, int(zero), int(low), int(high), node)

    def _is_whole(self, quantizer: _Quantizer, products: Mapping[int, _Product]) -> bool:
        """Whether all that reads the codes is a dequantizer or a product."""
        if quantizer.codes in self.written.shown:
            return False
        between = {id(n): p for p in products.values() for n in (*p.between, p.node)}
        readers = self.written.readers[quantizer.codes]
        return bool(readers) and all(
            id(node) in between or self._dequantizer(quantizer, node) is not None
            for node in readers
        )

    def _dequantizer(
        self, quantizer: _Quantizer, node: onnx.NodeProto
    ) -> tuple[onnx.NodeProto, float, int] | None:
        """Return the Mul, the scale and the zero point of Sub and Mul behind codes."""
        written, zero, last = self.written, 0.0, node
        if node.op_type == "Sub" and node.input[0] == quantizer.codes:
            point, follower = written.scalar(node.input[1]), written.only_reader(node)
            if point is None or follower is None:
                return None
            zero, last = point, follower
        scale = constant_operand(written, last)[1] if last.op_type == "Mul" else None
        low, high = _CODE if quantizer.kind is np.int8 else _UNSIGNED
        if scale is None or not scale > 0 or not is_whole(zero) or not low <= zero <= high:
            return None
        return last, scale, int(zero)

    def _paths(self, node: onnx.NodeProto) -> list[tuple[str, tuple[onnx.NodeProto, ...]]]:
        """Return where the computed operands of a product come from, by way of which nodes."""
        found = []
        for name in node.input[:2]:
            between: list[onnx.NodeProto] = []
            at = name
            while (maker := self.written.makers.get(at)) is not None and maker.op_type in _LAYOUT:
                if at in self.written.known or self.written.only_reader(maker) is None:
                    break
                between.append(maker)
                at = maker.input[0]
            if name not in self.written.known:
                found.append((at, tuple(between)))
        return found

    def _products(self, found: Mapping[str, _Quantizer]) -> Iterator[_Product]:
        for node in self.written.nodes:
            if node.op_type in _PRODUCTS:
                paths = self._paths(node)
                if paths and all(name in found for name, _ in paths):
                    product = self._product(node, paths, [found[name] for name, _ in paths])
                    if product is not None:
                        yield product

    def _product(
        self,
        node: onnx.NodeProto,
        paths: Sequence[tuple[str, tuple[onnx.NodeProto, ...]]],
        sources: Sequence[_Quantizer],
    ) -> _Product | None:
        written = self.written
        weight = written.known.get(node.input[1])
        computed = weight is None
        if computed != (len(sources) == 2) or not _is_plain(node):
            return None
        spatial = weight.ndim - 2 if weight is not None and node.op_type == "Conv" else 0
        bias = [
            one if one is None else one.reshape(-1, *(1,) * spatial)
            for one in (written.known.get(name) for name in node.input[2:])
        ]
        behind: list[onnx.NodeProto] = []
        last: onnx.NodeProto | None = written.only_reader(node)
        while last is not None and last.op_type in ("Add", "Sub"):
            constant = written.constant(last, ordered=last.op_type == "Sub")
            bias.append(constant if constant is None or last.op_type == "Add" else -constant)
            behind.append(last)
            last = written.only_reader(last)
        scale = written.constant(last) if last is not None and last.op_type == "Mul" else None
        if last is None or scale is None or any(one is None for one in bias):
            return None
        scales = channel_values(scale, spatial)
        offsets = [channel_values(one, spatial) for one in bias if one is not None]
        if scales is None or not (scales > 0).all() or any(one is None for one in offsets):
            return None
        total = sum((one for one in offsets if one is not None), np.zeros(1))
        between = tuple(n for _, nodes in paths for n in nodes)
        found = _Product(node, between, (*behind, last), scales, total, None)
        if weight is None:
            return found if _is_matched(scales, total, sources) else None
        return self._weighted(found, weight, sources[0])

    def _weighted(
        self, product: _Product, weight: NDArray[Any], source: _Quantizer
    ) -> _Product | None:
        node, scale, (low, high) = product.node, product.scale, _CODE
        if not (is_whole(weight) and low <= weight.min() and weight.max() <= high):
            return None
        axis = _channel_axis(node, weight.ndim)
        if {scale.size, product.bias.size} - {1, weight.shape[axis]}:
            return None
        if scale.size > 1 and self.written.opset < _PER_CHANNEL_OPSET:
            return None
        if source.zero and _is_padded(node):
            return None  # cells of padding are codes of 0, which is not the real 0
        codes = weight.astype(np.int64)
        sums = codes.sum(axis=tuple(n for n in range(weight.ndim) if n != axis))
        return replace(product, bias=product.bias + source.zero * sums, weight=codes)

    # Writing

    def _constant(self, name: str, data: NDArray[Any]) -> str:
        self._constants.append(numpy_helper.from_array(data, name))
        return name

    def _parameters(self, of: str, scale: Any, zero: Any) -> list[str]:
        step = np.asarray(scale, np.float32)
        return [self._constant(f"{of}:scale", step), self._constant(f"{of}:zero", zero)]

    def _quantize(self, q: _Quantizer) -> None:
        value, nodes = q.value, []
        whole = _CODE if q.kind is np.int8 else _UNSIGNED
        if (q.low, q.high) != whole:
            limits = [np.float32((code - q.zero) * q.scale) for code in (q.low, q.high)]
            names = [
                self._constant(f"{q.codes}:{n}", np.asarray(limit))
                for n, limit in enumerate(limits)
            ]
            nodes.append(helper.make_node("Clip", [value, *names], [f"{q.codes}:clipped"]))
            value = f"{q.codes}:clipped"
        coded = f"{q.codes}:codes"
        own = self._parameters(q.codes, q.scale, np.asarray(q.zero, q.kind))
        nodes.append(helper.make_node("QuantizeLinear", [value, *own], [coded]))
        real = f"{q.codes}:real"
        nodes.append(helper.make_node("DequantizeLinear", [coded, *own], [real]))
        self._made[id(q.last)] = nodes
        for node in self.written.readers[q.codes]:
            found = self._dequantizer(q, node)
            if found is None:
                for slot, name in enumerate(node.input):
                    if name == q.codes:
                        self._inputs[id(node), slot] = real
                continue
            last, scale, zero = found
            self._made[id(node)] = []
            given = self._parameters(last.output[0], scale, np.asarray(zero, q.kind))
            outputs = [last.output[0]]
            self._made[id(last)] = [helper.make_node("DequantizeLinear", [coded, *given], outputs)]

    def _multiply(self, product: _Product, found: Mapping[str, _Quantizer]) -> None:
        node = onnx.NodeProto()
        node.CopyFrom(product.node)
        key = id(product.node)
        inputs = [self._inputs.get((key, n), name) for n, name in enumerate(node.input[:2])]
        nodes = []
        if product.weight is not None:
            ((source, _),) = self._paths(product.node)
            step = product.scale / found[source].scale
            codes = self._constant(f"{product.output}:weight", product.weight.astype(np.int8))
            zero = np.zeros(step.size if step.size > 1 else (), np.int8)
            own = self._parameters(f"{codes}", step if step.size > 1 else step[0], zero)
            axis = _channel_axis(node, product.weight.ndim)
            said: dict[str, Any] = {"axis": axis} if step.size > 1 else {}
            inputs[1] = f"{codes}:real"
            nodes.append(helper.make_node("DequantizeLinear", [codes, *own], [inputs[1]], **said))
        bias, added = product.bias * product.scale, bool(product.bias.any())
        separate = added and node.op_type == "MatMul"
        if added:
            wide = bias if product.weight is None else bias + np.zeros(self._channels(product))
            name = self._constant(f"{product.output}:bias", wide.astype(np.float32))
            inputs += [] if separate else [name]
        del node.input[:], node.output[:]
        node.input.extend(inputs)
        node.output.append(f"{product.output}:sums" if separate else product.output)
        nodes.append(node)
        if separate:
            nodes.append(helper.make_node("Add", [node.output[0], name], [product.output]))
        self._made[key] = nodes
        for one in product.behind:
            self._made[id(one)] = []

    @staticmethod
    def _channels(product: _Product) -> int:
        assert product.weight is not None
        weight = product.weight
        return int(weight.shape[_channel_axis(product.node, weight.ndim)])


def _is_matched(
    scale: NDArray[np.float64], bias: NDArray[np.float64], sources: Sequence[_Quantizer]
) -> bool:
    """Whether sums of two computed operands are reals by the product of their scales."""
    expected = sources[0].scale * sources[1].scale
    same = scale.size == 1 and abs(scale[0] / expected - 1.0) < _SAME_SCALE
    return bool(same and not bias.any() and not any(source.zero for source in sources))


def _said(node: onnx.NodeProto) -> dict[str, Any]:
    return {a.name: helper.get_attribute_value(a) for a in node.attribute}


def _is_plain(node: onnx.NodeProto) -> bool:
    """Whether a Gemm multiplies by nothing else, and takes its first operand as it is."""
    if node.op_type != "Gemm":
        return True
    said = _said(node)
    return said.get("alpha", 1.0) == said.get("beta", 1.0) == 1.0 and not said.get("transA", 0)


def _channel_axis(node: onnx.NodeProto, rank: int) -> int:
    """Return the axis of a weight that counts output channels."""
    if node.op_type == "Conv":
        return 0
    return 0 if _said(node).get("transB", 0) else rank - 1


def _is_padded(node: onnx.NodeProto) -> bool:
    said = _said(node)
    return any(said.get("pads", ())) or said.get("auto_pad", b"NOTSET").startswith(b"SAME")
