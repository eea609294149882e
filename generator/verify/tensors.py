"""What the graph says: the numbers of every tensor, by its operators' own definitions.

Layout operators move numbers as NumPy moves elements; nothing here knows of a view.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tinyrig.generator.errors import InternalError
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import (
    Add,
    Attention,
    AvgPool,
    Concat,
    Constant,
    Conv,
    Gather,
    LayerNorm,
    Layout,
    Linear,
    MatMul,
    MaxPool,
    Mean,
    Mul,
    Node,
    Pad,
    Reshape,
    Slice,
    Softmax,
    Transpose,
    Unary,
    Window,
)
from tinyrig.generator.verify import meaning
from tinyrig.generator.verify.values import Ids, fixed, mix, named


def tensor_values(graph: Graph) -> dict[str, Ids]:
    """Return the numbers of every tensor in its logical shape."""
    found: dict[str, Ids] = {}
    for name in graph.inputs:
        shape = graph.tensors[name].shape
        numbered = np.arange(graph.tensors[name].elements, dtype=np.uint64)
        found[name] = mix(numbered + named("input", name)).reshape(shape)
    for node in graph.nodes:
        operands = [found[name] for name in node.inputs]
        if not isinstance(node, Layout):
            operands = [one if one.ndim else one.reshape(1) for one in operands]
        shape = graph.tensors[node.outputs[0]].shape
        rule = _RULES.get(type(node))
        if rule is None:
            raise InternalError(f"The verifier has no rule for operator {node.op}.")
        found[node.outputs[0]] = rule(node, operands, shape).reshape(shape)
    return found


Shape = tuple[int, ...]
_Rule = Callable[[Any, Sequence[Ids], Shape], Ids]


def _linear(node: Linear, x: Sequence[Ids], _: Shape) -> Ids:
    return meaning.linear(x[0].reshape(-1, node.weight.shape[1]), meaning.channel_keys(node))


def _matmul(node: MatMul, x: Sequence[Ids], _: Shape) -> Ids:
    return meaning.matmul(x[0], x[1], meaning.key_of(node))


def _attention(node: Attention, x: Sequence[Ids], _: Shape) -> Ids:
    return meaning.attention(x[0], x[1], x[2], meaning.key_of(node))


def _softmax(node: Softmax, x: Sequence[Ids], _: Shape) -> Ids:
    last = np.moveaxis(x[0], node.axis, -1)
    key = meaning.key_of(node)
    if node.kept is None:
        return np.moveaxis(meaning.row_wise(last, key), -1, node.axis)
    kept = np.moveaxis(np.broadcast_to(node.kept, x[0].shape), node.axis, -1)
    return np.moveaxis(meaning.masked_rows(last, key, kept), -1, node.axis)


def _layernorm(node: LayerNorm, x: Sequence[Ids], _: Shape) -> Ids:
    return meaning.row_wise(x[0], meaning.key_of(node))


def _unary(node: Unary, x: Sequence[Ids], _: Shape) -> Ids:
    return meaning.unary(x[0], meaning.key_of(node))


def _binary(node: Add | Mul, x: Sequence[Ids], _: Shape) -> Ids:
    return meaning.binary(x[0], x[1], meaning.key_of(node))


def _conv(node: Conv, x: Sequence[Ids], shape: Shape) -> Ids:
    return _window(node.window, node.groups, meaning.channel_keys(node), x[0], shape)


def _pool(node: MaxPool | AvgPool, x: Sequence[Ids], shape: Shape) -> Ids:
    channels = x[0].shape[1]
    keys = np.full(channels, meaning.key_of(node), np.uint64)
    return _window(node.window, channels, keys, x[0], shape)


def _window(window: Window, groups: int, keys: Ids, x: Ids, shape: Shape) -> Ids:
    image = x if x.ndim == len(("n", "c", "h", "w")) else x[:, :, None, :]
    out_h = shape[2] if x.ndim == image.ndim else 1
    geometry: Mapping[str, int] = {
        "kernel_h": window.kernel[0],
        "kernel_w": window.kernel[1],
        "stride_h": window.strides[0],
        "stride_w": window.strides[1],
        "pad_top": window.pads[0],
        "pad_left": window.pads[1],
        "out_h": out_h,
        "out_w": shape[-1],
    }
    return meaning.windows(image, geometry, groups, keys)


def _mean(node: Mean, x: Sequence[Ids], _: Shape) -> Ids:
    kept = [axis for axis in range(x[0].ndim) if axis not in node.axes]
    moved = x[0].transpose(*kept, *node.axes)
    count = int(np.prod([x[0].shape[axis] for axis in node.axes]))
    return meaning.mean(moved.reshape(-1, count), meaning.key_of(node))


def _constant(node: Constant, _: Sequence[Ids], shape: Shape) -> Ids:
    return fixed(node.data).reshape(shape)


def _reshape(_: Reshape, x: Sequence[Ids], shape: Shape) -> Ids:
    return x[0].reshape(shape)


def _transpose(node: Transpose, x: Sequence[Ids], _: Shape) -> Ids:
    return x[0].transpose(node.perm)


def _slice(node: Slice, x: Sequence[Ids], shape: Shape) -> Ids:
    taken = x[0]
    for axis, (start, step, extent) in enumerate(zip(node.starts, node.steps, shape, strict=True)):
        taken = taken.take(start + step * np.arange(extent), axis=axis)
    return taken


def _concat(node: Concat, x: Sequence[Ids], _: Shape) -> Ids:
    return np.concatenate(x, axis=node.axis)


def _gather(node: Gather, x: Sequence[Ids], _: Shape) -> Ids:
    return x[0].take(node.indices, axis=node.axis)


def _pad(node: Pad, x: Sequence[Ids], shape: Shape) -> Ids:
    padded = np.full(shape, fixed(np.array(node.value, np.int8)), np.uint64)
    inner = tuple(slice(b, b + e) for b, e in zip(node.before, x[0].shape, strict=True))
    padded[inner] = x[0]
    return padded


_RULES: Mapping[type[Node], _Rule] = {
    Linear: _linear,
    MatMul: _matmul,
    Attention: _attention,
    Softmax: _softmax,
    LayerNorm: _layernorm,
    Unary: _unary,
    Add: _binary,
    Mul: _binary,
    Conv: _conv,
    MaxPool: _pool,
    AvgPool: _pool,
    Mean: _mean,
    Constant: _constant,
    Reshape: _reshape,
    Transpose: _transpose,
    Slice: _slice,
    Concat: _concat,
    Gather: _gather,
    Pad: _pad,
}
