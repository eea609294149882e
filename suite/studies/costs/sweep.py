"""Random calls of every operator, as a planner makes them: dense, or strided where it does so."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Add, Conv, Linear, MatMul, Node, Window
from tinyrig.generator.graph.tensor import Affine, Tensor
from tinyrig.generator.operators.prelu import PRelu
from tinyrig.generator.planning.binding import bind
from tinyrig.generator.planning.call import Call
from tinyrig.generator.planning.partial import finish, input_columns
from tinyrig.generator.planning.sparse_format import SPARSE_FORMATS
from tinyrig.generator.planning.step import Compute, Copy, Fill, Step, Storage
from tinyrig.generator.planning.view import View
from tinyrig.suite.models.masks import Kind, block_mask
from tinyrig.suite.studies.kernels import graphs

_MOST_WORK = 400_000
"""Multiplications or elements of a call: the cost of more is that of these, scaled."""

_FIRST = 0.12
"""How often a convolution is a network's first layer."""

_SEVERAL = 0.15
"""How often there is more than one image."""

_NARROW = 0.2
"""How often a pointwise layer has the eight channels that a kernel of its own takes."""

_SMALL = 0.25
"""How often an image has few windows: what panels leave over is then much of the work."""

_MOST_TAPS = 128
"""Cells of a pooling window at most."""

_UNIT = 8
_IMAGE = (0, 2, 3, 1)
Rng = np.random.Generator


@dataclass(frozen=True, eq=False)
class Sampled:
    """A call and the storages its views lie in."""

    call: Call
    storages: Mapping[str, Storage]


def samples(op: str, seed: int) -> Iterator[Sampled]:
    """Yield random calls of an operator without end, the same ones for a seed."""
    rng = np.random.default_rng([seed, *op.encode()])
    while True:
        sampled = _MAKERS[op](rng)
        if sampled is not None:
            yield sampled


def swept_operators() -> tuple[str, ...]:
    """Return the operators that have random calls."""
    return tuple(_MAKERS)


