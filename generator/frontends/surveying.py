"""A reader that goes on behind what it must refuse, so that all of it is found at once."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import onnx

from tinyrig.generator.errors import InputError
from tinyrig.generator.frontends.check import QUANTIZATION_OPS, local_name
from tinyrig.generator.frontends.folding import FOLDABLE_OPS
from tinyrig.generator.frontends.obstacles import Obstacles
from tinyrig.generator.frontends.reader import Reader
from tinyrig.generator.frontends.shapes import infer_outputs
from tinyrig.generator.frontends.source import Codes, Value
from tinyrig.generator.graph.tensor import Affine

_SOME = Affine(1.0 / 16.0, 0)


class SurveyingReader(Reader):
    """Leaves a refused node out, and with it what reads a value whose shape nobody knows."""

    def __init__(
        self, model: onnx.ModelProto, supported: Collection[str], obstacles: Obstacles
    ) -> None:
        super().__init__(model, supported)
        self.folded: list[tuple[str, str]] = []
        self._obstacles = obstacles
        self._left: list[onnx.NodeProto] = []
        self._known = frozenset({*supported, *FOLDABLE_OPS, *QUANTIZATION_OPS})

    def add_initialiser(self, tensor: onnx.TensorProto) -> None:
        """Add a constant, or keep why it cannot be."""
        with self._obstacles.passing("", tensor.name):
            super().add_initialiser(tensor)

    def add_input(self, info: onnx.ValueInfoProto) -> None:
        """Add a model input, or keep why it cannot be."""
        with self._obstacles.passing("", info.name):
            super().add_input(info)

    def check(self, graph: onnx.GraphProto) -> None:
        """Compare with what the graph declares, and keep what differs."""
        with self._obstacles.passing("", ""):
            super().check(graph)

    def read(self, node: onnx.NodeProto) -> None:
        """Add one node, or keep why it cannot be."""
        local = local_name(node)
        if not all(self.resolve(name) in self.values for name in node.input if name):
            if local not in self._known:
                self._obstacles.meet(local, node.name, self.refusal(node))
            self._left.append(node)
            return
        with self._obstacles.passing(local, node.name) as met:
            super().read(node)
            if local != "Constant" and self._is_folded(node):
                self.folded.append((local, node.name))
        if met:
            self._leave(node)

    def settle(self) -> None:
        """Also give what refused nodes read an affine: whether they give it one is not known."""
        super().settle()
        for name in (self.resolve(name) for node in self._left for name in node.input):
            value = self.values.get(name)
            if value is not None and value.data is None and value.affine is None:
                self._give_affine(name, _SOME)

    def _is_folded(self, node: onnx.NodeProto) -> bool:
        """Whether a node other than a quantization became constants."""
        values = [self.values[self.resolve(name)] for name in node.output if name]
        constant = all(value.data is not None for value in values)
        return constant and local_name(node) not in QUANTIZATION_OPS

    def _leave(self, node: onnx.NodeProto) -> None:
        """Give what a refused node writes its shapes, where ONNX can tell them."""
        self._left.append(node)
        if local_name(node) in QUANTIZATION_OPS:
            self._leave_quantization(node, self.values[self.resolve(node.input[0])])
            return
        try:
            shapes = infer_outputs(self._renamed(node), self._inputs(node), self.opset)
        except InputError:
            return
        self.values.update({name: Value(name, shape) for name, (_, shape) in shapes.items()})

    def _leave_quantization(self, node: onnx.NodeProto, source: Value) -> None:
        """Let what a refused Q or DQ node writes be what it reads, of 8 bits."""
        out = node.output[0]
        if source.data is not None:
            data = source.data.astype(np.int64)
            ones = np.ones((1,) * data.ndim)
            codes = Codes(data, ones, np.zeros_like(ones, dtype=np.int64), 8)
            self.values[out] = Value(out, source.shape, codes.real(), codes)
            return
        self._alias[out] = source.name
        if local_name(node) == "QuantizeLinear":
            self._integer[out] = onnx.TensorProto.INT8
