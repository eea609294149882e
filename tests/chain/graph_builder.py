"""Integer graphs written by hand: each method appends one operator with drawn constants."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.graph.exponentials import exp_table, softmax_tables, weight_top
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.norm import norm_constants
from tinyrig.generator.graph.ops import (
    Add,
    Attention,
    AvgPool,
    Concat,
    Constant,
    Conv,
    Gather,
    LayerNorm,
    Linear,
    MatMul,
    MaxPool,
    Mean,
    Mul,
    Node,
    Pad,
    Reshape,
    Rounding,
    Slice,
    Softmax,
    Transpose,
    Unary,
    Window,
)
from tinyrig.generator.graph.requant import requantise, row_scale, wide_shift
from tinyrig.generator.graph.tensor import Affine, Tensor
from tinyrig.generator.operators.example import drawn
from tinyrig.generator.operators.operator import Operator


class GraphBuilder:
    """Builds a graph whose constants come from one seeded generator."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.tensors: dict[str, Tensor] = {}
        self.nodes: list[Node] = []
        self.inputs: list[str] = []

    def shape(self, name: str) -> tuple[int, ...]:
        return self.tensors[name].shape

    def input(self, shape: tuple[int, ...]) -> str:
        name = self._tensor(shape, self._affine())
        self.inputs.append(name)
        return name

    def graph(self, outputs: list[str]) -> Graph:
        graph = Graph("random", self.tensors, tuple(self.nodes), tuple(self.inputs), tuple(outputs))
        graph.validate()
        return graph

    def _affine(self) -> Affine:
        return Affine(float(self.rng.uniform(0.01, 0.2)), int(self.rng.integers(-128, 128)))

    def _tensor(self, shape: tuple[int, ...], affine: Affine) -> str:
        name = f"t{len(self.tensors)}"
        self.tensors[name] = Tensor(name, shape, affine)
        return name

    def _zero_point(self, name: str) -> int:
        return self.tensors[name].affine.zero_point

    def _names(self, inputs: list[str], shape: tuple[int, ...], affine: Affine) -> dict:
        output = self._tensor(shape, affine)
        return {"name": f"n{len(self.nodes)}", "inputs": tuple(inputs), "outputs": (output,)}

    def _add(self, node: Node) -> str:
        self.nodes.append(node)
        return node.outputs[0]

    def _multiplier(self, depth: int, channels: int = 1) -> np.ndarray:
        """Real multipliers that bring sums of `depth` products back to int8, both forms."""
        middle = 1.0 / (40.0 * math.sqrt(depth)) * 10.0 ** self.rng.uniform(-0.5, 1.5)
        return middle * self.rng.uniform(0.5, 1.5, size=channels)

    def _lut(self, chance: float = 0.3) -> np.ndarray | None:
        if self.rng.random() > chance:
            return None
        return self.rng.integers(-128, 128, 256).astype(np.int8)

    def _weighted(self, x: str, weight: np.ndarray) -> tuple:
        flat = weight.reshape(weight.shape[0], -1).astype(np.int64)
        affine = self._affine()
        bias = self.rng.integers(-2000, 2000, len(flat))
        start = bias - self._zero_point(x) * flat.sum(axis=1)
        channels = len(flat) if self.rng.random() < 0.5 else 1
        multiplier = self._multiplier(flat.shape[1], channels)
        reach = 128 * np.abs(flat).sum(axis=1)
        requant, start32 = requantise(multiplier, start, reach, affine.zero_point)
        return affine, requant, start32

    def linear(self, x: str, width: int) -> str:
        weight = self.rng.integers(-127, 128, (width, self.shape(x)[-1])).astype(np.int8)
        affine, requant, start = self._weighted(x, weight)
        names = self._names([x], (*self.shape(x)[:-1], width), affine)
        node = Linear(**names, weight=weight, start=start, requant=requant, lut=self._lut())
        return self._add(node)

    def conv(self, x: str, channels: int, window: Window, groups: int = 1) -> str:
        shape = self.shape(x)
        size = (channels, *window.kernel, shape[1] // groups)
        weight = self.rng.integers(-127, 128, size).astype(np.int8)
        affine, requant, start = self._weighted(x, weight)
        names = self._names([x], (shape[0], channels, *self._extent(x, window)), affine)
        node = Conv(
            **names,
            weight=weight,
            start=start,
            requant=requant,
            window=window,
            groups=groups,
            lut=self._lut(),
        )
        return self._add(node)

    def _extent(self, x: str, window: Window) -> tuple[int, ...]:
        image = self.shape(x)[2:]
        padded = (1, *image) if len(image) == 1 else image
        top, left, bottom, right = window.pads
        sides = (top + bottom, left + right)
        extents = tuple(
            (padded[i] + sides[i] - window.kernel[i]) // window.strides[i] + 1 for i in range(2)
        )
        return extents[2 - len(image) :]

    def maxpool(self, x: str, window: Window) -> str:
        shape = (*self.shape(x)[:2], *self._extent(x, window))
        names = self._names([x], shape, self.tensors[x].affine)
        return self._add(MaxPool(**names, window=window))

    def avgpool(self, x: str, window: Window, *, count_include_pad: bool) -> str:
        shape = (*self.shape(x)[:2], *self._extent(x, window))
        affine = self._affine()
        ratio = self.tensors[x].affine.scale / affine.scale
        cells = math.prod(window.kernel)
        shift = wide_shift(ratio)
        multiplier = np.floor(ratio / np.arange(1, cells + 1) * 2.0**shift + 0.5)
        node = AvgPool(
            **self._names([x], shape, affine),
            window=window,
            count_include_pad=count_include_pad,
            multiplier=multiplier.astype(np.int32),
            shift=shift,
        )
        return self._add(node)

    def mean(self, x: str, axes: tuple[int, ...], *, keepdims: bool) -> str:
        shape = self.shape(x)
        count = math.prod(shape[axis] for axis in axes)
        kept = [
            1 if axis in axes else extent
            for axis, extent in enumerate(shape)
            if keepdims or axis not in axes
        ]
        affine = self._affine()
        requant, start = requantise(
            [self.tensors[x].affine.scale / (count * affine.scale)],
            np.array([-count * self._zero_point(x)]),
            np.array([128 * count]),
            affine.zero_point,
        )
        names = self._names([x], tuple(kept), affine)
        node = Mean(**names, axes=axes, keepdims=keepdims, start=int(start[0]), requant=requant)
        return self._add(node)

    def matmul(self, a: str, b: str) -> str:
        affine = self._affine()
        depth = self.shape(a)[-1]
        requant, start = requantise(
            self._multiplier(depth), np.array([0]), np.array([depth * 255 * 255]), affine.zero_point
        )
        batch = np.broadcast_shapes(self.shape(a)[:-2], self.shape(b)[:-2])
        names = self._names([a, b], (*batch, self.shape(a)[-2], self.shape(b)[-1]), affine)
        return self._add(MatMul(**names, start=int(start[0]), requant=requant, lut=self._lut()))

    def attention(self, q: str, k: str, v: str, step: float | None = None) -> str:
        """With probabilities rounded to `step`, or not at all."""
        depth, length = self.shape(q)[-1], self.shape(k)[-2]
        scores, affine = self._affine(), self._affine()
        requant, start = requantise(
            self._multiplier(depth), np.array([0]), np.array([depth * 255 * 255]), scores.zero_point
        )
        table = exp_table(scores.scale, weight_top(length, self.tensors[v].affine.zero_point))
        factor = self.tensors[v].affine.scale / affine.scale
        value, rounding = row_scale(factor, int(table[0]), length), None
        if step is not None:
            tables = softmax_tables(scores.scale, length, step)
            reach = np.array([length * 255 * 255])
            ends, begin = requantise([step * factor], np.array([0]), reach, affine.zero_point)
            table, value = tables.exp, tables.scale
            rounding = Rounding(-128, tables.fine, int(begin[0]), ends)
        node = Attention(
            **self._names([q, k, v], (*self.shape(q)[:-1], self.shape(v)[-1]), affine),
            score_start=int(start[0]),
            score=requant,
            score_scale=scores.scale,
            exp=table,
            value=value,
            rounding=rounding,
        )
        return self._add(node)

    def softmax(self, x: str, axis: int, *, masked: bool = False) -> str:
        affine = Affine(1 / 256, -128)
        shape = self.shape(x)
        tables = softmax_tables(self.tensors[x].affine.scale, shape[axis], affine.scale)
        kept = self._mask(shape) if masked else None
        node = Softmax(
            **self._names([x], shape, affine),
            axis=axis,
            exp=tables.exp,
            scale=tables.scale,
            fine=tables.fine,
            kept=kept,
        )
        return self._add(node)

    def _mask(self, shape: tuple[int, ...]) -> NDArray[np.bool_]:
        """Return a mask that broadcasts to `shape`: of nothing, of half, of all but nothing."""
        part = [extent if self.rng.random() < 0.7 else 1 for extent in shape]
        return self.rng.random(part) < self.rng.choice([0.0, 0.5, 0.9])

    def layernorm(self, x: str, centred: bool = True) -> str:
        length, affine = self.shape(x)[-1], self._affine()
        gain = float(self.rng.choice([30.0, 60.0, 500.0])) * affine.scale
        gamma = gain * self.rng.uniform(-1.0, 1.0, length)
        beta = affine.scale * self.rng.uniform(-40.0, 40.0, length)
        weight, start, normaliser, requant = norm_constants(
            gamma, beta, self.tensors[x].affine, affine, 1e-5, centred=centred
        )
        node = LayerNorm(
            **self._names([x], self.shape(x), affine),
            gamma=weight,
            start=start,
            normaliser=normaliser,
            requant=requant,
            centred=centred,
        )
        return self._add(node)

    def rmsnorm(self, x: str) -> str:
        return self.layernorm(x, centred=False)

    def unary(self, x: str) -> str:
        table = self.rng.integers(-128, 128, 256).astype(np.int8)
        return self._add(Unary(**self._names([x], self.shape(x), self._affine()), lut=table))

    def add(self, a: str, b: str) -> str:
        shape = np.broadcast_shapes(self.shape(a), self.shape(b))
        left, right = (int(m) for m in self.rng.integers(-(2**20), 2**20, 2))
        node = Add(
            **self._names([a, b], shape, self._affine()),
            a_multiplier=left,
            b_multiplier=right,
            start=int(self.rng.integers(-(2**25), 2**25)),
            shift=20,
        )
        return self._add(node)

    def mul(self, a: str, b: str) -> str:
        shape = np.broadcast_shapes(self.shape(a), self.shape(b))
        affine = self._affine()
        requant, start = requantise(
            self._multiplier(4), np.array([0]), np.array([255 * 255]), affine.zero_point
        )
        names = self._names([a, b], shape, affine)
        return self._add(Mul(**names, start=int(start[0]), requant=requant))

    def reshape(self, x: str, shape: tuple[int, ...]) -> str:
        return self._add(Reshape(**self._names([x], shape, self.tensors[x].affine)))

    def transpose(self, x: str, perm: tuple[int, ...]) -> str:
        shape = tuple(self.shape(x)[axis] for axis in perm)
        return self._add(Transpose(**self._names([x], shape, self.tensors[x].affine), perm=perm))

    def slice(
        self, x: str, starts: tuple[int, ...], steps: tuple[int, ...], shape: tuple[int, ...]
    ) -> str:
        names = self._names([x], shape, self.tensors[x].affine)
        return self._add(Slice(**names, starts=starts, steps=steps))

    def concat(self, parts: list[str], axis: int) -> str:
        shape = list(self.shape(parts[0]))
        shape[axis] = sum(self.shape(part)[axis] for part in parts)
        names = self._names(parts, tuple(shape), self.tensors[parts[0]].affine)
        return self._add(Concat(**names, axis=axis))

    def gather(self, x: str, axis: int, indices: tuple[int, ...]) -> str:
        shape = list(self.shape(x))
        shape[axis] = len(indices)
        names = self._names([x], tuple(shape), self.tensors[x].affine)
        return self._add(Gather(**names, axis=axis, indices=indices))

    def pad(self, x: str, before: tuple[int, ...], after: tuple[int, ...]) -> str:
        sizes = zip(before, self.shape(x), after, strict=True)
        names = self._names([x], tuple(sum(part) for part in sizes), self.tensors[x].affine)
        node = Pad(**names, before=before, after=after, value=self._zero_point(x))
        return self._add(node)

    def constant(self, shape: tuple[int, ...]) -> str:
        data = self.rng.integers(-128, 128, shape).astype(np.int8)
        return self._add(Constant(**self._names([], shape, self._affine()), data=data))

    def drawn(self, operator: Operator, inputs: list[str]) -> str:
        """An operator that says itself how its constants are drawn."""
        made = drawn(
            operator,
            self.rng,
            [self.tensors[name] for name in inputs],
            f"n{len(self.nodes)}",
            f"t{len(self.tensors)}",
        )
        self.tensors[made.output.name] = made.output
        return self._add(made.node)