def _size(rng: Rng, low: int, high: int) -> int:
    """A size between two, small ones as often as large ones, half the time a multiple of 8."""
    size = round(math.exp(rng.uniform(math.log(low), math.log(high))))
    rounded = -(-size // _UNIT) * _UNIT
    return rounded if rng.random() < 0.5 and low <= rounded <= high else size


def _bound(
    graph: Graph, step: Step, views: Sequence[View], items: Mapping[str, int] | None = None
) -> Sampled:
    storages: dict[str, Storage] = {}
    for view in views:
        last = sum(abs(s) * (n - 1) for s, n in zip(view.strides, view.shape, strict=True))
        item = (items or {}).get(view.storage, 1)
        size = (view.offset + last + 1 + view.slack) * item + 4 * _UNIT
        known = storages.get(view.storage)
        storages[view.storage] = Storage(view.storage, max(size, known.size if known else 0), item)
    return Sampled(bind(graph, step)[0], storages)


def _node(graph: Graph) -> Node:
    return next(node for node in graph.nodes if node.name == "kernel")


def _computed(graph: Graph, reads: Sequence[View], writes: Sequence[View], node: Node) -> Sampled:
    step = Compute(name="kernel", nodes=(node,), reads=tuple(reads), writes=tuple(writes))
    return _bound(graph, step, (*reads, *writes))


def _behind(rng: Rng, node: Linear | Conv | MatMul) -> Any:
    """The layer with a table, a clamp or neither behind it, and one multiplier or one a channel."""
    kind = rng.random()
    table = rng.integers(-128, 128, 256).astype(np.int8) if kind < 0.15 else None
    requant = replace(node.requant, lo=-100) if 0.15 <= kind < 0.35 else node.requant
    if rng.random() < 0.3:
        requant = replace(requant, multiplier=requant.multiplier[:1])
    if rng.random() < 0.1:
        requant = replace(requant, narrow=False, shift=32 if kind < 0.6 else 28)
    return replace(node, lut=table, requant=requant)


def _pruned(rng: Rng, node: Linear | Conv) -> Any:
    """The layer without some or most blocks of its weights, of one form or another, now and then.

    Half of them keep as many blocks in every row.
    """
    if rng.random() > 0.4:
        return node
    form = SPARSE_FORMATS[str(rng.choice(["sparse2", "sparse4", "sparse4", "sparse2x4"]))]
    kind: Kind = "balanced" if rng.random() < 0.5 else "magnitude"
    rows = node.weight.reshape(len(node.weight), -1)
    lost = rng.uniform(0.3, 0.95)
    mask = block_mask(rows, form.size, lost, kind, shared=form.rows, step=form.step)
    return replace(node, weight=(rows * mask).reshape(node.weight.shape))


def _rows_of(rng: Rng, name: str, rows: int, columns: int) -> View:
    """Dense rows, or some with a gap behind each."""
    stride = columns + (int(rng.integers(1, 65)) if rng.random() < 0.2 else 0)
    return View(name, 0, (rows, columns), (stride, 1))


def _linear(rng: Rng) -> Sampled | None:
    few = rng.random()
    m = 1 if few < 0.12 else _size(rng, 1, 96) if few < 0.75 else int(rng.integers(2, 9))
    k, n = _size(rng, 2, 700), _size(rng, 1, 300) if few < 0.87 else int(rng.integers(1, 5))
    if m * k * n > _MOST_WORK:
        return None
    graph = graphs.linear(m, k, n)
    node = _node(graph)
    assert isinstance(node, Linear)
    y = _rows_of(rng, "y", m, n)
    if rng.random() < 0.2:
        y = View("y", 0, (m, n), (1, -(-m // _UNIT) * _UNIT))
    return _computed(graph, [_rows_of(rng, "x", m, k)], [y], _pruned(rng, _behind(rng, node)))


def _sums(rng: Rng) -> Sampled | None:
    m, k, n = _size(rng, 1, 48), _size(rng, 8, 200), _size(rng, 2, 200)
    if m * k * n > _MOST_WORK:
        return None
    graph = graphs.linear(m, k, n)
    node = _node(graph)
    assert isinstance(node, Linear)
    part = replace(input_columns(node, 0, k, "kernel"), first=bool(rng.random() < 0.5))
    x, acc = View("x", 0, (m, k), (k, 1)), View("y", 0, (m, n), (n, 1))
    step = Compute(name="kernel", nodes=(part,), reads=(x,), writes=(acc,))
    return _bound(graph, step, (x, acc), {"y": 4})


def _finish(rng: Rng) -> Sampled | None:
    m, n = _size(rng, 1, 96), _size(rng, 1, 200)
    graph = graphs.linear(m, 8, n)
    node = _node(graph)
    assert isinstance(node, Linear)
    acc, y = View("acc", 0, (m, n), (n, 1)), View("y", 0, (m, n), (n, 1))
    step = Compute(
        name="kernel", nodes=(finish(_behind(rng, node), "kernel"),), reads=(acc,), writes=(y,)
    )
    return _bound(graph, step, (acc, y), {"acc": 4})


def _matmul(rng: Rng) -> Sampled | None:
    m, k, n = _size(rng, 1, 96), _size(rng, 1, 200), _size(rng, 1, 96)
    if m * k * n > _MOST_WORK:
        return None
    graph = graphs.matmul(m, k, n)
    node = _node(graph)
    assert isinstance(node, MatMul)
    a, y = View.contiguous("a", (1, m, k)), View.contiguous("y", (1, m, n))
    b = View.contiguous("b", (1, k, n), (0, 2, 1) if rng.random() < 0.5 else None)
    return _computed(graph, [a, b], [y], _behind(rng, node))


def _attention(rng: Rng) -> Sampled | None:
    heads = int(rng.integers(1, 3))
    s, t, p, r = _size(rng, 1, 100), _size(rng, 2, 100), _size(rng, 2, 64), _size(rng, 2, 64)
    kind = rng.random()
    if kind < 0.2:
        t = int(rng.integers(2, 9))
    elif kind < 0.45:
        t = int(rng.integers(100, 400))  # from some length on, sums of rounded rows are finer
    elif kind < 0.7:
        p, r = max(8, p // 4 * 4), max(4, r // 4 * 4)
    if kind > 0.8:
        p = r = 2
    if heads * s * t * (p + r) > _MOST_WORK:
        return None
    graph = graphs.attention(heads, (s, t), (p, r), rounded=bool(rng.random() < 0.6))
    pairs = p == r == 2
    length = t if pairs else -(-t // _UNIT) * _UNIT
    q = View("q", 0, (1, heads, s, p), (0, p, heads * p, 1))
    k = View("k", 0, (1, heads, t, p), (0, t * p, p, 1), slack=max(0, _UNIT - p) if p > 2 else 0)
    v = View("v", 0, (1, heads, t, r), (0, r * length, 1, length))
    if rng.random() < 0.4:
        k = View("k", 0, (1, heads, t, p), (0, p, heads * p, 1))
        v = View("v", 0, (1, heads, t, r), (0, r, heads * r, 1))
    y = View("y", 0, (1, heads, s, r), (0, r, heads * r, 1))
    return _computed(graph, [q, k, v], [y], _node(graph))


def _rows(make: Callable[[int, int], Graph], longest: int) -> Callable[[Rng], Sampled]:
    def sampled(rng: Rng) -> Sampled:
        rows, length = _size(rng, 1, 100), _size(rng, 2, longest)
        return _dense(make(rows, length))

    return sampled


def _dense(graph: Graph) -> Sampled:
    node = _node(graph)
    reads = [View.contiguous(name, graph.tensors[name].shape) for name in node.inputs]
    writes = [View.contiguous(name, graph.tensors[name].shape) for name in node.outputs]
    return _computed(graph, reads, writes, node)


def _mean(rng: Rng) -> Sampled:
    rows, length = _size(rng, 2, 256), _size(rng, 1, 200)
    return _dense(graphs.mean(rows, length))


def _elementwise(make: Callable[[int, int], Graph]) -> Callable[[Rng], Sampled]:
    def sampled(rng: Rng) -> Sampled:
        rows, length = _size(rng, 1, 200), _size(rng, 1, 300)
        graph = make(rows, length)
        node = _node(graph)
        if isinstance(node, Add) and rng.random() < 0.8:
            larger = 1 << 23 if rng.random() < 0.2 else 4_500_000
            node = replace(node, a_multiplier=larger, b_multiplier=2_700_000)
        if isinstance(node, PRelu) and rng.random() < 0.3:
            node = replace(node, lo=-100)
        gaps = rng.random() < 0.4
        views = [
            _rows_of(rng, name, rows, length) if gaps else View.contiguous(name, (rows, length))
            for name in (*node.inputs, *node.outputs)
        ]
        return _computed(graph, views[:-1], views[-1:], node)

    return sampled


def _copy(rng: Rng) -> Sampled:
    rows, length = _size(rng, 1, 200), _size(rng, 1, 300)
    x = _rows_of(rng, "x", rows, length)
    y = _rows_of(rng, "y", rows, length)
    if rng.random() < 0.4:
        y = View("y", 0, (rows, length), (1, rows))
    step = Copy(name="kernel", reads=(x,), writes=(y,))
    return _bound(_affine_graph(rows, length), step, (x, y))


def _fill(rng: Rng) -> Sampled:
    rows, length = _size(rng, 1, 200), _size(rng, 1, 300)
    y = _rows_of(rng, "y", rows, length)
    if rng.random() < 0.2:
        y = View("y", 0, (rows, length), (1, rows + int(rng.integers(0, 65))))
    return _bound(_affine_graph(rows, length), Fill(name="kernel", value=3, writes=(y,)), (y,))


def _affine_graph(rows: int, length: int) -> Graph:
    tensor = Tensor("x", (rows, length), Affine(0.1, 0))
    return Graph("kernel", {"x": tensor}, (), ("x",), ("x",))


def _window(rng: Rng, square: Sequence[tuple[int, int]]) -> tuple[Window, tuple[int, int]]:
    kernel = square[int(rng.integers(len(square)))]
    stride = 1 if rng.random() < 0.6 else 2
    image = (_size(rng, max(4, kernel[0]), 40), _size(rng, max(4, kernel[1]), 40))
    if rng.random() < 0.2:
        kernel, image = (1, kernel[1]), (1, _size(rng, 10, 260))
        if rng.random() < 0.3:
            return _patches(rng)
    half = (kernel[0] // 2, kernel[1] // 2)
    pads = (*half, *half) if rng.random() < 0.7 else (0, 0, 0, 0)
    if rng.random() < 0.2:
        pads = (0, pads[1], pads[2], pads[3])
    return Window(kernel=kernel, strides=(stride, stride), pads=pads), image


def _few_windows(rng: Rng, window: Window) -> tuple[int, int]:
    """An image of few windows: of one or two lines as often as of more."""
    counts = [int(rng.choice([1, 1, 2, 3, 4, 5])) for _ in range(2)]
    taps, steps, pads = window.kernel, window.strides, window.pads
    high, wide = (
        max(1, (counts[i] - 1) * steps[i] + taps[i] - pads[i] - pads[i + 2]) for i in range(2)
    )
    return high, wide


def _patches(rng: Rng) -> tuple[Window, tuple[int, int]]:
    """Windows of a line that are longer than others', and may lie side by side."""
    length = _size(rng, 8, 64)
    stride = int(rng.integers(length // 3, length + 1))
    line = length + stride * int(rng.integers(3, 90))
    return Window(kernel=(1, length), strides=(1, stride), pads=(0, 0, 0, 0)), (1, line)


def _images(rng: Rng, graph: Graph, node: Node, planes: float = 0.05) -> Sampled:
    """One image, or a few; outputs lie as planes by a chance, inputs sometimes."""
    batch = int(rng.integers(2, 6)) if rng.random() < _SEVERAL else 1
    x, y = (
        View.contiguous(name, (batch, *graph.tensors[name].shape[1:]), order)
        for name, order in (
            (node.inputs[0], None if rng.random() < 0.1 else _IMAGE),
            (node.outputs[0], None if rng.random() < planes else _IMAGE),
        )
    )
    return _computed(graph, [x], [y], node)


def _first(rng: Rng) -> Sampled | None:
    """A layer that reads an image of one channel or three, or a spectrogram."""
    inputs, kernel = ((3, (3, 3)), (1, (3, 3)), (1, (10, 4)))[int(rng.integers(3))]
    most = (64, 24) if kernel == (10, 4) else (96, 96)
    image = (_size(rng, 10, most[0]), _size(rng, 8, most[1]))
    top, left = (int(rng.integers(0, taps // 2 + 1)) for taps in kernel)
    pads = (top, left, kernel[0] // 2, kernel[1] // 2)
    stride = int(rng.integers(1, 3))
    window = Window(kernel=kernel, strides=(stride, stride), pads=pads)
    graph = graphs.conv((inputs, _size(rng, 2, 64)), image, window)
    if graph.macs() > 2 * _MOST_WORK:
        return None
    node = _node(graph)
    assert isinstance(node, Conv)
    return _images(rng, graph, _behind(rng, node))


def _conv(rng: Rng) -> Sampled | None:
    if rng.random() < _FIRST:
        return _first(rng)
    depthwise = rng.random() < 0.45
    square = [(3, 3), (3, 3), (5, 5), (1, 1), (1, 1), (3, 3), (7, 7), (10, 4)]
    if depthwise:
        square = [(3, 3), (3, 3), (3, 3), (5, 5), (7, 7), (3, 7)]
    window, image = _window(rng, square)
    if not depthwise and image[0] > 1 and rng.random() < _SMALL:
        image = _few_windows(rng, window)
    inputs = int(rng.choice([1, 3, 1, 3, 2, 4])) if rng.random() < 0.2 else _size(rng, 4, 128)
    if window.kernel == (1, 1) and rng.random() < _NARROW:
        inputs = 8
    outputs = _size(rng, 4, 128)
    groups = 1
    if depthwise:
        inputs = outputs = groups = max(4, _size(rng, 4, 128))
    graph = graphs.conv((inputs, outputs), image, window, groups)
    if graph.macs() > 2 * _MOST_WORK:
        return None
    node = _node(graph)
    assert isinstance(node, Conv)
    made = _behind(rng, node)
    return _images(rng, graph, made if depthwise else _pruned(rng, made))


def _pool(
    make: Callable[[int, tuple[int, int], Window], Graph],
) -> Callable[[Rng], Sampled | None]:
    def sampled(rng: Rng) -> Sampled | None:
        window, image = _window(rng, [(2, 2), (3, 3), (2, 2), (4, 4), (5, 5), (8, 8)])
        if rng.random() < 0.15:
            image = (_size(rng, 2, 26), _size(rng, 2, 12))
            window = Window(kernel=image, strides=image, pads=(0, 0, 0, 0))
        if math.prod(window.kernel) > _MOST_TAPS:
            return None
        graph = make(_size(rng, 1, 128), image, window)
        return _images(rng, graph, _node(graph), planes=0.2)

    return sampled


_MAKERS: Mapping[str, Callable[[Rng], Sampled | None]] = {
    "linear_s8": _linear,
    "linear_s8_s32": _sums,
    "requant_s32_s8": _finish,
    "matmul_s8": _matmul,
    "attention_s8": _attention,
    "softmax_s8": _rows(graphs.softmax, 300),
    "logsoftmax_s8": _rows(graphs.logsoftmax, 300),
    "layernorm_s8": _rows(graphs.layernorm, 400),
    "mean_s8": _mean,
    "unary_s8": _elementwise(graphs.unary),
    "add_s8": _elementwise(graphs.add),
    "mul_s8": _elementwise(graphs.mul),
    "prelu_s8": _elementwise(graphs.prelu),
    "copy_s8": _copy,
    "fill_s8": _fill,
    "conv2d_s8": _conv,
    "maxpool2d_s8": _pool(graphs.maxpool),
    "avgpool2d_s8": _pool(graphs.avgpool),
}
