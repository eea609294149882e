"""Blocks that move elements: chains of layout operators, joins, parts and repetitions."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from fuzz.net import MOST_ELEMENTS, Net

Block = Callable[[Net], str | None]


def _reshape(net: Net, x: str) -> str:
    total, shape = net.elements(x), []
    while total > 1 and len(shape) < 3:
        part = net.some(*(k for k in range(1, total + 1) if total % k == 0))
        shape.append(part)
        total //= part
    shape = [*shape, total]
    if net.flip(0.3):
        shape[net.between(0, len(shape) - 1)] = -1
    return net.node("Reshape", x, net.ints(shape))


def _transpose(net: Net, x: str) -> str:
    return net.node("Transpose", x, perm=[int(a) for a in net.rng.permutation(len(net.shape(x)))])


def _slice(net: Net, x: str) -> str:
    starts, ends, steps = [], [], []
    for extent in net.shape(x):
        low = net.between(0, extent - 1)
        high = net.between(low + 1, extent)
        step = net.between(1, 3)
        if net.flip(0.2):
            low, high, step = high - 1, low - 1 - extent, -step
        elif net.flip(0.3):
            high = 2**31
        starts.append(low)
        ends.append(high)
        steps.append(step)
    axes = net.ints(list(range(len(starts))))
    return net.node("Slice", x, net.ints(starts), net.ints(ends), axes, net.ints(steps))


def _row(net: Net, x: str) -> str:
    """Cut one row out of an axis and repeat it back to the whole extent."""
    shape = net.shape(x)
    axis = net.between(0, len(shape) - 1)
    at = net.between(0, shape[axis] - 1)
    row = net.node("Slice", x, net.ints([at]), net.ints([at + 1]), net.ints([axis]))
    if net.flip():
        return net.node("Expand", row, net.ints(shape))
    return net.node(
        "Tile", row, net.ints([shape[axis] if i == axis else 1 for i in range(len(shape))])
    )


def _gather(net: Net, x: str) -> str:
    shape = net.shape(x)
    axis = net.between(0, len(shape) - 1)
    count = net.between(1, min(2 * shape[axis], 12))
    if net.flip(0.3):
        indices = np.full(count, net.between(0, shape[axis] - 1))
    else:
        indices = net.rng.integers(-shape[axis], shape[axis], count)
    return net.node("Gather", x, net.ints(indices), axis=axis)


def _tile(net: Net, x: str) -> str:
    room = MOST_ELEMENTS // net.elements(x)
    repeats = []
    for _ in net.shape(x):
        times = net.between(1, max(1, min(3, room)))
        repeats.append(times)
        room //= times
    return net.node("Tile", x, net.ints(repeats))


def _expand(net: Net, x: str) -> str:
    lead = [net.between(1, 2)] if net.flip(0.4) else []
    spread = [net.between(1, 5) if extent == 1 else extent for extent in net.shape(x)]
    if math.prod(lead + spread) > MOST_ELEMENTS:
        return net.node("Expand", x, net.ints(list(net.shape(x))))
    return net.node("Expand", x, net.ints(lead + spread))


def _squeeze(net: Net, x: str) -> str:
    ones = [axis for axis, extent in enumerate(net.shape(x)) if extent == 1]
    if ones and len(net.shape(x)) > 1 and net.flip():
        return net.node("Squeeze", x, net.ints([net.some(*ones)]))
    if len(net.shape(x)) >= 4:
        return net.node("Flatten", x, axis=net.between(0, len(net.shape(x))))
    return net.node("Unsqueeze", x, net.ints([net.between(0, len(net.shape(x)))]))


def _pad(net: Net, x: str) -> str:
    rank = len(net.shape(x))
    room = max(0, min(2, MOST_ELEMENTS // net.elements(x) - 1))
    pads = [net.between(0, room) for _ in range(2 * rank)]
    value = [net.floats(net.rng.uniform(-1, 1) * net.reach(x))] if net.flip() else []
    return net.node("Pad", x, net.ints(pads), *value)


_MOVES: tuple[Callable[[Net, str], str], ...] = (
    _reshape,
    _transpose,
    _slice,
    _row,
    _gather,
    _tile,
    _expand,
    _squeeze,
    _pad,
)


def chain(net: Net) -> str | None:
    """Some layout operators in a row, quantized in between or only behind the last."""
    x = net.draw()
    if x is None:
        return None
    every = net.flip(0.4)
    for _ in range(net.between(1, 4)):
        x = net.hold(net.some(*_MOVES)(net, x))
        if net.elements(x) > MOST_ELEMENTS:
            break
        x = net.settle(x) if every else x
    return x if every else net.settle(x)


def repeated_rows(net: Net) -> str | None:
    """A row repeated over its tensor, changed, and joined with what it came from."""
    x = net.draw()
    if x is None:
        return None
    spread = _row(net, x)
    if net.flip():
        spread = net.settle(spread)
    changed = net.settle(net.node(net.some("Tanh", "Relu", "Sigmoid", "Abs"), spread), least=1e-4)
    if net.flip():
        return changed
    return net.settle(net.node(net.some("Add", "Sub", "Mul"), changed, x))


def moved_codes(net: Net) -> str | None:
    """Layout operators on the codes, between QuantizeLinear and DequantizeLinear."""
    x = net.draw(2, 3, 4)
    if x is None:
        return None
    scale = float(np.float32(max(net.reach(x), 1e-6) / 127 * net.rng.uniform(0.5, 2)))
    unsigned = net.flip()
    point = np.asarray(128 if unsigned else 0, np.uint8 if unsigned else np.int8)
    step, zero = net.floats(scale), net.constant(point)
    codes = net.node("QuantizeLinear", x, step, zero)
    moved = net.node(
        "Transpose", codes, perm=[int(a) for a in net.rng.permutation(len(net.shape(x)))]
    )
    if net.flip():
        moved = net.node("Reshape", moved, net.ints([-1, net.shape(x)[0]]))
    return net.keep(net.node("DequantizeLinear", moved, step, zero))


def concat(net: Net) -> str | None:
    """Values of different scales along an axis, constants among them."""
    x = net.draw(most=MOST_ELEMENTS // 4)
    if x is None:
        return None
    axis = net.between(0, len(net.shape(x)) - 1)
    rest = tuple(n for i, n in enumerate(net.shape(x)) if i != axis)
    parts = [x]
    for other in net.pool:
        shape = net.shape(other)
        fits = len(shape) == len(rest) + 1
        if fits and tuple(n for i, n in enumerate(shape) if i != axis) == rest and net.flip(0.6):
            parts.append(other)
    if net.flip(0.3):
        data = net.rng.normal(0, net.reach(x) + 1e-3, net.shape(x))
        parts.append(net.pair(net.floats(data), float(np.float32(net.reach(x) / 100 + 1e-6)), 0))
    if net.flip(0.5):
        parts.append(net.settle(net.node("Neg", x), keep=False))
    order = [parts[int(i)] for i in net.rng.permutation(len(parts[:4]))]
    y = net.hold(net.node("Concat", *order, axis=axis - net.some(0, len(rest) + 1)))
    return net.settle(y)


def split(net: Net) -> str | None:
    """Parts along an axis, each quantized on its own; equal ones are joined again."""
    x = net.draw()
    if x is None:
        return None
    wide = [axis for axis, extent in enumerate(net.shape(x)) if extent > 1]
    if not wide:
        return None
    axis = net.some(*wide)
    extent = net.shape(x)[axis]
    cut = extent // 2 if extent % 2 == 0 and net.flip() else net.between(1, extent - 1)
    parts = net.nodes("Split", x, net.ints([cut, extent - cut]), outputs=2, axis=axis)
    settled = [net.settle(part) for part in parts]
    if 2 * cut == extent:
        return net.settle(net.node(net.some("Add", "Mul"), *settled))
    return settled[0]


def shuffle(net: Net) -> str | None:
    """Channels shuffled between groups: Reshape, Transpose, Reshape."""
    x = net.draw(4)
    if x is None:
        return None
    n, c, h, w = net.shape(x)
    groups = net.some(*(g for g in range(1, c + 1) if c % g == 0))
    y = net.node("Reshape", x, net.ints([n, groups, c // groups, h, w]))
    y = net.node("Transpose", y, perm=[0, 2, 1, 3, 4])
    return net.settle(net.node("Reshape", y, net.ints([n, c, h, w])))


BLOCKS: dict[str, Block] = {
    block.__name__: block for block in (chain, repeated_rows, moved_codes, concat, split, shuffle)
}
