"""Float recurrent networks as exporters write them, with seeded weights of trained ones' size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from tinyrig.generator.graph.recurrent import GATES

STATES = {"GRU": ["Y", "Y_h"], "LSTM": ["Y", "Y_h", "Y_c"]}


@dataclass
class Weights:
    """Constants of a model under construction."""

    rng: np.random.Generator
    constants: dict[str, NDArray[Any]] = field(default_factory=dict)

    def add(self, name: str, data: NDArray[Any]) -> str:
        """Add a constant, in single precision where it is real."""
        real = data.dtype.kind == "f"
        self.constants[name] = data.astype(np.float32) if real else data
        return name

    def layer(self, op: str, label: str, columns: int, units: int, directions: int) -> list[str]:
        """Return the names of W, R and B, drawn as PyTorch draws them and grown by training."""
        gates = GATES[op] * units
        size = 2.0 / np.sqrt(units)
        shapes = {"W": (gates, columns), "R": (gates, units), "B": (2 * gates,)}
        return [
            self.add(f"{label}{part}", self.rng.uniform(-size, size, (directions, *shape)))
            for part, shape in shapes.items()
        ]

    def model(
        self,
        nodes: Sequence[NodeProto],
        inputs: dict[str, Sequence[int]],
        outputs: Sequence[str],
        opset: int = 17,
    ) -> onnx.ModelProto:
        """Return a model; the shapes of its outputs are left to be inferred."""
        graph = helper.make_graph(
            list(nodes),
            "recurrent",
            [helper.make_tensor_value_info(k, TensorProto.FLOAT, v) for k, v in inputs.items()],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
            [numpy_helper.from_array(v, k) for k, v in self.constants.items()],
        )
        opsets = [helper.make_opsetid("", opset)]
        return onnx.shape_inference.infer_shapes(
            helper.make_model(graph, opset_imports=opsets, ir_version=8)
        )


def one_layer(
    op: str,
    *,
    steps: int = 6,
    batch: int = 1,
    columns: int = 5,
    units: int = 7,
    direction: str = "forward",
    outputs: Sequence[str] = ("Y",),
    states: bool = False,
    seed: int = 0,
    lengths: str = "",
    **attributes: Any,
) -> onnx.ModelProto:
    """Return one operator from x, and with `states` from h (and c), to `outputs`."""
    made = Weights(np.random.default_rng(seed))
    directions = 2 if direction == "bidirectional" else 1
    first = attributes.get("layout", 0) == 1
    x = (batch, steps) if first else (steps, batch)
    state = (batch, directions, units) if first else (directions, batch, units)
    inputs: dict[str, Sequence[int]] = {"x": (*x, columns)}
    reads = ["x", *made.layer(op, "", columns, units, directions), lengths]
    if states:
        named = ["h"] if op == "GRU" else ["h", "c"]
        inputs |= dict.fromkeys(named, state)
        reads += named
    if lengths:
        made.add(lengths, np.full(batch, steps, np.int32))
    written = [name if name in outputs else "" for name in STATES[op]]
    node = helper.make_node(
        op, reads, written, name="cell", hidden_size=units, direction=direction, **attributes
    )
    return made.model([node], inputs, outputs)


def wake_word(
    op: str, units: int, *, layers: int = 1, direction: str = "forward", **attributes: Any
) -> onnx.ModelProto:
    """Return a net of 49 steps of 40 mel bands: layers, a mean over time, and 12 scores."""
    made = Weights(np.random.default_rng(units))
    directions = 2 if direction == "bidirectional" else 1
    width = directions * units
    shape = made.add("shape", np.array([49, 1, width]))
    nodes, name, columns = [], "x", 40
    for layer in range(layers):
        label = f"l{layer}"
        reads = [name, *made.layer(op, label, columns, units, directions)]
        node = helper.make_node(
            op, reads, [label], name=label, hidden_size=units, direction=direction, **attributes
        )
        turn = helper.make_node("Transpose", [label], [f"{label}t"], perm=[0, 2, 1, 3])
        flat = helper.make_node("Reshape", [f"{label}t", shape], [f"{label}f"])
        nodes += [node, turn, flat]
        name, columns = f"{label}f", width
    made.add("head", made.rng.normal(0.0, 2.0 / np.sqrt(width), (width, 12)))
    nodes += [
        helper.make_node("ReduceMean", [name], ["mean"], axes=[0], keepdims=0),
        helper.make_node("MatMul", ["mean", "head"], ["y"]),
    ]
    return made.model(nodes, {"x": (49, 1, 40)}, ["y"])


def spoken(count: int, seed: int = 1) -> list[dict[str, NDArray[np.float32]]]:
    """Return inputs like normalised log mel spectra: smooth in time, bands of unlike size."""
    rng = np.random.default_rng(seed)
    feeds = []
    for _ in range(count):
        noise = rng.standard_normal((56, 1, 40))
        smooth = sum(noise[i : i + 49] for i in range(8)) / np.sqrt(8)
        bands = np.linspace(1.5, 0.5, 40) * smooth + np.linspace(-0.5, 0.5, 40)
        feeds.append({"x": bands.astype(np.float32)})
    return feeds
