"""Integer graphs with drawn constants: what a network costs before it has weights.

Shapes, operators and which weights are zero decide memory, kernels and costs; the values of the
others do not. So the planner judges a sketch as it will judge the trained network.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.graph.exponentials import softmax_tables
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.norm import norm_constants
from tinyrig.generator.graph.ops import (
    Add,
    Concat,
    Constant,
    Conv,
    LayerNorm,
    Linear,
    MatMul,
    MaxPool,
    Mean,
    Node,
    Reshape,
    Slice,
    Softmax,
    Transpose,
    Unary,
    Window,
)
from tinyrig.generator.graph.requant import Int8Array, Int32Array, Requant, requantise
from tinyrig.generator.graph.tensor import Affine, Tensor
from tinyrig.suite.models.pruning import Sparsity

_SEED = 29
_SCALE = 0.05
_PROBABILITIES = Affine(1 / 256, -128)
_DENSE: Sparsity = (0.0, 4)
Shape = tuple[int, ...]


class Sketch:
    """Appends operators; every method returns the name of the tensor that its node writes."""

    def __init__(self, name: str, image: Shape) -> None:
        self._rng = np.random.default_rng(_SEED)
        self._name = name
        self._tensors: dict[str, Tensor] = {}
        self._nodes: list[Node] = []
        self.image = self._tensor("image", image)

    def graph(self, output: str) -> Graph:
        """Return the graph that answers a tensor."""
        graph = Graph(self._name, self._tensors, tuple(self._nodes), (self.image,), (output,))
        graph.validate()
        return graph

    def shape(self, name: str) -> Shape:
        """Return a tensor's shape."""
        return self._tensors[name].shape

    def linear(self, x: str, width: int, sparsity: Sparsity = _DENSE) -> str:
        """A linear layer."""
        weight = self._weights((width, self.shape(x)[-1]), sparsity)
        requant, start = self._requant(weight.reshape(width, -1))
        names = self._names((x,), (*self.shape(x)[:-1], width))
        return self._add(Linear(**names, weight=weight, start=start, requant=requant))

    def conv(
        self,
        x: str,
        channels: int,
        kernel: int,
        *,
        stride: int = 1,
        padding: int | None = None,
        groups: int = 1,
        sparsity: Sparsity = _DENSE,
    ) -> str:
        """A square convolution, padded by half of its kernel where nothing else is said."""
        _, inputs, rows, columns = self.shape(x)
        pad = kernel // 2 if padding is None else padding
        extents, behind = zip(
            *(_reach(extent, kernel, stride, pad) for extent in (rows, columns)), strict=True
        )
        weight = self._weights((channels, inputs // groups * kernel * kernel), sparsity)
        requant, start = self._requant(weight)
        node = Conv(
            **self._names((x,), (1, channels, *extents)),
            weight=weight.reshape(channels, kernel, kernel, inputs // groups),
            start=start,
            requant=requant,
            window=Window(
                kernel=(kernel, kernel), strides=(stride, stride), pads=(pad, pad, *behind)
            ),
            groups=groups,
        )
        return self._add(node)

    def max_pool(self, x: str) -> str:
        """Of windows of 2 x 2."""
        batch, channels, rows, columns = self.shape(x)
        window = Window(kernel=(2, 2), strides=(2, 2))
        names = self._names((x,), (batch, channels, rows // 2, columns // 2), like=x)
        return self._add(MaxPool(**names, window=window))

    def mean(self, x: str, axes: tuple[int, ...]) -> str:
        """Over axes, which go."""
        shape = tuple(extent for axis, extent in enumerate(self.shape(x)) if axis not in axes)
        count = int(np.prod([self.shape(x)[axis] for axis in axes]))
        reach = np.array([255 * count])
        requant, start = requantise([1.0 / count], np.array([0]), reach, 0)
        node = Mean(
            **self._names((x,), shape),
            axes=axes,
            keepdims=False,
            start=int(start[0]),
            requant=requant,
        )
        return self._add(node)

    def matmul(self, a: str, b: str) -> str:
        """A product of two tensors."""
        reach = np.array([self.shape(a)[-1] * 255 * 255])
        requant, start = requantise([0.001], np.array([0]), reach, 0)
        names = self._names((a, b), (*self.shape(a)[:-1], self.shape(b)[-1]))
        return self._add(MatMul(**names, start=int(start[0]), requant=requant))

    def softmax(self, x: str) -> str:
        """Over the last axis."""
        shape = self.shape(x)
        scale = self._tensors[x].affine.scale
        tables = softmax_tables(scale, shape[-1], _PROBABILITIES.scale)
        node = Softmax(
            **self._names((x,), shape, affine=_PROBABILITIES),
            axis=len(shape) - 1,
            exp=tables.exp,
            scale=tables.scale,
            fine=tables.fine,
        )
        return self._add(node)

    def layer_norm(self, x: str) -> str:
        """Over the last axis."""
        names = self._names((x,), self.shape(x))
        length = self.shape(x)[-1]
        gamma, beta = self._rng.uniform(0.5, 1.5, (2, length))
        own = self._tensors[names["outputs"][0]].affine
        weight, start, normaliser, requant = norm_constants(
            gamma, beta, self._tensors[x].affine, own, 1e-5
        )
        node = LayerNorm(**names, gamma=weight, start=start, normaliser=normaliser, requant=requant)
        return self._add(node)

    def table(self, x: str, function: str) -> str:
        """A function of one number."""
        lut = self._rng.integers(-128, 128, 256).astype(np.int8)
        return self._add(Unary(**self._names((x,), self.shape(x)), lut=lut, function=function))

    def add(self, a: str, b: str) -> str:
        """A sum."""
        left, right = (int(m) for m in self._rng.integers(2**18, 2**20, 2))
        names = self._names((a, b), self.shape(a))
        return self._add(Add(**names, a_multiplier=left, b_multiplier=right, start=0, shift=20))

    def reshape(self, x: str, shape: Shape) -> str:
        """The same elements."""
        return self._add(Reshape(**self._names((x,), shape, like=x)))

    def transpose(self, x: str, perm: tuple[int, ...]) -> str:
        """Axes in another order."""
        shape = tuple(self.shape(x)[axis] for axis in perm)
        return self._add(Transpose(**self._names((x,), shape, like=x), perm=perm))

    def first_row(self, x: str) -> str:
        """The first row of [rows, columns]."""
        names = self._names((x,), (1, self.shape(x)[1]), like=x)
        return self._add(Slice(**names, starts=(0, 0), steps=(1, 1)))

    def below(self, a: str, b: str) -> str:
        """The rows of `a`, then those of `b`, codes of one scale."""
        shape = (self.shape(a)[0] + self.shape(b)[0], *self.shape(a)[1:])
        for name in (a, b):
            self._tensors[name] = Tensor(name, self.shape(name), Affine(_SCALE, 0))
        names = self._names((a, b), shape, affine=Affine(_SCALE, 0))
        return self._add(Concat(**names, axis=0))

    def constant(self, shape: Shape) -> str:
        """A tensor that does not depend on the input."""
        data = self._rng.integers(-128, 128, shape).astype(np.int8)
        return self._add(Constant(**self._names((), shape), data=data))

    def _tensor(self, name: str, shape: Shape, affine: Affine | None = None) -> str:
        if affine is None:
            affine = Affine(_SCALE * float(self._rng.uniform(0.5, 1.5)), 0)
        self._tensors[name] = Tensor(name, shape, affine)
        return name

    def _names(
        self,
        inputs: tuple[str, ...],
        shape: Shape,
        *,
        like: str | None = None,
        affine: Affine | None = None,
    ) -> dict[str, Any]:
        """Return what every node is made with: its name, its inputs and what it writes."""
        known = affine if like is None else self._tensors[like].affine
        written = self._tensor(f"t{len(self._nodes)}", shape, known)
        return {"name": f"n{len(self._nodes)}", "inputs": inputs, "outputs": (written,)}

    def _add(self, node: Node) -> str:
        self._nodes.append(node)
        return node.outputs[0]

    def _weights(self, shape: tuple[int, int], sparsity: Sparsity) -> Int8Array:
        """Return weights [n, k], in each row as many blocks of zeros as the sparsity says."""
        drawn = np.frombuffer(self._rng.bytes(shape[0] * shape[1]), np.int8)
        weight: Int8Array = (drawn | 1).reshape(shape)
        share, block = sparsity
        if share == 0.0:
            return weight
        return weight * self._kept(shape, share, block)

    def _kept(self, shape: tuple[int, int], share: float, block: int) -> NDArray[np.int8]:
        n, k = shape
        blocks = -(-k // block)
        order = self._rng.random((n, blocks)).argsort(axis=1)
        kept = (order >= round(share * blocks)).astype(np.int8)
        return np.repeat(kept, block, axis=1)[:, :k]

    def _requant(self, rows: Int8Array) -> tuple[Requant, Int32Array]:
        n = len(rows)
        reach = np.full(n, 255 * 127 * rows.shape[1])
        bias = self._rng.integers(-1000, 1000, n)
        return requantise(self._rng.uniform(0.0005, 0.002, n), bias, reach, 0)


def _reach(extent: int, kernel: int, stride: int, before: int) -> tuple[int, int]:
    """Return how many windows fit an axis, and the padding behind it that they reach."""
    count = (extent + 2 * before - kernel) // stride + 1
    return count, max(0, (count - 1) * stride + kernel - extent - before)
