"""Operators that move elements: the output keeps the input's affine and its bytes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import numpy as np

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.frontends.bounds import span_of
from tinyrig.generator.frontends.context import Lowering, require
from tinyrig.generator.frontends.rules import lowers
from tinyrig.generator.frontends.source import ConstantArray, SourceNode
from tinyrig.generator.frontends.targets import precise_enough
from tinyrig.generator.graph.ops import Concat, Gather, Pad, Reshape, Slice, Transpose
from tinyrig.generator.graph.quantization import fit_range, quantise
from tinyrig.generator.graph.tensor import Affine, Tensor

_REPEATED: Mapping[str, Callable[[int, int], int]] = {
    "reflect": lambda place, extent: extent - 1 - abs(extent - 1 - abs(place)),
    "edge": lambda place, extent: min(max(place, 0), extent - 1),
    "wrap": lambda place, extent: place % extent,
}
"""By mode: the cell that stands at a place outside an axis of some extent."""


def reshaped(at: Lowering, node: SourceNode, x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Return `x` under another shape, itself when it has that shape."""
    if x.shape == shape:
        return x
    y = at.builder.tensor(f"{node.name}.reshaped", shape, x.affine)
    name = at.builder.node_name(f"{node.name}.reshape")
    at.builder.add(Reshape(name=name, inputs=(x.name,), outputs=(y.name,)))
    return y


def transposed(at: Lowering, node: SourceNode, x: Tensor, perm: tuple[int, ...]) -> Tensor:
    """Return `x` with output axis i its axis perm[i]."""
    shape = tuple(x.shape[axis] for axis in perm)
    y = at.builder.tensor(f"{node.name}.transposed", shape, x.affine)
    name = at.builder.node_name(f"{node.name}.transpose")
    at.builder.add(Transpose(name=name, inputs=(x.name,), outputs=(y.name,), perm=perm))
    return y


def sliced(
    at: Lowering,
    node: SourceNode,
    x: Tensor,
    starts: Sequence[int],
    steps: Sequence[int],
    shape: tuple[int, ...],
) -> Tensor:
    """Return the part of `x` of that shape from `starts`, every `steps`; `x` itself if whole."""
    if shape == x.shape and all(step == 1 for step in steps):
        return x
    y = at.builder.tensor(f"{node.name}.part", shape, x.affine)
    name = at.builder.node_name(f"{node.name}.part")
    at.builder.add(
        Slice(
            name=name,
            inputs=(x.name,),
            outputs=(y.name,),
            starts=tuple(starts),
            steps=tuple(steps),
        )
    )
    return y


def gathered(
    at: Lowering, node: SourceNode, x: Tensor, axis: int, indices: tuple[int, ...]
) -> Tensor:
    """Return the rows `indices` of `x` along `axis`, as a slice where they are evenly spaced."""
    shape = (*x.shape[:axis], len(indices), *x.shape[axis + 1 :])
    steps = {after - before for before, after in pairwise(indices)} or {1}
    if len(steps) == 1 and 0 not in steps:
        starts, strides = [0] * len(shape), [1] * len(shape)
        starts[axis], strides[axis] = indices[0], steps.pop()
        return sliced(at, node, x, starts, strides, shape)
    y = at.builder.tensor(f"{node.name}.rows", shape, x.affine)
    name = at.builder.node_name(f"{node.name}.rows")
    at.builder.add(
        Gather(name=name, inputs=(x.name,), outputs=(y.name,), axis=axis, indices=indices)
    )
    return y


def padded(
    at: Lowering,
    node: SourceNode,
    x: Tensor,
    before: Sequence[int],
    after: Sequence[int],
    code: int,
) -> Tensor:
    """Return `x` with cells of `code` around it; itself without any."""
    if not any((*before, *after)):
        return x
    shape = tuple(n + a + b for n, a, b in zip(x.shape, before, after, strict=True))
    y = at.builder.tensor(f"{node.name}.padded", shape, x.affine)
    at.builder.add(
        Pad(
            name=at.builder.node_name(f"{node.name}.pad"),
            inputs=(x.name,),
            outputs=(y.name,),
            before=tuple(before),
            after=tuple(after),
            value=code,
        )
    )
    return y


