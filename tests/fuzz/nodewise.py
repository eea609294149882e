"""Every node of a QDQ model, fed with our own values, against ONNX Runtime.

The model is cut at each quantized activation that a run of our graph holds: what stood behind
its DequantizeLinear becomes an input that is fed with our value, and every QuantizeLinear an
output. So an element is compared with what ONNX Runtime makes of our inputs to that node, and
what is further apart end to end than one node's rounding is propagation by construction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import onnx
import onnxruntime
from frontends.qdq_models import Array
from fuzz.lowered import Lowered, fused_outputs, table_jumps
from onnx import TensorProto, helper, numpy_helper

from tinyrig.generator.frontends.proto import live_nodes
from tinyrig.generator.graph.graph import Graph

NODE_STEPS = 1
FUSED_STEPS = 2


@dataclass(frozen=True)
class Cut:
    """One quantized activation: the value, its codes' name, and what is read behind it."""

    value: str
    codes: str
    behind: tuple[str, ...]
    scale: np.float32
    zero_point: int
    dtype: np.dtype

    def encode(self, real: Array) -> Array:
        """Return the codes of real values, halves to even."""
        info = np.iinfo(self.dtype)
        steps = np.rint(real / np.float64(self.scale)) + self.zero_point
        return np.clip(steps, info.min, info.max).astype(np.int64)

    def decode(self, codes: Array) -> Array:
        """Return what a DequantizeLinear makes of codes."""
        return ((codes - self.zero_point).astype(np.float32) * self.scale).astype(np.float32)


@dataclass(frozen=True)
class Apart:
    """Elements of one value that are further from ONNX Runtime than its node may be."""

    value: str
    writer: str
    steps: int
    elements: int
    allowed: int

    def __str__(self) -> str:
        return (
            f"{self.value}, written by {self.writer}: {self.elements} elements up to "
            f"{self.steps} steps from ONNX Runtime on the same inputs, {self.allowed} allowed"
        )


@dataclass(frozen=True)
class Comparison:
    """How a run differs from ONNX Runtime, node by node."""

    nodes: int
    elements: int
    different: int
    apart: tuple[Apart, ...]
    uncovered: tuple[str, ...]


def cuts(model: onnx.ModelProto) -> list[Cut]:
    """Return the quantized activations of a model that its outputs depend on, in its order."""
    live = {name for node in live_nodes(model.graph) for name in node.output}
    constants = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    readers: dict[str, list[str]] = {}
    for node in model.graph.node:
        if node.op_type == "DequantizeLinear":
            readers.setdefault(node.input[0], []).append(node.output[0])
    found = []
    for node in model.graph.node:
        activation = node.op_type == "QuantizeLinear" and node.input[0] not in constants
        if activation and node.output[0] in live:
            scale, zero = constants[node.input[1]], constants[node.input[2]]
            behind = tuple(readers.get(node.output[0], ()))
            found.append(Cut(node.input[0], node.output[0], behind, scale, int(zero), zero.dtype))
    return found


def compare_nodes(
    model: onnx.ModelProto,
    feeds: Mapping[str, Array],
    low: Lowered,
    planned: Graph,
    held: Mapping[str, Array],
    steps_allowed: int = NODE_STEPS,
) -> Comparison:
    """Compare what `held` says of each value with ONNX Runtime's answer to our inputs of it."""
    every = cuts(model)
    ours = {cut.codes: cut.encode(held[name]) for cut in every if (name := _known(cut, held))}
    known = [cut for cut in every if cut.codes in ours]
    opened, fed = _opened(model, known, ours)
    theirs = _run(opened, {**feeds, **fed}, [cut.codes for cut in known])
    allowed_of = _allowed(low, planned, every, steps_allowed)
    apart, different, elements = [], 0, 0
    writers = {name: node for node in model.graph.node for name in node.output}
    for cut, expected in zip(known, theirs, strict=True):
        steps = np.abs(expected.astype(np.int64) - ours[cut.codes].reshape(expected.shape))
        elements += steps.size
        different += int(np.count_nonzero(steps))
        allowed = allowed_of[cut.codes]
        if steps.size and steps.max() > allowed:
            writer = writers.get(cut.value)
            label = f"{writer.op_type} {writer.name}" if writer is not None else "the input"
            count = int(np.count_nonzero(steps > allowed))
            apart.append(Apart(cut.value, label, int(steps.max()), count, allowed))
    missing = tuple(cut.value for cut in every if cut.codes not in ours)
    return Comparison(len(known), elements, different, tuple(apart), missing)


def _known(cut: Cut, held: Mapping[str, Array]) -> str:
    """Return the name under which a run holds a cut's value, '' where it does not."""
    return next((name for name in (cut.codes, cut.value) if name in held), "")


def _opened(
    model: onnx.ModelProto, known: list[Cut], ours: Mapping[str, Array]
) -> tuple[onnx.ModelProto, dict[str, Array]]:
    """Return the model with everything behind the known cuts an input, and what to feed there."""
    opened, fed, inputs = onnx.ModelProto(), {}, []
    opened.CopyFrom(model)
    for cut in known:
        for name in cut.behind:
            fed[name] = cut.decode(ours[cut.codes])
            inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, fed[name].shape))
    kept = [node for node in model.graph.node if not set(node.output) & set(fed)]
    outputs = []
    for cut in known:
        info = onnx.ValueInfoProto(name=cut.codes)
        info.type.tensor_type.elem_type = helper.np_dtype_to_tensor_dtype(cut.dtype)
        outputs.append(info)
    graph = helper.make_graph(
        kept, "opened", [*model.graph.input, *inputs], outputs, model.graph.initializer
    )
    opened.graph.CopyFrom(graph)
    return opened, fed


def _run(model: onnx.ModelProto, feeds: Mapping[str, Array], names: list[str]) -> list[Array]:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return [np.asarray(found) for found in session.run(names, dict(feeds))]


def _allowed(low: Lowered, planned: Graph, every: list[Cut], steps_allowed: int) -> dict[str, int]:
    """Return the steps that each value may be from ONNX Runtime, by its codes' name.

    At least FUSED_STEPS for what fused attention writes, or a table right behind it; behind a
    product that the file leaves in float, what its fitted codes cost on top: half of what one of
    them jumps.
    """
    fused = fused_outputs(planned)
    held = {
        cut.codes: [low.kept[n] for n in (cut.codes, cut.value) if n in low.kept] for cut in every
    }
    quantized = {kept.tensor for found in held.values() for kept in found if low.is_plain(kept)}
    tables = table_jumps(low, quantized)
    allowed = {}
    for cut in every:
        jumps = [tables.get(kept.tensor, 0) for kept in held[cut.codes]]
        jumps += [
            int(np.abs(np.diff(cut.encode(kept.real))).max())
            for kept in held[cut.codes]
            if kept.tensor not in quantized
        ]
        own = FUSED_STEPS if fused & {kept.tensor for kept in held[cut.codes]} else NODE_STEPS
        most = max(own, steps_allowed)
        allowed[cut.codes] = most + (max(jumps, default=0) + 1) // 2
    return allowed
