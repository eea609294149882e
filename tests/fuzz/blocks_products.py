"""Blocks around convolutions and matrix products: residual nets, attention, perceptrons."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from fuzz.net import MOST_ELEMENTS, MOST_MACS, Net

Block = Callable[[Net], str | None]


def _activation(net: Net, y: str) -> str:
    """Add an activation function, mostly one that is fused."""
    match net.some("none", "none", "relu", "relu6", "silu", "gelu", "leaky"):
        case "relu":
            return net.node("Relu", y)
        case "relu6":
            return net.node("Clip", y, net.floats(0.0), net.floats(6.0))
        case "silu":
            y = net.settle(y, keep=False)
            return net.node("Mul", y, net.node("Sigmoid", y))
        case "gelu":
            return net.node("Gelu", net.settle(y, keep=False))
        case "leaky":
            y = y if net.flip(0.1) else net.settle(y, keep=False)
            return net.node("LeakyRelu", y, alpha=0.1)
        case _:
            return y


def _windows(net: Net, image: tuple[int, ...], least: int = 1) -> dict[str, Any]:
    """Draw kernel, strides and pads that leave at least one window."""
    kernel = [net.between(least, 7) if net.flip() else net.between(1, 3) for _ in image]
    attributes: dict[str, Any] = {"kernel_shape": kernel}
    attributes["strides"] = [net.between(1, 3) if net.flip(0.4) else 1 for _ in image]
    pads = [[net.between(0, k - 1) for k in kernel] for _ in range(2)]
    for axis, extent in enumerate(image):
        short = kernel[axis] - extent - pads[0][axis] - pads[1][axis]
        pads[1][axis] += max(short, 0)
    if net.flip(0.15):
        attributes["auto_pad"] = net.some("SAME_UPPER", "SAME_LOWER")
    else:
        attributes["pads"] = [*pads[0], *pads[1]]
    return attributes


def _conv(net: Net, x: str, out: int, group: int, attributes: dict[str, Any]) -> str:
    inner = net.shape(x)[1] // group
    kernel = attributes["kernel_shape"]
    fan_in = inner * math.prod(kernel)
    w = net.weight_like((out, inner, *kernel), 0, fan_in)
    inputs = [x, w] + ([net.bias(out, net.reach(x))] if net.flip(0.7) else [])
    return net.node("Conv", *inputs, group=group, **attributes)


def conv(net: Net) -> str | None:
    """A dense or grouped convolution, 1-D or 2-D."""
    x = net.draw(3, 4, most=3000)
    if x is None:
        return None
    channels, image = net.shape(x)[1], net.shape(x)[2:]
    group = net.some(1, 1, *(g for g in range(1, channels + 1) if channels % g == 0))
    out = group * net.between(1, max(1, 12 // group))
    attributes = _windows(net, image)
    macs = net.elements(x) // group * out * math.prod(attributes["kernel_shape"])
    if macs > MOST_MACS:
        attributes = {"kernel_shape": [1] * len(image)}
    if min(image) > 4 and net.flip(0.05):
        attributes = {"kernel_shape": [3] * len(image), "dilations": [2] * len(image)}
    y = net.hold(_conv(net, x, out, group, attributes))
    return net.settle(_activation(net, y))


def depthwise(net: Net) -> str | None:
    """A depthwise convolution with a kernel of 2 to 7, odd strides and pads, any multiplier."""
    x = net.draw(3, 4, most=3000)
    if x is None:
        return None
    channels = net.shape(x)[1]
    attributes = _windows(net, net.shape(x)[2:], least=2)
    y = net.hold(_conv(net, x, channels * net.some(1, 1, 1, 2), channels, attributes))
    return net.settle(_activation(net, y))


def residual(net: Net) -> str | None:
    """Two convolutions around a shortcut."""
    x = net.draw(4, most=1500)
    if x is None:
        return None
    same = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}
    channels = net.shape(x)[1]
    middle = net.between(1, 10)
    y = net.settle(_activation(net, _conv(net, x, middle, 1, same)))
    y = net.settle(_conv(net, y, channels, 1, same), keep=False)
    y = net.node("Add", *net.some((x, y), (y, x)))
    return net.settle(net.node("Relu", y) if net.flip() else y)


def inverted_residual(net: Net) -> str | None:
    """Widen, depthwise, narrow, and the shortcut where the shapes allow it."""
    x = net.draw(4, most=800)
    if x is None:
        return None
    channels = net.shape(x)[1]
    wide = channels * net.between(1, 4)
    size, stride = net.some(3, 5), net.some(1, 1, 2)
    point = {"kernel_shape": [1, 1]}
    pad = size // 2
    window = {"kernel_shape": [size] * 2, "pads": [pad] * 4, "strides": [stride] * 2}
    y = net.settle(_activation(net, _conv(net, x, wide, 1, point)), keep=False)
    y = net.settle(_activation(net, _conv(net, y, wide, wide, window)), keep=False)
    y = net.settle(_conv(net, y, channels, 1, point))
    return net.settle(net.node("Add", x, y)) if net.shape(x) == net.shape(y) else y


def squeeze_excite(net: Net) -> str | None:
    """Channels weighted by a gate computed from their means."""
    x = net.draw(4)
    if x is None:
        return None
    channels = net.shape(x)[1]
    y = net.settle(net.node("GlobalAveragePool", x), keep=False)
    y = net.settle(net.node("Relu", _conv(net, y, net.between(1, 6), 1, {"kernel_shape": [1, 1]})))
    y = net.settle(_conv(net, y, channels, 1, {"kernel_shape": [1, 1]}))
    gate = net.settle(net.node(net.some("Sigmoid", "HardSigmoid"), y), keep=False)
    return net.settle(net.node("Mul", *net.some((x, gate), (gate, x))))


def _dense(net: Net, x: str, columns: int) -> str:
    """Add a matrix product with constant weights and most often a bias; not quantized."""
    inner = net.shape(x)[-1]
    w = net.weight_like((inner, columns), 1, inner)
    y = net.node("MatMul", x, w)
    if net.flip(0.7):
        b = net.bias(columns, net.reach(x))
        y = net.node("Add", *net.some((y, b), (b, y)))
    return y


def dense(net: Net) -> str | None:
    """A product with a constant from the right, from the left, or a Gemm."""
    x = net.draw(most=3000)
    if x is None or len(net.shape(x)) == 0:
        return None
    shape = net.shape(x)
    columns = net.between(1, 24)
    match net.some("right", "right", "left", "gemm"):
        case "left" if len(shape) > 1:
            y = net.node("MatMul", net.weight_like((columns, shape[-2]), 0, shape[-2]), x)
        case "gemm" if len(shape) == 2:
            trans = net.between(0, 1)
            weights = (columns, shape[1]) if trans else (shape[1], columns)
            w = net.weight_like(weights, 1 - trans, shape[1])
            y = net.node("Gemm", x, w, net.bias(columns, net.reach(x)), transB=trans)
        case _:
            y = _dense(net, x, columns)
    return net.settle(_activation(net, net.hold(y)))


def perceptron(net: Net) -> str | None:
    """Two products with an activation between them and a shortcut."""
    x = net.draw(2, 3, most=2000)
    if x is None:
        return None
    y = net.settle(_activation(net, net.hold(_dense(net, x, net.between(1, 32)))))
    y = net.settle(_dense(net, y, net.shape(x)[-1]), keep=False)
    return net.settle(net.node("Add", x, y))


def products(net: Net) -> str | None:
    """A product of two activations: of one with its transpose, or of two of the pool."""
    x = net.draw(2, 3, 4, most=1500)
    if x is None:
        return None
    rank = len(net.shape(x))
    if net.elements(x) * net.shape(x)[-2] > MOST_MACS:
        return None
    other = net.node("Transpose", x, perm=[*range(rank - 2), rank - 1, rank - 2])
    pair = (x, other) if net.flip() else (other, x)
    y = net.hold(net.node("MatMul", *pair))
    if net.elements(y) > MOST_ELEMENTS:
        return None
    if net.flip(0.3):
        y = net.node("Div", y, net.floats(math.sqrt(net.shape(x)[-1])))
    return net.settle(y)


def attention(net: Net) -> str | None:
    """Self-attention of some heads, with a scale, a mask, a shortcut; or shared keys."""
    x = net.draw(2, 3, most=1500)
    if x is None or (len(net.shape(x)) == 3 and net.shape(x)[0] > 2):
        return None
    length, width = net.shape(x)[-2:]
    heads, inner = net.between(1, 4), net.between(1, 9)
    lead = net.shape(x)[:-2]
    split = net.ints([*(lead or (1,)), length, heads, inner])
    parts = []
    for order in ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3]):
        y = net.settle(_dense(net, x, heads * inner), keep=False)
        parts.append(net.node("Transpose", net.node("Reshape", y, split), perm=order))
    q, k, v = parts
    if net.flip(0.3):
        q = net.settle(net.node("Mul", q, net.floats(1.0 / math.sqrt(inner))), keep=False)
    scores = net.node("MatMul", q, k)
    if net.flip():
        scores = net.node("Div", scores, net.floats(math.sqrt(inner)))
    scores = net.settle(scores, keep=False)
    if net.flip(0.2):
        mask = np.where(np.tri(length), 0.0, -4.0 * max(net.reach(scores), 1.0))
        covered = net.pair(net.floats(mask), float(np.float32(-mask.min() / 255 or 1.0)), 127)
        scores = net.settle(net.node("Add", scores, covered), keep=False)
    weights = net.node("Softmax", scores, axis=-1)
    zero = -128
    scale = net.some(1 / 256, 1 / 255, None)
    weights = (
        net.settle(weights, keep=False)
        if scale is None
        else net.pair(weights, float(np.float32(scale)), zero)
    )
    y = net.settle(net.node("MatMul", weights, v), keep=False)
    y = net.node("Transpose", y, perm=[0, 2, 1, 3])
    y = net.hold(net.node("Reshape", y, net.ints([*lead, length, heads * inner])))
    if net.flip():
        y = net.settle(_dense(net, y, width))
        return net.settle(net.node("Add", x, y))
    return net.settle(y)


BLOCKS: dict[str, Block] = {
    block.__name__: block
    for block in (
        conv,
        depthwise,
        residual,
        inverted_residual,
        squeeze_excite,
        dense,
        perceptron,
        products,
        attention,
    )
}
