"""Weights and biases of linear operators as integers, with their requantisation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.generator.frontends.context import Lowering
from tinyrig.generator.frontends.source import SourceNode
from tinyrig.generator.graph.quantization import FloatArray
from tinyrig.generator.graph.requant import INT32_LIMIT, Int32Array, RangeError, Requant, requantise
from tinyrig.generator.graph.tensor import Affine

_LOST_STEPS = 1.0
"""What rounding a bias may move an output by: by less, the output's own rounding keeps the code
within one of the exact one's."""


@dataclass(frozen=True, eq=False)
class Weight:
    """Codes [N, ...] in [-128, 127], output channel first, and scales: one, or one a channel."""

    codes: NDArray[np.int64]
    scale: FloatArray


def weight_of(at: Lowering, node: SourceNode, name: str, channel_axis: int) -> Weight:
    """Return a constant operand as a weight, its axis `channel_axis` moved to the front.

    With a zero point it is made symmetric: exactly where the steps from it are int8, and rounded
    and told of where they are not. Raises UnsupportedError unless it is int8 or less, per tensor
    or along that axis.
    """
    value = at.value(name)
    codes = value.codes
    supported = "supported are int8 weights behind a DequantizeLinear"
    if codes is None:
        return _rounded(at, node, name, channel_axis)
    if codes.bits != 8:
        raise UnsupportedError(f"{node} has the weight {name!r} of {codes.bits} bits; {supported}.")
    axis = channel_axis % codes.data.ndim
    if codes.scale.size not in (1, codes.scale.shape[axis]):
        raise UnsupportedError(
            f"{node} has the weight {name!r} with scales of shape {list(codes.scale.shape)}; "
            f"supported are one scale, or one for each output channel (axis {axis})."
        )
    steps = np.moveaxis(codes.data - codes.zero_point, axis, 0)
    return _symmetric(at, name, steps, codes.scale.reshape(-1))


def _rounded(at: Lowering, node: SourceNode, name: str, channel_axis: int) -> Weight:
    """Return a weight that the model leaves in float as int8, with a scale for each channel."""
    value = at.constant(name)
    if value is None or value.data is None or value.data.dtype.kind != "f" or not value.data.size:
        raise UnsupportedError(f"{node} has the weight {name!r}, computed at run time.")
    data = np.moveaxis(value.data, channel_axis % value.data.ndim, 0)
    flat = np.abs(data.reshape(len(data), -1) if data.ndim > 1 else data.reshape(1, -1))
    if not np.isfinite(flat).all():
        raise InputError(f"The weight {name!r} of {node} holds NaN or infinite values.")
    most = flat.max(axis=1)
    scale: FloatArray = np.where(most > 0.0, most, 1.0) / 127.0
    at.tell(f"the weight {name!r} has no QuantizeLinear: int8, with a scale for each channel.")
    codes = np.rint(data / scale.reshape(-1, *(1,) * (data.ndim - 1)))
    return Weight(codes.astype(np.int64), scale)


def negated(at: Lowering, name: str, weight: Weight) -> Weight:
    """Return a weight times -1: exactly where no code is -128, else as `weight_of` rounds."""
    return _symmetric(at, name, -weight.codes, weight.scale)


def _symmetric(at: Lowering, name: str, steps: NDArray[np.int64], scale: FloatArray) -> Weight:
    """Return steps from a zero point as int8: where a channel reaches further, in larger steps."""
    flat = steps.reshape(len(steps), -1) if steps.ndim > 1 else steps.reshape(1, -1)
    wide = ((flat < -128) | (flat > 127)).any(axis=1)
    if not wide.any():
        return Weight(steps, scale)
    grown: FloatArray = np.where(wide, np.abs(flat).max(axis=1) / 127.0, 1.0)
    at.tell(
        f"the weight {name!r} reaches up to {np.abs(flat).max()} steps from its zero point: "
        f"{np.count_nonzero(wide)} of its {wide.size} output channels are rounded to 127 larger "
        "steps either side, by half of one at most; quantize weights symmetrically and nothing is."
    )
    codes = np.rint(flat / grown[:, np.newaxis]).astype(np.int64).reshape(steps.shape)
    return Weight(codes, np.broadcast_to(scale, wide.shape) * grown)


def bias_of(at: Lowering, node: SourceNode, name: str, channels: int) -> FloatArray:
    """Return a constant bias [channels] as real values, zeros when `name` is ''.

    Raises UnsupportedError when it is not constant or differs along another axis than the last.
    """
    if not name:
        return np.zeros(channels)
    value = at.constant(name)
    if value is None or value.data is None:
        raise UnsupportedError(
            f"{node} has the bias {name!r}, computed at run time; supported are constant biases."
        )
    data = value.data
    if not np.all(np.isfinite(data)):
        raise InputError(f"The bias {name!r} of {node} holds NaN or infinite values.")
    if data.ndim and data.shape[-1] not in (1, channels):
        raise InputError(
            f"{node} has the bias {name!r} of shape {list(data.shape)} for {channels} channels."
        )
    rows = np.broadcast_to(data, (*data.shape[:-1], channels)).reshape(-1, channels)
    if not np.array_equal(rows, np.broadcast_to(rows[:1], rows.shape)):
        raise UnsupportedError(
            f"{node} has the bias {name!r} of shape {list(data.shape)}, which differs from row to "
            "row; supported is one value for each output channel."
        )
    row: FloatArray = rows[0].astype(np.float64)
    return row


def linear_constants(
    weight: Weight, bias: FloatArray, x: Affine, y: Affine, factor: float = 1.0
) -> tuple[Requant, Int32Array]:
    """Return the requantisation of `factor * (x . w) + bias`, and start [N].

    Raises RangeError when a constant or an accumulator leaves its range, and when a bias between
    two steps of the accumulator is lost by more than a step of the output.
    """
    channels = weight.codes.shape[0]
    flat = weight.codes.reshape(channels, -1)
    scale: FloatArray = _used_scales(flat, weight.scale) * (factor * x.scale)
    correction = x.zero_point * flat.sum(axis=1)
    reach = 128 * np.abs(flat).sum(axis=1)
    # Beside weights of nearly nothing a bias is many steps: at the end of int32 it is cut.
    room = np.maximum(INT32_LIMIT - 1 - reach - np.abs(correction), 0)
    with np.errstate(over="ignore", invalid="ignore"):
        wanted = np.rint(bias / scale)
        counts = np.clip(wanted, -room, room)
        lost = np.abs(bias - counts * scale) / y.scale
    if not np.all(lost[np.abs(wanted) > room] <= _LOST_STEPS) or not np.isfinite(wanted).all():
        raise RangeError("a bias leaves int32 when divided by its input and weight scales")
    if lost.max() > _LOST_STEPS:
        raise RangeError(
            f"the bias {bias[lost.argmax()]:g} is no multiple of its input times its weight scale, "
            f"and rounding it to one moves the output by {lost.max():.1f} steps; give the output a "
            "larger scale, or quantize the bias"
        )
    start = counts.astype(np.int64) - correction
    return requantise(scale / y.scale, start, reach, y.zero_point)


def _used_scales(flat: NDArray[np.int64], scale: FloatArray) -> FloatArray:
    """Give channels without any weight, whose scale is arbitrary, the largest of the others."""
    empty = ~flat.any(axis=1)
    if scale.size == 1 or not empty.any() or empty.all():
        return scale
    found: FloatArray = np.where(empty, scale[~empty].max(), scale)
    return found
