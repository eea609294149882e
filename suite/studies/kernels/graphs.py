"""Graphs of one operator, to measure a kernel by itself."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.frontends.resampling import Axis, Between, weights
from tinyrig.generator.graph.exponentials import exp_table, softmax_tables, weight_top
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.logarithms import log_constants
from tinyrig.generator.graph.norm import norm_constants
from tinyrig.generator.graph.ops import (
    Add,
    Attention,
    AvgPool,
    Concat,
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
    Rounding,
    Softmax,
    Transpose,
    Unary,
    Window,
)
from tinyrig.generator.graph.requant import (
    Int8Array,
    Requant,
    requantise,
    row_scale,
    wide_shift,
)
from tinyrig.generator.graph.tensor import Affine, Tensor
from tinyrig.generator.operators.argmax import ArgMax
from tinyrig.generator.operators.divide import Divide, reciprocals
from tinyrig.generator.operators.extremum import Extremum, rescaling
from tinyrig.generator.operators.log_softmax import LogSoftmax
from tinyrig.generator.operators.prelu import PRelu, multipliers
from tinyrig.generator.operators.reduce import Reduce
from tinyrig.generator.operators.resize import Resize, resizing, taps_of
from tinyrig.generator.planning.sparse_format import SparseFormat
from tinyrig.suite.models.masks import Kind, block_mask

_SEED = 1
_AFFINE = Affine(0.05, -3)
_OUT = Affine(0.05, 4)


def linear(m: int, k: int, n: int) -> Graph:
    """x [m, k] times a per-channel weight [n, k]."""
    return _linear(m, _int8(n, k))


def sparse_linear(
    shape: tuple[int, int, int], form: SparseFormat, density: float, kind: Kind = "magnitude"
) -> Graph:
    """A linear layer with the largest of its blocks, or of each row's: a share `density`."""
    m, k, n = shape
    weight = _int8(n, k)
    mask = block_mask(weight, form.size, 1 - density, kind, shared=form.rows, step=form.step)
    return _linear(m, weight * mask)


def _linear(m: int, weight: Int8Array) -> Graph:
    requant, start = _requant(weight)
    node = Linear(**_ends("x"), weight=weight, start=start, requant=requant)
    n, k = weight.shape
    return _graph(node, {"x": (m, k)}, (m, n))


def matmul(m: int, k: int, n: int) -> Graph:
    """a [1, m, k] times b [1, k, n], both activations."""
    requant, start = requantise(
        [_scale(k)], np.zeros(1, np.int64), np.full(1, k * 255 * 255), _OUT.zero_point
    )
    node = MatMul(**_ends("a", "b"), start=int(start[0]), requant=requant)
    return _graph(node, {"a": (1, m, k), "b": (1, k, n)}, (1, m, n))


def softmax(rows: int, length: int) -> Graph:
    """Materialised softmax of rows."""
    output = Affine(1 / 256, -128)
    tables = softmax_tables(_AFFINE.scale, length, output.scale)
    node = Softmax(**_ends("x"), axis=1, exp=tables.exp, scale=tables.scale, fine=tables.fine)
    return _graph(node, {"x": (rows, length)}, (rows, length), output)


def logsoftmax(rows: int, length: int) -> Graph:
    """Logarithms of the softmax of rows."""
    output = Affine(0.1, 127)
    constants = log_constants(_AFFINE.scale, length, output)
    node = LogSoftmax(**_ends("x"), **vars(constants))
    return _graph(node, {"x": (rows, length)}, (rows, length), output)


def layernorm(rows: int, length: int) -> Graph:
    """LayerNorm of rows."""
    rng = np.random.default_rng(_SEED)
    real, beta = rng.uniform(0.7, 1.3, length), rng.uniform(-0.3, 0.3, length)
    gamma, start, normaliser, requant = norm_constants(real, beta, _AFFINE, _OUT, 1e-5)
    node = LayerNorm(**_ends("x"), gamma=gamma, start=start, normaliser=normaliser, requant=requant)
    return _graph(node, {"x": (rows, length)}, (rows, length))