@lowers("Flatten", "Reshape", "Squeeze", "Unsqueeze")
def lower_reshape(at: Lowering, node: SourceNode) -> None:
    """Reshape, Flatten, Squeeze, Unsqueeze: the output's static shape says it all."""
    x = at.tensor(node.inputs[0])
    at.bind(node.outputs[0], reshaped(at, node, x, at.value(node.outputs[0]).shape))


@lowers("Transpose")
def lower_transpose(at: Lowering, node: SourceNode) -> None:
    """Transpose; reverses the axes when no permutation is given."""
    x = at.tensor(node.inputs[0])
    perm = node.integers("perm") or tuple(reversed(range(len(x.shape))))
    at.bind(node.outputs[0], transposed(at, node, x, perm))


@lowers("Slice")
def lower_slice(at: Lowering, node: SourceNode) -> None:
    """Slice with constant bounds; a negative step walks backwards."""
    x = at.tensor(node.inputs[0])
    rank = len(x.shape)
    begins = _integers(at, node, 1, "starts")
    axes = _integers(at, node, 3, "axes", range(len(begins)))
    strides = _integers(at, node, 4, "steps", [1] * len(begins))
    starts, steps = [0] * rank, [1] * rank
    for begin, axis, stride in zip(begins, axes, strides, strict=True):
        extent = x.shape[axis]
        first = begin + extent if begin < 0 else begin
        starts[axis % rank] = min(max(first, 0), extent - 1 if stride < 0 else extent)
        steps[axis % rank] = stride
    shape = at.value(node.outputs[0]).shape
    at.bind(node.outputs[0], sliced(at, node, x, starts, steps, shape))


@lowers("Split")
def lower_split(at: Lowering, node: SourceNode) -> None:
    """Split: one slice for each output."""
    x = at.tensor(node.inputs[0])
    rank = len(x.shape)
    axis = node.integer("axis", 0) % rank
    start = 0
    for output in node.outputs:
        starts = [0] * rank
        starts[axis] = start
        shape = at.value(output).shape
        at.bind(output, sliced(at, node, x, starts, [1] * rank, shape))
        start += shape[axis]


@lowers("Concat")
def lower_concat(at: Lowering, node: SourceNode) -> None:
    """Concat: every input in the output's affine, constants quantized straight to it."""
    shape = at.value(node.outputs[0]).shape
    affine = at.wanted(node.outputs[0])
    if affine is None:
        found = {at.tensor(name).affine for name in at.activations(node)}
        affine = found.pop() if len(found) == 1 else at.target(node.outputs[0])
        data = (at.value(name).data for name in node.inputs)
        affine = _holding(node, affine, [real for real in data if real is not None])
    parts = [at.in_affine(name, affine) for name in node.inputs]
    y = at.output(node.outputs[0], affine)
    at.builder.add(
        Concat(
            name=at.builder.node_name(node.name),
            inputs=tuple(part.name for part in parts),
            outputs=(y.name,),
            axis=node.integer("axis", 0) % len(shape),
        )
    )
    at.bind(node.outputs[0], y)


@lowers("Gather")
def lower_gather(at: Lowering, node: SourceNode) -> None:
    """Gather of constant indices of any rank from an activation."""
    x = at.tensor(node.inputs[0])
    axis = node.integer("axis", 0) % len(x.shape)
    indices = _integers(at, node, 1, "indices")
    extent = x.shape[axis]
    inside = all(-extent <= index < extent for index in indices)
    require(node, inside, f"indices outside [-{extent}, {extent})", "indices inside the axis")
    rows = gathered(at, node, x, axis, tuple(index % extent for index in indices))
    at.bind(node.outputs[0], reshaped(at, node, rows, at.value(node.outputs[0]).shape))


@lowers("Expand", "Tile")
def lower_expand(at: Lowering, node: SourceNode) -> None:
    """Expand and Tile: each axis repeated by gathering its rows again."""
    x = at.tensor(node.inputs[0])
    shape = at.value(node.outputs[0]).shape
    y = reshaped(at, node, x, (1,) * (len(shape) - len(x.shape)) + x.shape)
    for axis, extent in enumerate(shape):
        if y.shape[axis] != extent:
            times = extent // y.shape[axis]
            y = gathered(at, node, y, axis, tuple(range(y.shape[axis])) * times)
    at.bind(node.outputs[0], y)


