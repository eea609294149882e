"""Nodes and constants of an ONNX model while it is being written, under names that are free."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from tinyrig.generator.errors import InputError
from tinyrig.generator.frontends.proto import live_nodes

OPSET = 20
_IR_VERSION = 9
_AROUND = ("QuantizeLinear", "DequantizeLinear", "Transpose", "Reshape", "Relu", "Clip")
"""What stands around the node that an operator is, which alone has the operator's name."""
_MAX_CONSTANT_BYTES = 2**28


class OnnxParts:
    """What is written so far. `label` begins the names of nodes to come."""

    def __init__(self) -> None:
        self.label = ""
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}
        self._bytes = 0
        self._names: dict[str, int] = {}

    def fresh(self, wanted: str) -> str:
        """Return a name that no other has."""
        name = wanted
        while name in self._names:
            self._names[wanted] += 1
            name = f"{wanted}/{self._names[wanted]}"
        self._names[name] = 1
        return name

    def constant(self, data: NDArray[Any]) -> str:
        """Add a constant, and return its name. Raises InputError when all are too large."""
        self._bytes += data.nbytes
        if self._bytes > _MAX_CONSTANT_BYTES:
            raise InputError(
                f"The constants of the TFLite model have over {_MAX_CONSTANT_BYTES} bytes, more "
                "than any microcontroller holds."
            )
        name = self.fresh(f"{self.label}.constant")
        self._constants[name] = numpy_helper.from_array(np.asarray(data, order="C"), name)
        return name

    def scalar(self, value: float) -> str:
        """Add a real constant without axes, and return its name."""
        return self.constant(np.array(value, np.float32))

    def whole(self, values: Sequence[int]) -> str:
        """Add a list of integers, and return its name."""
        return self.constant(np.array(values, np.int64))

    def node(self, kind: str, inputs: Sequence[str], output: str = "", **attributes: Any) -> str:
        """Add a node, and return the name of what it writes: `output` if given."""
        return self.nodes(kind, inputs, [output or f"{self.label}.{kind}.out"], **attributes)[0]

    def nodes(
        self, kind: str, inputs: Sequence[str], outputs: Sequence[str], **attributes: Any
    ) -> list[str]:
        """Add a node of several outputs, and return their names, made free."""
        named = [self.fresh(name) for name in outputs]
        name = self.fresh(f"{self.label}.{kind}" if kind in _AROUND else self.label)
        self._nodes.append(helper.make_node(kind, list(inputs), named, name=name, **attributes))
        return named

    def reshaped(self, value: str, shape: Sequence[int]) -> str:
        """Add a Reshape, and return the name of what it writes."""
        return self.node("Reshape", [value, self.whole(shape)])

    def renamed(self, value: str, wanted: str) -> str:
        """Return a value under another name, where the node added last writes it."""
        last = self._nodes[-1].output if self._nodes else []
        if value not in last:
            return value
        name = self.fresh(wanted)
        last[list(last).index(value)] = name
        return name

    def show(self, kind: str, value: str, output: str, **attributes: Any) -> None:
        """Add the node that writes a model output, under its own name."""
        name = self.fresh(f"{output}.{kind}")
        self._nodes.append(helper.make_node(kind, [value], [output], name=name, **attributes))

    def model(
        self,
        name: str,
        inputs: Sequence[onnx.ValueInfoProto],
        outputs: Sequence[onnx.ValueInfoProto],
    ) -> onnx.ModelProto:
        """Return the model of what reaches an output."""
        graph = helper.make_graph(self._nodes, name, inputs, outputs)
        live = live_nodes(graph)
        read = {name for node in live for name in node.input}
        del graph.node[:]
        graph.node.extend(live)
        graph.initializer.extend(self._constants[one] for one in self._constants if one in read)
        opsets = [helper.make_opsetid("", OPSET)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)