def unary(rows: int, length: int) -> Graph:
    """A table over every byte."""
    return _graph(Unary(**_ends("x"), lut=_int8(256)), {"x": (rows, length)}, (rows, length))


def add(rows: int, length: int) -> Graph:
    """Sum of two activations of the same scale."""
    node = Add(**_ends("a", "b"), a_multiplier=1 << 22, b_multiplier=1 << 22, start=0, shift=23)
    return _graph(node, {"a": (rows, length), "b": (rows, length)}, (rows, length))


def add_images(channels: int, image: tuple[int, int]) -> Graph:
    """Sum of two images [channels, h, w] of different scales, channels-last as in a network."""
    outside, inside = (1, *image, channels), (1, channels, *image)
    nodes: list[Node] = [
        Transpose(
            name=f"{name}.first", inputs=(name,), outputs=(f"{name}.planes",), perm=(0, 3, 1, 2)
        )
        for name in "ab"
    ]
    add = Add(
        name="kernel",
        inputs=("a.planes", "b.planes"),
        outputs=("sum",),
        a_multiplier=5_243_000,
        b_multiplier=3_355_000,
        start=1 << 24,
        shift=23,
    )
    nodes.append(add)
    nodes.append(Transpose(name="last", inputs=("sum",), outputs=("y",), perm=(0, 2, 3, 1)))
    shapes = {"a": outside, "b": outside, "a.planes": inside, "b.planes": inside}
    tensors = {name: Tensor(name, shape, _AFFINE) for name, shape in shapes.items()}
    tensors |= {"sum": Tensor("sum", inside, _OUT), "y": Tensor("y", outside, _OUT)}
    graph = Graph("kernel", tensors, tuple(nodes), ("a", "b"), ("y",))
    graph.validate()
    return graph


def mul(rows: int, length: int) -> Graph:
    """Product of two activations."""
    requant, start = requantise(
        [1 / 128], np.zeros(1, np.int64), np.full(1, 255 * 255), _OUT.zero_point
    )
    node = Mul(**_ends("a", "b"), start=int(start[0]), requant=requant)
    return _graph(node, {"a": (rows, length), "b": (rows, length)}, (rows, length))


def prelu(rows: int, length: int) -> Graph:
    """Elements times slopes where they are negative."""
    node = PRelu(**(_ends("a", "b") | multipliers(_AFFINE, _AFFINE, _OUT)))
    return _graph(node, {"a": (rows, length), "b": (rows, length)}, (rows, length))


def transpose(rows: int, length: int) -> Graph:
    """A transpose between input and output, which nothing can absorb."""
    node = Transpose(**_ends("x"), perm=(1, 0))
    return _graph(node, {"x": (rows, length)}, (length, rows), _AFFINE)


def pad(rows: int, length: int) -> Graph:
    """A frame of one element around rows, between input and output."""
    node = Pad(**_ends("x"), before=(1, 1), after=(1, 1), value=_AFFINE.zero_point)
    return _graph(node, {"x": (rows - 2, length - 2)}, (rows, length), _AFFINE)


