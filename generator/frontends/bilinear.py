"""Resize between cells, by whole factors up, as the transposed convolution that it is.

Each output is a weighted mean of the nearest inputs, whose weights repeat with the factor: a
triangle over the input with zeros between its cells. At the edges a cell is repeated, which a Pad
does. The weights are whole numbers over the square of twice the factor, so int8 codes hold them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.frontends.source import Attribute, Codes, Parts, SourceNode, Value

_CENTRED = ("half_pixel", "pytorch_half_pixel", "half_pixel_symmetric")
_MOST = 127
Kernel = NDArray[np.int64]


def is_linear(node: SourceNode) -> bool:
    """Whether a node is a Resize between cells."""
    return node.op == "Resize" and node.attributes.get("mode") == "linear"


def resized(node: SourceNode, operands: Sequence[Value | None], shape: tuple[int, ...]) -> Parts:
    """Return a linear Resize of an image to `shape` as a Pad and a ConvTranspose.

    Raises UnsupportedError for factors that are not whole, and where corners are aligned.
    """
    x = operands[0]
    how = node.text("coordinate_transformation_mode", "half_pixel")
    if x is None or len(x.shape) < 3 or x.shape[:2] != shape[:2]:
        raise UnsupportedError(f"{node} resizes batch or channels; supported: images [N, C, ...].")
    factors = [out // extent for out, extent in zip(shape[2:], x.shape[2:], strict=True)]
    whole = all(out == f * n for out, f, n in zip(shape[2:], factors, x.shape[2:], strict=True))
    scales = operands[2] if len(operands) > 2 else None
    if scales is not None and scales.data is not None and scales.data.size:
        whole &= bool(np.all(scales.data == np.rint(scales.data)))
    if not whole or how not in (*_CENTRED, "asymmetric"):
        raise UnsupportedError(
            f"{node} resizes {list(x.shape)} to {list(shape)} by {how!r}; supported: whole factors "
            "up, with 'half_pixel' or 'asymmetric'.",
            "whole factors up, with 'half_pixel' or 'asymmetric' (align_corners=False)",
        )
    spread = [how in _CENTRED and factor % 2 == 0 for factor in factors]
    rows = [_triangle(*one) for one in zip(factors, spread, strict=True)]
    kernel = rows[0]
    for row in rows[1:]:
        kernel = np.multiply.outer(kernel, row)
    if kernel.max() > _MOST:
        raise UnsupportedError(
            f"{node} resizes by {factors}; supported are factors up to 6, whose weights are int8.",
            "smaller factors, one Resize after the other",
        )
    unit = math.prod(f * (1 + even) for f, even in zip(factors, spread, strict=True))
    before = [f // 2 if how in _CENTRED else f - 1 for f in factors]
    return _nodes(node, x, shape, factors, kernel, 1.0 / unit, before)


def _triangle(factor: int, spread: bool) -> Kernel:
    """Return the weights of one cell on the outputs around it, in whole steps.

    `spread`: its centre is between two outputs, and the steps are half as large.
    """
    if spread:
        half = np.arange(1, 2 * factor, 2)
        return np.concatenate([half, half[::-1]])
    half = np.arange(1, factor + 1)
    return np.concatenate([half, half[-2::-1]])


def _nodes(
    node: SourceNode,
    x: Value,
    shape: tuple[int, ...],
    factors: Sequence[int],
    kernel: Kernel,
    step: float,
    before: Sequence[int],
) -> Parts:
    """One cell more at every edge that grows, and its outputs cut off again.

    `before` is how many outputs a cell reaches before those in its own place.
    """
    out, channels, rank = node.outputs[0], x.shape[1], len(x.shape)
    edge = [int(f > 1) for f in factors]
    padded = Value(
        f"{out}:edged",
        (*x.shape[:2], *(n + 2 * e for n, e in zip(x.shape[2:], edge, strict=True))),
    )
    pads = Value(f"{out}:pads", (2 * rank,), np.asarray([0, 0, *edge, 0, 0, *edge], dtype=np.int64))
    data = np.broadcast_to(kernel, (channels, 1, *kernel.shape)).astype(np.int64)
    ones = (1,) * data.ndim
    codes = Codes(data, np.full(ones, step), np.zeros(ones, dtype=np.int64), 8)
    weight = Value(f"{out}:weight", data.shape, codes.real(), codes)
    first = [f + reach if f > 1 else 0 for f, reach in zip(factors, before, strict=True)]
    last = [
        (n + 2 * e - 1) * f + k - keep - start
        for n, e, f, k, keep, start in zip(
            x.shape[2:], edge, factors, kernel.shape, shape[2:], first, strict=True
        )
    ]
    attributes: dict[str, Attribute] = {
        "group": channels,
        "strides": tuple(factors),
        "pads": (*first, *last),
    }
    attributes["kernel_shape"] = kernel.shape
    nodes = (
        SourceNode(
            "Pad", f"{node.name}.edge", (x.name, pads.name), (padded.name,), {"mode": "edge"}
        ),
        SourceNode("ConvTranspose", node.name, (padded.name, weight.name), (out,), attributes),
    )
    return Parts(nodes, (padded, pads, weight, Value(out, shape)))
