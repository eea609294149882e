"""Integer graphs with drawn constants: what a network costs before it has weights.

Shapes, operators and which weights are zero decide memory, kernels and costs; the values of the
others do not. So the planner judges a sketch as it will judge the trained network.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.graph.exponentials import SoftmaxTables, softmax_tables
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
_PLAIN = Affine(_SCALE, 0)
_PRODUCTS = Affine(_SCALE / 8, 0)
_PROBABILITIES = Affine(1 / 256, -128)
_DENSE: Sparsity = (0.0, 4)
_KEPT = 1024
"""Constants of a kind that are kept for the next sketches, which share most of their layers."""

Shape = tuple[int, ...]


class Sketch:
    """Appends operators; every method returns the name of the tensor that its node writes."""

    def __init__(self, name: str, image: Shape) -> None:
        self._name = name
        self._turns: Counter[Hashable] = Counter()
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
        """A product of two tensors.

        Its scale is fine, as that of a mean of values is: fused attention then rounds its
        probabilities, which takes more cycles than not to.
        """
        reach = np.array([self.shape(a)[-1] * 255 * 255])
        requant, start = requantise([0.001], np.array([0]), reach, 0)
        shape = (*self.shape(a)[:-1], self.shape(b)[-1])
        names = self._names((a, b), shape, affine=_PRODUCTS)
        return self._add(MatMul(**names, start=int(start[0]), requant=requant))

    def softmax(self, x: str) -> str:
        """Over the last axis."""
        shape = self.shape(x)
        tables = _exponentials(shape[-1])
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
        weight, start, normaliser, requant = _norm(length, self._turn("norm", length))
        node = LayerNorm(**names, gamma=weight, start=start, normaliser=normaliser, requant=requant)
        return self._add(node)

    def table(self, x: str, function: str) -> str:
        """A function of one number."""
        lut = _rng(self._turn("table")).integers(-128, 128, 256).astype(np.int8)
        return self._add(Unary(**self._names((x,), self.shape(x)), lut=lut, function=function))

    def add(self, a: str, b: str) -> str:
        """A sum."""
        names = self._names((a, b), self.shape(a))
        left, right = 3 << 17, 5 << 17
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
        names = self._names((a, b), shape)
        return self._add(Concat(**names, axis=0))

    def constant(self, shape: Shape) -> str:
        """A tensor that does not depend on the input."""
        data = _rng(self._turn("constant")).integers(-128, 128, shape).astype(np.int8)
        return self._add(Constant(**self._names((), shape), data=data))

    def _tensor(self, name: str, shape: Shape, affine: Affine | None = None) -> str:
        self._tensors[name] = Tensor(name, shape, _PLAIN if affine is None else affine)
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

    def _turn(self, *kind: Hashable) -> int:
        """Return how many constants of a kind there were: each of a graph's has other values."""
        self._turns[kind] += 1
        return self._turns[kind]

    def _weights(self, shape: tuple[int, int], sparsity: Sparsity) -> Int8Array:
        return _weights(shape, sparsity, self._turn("weights", shape, sparsity))

    def _requant(self, rows: Int8Array) -> tuple[Requant, Int32Array]:
        return _requant(rows.shape[0], rows.shape[1], self._turn("requant", rows.shape))


def _rng(*seed: int) -> np.random.Generator:
    return np.random.default_rng((_SEED, *seed))


@lru_cache(maxsize=_KEPT)
def _weights(shape: tuple[int, int], sparsity: Sparsity, turn: int) -> Int8Array:
    """Return weights [n, k], in each row as many blocks of zeros as the sparsity says."""
    rng = _rng(*shape, turn)
    drawn = np.frombuffer(rng.bytes(shape[0] * shape[1]), np.int8)
    weight: Int8Array = (drawn | 1).reshape(shape)
    share, block = sparsity
    return weight if share == 0.0 else weight * _kept(shape, share, block, rng)


def _kept(
    shape: tuple[int, int], share: float, block: int, rng: np.random.Generator
) -> NDArray[np.int8]:
    n, k = shape
    blocks = -(-k // block)
    order = rng.random((n, blocks)).argsort(axis=1)
    kept = (order >= round(share * blocks)).astype(np.int8)
    return np.repeat(kept, block, axis=1)[:, :k]


@lru_cache(maxsize=_KEPT)
def _requant(n: int, k: int, turn: int) -> tuple[Requant, Int32Array]:
    rng = _rng(n, k, turn)
    reach = np.full(n, 255 * 127 * k)
    bias = rng.integers(-1000, 1000, n)
    return requantise(rng.uniform(0.0005, 0.002, n), bias, reach, 0)


@lru_cache(maxsize=_KEPT)
def _norm(length: int, turn: int) -> tuple[Any, ...]:
    gamma, beta = _rng(length, turn).uniform(0.5, 1.5, (2, length))
    return norm_constants(gamma, beta, _PLAIN, _PLAIN, 1e-5)


@lru_cache(maxsize=_KEPT)
def _exponentials(length: int) -> SoftmaxTables:
    return softmax_tables(_PRODUCTS.scale, length, _PROBABILITIES.scale)


def _reach(extent: int, kernel: int, stride: int, before: int) -> tuple[int, int]:
    """Return how many windows fit an axis, and the padding behind it that they reach."""
    count = (extent + 2 * before - kernel) // stride + 1
    return count, max(0, (count - 1) * stride + kernel - extent - before)
