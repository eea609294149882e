"""Requantisation, tables and the row scale, on tensors of int64 accumulators."""

from __future__ import annotations

import torch

from tinyrig.generator.graph.ops import Lut
from tinyrig.generator.graph.requant import RangeError, Requant, RowScale
from tinyrig.suite.reference.bits import bit_length
from tinyrig.suite.reference.call import constant


def requantise(acc: torch.Tensor, requant: Requant, channel_axis: int = -1) -> torch.Tensor:
    """Return int8 outputs of int32-ranged accumulators (int64 tensor of any shape).

    A multiplier of several entries runs along `channel_axis`.
    """
    multiplier = constant(requant.multiplier)
    shape = [1] * acc.dim()
    if multiplier.numel() > 1:
        shape[channel_axis] = -1
    multiplier = multiplier.reshape(shape)
    product = acc * multiplier
    if requant.narrow:
        value = product >> 32
    else:
        value = requant.zero_point + ((product + (1 << (requant.shift - 1))) >> requant.shift)
    return value.clamp(requant.lo, requant.hi).to(torch.int8)


def look_up(codes: torch.Tensor, lut: Lut) -> torch.Tensor:
    """Return lut[code + 128] for int8 codes; the codes themselves without a table."""
    if lut is None:
        return codes
    return constant(lut, torch.int8)[codes.long() + 128]


def row_scaled(acc: torch.Tensor, sums: torch.Tensor, scale: RowScale, name: str) -> torch.Tensor:
    """Return `acc * m / sum` by row_scale of docs/arithmetic.md, as int64.

    `acc` holds int32-ranged accumulators [..., n]; `sums` [..., 1] in [1, 2^32).
    Raises RangeError when a row's shift leaves 1..31.
    """
    zeros = 32 - bit_length(sums)
    divisor = (((sums << zeros) >> 15) + 1) >> 1
    multiplier = (scale.mantissa * (2**31 // divisor)) >> 16
    shift = scale.exponent - zeros - 1
    least, most = (int(bound) for bound in torch.aminmax(shift))
    if least < 1 or most > 31:
        raise RangeError(f"node {name!r}: a row's shift of {least}..{most} is outside 1..31")
    half = torch.ones_like(shift) << (shift - 1)
    return (((acc * multiplier) >> 32) + half) >> shift


def saturate(value: torch.Tensor, lo: int = -128, hi: int = 127) -> torch.Tensor:
    """Return integers clamped to [lo, hi], both within int8, as int8."""
    return value.clamp(lo, hi).to(torch.int8)
