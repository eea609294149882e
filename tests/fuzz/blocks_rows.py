"""Blocks that compute without weights: functions, sums, normalisations, pools, means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from fuzz.net import MOST_ELEMENTS, Net

Block = Callable[[Net], str | None]

_FUNCTIONS = (
    *("Relu", "Sigmoid", "Tanh", "Erf", "Abs", "Neg", "Softplus", "Softsign", "Elu", "Selu"),
    *("LeakyRelu", "HardSwish", "HardSigmoid", "Mish", "Gelu", "Floor", "Round", "Sign", "Celu"),
)

_NOISE = 1e-4
"""ONNX Runtime's float32 functions are not exact to more than about 1e-7 of their range."""


def function(net: Net) -> str | None:
    """One to three functions of one variable, quantized in between or not."""
    x = net.draw()
    if x is None:
        return None
    for _ in range(net.between(1, 3)):
        x = net.node(net.some(*_FUNCTIONS), x)
        if net.flip():
            x = net.settle(x, least=_NOISE)
    return x if x in net.pool else net.settle(x, least=_NOISE)


def scalar(net: Net) -> str | None:
    """A value with a scalar constant on either side."""
    x = net.draw()
    if x is None:
        return None
    op = net.some("Add", "Sub", "Mul", "Div", "Min", "Max")
    c = net.floats(net.rng.choice([0.5, -1.5, 3.0]) * (net.reach(x) if op != "Mul" else 1.0) + 0.1)
    pair = (x, c) if op == "Div" or net.flip() else (c, x)
    return net.settle(net.node(op, *pair))


def _broadcast_shape(net: Net, shape: tuple[int, ...]) -> tuple[int, ...]:
    drawn = tuple(extent if net.flip(0.6) else 1 for extent in shape)
    return drawn[net.between(0, max(len(shape) - 1, 0)) :]


def broadcast(net: Net) -> str | None:
    """A sum, difference or product with a constant of a shape that broadcasts."""
    x = net.draw()
    if x is None:
        return None
    shape = _broadcast_shape(net, net.shape(x))
    reach = max(net.reach(x), 1e-6) * 10.0 ** net.rng.uniform(-1, 1)
    constant = net.floats(net.rng.uniform(-reach, reach, shape))
    if net.flip(0.8):
        constant = net.pair(constant, float(np.float32(reach / 100)), net.some(0, -128, 127, 9))
    pair = net.some((x, constant), (constant, x))
    return net.settle(net.node(net.some("Add", "Sub", "Mul"), *pair))


def joined(net: Net) -> str | None:
    """A sum, difference or product of two values of the pool that broadcast."""
    x = net.draw()
    if x is None:
        return None
    fitting = []
    for other in net.pool:
        try:
            shape = np.broadcast_shapes(net.shape(x), net.shape(other))
        except ValueError:
            continue
        if np.prod(shape) <= MOST_ELEMENTS:
            fitting.append(other)
    y = net.node(net.some("Add", "Sub", "Mul"), x, net.some(*fitting))
    return net.settle(net.node("Relu", y) if net.flip(0.2) else y)


def layernorm(net: Net) -> str | None:
    """LayerNormalization from any axis on, with or without bias, small epsilons to large."""
    x = net.draw()
    if x is None or len(net.shape(x)) == 0:
        return None
    shape = net.shape(x)
    axis = len(shape) - 1 if net.flip(0.8) else net.between(0, len(shape) - 1)
    row = shape[axis:]
    gamma = net.floats(net.rng.uniform(0.3, 1.5, row) * net.rng.choice([-1, 1, 1], row))
    beta = [net.floats(net.rng.normal(0, 0.5, row))] if net.flip(0.7) else []
    epsilon = float(net.some(1e-5, 1e-6, 1e-12, 1e-3))
    y = net.node("LayerNormalization", x, gamma, *beta, axis=axis, epsilon=epsilon)
    return net.settle(y)


def softmax(net: Net) -> str | None:
    """Softmax over any axis, its output fixed at 1/256 or fitted."""
    x = net.draw()
    if x is None or len(net.shape(x)) == 0:
        return None
    rank = len(net.shape(x))
    y = net.node("Softmax", x, axis=net.between(-rank, rank - 1))
    if net.flip():
        return net.keep(net.pair(y, 1 / 256, -128, net.flip()))
    return net.settle(y)


def pool(net: Net) -> str | None:
    """A maximum or an average over windows of one or two axes."""
    x = net.draw(3, 4)
    if x is None:
        return None
    image = net.shape(x)[2:]
    kernel = [net.between(1, min(5, extent)) for extent in image]
    attributes: dict[str, Any] = {"kernel_shape": kernel}
    attributes["strides"] = [net.between(1, k) for k in kernel]
    if net.flip():
        attributes["pads"] = [net.between(0, (k - 1) // 2) for k in kernel + kernel]
    op = net.some("MaxPool", "AveragePool", "AveragePool")
    if op == "AveragePool":
        attributes["count_include_pad"] = net.between(0, 1)
    if not attributes.get("count_include_pad") and net.flip(0.3):
        attributes["ceil_mode"] = 1
    return net.settle(net.node(op, x, **attributes))


def reduce_mean(net: Net) -> str | None:
    """A mean over some axes, or over the whole image."""
    x = net.draw()
    if x is None or len(net.shape(x)) == 0:
        return None
    rank = len(net.shape(x))
    if rank >= 3 and net.flip(0.3):
        return net.settle(net.node(net.some("GlobalAveragePool", "GlobalMaxPool"), x))
    count = net.between(1, rank)
    axes = [int(a) - net.some(0, rank) for a in net.rng.permutation(rank)[:count]]
    keep = 1 if count == rank else net.between(0, 1)
    return net.settle(net.node("ReduceMean", x, net.ints(axes), keepdims=keep))


def requantized(net: Net) -> str | None:
    """A value quantized again, to another range."""
    x = net.draw()
    return None if x is None else net.settle(x)


BLOCKS: dict[str, Block] = {
    block.__name__: block
    for block in (
        function,
        scalar,
        broadcast,
        joined,
        layernorm,
        softmax,
        pool,
        reduce_mean,
        requantized,
    )
}
