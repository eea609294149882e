"""Small models of the integer dialect, as QuantLib writes them: opset 10, floats of integers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import onnx
import onnx.helper as oh
import onnx.numpy_helper
from numpy.typing import NDArray

Ints = NDArray[np.int64]


class DialectGraph:
    """A model under construction; constants are floats, attributes of one element tensors."""

    def __init__(self, opset: int = 10) -> None:
        self._opset = opset
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._inputs: dict[str, tuple[int, ...]] = {}

    def input(self, name: str, shape: Sequence[int]) -> str:
        self._inputs[name] = tuple(shape)
        return name

    def constant(self, data: object, dtype: str = "float32") -> str:
        name = f"c{len(self._constants)}"
        array = np.asarray(data).astype(dtype)
        self._constants.append(onnx.numpy_helper.from_array(array, name))
        return name

    def add(self, op: str, *inputs: str, **attributes: object) -> str:
        out = f"t{len(self._nodes)}"
        node = oh.make_node(op, list(inputs), [out], name=f"{op}_{len(self._nodes)}", **attributes)
        self._nodes.append(node)
        return out

    def own(self, op: str, *inputs: str, **numbers: int) -> str:
        """An operator of the dialect, its attributes tensors of one float."""
        tensors = {
            key: onnx.numpy_helper.from_array(np.array([value], dtype=np.float32))
            for key, value in numbers.items()
        }
        return self.add(op, *inputs, **tensors)

    def shift(
        self, x: str, mul: object, add: object = 0, *, div: int = 256, signed: int = 1, n: int = 256
    ) -> str:
        constants = self.constant(mul), self.constant(add)
        return self.own("RequantShift", x, *constants, div=div, n_levels_out=n, signed=signed)

    def model(self, *outputs: str, shapes: Sequence[Sequence[int] | None] = ()) -> onnx.ModelProto:
        given = [*shapes, *[None] * (len(outputs) - len(shapes))]
        infos = [
            oh.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
            for name, shape in zip(outputs, given, strict=True)
        ]
        graph = oh.make_graph(
            self._nodes,
            "dialect",
            [
                oh.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
                for name, shape in self._inputs.items()
            ],
            infos,
            self._constants,
        )
        opsets = [oh.make_opsetid("", self._opset), oh.make_opsetid("PACTOps", 1)]
        return oh.make_model(graph, opset_imports=opsets, ir_version=8)


def network(rng: np.random.Generator) -> tuple[onnx.ModelProto, Mapping[str, Ints]]:
    """A little of everything: an unsigned image, a convolution, attention, a classifier."""
    g = DialectGraph()
    x = g.input("image", (1, 2, 5, 4))
    weight = g.constant(rng.integers(-128, 128, (4, 2, 3, 3)))
    conv = g.add("Conv", x, weight, kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    mul, bias = rng.integers(1, 40, (4, 1, 1)), rng.integers(-5000, 5000, (4, 1, 1))
    cells = g.shift(conv, mul, bias, div=4096, signed=0)
    tokens = g.add("Reshape", cells, g.constant([1, 4, 20], "int64"))
    rows = g.add("Transpose", tokens, perm=[0, 2, 1])
    gain = g.constant(rng.integers(1000, 9000, 4))
    normed = g.own(
        "iLayerNorm", rows, gain, g.constant(rng.integers(-500, 500, 4)), D=128, n_levels=256
    )
    scores = g.shift(g.add("MatMul", normed, tokens), 37, -1234, div=2048)
    weights = g.own("iSoftmax", scores, coeffA=1, coeffB=84, coeffC=3735, log2=62, n_levels=256)
    mixed = g.shift(g.add("MatMul", weights, normed), 51, 17, div=1024)
    kept = g.shift(rows, 200, 3)
    summed = g.shift(g.add("Add", mixed, kept), 150, 77)
    bent = g.shift(g.add("iGELU", summed, b=-42, one=1929), 11, 0, div=4096)
    mean = g.add("IntegerMean", bent, axes=[1], keepdims=0)
    dense = g.constant(rng.integers(-128, 128, (3, 4)))
    last = g.add("Gemm", mean, dense, g.constant(rng.integers(-900, 900, 3)), transB=1)
    out = g.shift(last, 29, -333, div=512)
    return g.model(out, shapes=[(1, 3)]), {"image": rng.integers(0, 256, (1, 2, 5, 4))}
