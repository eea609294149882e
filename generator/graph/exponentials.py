"""The tables of softmax (docs/arithmetic.md)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.graph.requant import INT32_LIMIT, RangeError, RowScale, row_scale

Exponential = Callable[[NDArray[np.float64]], NDArray[np.float64]]

DEPTHS = np.arange(256, dtype=np.float64)
"""What a score of eight bits can lie below the largest of its row, in steps."""

LARGEST_TOP = 32767
_SUM_TOP = 2**32 - 1
_TAIL_STEPS = 0.5
"""Steps of a probability that the rounding of a table may add to a row's longest tail."""

_FINEST_STEP = 2.0**-16
"""Where a table of 15 bits is a step off; a uniform row of 257 has a step just above."""


def softmax_top(row_length: int) -> int:
    """Return exp[0] of a materialised softmax: the sum of a row stays inside int32."""
    return _top((INT32_LIMIT - 1) // row_length, row_length)


def weight_top(row_length: int, zero_point: int) -> int:
    """Return exp[0] of a deferred softmax: a row weighs values of `zero_point` inside int32."""
    return _top((INT32_LIMIT - 1) // (row_length * value_reach(zero_point)), row_length)


def value_reach(zero_point: int) -> int:
    """Return the most that a code can differ from its zero point, at least 128."""
    return 128 + abs(zero_point)


def _top(room: int, row_length: int) -> int:
    if room < 1:
        raise RangeError(f"a softmax row of {row_length} elements leaves no room for its sum")
    return min(LARGEST_TOP, room)


def exp_table(scale: float, top: int, function: Exponential = np.exp) -> NDArray[np.uint16]:
    """Return exp[d] = round(exp(-d * scale) * top), d = 0..255.

    `function` is taken for exp; where it exceeds 1, `top` stands.
    """
    return _rounded(scale, top, function).astype(np.uint16)


def fine_table(scale: float, row_length: int, function: Exponential = np.exp) -> NDArray[np.uint32]:
    """Return the exponentials as a long row sums them: the sum stays inside 32 bits."""
    if row_length < 2:
        raise RangeError("a row of one element has no tail to sum")
    return _rounded(scale, _SUM_TOP // row_length, function).astype(np.uint32)


def even_table(scale: float, row_length: int) -> NDArray[np.uint32]:
    """Return the exponentials that LogSoftmax sums: their top is a power of two, as are octaves."""
    top = 2 ** ((_SUM_TOP // row_length).bit_length() - 1)
    return _rounded(scale, top, np.exp).astype(np.uint32)


def _rounded(scale: float, top: int, function: Exponential) -> NDArray[np.float64]:
    real = np.minimum(function(-DEPTHS * scale), 1.0) * top
    rounded: NDArray[np.float64] = np.floor(real + 0.5)
    return rounded


def tail_error(scale: float, table: NDArray[np.uint16], row_length: int) -> float:
    """Return the largest part of a row's sum that rounding the exponentials can make of it.

    Errors over sums are a ratio of two sums over the elements that are not the largest, so it is
    most for all of them at one depth.
    """
    tail = row_length - 1
    real = np.exp(-DEPTHS * scale) * int(table[0])
    wrong = np.abs(table - real)
    worst = tail * wrong / (int(table[0]) + tail * np.minimum(table, real))
    return float(worst.max())


@dataclass(frozen=True, eq=False)
class SoftmaxTables:
    """What a materialised softmax computes with.

    `exp` are the exponentials; `fine` are those that rows sum, None where it is `exp`; `scale`
    divides by that sum.
    """

    exp: NDArray[np.uint16]
    fine: NDArray[np.uint32] | None
    scale: RowScale


def softmax_tables(score_scale: float, row_length: int, step: float) -> SoftmaxTables:
    """Return the tables for rows of `row_length` scores and probabilities of `step` each.

    Raises RangeError where a row's shift could leave 1..31, where its sum has no room, and where
    the table is too coarse for such steps.
    """
    exp = exp_table(score_scale, softmax_top(row_length))
    wrong = np.abs(exp / exp[0] - np.exp(-DEPTHS * score_scale)).max() / step
    if step < _FINEST_STEP and wrong > _TAIL_STEPS:
        raise RangeError(
            f"probabilities in steps of {step:.2g} are finer than its table, which is up to "
            f"{wrong:.1f} steps off; give the probabilities a larger scale"
        )
    top, real, fine = int(exp[0]), 2.0**-8 / step, None
    if tail_error(score_scale, exp, row_length) > _TAIL_STEPS * step:
        fine = fine_table(score_scale, row_length)
        real *= int(fine[0]) / top
        top = int(fine[0])
    return SoftmaxTables(exp, fine, row_scale(real, top, row_length))
