"""Questions about a graph whose quantizers are written out (written_out.py)."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator

_ARITHMETIC = frozenset({"Constant", "Cast", "Div", "Mul", "Add", "Sub", "Round", "Clip"})
_FOLDED = _ARITHMETIC | {"Transpose", "Identity", "Reshape", "Unsqueeze", "Squeeze"}


class Written:
    """A model's nodes in order, what makes and reads each value, and the constants among them."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.model = model
        self.nodes = list(model.graph.node)
        self.opset = max(o.version for o in model.opset_import if o.domain in ("", "ai.onnx"))
        self.shown = {info.name for info in model.graph.output}
        self.makers = {name: node for node in self.nodes for name in node.output}
        self.readers: dict[str, list[onnx.NodeProto]] = defaultdict(list)
        for node in self.nodes:
            for name in dict.fromkeys(node.input):
                self.readers[name].append(node)
        self.known = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
        for node in self.nodes:
            self._fold(node)

    def maker(self, name: str, op: str) -> onnx.NodeProto | None:
        """Return the node of an operator that makes a value."""
        node = self.makers.get(name)
        return node if node is not None and node.op_type == op else None

    def only_reader(self, node: onnx.NodeProto) -> onnx.NodeProto | None:
        """Return the node that alone reads a node's output."""
        name = node.output[0]
        readers = self.readers[name]
        return readers[0] if len(readers) == 1 and name not in self.shown else None

    def scalar(self, name: str) -> float | None:
        """Return a constant of one element."""
        return _number(self.known.get(name))

    def constant(self, node: onnx.NodeProto, *, ordered: bool = False) -> NDArray[Any] | None:
        """Return the one constant operand of two; the second if `ordered`."""
        known = [self.known.get(name) for name in node.input]
        if len(known) != 2 or sum(data is None for data in known) != 1:
            return None
        return known[1] if ordered or known[0] is None else known[0]

    def _fold(self, node: onnx.NodeProto) -> None:
        if node.op_type not in _FOLDED or len(node.output) != 1:
            return
        given = [name for name in node.input if name]
        if all(name in self.known for name in given):
            feeds = {name: self.known[name] for name in given}
            (found,) = ReferenceEvaluator(node, opsets={"": self.opset}).run(None, feeds)
            self.known[node.output[0]] = np.asarray(found)


def constant_operand(written: Written, node: onnx.NodeProto) -> tuple[str, float | None]:
    """Return the computed operand of two, and the other if it is one number."""
    data = written.constant(node)
    names = [name for name in node.input if name not in written.known]
    return (names[0] if len(names) == 1 else "", _number(data))


def _number(data: NDArray[Any] | None) -> float | None:
    return float(data.reshape(-1)[0]) if data is not None and data.size == 1 else None


def channel_values(data: NDArray[Any], spatial: int) -> NDArray[np.float64] | None:
    """Return what is added to or multiplied with a tensor as numbers of its channels.

    Behind the channels are so many axes; one number stands for all.
    """
    along = [axis for axis, extent in enumerate(data.shape) if extent > 1]
    if len(along) > 1 or (along and data.ndim - 1 - along[0] != spatial):
        return None
    return data.astype(np.float64).reshape(-1)


def is_whole(*numbers: Any) -> bool:
    """Whether all are finite integers."""
    found = np.asarray(numbers, np.float64)
    return bool(np.isfinite(found).all() and (found == np.rint(found)).all())