def concat(rows: int, length: int) -> Graph:
    """Two halves of rows side by side."""
    node = Concat(**_ends("a", "b"), axis=1)
    half = (rows, length // 2)
    return _graph(node, {"a": half, "b": half}, (rows, length), _AFFINE)


def resize(rows: int, length: int) -> Graph:
    """Every row but the last twice, as the nearest one of an image twice as high."""
    node = Gather(**_ends("x"), axis=0, indices=tuple(row // 2 for row in range(rows)))
    return _graph(node, {"x": ((rows + 1) // 2, length)}, (rows, length), _AFFINE)


def largest(rows: int, length: int) -> Graph:
    """The larger of two activations of the same scale."""
    same: dict[str, Any] = {**rescaling(_AFFINE, _AFFINE, _AFFINE), "least": False}
    node = Extremum(**_ends("a", "b"), **same)
    return _graph(node, {"a": (rows, length), "b": (rows, length)}, (rows, length), _AFFINE)


def mean(rows: int, length: int) -> Graph:
    """Mean of every column, as over an image's cells or a sequence's tokens."""
    requant, start = requantise(
        [1 / rows],
        np.full(1, -rows * _AFFINE.zero_point),
        np.full(1, 128 * rows),
        _AFFINE.zero_point,
    )
    node = Mean(**_ends("x"), axes=(0,), keepdims=False, start=int(start[0]), requant=requant)
    return _graph(node, {"x": (rows, length)}, (length,), _AFFINE)


def reduced(rows: int, length: int, axis: int) -> Graph:
    """The largest of every column, or of every row."""
    node = Reduce(**_ends("x"), axes=(axis,), keepdims=False, least=False)
    return _graph(node, {"x": (rows, length)}, ((length, rows)[axis],), _AFFINE)


def argmax(rows: int, length: int) -> Graph:
    """Where the largest of every row stands."""
    first: dict[str, Any] = {"least": False, "last": False, "first": -128}
    node = ArgMax(**_ends("x"), axis=1, keepdims=False, **first)
    return _graph(node, {"x": (rows, length)}, (rows,), Affine(1.0, -128))


def divide(rows: int, length: int, divisors: int) -> Graph:
    """Quotients of every element by its own divisor, or by its row's."""
    limits: dict[str, Any] = {"lo": -128, "hi": 127, **reciprocals(_AFFINE, _AFFINE, _OUT)}
    node = Divide(**_ends("a", "b"), **limits)
    return _graph(node, {"a": (rows, length), "b": (rows, divisors)}, (rows, length))


def conv(
    channels: tuple[int, int], image: tuple[int, int], window: Window, groups: int = 1
) -> Graph:
    """Convolution of an image [in_c, h, w] to out_c channels, per-channel multipliers."""
    weight = _int8(channels[1], *window.kernel, channels[0] // groups)
    requant, start = _requant(weight)
    node = Conv(
        **_ends("x"), weight=weight, start=start, requant=requant, window=window, groups=groups
    )
    return _images(node, channels, image, _OUT)


def maxpool(channels: int, image: tuple[int, int], window: Window) -> Graph:
    """Maximum over windows of an image [channels, h, w]."""
    node = MaxPool(**_ends("x"), window=window)
    return _images(node, (channels, channels), image, _AFFINE)


def avgpool(channels: int, image: tuple[int, int], window: Window) -> Graph:
    """Mean over the cells of windows inside an image [channels, h, w]."""
    shift = wide_shift(1.0)
    counts = np.arange(1, math.prod(window.kernel) + 1, dtype=np.float64)
    node = AvgPool(
        **_ends("x"),
        window=window,
        count_include_pad=False,
        multiplier=np.floor(2.0**shift / counts + 0.5).astype(np.int32),
        shift=shift,
    )
    return _images(node, (channels, channels), image, _AFFINE)


def between(channels: int, image: tuple[int, int], out: tuple[int, int]) -> Graph:
    """An image [channels, h, w] of other extents, of the two cells around along either axis."""
    how = Between(cubic=False)
    taps = [
        taps_of(weights(Axis(extent, n, np.float32(n / extent)), "half_pixel", how))
        for extent, n in zip(image, out, strict=True)
    ]
    node = Resize(**_ends("x"), **resizing(taps[0], taps[1], _AFFINE, _AFFINE))
    return _images(node, (channels, channels), image, _AFFINE)


def _images(
    node: Conv | MaxPool | AvgPool | Resize,
    channels: tuple[int, int],
    image: tuple[int, int],
    affine: Affine,
) -> Graph:
    """A graph whose images are channels-last outside, as they are between layers of a network."""
    if isinstance(node, Resize):
        cells: tuple[int, ...] = (len(node.rows.first), len(node.columns.first))
    else:
        cells = _cells(image, node.window)
    inside = replace(node, inputs=("planes",), outputs=("cells",))
    first = Transpose(name="first", inputs=("x",), outputs=("planes",), perm=(0, 3, 1, 2))
    last = Transpose(name="last", inputs=("cells",), outputs=("y",), perm=(0, 2, 3, 1))
    tensors = [
        Tensor("x", (1, *image, channels[0]), _AFFINE),
        Tensor("planes", (1, channels[0], *image), _AFFINE),
        Tensor("cells", (1, channels[1], *cells), affine),
        Tensor("y", (1, *cells, channels[1]), affine),
    ]
    named = {tensor.name: tensor for tensor in tensors}
    graph = Graph("kernel", named, (first, inside, last), ("x",), ("y",))
    graph.validate()
    return graph


def _cells(image: tuple[int, int], window: Window) -> tuple[int, ...]:
    top, left, bottom, right = window.pads
    pads = (top + bottom, left + right)
    return tuple(
        (image[axis] + pads[axis] - window.kernel[axis]) // window.strides[axis] + 1
        for axis in range(2)
    )


def _int8(*shape: int) -> Int8Array:
    return np.random.default_rng(_SEED).integers(-127, 128, size=shape, dtype=np.int8)


def _scale(depth: int) -> float:
    """A multiplier that spreads sums of `depth` products over the output's range."""
    return 1 / (80 * math.sqrt(depth))


def _requant(weight: Int8Array) -> tuple[Requant, NDArray[np.int32]]:
    rows = weight.reshape(weight.shape[0], -1).astype(np.int64)
    reals = _scale(rows.shape[1]) * np.linspace(0.8, 1.2, len(rows))
    start = -_AFFINE.zero_point * rows.sum(axis=1)
    return requantise(reals, start, 128 * np.abs(rows).sum(axis=1), _OUT.zero_point)


def _ends(*inputs: str) -> dict[str, Any]:
    return {"name": "kernel", "inputs": inputs, "outputs": ("y",)}


def _graph(
    node: Node,
    inputs: Mapping[str, tuple[int, ...]],
    output: tuple[int, ...],
    affine: Affine = _OUT,
) -> Graph:
    tensors = {name: Tensor(name, shape, _AFFINE) for name, shape in inputs.items()}
    tensors["y"] = Tensor("y", output, affine)
    graph = Graph("kernel", tensors, (node,), tuple(inputs), ("y",))
    graph.validate()
    return graph


def attention(
    heads: int, rows: tuple[int, int], width: tuple[int, int], *, rounded: bool = False
) -> Graph:
    """Fused attention of `heads` heads: (queries, keys) and (columns of keys, of values).

    `rounded`: its probabilities are rounded to 1/256, as a quantizer behind a softmax does.
    """
    (s, t), (p, r) = rows, width
    requant, start = requantise(
        [_scale(p)], np.zeros(1, np.int64), np.full(1, p * 255 * 255), _OUT.zero_point
    )
    exp = exp_table(_AFFINE.scale, weight_top(t, _AFFINE.zero_point))
    value, rounding = row_scale(1.0, int(exp[0]), t), None
    if rounded:
        tables = softmax_tables(_AFFINE.scale, t, 1 / 256)
        ends, begin = requantise(
            [1 / 256], np.zeros(1, np.int64), np.full(1, t * 255 * 255), _OUT.zero_point
        )
        exp, value = tables.exp, tables.scale
        rounding = Rounding(-128, tables.fine, int(begin[0]), ends)
    node = Attention(
        **_ends("q", "k", "v"),
        score_start=int(start[0]),
        score=requant,
        score_scale=_AFFINE.scale,
        exp=exp,
        value=value,
        rounding=rounding,
    )
    inputs = {"q": (1, heads, s, p), "k": (1, heads, t, p), "v": (1, heads, t, r)}
    return _graph(node, inputs, (1, heads, s, r))
