"""Writes small random QDQ models node by node, and compares ONNX Runtime with the reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from tinyrig.generator.frontends import graph_from_model
from tinyrig.suite.reference.boundary import quantize_input
from tinyrig.suite.reference.executor import run_reference

Array = NDArray[Any]
IR_VERSION = 10


@dataclass(frozen=True)
class Case:
    """A model with one set of inputs."""

    model: onnx.ModelProto
    feeds: dict[str, Array]


@dataclass(frozen=True)
class Comparison:
    """How the reference's codes differ from ONNX Runtime's."""

    elements: int
    different: int
    largest: int


class QdqModel:
    """A model under construction. Every method that adds a tensor returns its name."""

    def __init__(self, rng: np.random.Generator, opset: int = 21) -> None:
        self.rng = rng
        self.opset = opset
        self.feeds: dict[str, Array] = {}
        self._inputs: list[onnx.ValueInfoProto] = []
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._count = 0

    def name(self, stem: str) -> str:
        self._count += 1
        return f"{stem}{self._count}"

    def constant(self, data: Array, stem: str = "c") -> str:
        name = self.name(stem)
        self._constants.append(numpy_helper.from_array(np.asarray(data), name))
        return name

    def floats(self, data: Any) -> str:
        return self.constant(np.asarray(data, dtype=np.float32))

    def ints(self, data: Any) -> str:
        return self.constant(np.asarray(data, dtype=np.int64))

    def node(self, op: str, *inputs: str, outputs: int = 1, **attributes: Any) -> str:
        return self.nodes(op, *inputs, outputs=outputs, **attributes)[0]

    def nodes(self, op: str, *inputs: str, outputs: int = 1, **attributes: Any) -> list[str]:
        names = [self.name("t") for _ in range(outputs)]
        label = self.name(op)
        self._nodes.append(helper.make_node(op, inputs, names, name=label, **attributes))
        return names

    def pair(self, value: str, scale: float, zero_point: int, unsigned: bool = False) -> str:
        """Add Q and DQ; `zero_point` is on the int8 scale."""
        dtype = np.uint8 if unsigned else np.int8
        stored = np.asarray(zero_point + (128 if unsigned else 0)).astype(dtype)
        step = self.floats(scale)
        zero = self.constant(stored)
        codes = self.node("QuantizeLinear", value, step, zero)
        return self.node("DequantizeLinear", codes, step, zero)

    def random_pair(self, value: str, low: float, high: float) -> str:
        """Quantize to a range near [low, high], of int8 or uint8."""
        low, high = min(low, 0.0), max(high, 0.0, low + 1e-3)
        scale = (high - low) / 255 * self.rng.uniform(0.8, 1.3)
        zero = int(np.clip(round(-128 - low / scale), -128, 127))
        if self.rng.random() < 0.2:
            scale, zero = 2 * max(-low, high) / 255 * self.rng.uniform(0.8, 1.3), 0
        return self.pair(value, float(np.float32(scale)), zero, bool(self.rng.random() < 0.4))

    def activation(self, shape: tuple[int, ...], low: float = -2.0, high: float = 3.0) -> str:
        """Add a quantized model input with values around [low, high]."""
        name = self.name("x")
        self._inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        grow = 10.0 ** self.rng.uniform(-1.5, 1.0)
        low, high = low * grow * self.rng.uniform(0.6, 1.2), high * grow
        self.feeds[name] = self.rng.uniform(low * 1.05, high * 1.05, shape).astype(np.float32)
        self.feeds[name].flat[0] = 0.9 * high  # a range of its own, however small the shape
        return self.random_pair(name, low, high)

    def same_range(self, shape: tuple[int, ...], low: float, high: float) -> str:
        """Add a quantized model input with values in exactly [low, high]."""
        name = self.name("x")
        self._inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        self.feeds[name] = self.rng.uniform(low, high, shape).astype(np.float32)
        return self.random_pair(name, low, high)

    def weight(self, shape: tuple[int, ...], axis: int | None = None) -> str:
        """Add int8 weights, with one scale or one along `axis`; zero point 0."""
        codes = np.clip(np.rint(self.rng.normal(0, 45, shape)), -127, 127).astype(np.int8)
        count = 1 if axis is None else shape[axis]
        scale = (10.0 ** self.rng.uniform(-3, -1.5) * self.rng.uniform(0.3, 1, count)).astype("f4")
        attributes = {} if axis is None else {"axis": axis}
        step = self.floats(scale if axis is not None else scale[0])
        zero = self.constant(np.zeros_like(scale if axis is not None else scale[0], dtype=np.int8))
        return self.node("DequantizeLinear", self.constant(codes, "w"), step, zero, **attributes)

    def measured(self, value: str) -> Array:
        """Return what the model computes for `value` on the feeds."""
        return run_onnx(Case(self.model([value]), self.feeds))[0]

    def quantised(self, value: str, beside: str = "") -> str:
        """Add Q and DQ that cover most of what `value` holds on the feeds.

        The range is at least a fiftieth of what `beside` holds: multipliers stay below 2^7.
        """
        found = self.measured(value)
        least = 0.02 * float(np.abs(self.measured(beside)).max()) if beside else 0.0
        return self.random_pair(value, float(found.min()), max(float(found.max()), least))

    def model(self, outputs: list[str]) -> onnx.ModelProto:
        """Return the model with these outputs."""
        infos = [onnx.ValueInfoProto(name=name) for name in outputs]
        for info in infos:
            info.type.tensor_type.elem_type = self._type(info.name)
        graph = helper.make_graph(self._nodes, "case", self._inputs, infos, self._constants)
        imports = [helper.make_opsetid("", self.opset), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=imports, ir_version=IR_VERSION)

    def _type(self, value: str) -> int:
        """Return the type of a value: that of indices, or of reals."""
        indices = {n.output[0] for n in self._nodes if n.op_type in ("ArgMax", "ArgMin")}
        indices |= {n.output[1] for n in self._nodes if n.op_type == "TopK"}
        return int(TensorProto.INT64 if value in indices else TensorProto.FLOAT)

    def case(self, *outputs: str) -> Case:
        """Return the finished model, its outputs with the shapes they turn out to have."""
        model = self.model(list(outputs))
        for info, found in zip(model.graph.output, run_onnx(Case(model, self.feeds)), strict=True):
            kind = info.type.tensor_type.elem_type
            typed = helper.make_tensor_value_info(info.name, kind, found.shape)
            info.CopyFrom(typed)
        return Case(model, self.feeds)


def run_onnx(case: Case) -> list[Array]:
    """Return ONNX Runtime's outputs, computed as the graph says."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        case.model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return [np.asarray(found) for found in session.run(None, case.feeds)]


def compare(case: Case, seen: Mapping[str, tuple[float, float]] | None = None) -> Comparison:
    """Run a case both ways and count output codes that differ; `seen` are ranges of calibration."""
    graph = graph_from_model(case.model, "case", seen)
    codes = {
        name: quantize_input(case.feeds[name], graph.tensors[name].affine) for name in graph.inputs
    }
    got = run_reference(graph, codes)
    elements = different = largest = 0
    for name, real in zip(graph.outputs, run_onnx(case), strict=True):
        affine = graph.tensors[name].affine
        expected = np.rint(real / np.float32(affine.scale)) + affine.zero_point
        assert expected.shape == got[name].shape
        apart = np.abs(expected - got[name])
        elements += apart.size
        different += int(np.count_nonzero(apart))
        largest = max(largest, int(apart.max()))
    return Comparison(elements, different, largest)
