"""Constants of LSTM and GRU steps (docs/arithmetic.md): gates, states, and the table of both."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.graph.quantization import FloatArray
from tinyrig.generator.graph.requant import (
    INT32_LIMIT,
    Int8Array,
    Int16Array,
    Int32Array,
    RangeError,
)
from tinyrig.generator.graph.tensor import Affine

GATES = {"GRU": 3, "LSTM": 4}
"""Gates by ONNX's name: update, reset and hidden; input, output, forget and cell."""
GATE_BITS = 12
"""Bits behind the point of a gate before its function."""
ONE_BITS = 15
"""Bits behind the point of gates, and of hidden states."""
CELL_BITS = 11
"""Bits behind the point of a cell, which ends at +-16."""

_ENTRIES = 256
_REACH = 8.0
_LARGEST_SHIFT = 30
_FINEST = 24
_CODES = 127


@dataclass(frozen=True, eq=False)
class Gates:
    """What gate g of unit j sums: `weight` [units, gates, units] over the hidden codes.

    The others are [units, gates]: what sums and input codes are multiplied with before they move
    down by `shift`, and what is added to that.
    """

    weight: Int8Array = field(repr=False)
    h_multiplier: Int32Array = field(repr=False)
    x_multiplier: Int32Array = field(repr=False)
    bias: Int32Array = field(repr=False)
    shift: int


@dataclass(frozen=True)
class Fixed:
    """A real factor as `multiplier * 2^-shift`."""

    multiplier: int
    shift: int


def sigmoid_table() -> Int16Array:
    """Return the logistic function from -8 to 8 in 256 steps, 2^15 being one."""
    at = (np.arange(_ENTRIES + 1) - _ENTRIES // 2) * (2.0 * _REACH / _ENTRIES)
    table: Int16Array = np.rint(2.0**ONE_BITS / (1.0 + np.exp(-at))).astype(np.int16)
    return table


def fixed(real: float, bits: int) -> Fixed:
    """Return a positive factor whose multiplier has at most so many bits, and at most 2^30 steps.

    Raises RangeError when it has more before the point.
    """
    for shift in range(_LARGEST_SHIFT, 0, -1):
        multiplier = math.floor(real * 2.0**shift + 0.5)
        if multiplier < 2**bits:
            return Fixed(multiplier, shift)
    raise RangeError(f"a state's scale {real:g} leaves {bits} bits")


def state_of(codes: Affine, bits: int) -> Fixed:
    """Return what makes a state, with so many bits behind its point, of int8 codes."""
    return fixed(codes.scale * 2.0**bits, 22)


def codes_of(codes: Affine, bits: int) -> Fixed:
    """Return what makes int8 codes of a state with so many bits behind its point."""
    return fixed(2.0**-bits / codes.scale, 15)


def step_gates(
    weight: FloatArray,
    x_scale: FloatArray,
    bias: FloatArray,
    h: Affine,
    held: FloatArray | None = None,
) -> tuple[Gates, Int32Array]:
    """Return a step's gates, the last of them doubled for its hyperbolic tangent.

    `weight` [gates, units, units] multiplies hidden states of affine `h`; `x_scale` and `bias`
    [gates, units] are what a code of the input is worth, and what is added. Given `held`, what is
    added to the last gate's sums alone [units], that is returned with what the zero point of h
    adds; else it is in the bias.
    Raises RangeError where a sum leaves int32.
    """
    doubled = np.ones((len(weight), 1))
    doubled[-1] = 2.0
    unit = doubled * 2.0**GATE_BITS
    largest = np.abs(weight).max(axis=2)
    scale = np.where(largest > 0.0, largest / _CODES, 1.0)
    codes = np.rint(weight / scale[:, :, None]).astype(np.int64)
    h_real = np.where(largest > 0.0, scale * h.scale * unit, 0.0)
    x_real = x_scale * unit
    sums = codes.sum(axis=2)
    correction = -h.zero_point * sums * h_real
    added = bias * unit + correction
    sums_bias = np.zeros(weight.shape[1])
    if held is not None:
        sums_bias = held * unit[-1] + correction[-1]
        added[-1] -= correction[-1]
    shift = _shift(max(float(np.abs(h_real).max()), float(np.abs(x_real).max())))
    one = 2.0**shift
    reach = 128 * (np.abs(codes).sum(axis=2) * np.abs(h_real) + np.abs(x_real))
    reach += np.abs(bias * unit) + np.abs(correction) + 4.0
    reach[-1] += np.abs(sums_bias)
    if not float(reach.max()) < INT32_LIMIT / 4:
        raise RangeError(f"a gate can reach {float(reach.max()) / 2**GATE_BITS:g}")
    gates = Gates(
        np.ascontiguousarray(codes.transpose(1, 0, 2)).astype(np.int8),
        _rounded(h_real * one),
        _rounded(x_real * one),
        _rounded(added),
        shift,
    )
    return gates, np.rint(sums_bias).astype(np.int32)


def _shift(largest: float) -> int:
    for shift in range(_FINEST, 7, -1):
        if largest * 2.0**shift < INT32_LIMIT - 1:
            return shift
    raise RangeError(f"a step of a gate's input is worth {largest / 2**GATE_BITS:g}")


def _rounded(by_gate: FloatArray) -> NDArray[np.int32]:
    """Numbers [gates, units] as the kernels read them, [units, gates]."""
    return np.ascontiguousarray(np.rint(by_gate).T).astype(np.int32)