@lowers("Pad")
def lower_pad(at: Lowering, node: SourceNode) -> None:
    """Pad with a constant, the edge, mirrored or wrapped cells; negative pads cut off."""
    mode = node.text("mode", "constant")
    known = mode == "constant" or mode in _REPEATED
    require(node, known, f"mode {mode!r}", f"modes constant, {', '.join(_REPEATED)}")
    name = node.inputs[0]
    affine = at.wanted(node.outputs[0])
    if affine is None:
        affine = at.tensor(name).affine
        if mode == "constant" and not _is_pooled(at, node):
            affine = _holding(node, affine, [np.asarray(_fill(at, node))])
    x = at.in_affine(name, affine)
    rank = len(x.shape)
    pads = _integers(at, node, 1, "pads")
    axes = [axis % rank for axis in _integers(at, node, 3, "axes", range(rank))]
    before, after = [0] * rank, [0] * rank
    for slot, axis in enumerate(axes):
        before[axis], after[axis] = pads[slot], pads[slot + len(axes)]
    kept = tuple(
        extent + min(low, 0) + min(high, 0)
        for extent, low, high in zip(x.shape, before, after, strict=True)
    )
    require(node, min(kept) > 0, "pads that cut off all of an axis", "axes that keep some cells")
    x = sliced(at, node, x, [max(-low, 0) for low in before], [1] * rank, kept)
    if mode != "constant":
        for axis, (low, high) in enumerate(zip(before, after, strict=True)):
            cells = _cells(node, mode, x.shape[axis], max(low, 0), max(high, 0))
            x = gathered(at, node, x, axis, cells)
        at.bind(node.outputs[0], x)
        return
    y = at.output(node.outputs[0], x.affine)
    at.builder.add(
        Pad(
            name=at.builder.node_name(node.name),
            inputs=(x.name,),
            outputs=(y.name,),
            before=tuple(max(low, 0) for low in before),
            after=tuple(max(high, 0) for high in after),
            value=int(quantise(np.array(_fill(at, node)), x.affine)),
        )
    )
    at.bind(node.outputs[0], y)


def _is_pooled(at: Lowering, node: SourceNode) -> bool:
    """Whether a fill value below all cells is one that no maximum over them is."""
    readers = at.readers(node.outputs[0])
    return _fill(at, node) < 0.0 and bool(readers) and all(one.op == "MaxPool" for one in readers)


def _holding(node: SourceNode, affine: Affine, constants: Sequence[ConstantArray]) -> Affine:
    """Return an affine of codes that holds constants too: itself, or one of at most twice the step.

    Raises UnsupportedError where only coarser steps would.
    """
    low, high = span_of(affine)
    ends = [
        end for data in constants if data.size for end in (float(data.min()), float(data.max()))
    ]
    least, most = min(ends, default=0.0), max(ends, default=0.0)
    if low - affine.scale <= least and most <= high + affine.scale:
        return affine
    wider = fit_range(min(low, least), max(high, most))
    require(
        node,
        precise_enough(wider, [affine]),
        f"constants of up to {max(most, -least):g} beside codes from {low:g} to {high:g}",
        "constants near the range of the codes, or a QuantizeLinear behind them",
    )
    return wider


def _cells(node: SourceNode, mode: str, extent: int, before: int, after: int) -> tuple[int, ...]:
    """Return which cell of an axis stands at each place of the padded one."""
    reach = extent - 1 if mode == "reflect" else extent
    fits = mode == "edge" or max(before, after) <= reach
    require(node, fits, f"pads beyond the axis of {extent} that is repeated", "pads within it")
    return tuple(_REPEATED[mode](place, extent) for place in range(-before, extent + after))


def _fill(at: Lowering, node: SourceNode) -> float:
    name = node.input(2)
    if not name:
        return 0.0
    value = at.constant(name)
    if value is None or value.data is None or math.isnan(float(value.data.reshape(-1)[0])):
        raise UnsupportedError(f"{node} has a fill value {name!r} that is not a constant number.")
    return float(value.data.reshape(-1)[0])


def _integers(
    at: Lowering, node: SourceNode, index: int, what: str, default: Sequence[int] | None = None
) -> list[int]:
    """Return the integers of a constant input, or `default` when it is absent."""
    name = node.input(index)
    if not name and default is not None:
        return list(default)
    value = at.constant(name)
    if value is None or value.data is None or value.data.dtype.kind not in "iu":
        raise UnsupportedError(
            f"{node} takes its {what} from {name!r}, computed at run time; supported are constants."
        )
    return [int(item) for item in value.data.reshape(-1)]
