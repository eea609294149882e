"""Functions of the integer dialect on one tensor: parts of a table, RequantShift among them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.frontends.context import Lowering, require
from tinyrig.generator.frontends.dialect.requant_shift import number, shifted_of
from tinyrig.generator.frontends.dialect.standard import DOMAIN
from tinyrig.generator.frontends.rules import lowers
from tinyrig.generator.frontends.source import SourceNode

_Integers = NDArray[np.int64]


@lowers(f"{DOMAIN}.RequantShift")
def lower_requant_shift(at: Lowering, node: SourceNode) -> None:
    """Joined with the sum before it (one product, Add or Mul); after anything else, a table."""
    mul, add = (at.constant(name) for name in node.inputs[1:3])
    shifted = shifted_of(node, mul, add, len(at.value(node.inputs[0]).shape), 1)
    single = len(shifted.mul) == len(shifted.add) == 1
    require(node, single, "constants for each channel of 8 bits", "one mul and add for all")

    def of(x: _Integers) -> _Integers:
        moved = (x * shifted.mul[0] + shifted.add[0] + shifted.rounding) >> shifted.shift
        codes: _Integers = np.clip(moved + shifted.zero_point, shifted.lo, shifted.hi)
        return codes - shifted.zero_point

    _bind(at, node, of, "requantshift")


@lowers(f"{DOMAIN}.iGELU")
def lower_gelu(at: Lowering, node: SourceNode) -> None:
    """I-BERT's polynomial in whole numbers, part of a table."""
    low, one = number(node, "b"), number(node, "one")

    def of(x: _Integers) -> _Integers:
        bent = np.sign(x) * (one - (np.minimum(np.abs(x), -low) + low) ** 2)
        found: _Integers = x * ((one + bent) >> 1)
        return found

    _bind(at, node, of, "igelu")


@lowers(f"{DOMAIN}.iHardswish")
def lower_hardswish(at: Lowering, node: SourceNode) -> None:
    """Hardswish in whole numbers, part of a table."""
    three, six, sixth = (number(node, key) for key in ("three", "six", "one_over_six"))
    _bind(at, node, lambda x: x * (np.clip(x + three, 0, six) * sixth), "ihardswish")


@lowers(f"{DOMAIN}.IntegerDiv", f"{DOMAIN}.TrueIntegerDiv")
def lower_division(at: Lowering, node: SourceNode) -> None:
    """By a constant, part of a table; of two tensors one kernel, with its RequantShift."""
    delta, eta, eps, over = (number(node, key) for key in ("Delta", "eta", "eps", "y"))
    below = over * eta + eps
    require(node, below > 0, f"a divisor of {below}", "positive divisors")
    rounded = node.text("division", "floor") == "rounded"

    def of(x: _Integers) -> _Integers:
        above = x * (delta * eta)
        if not rounded:
            return above // below
        found: _Integers = np.sign(above) * ((np.abs(above) + (below >> 1)) // below)
        return found

    _bind(at, node, of, "division")


def _bind(
    at: Lowering, node: SourceNode, of: Callable[[_Integers], _Integers], function: str
) -> None:
    operand = at.operand(node.inputs[0])
    made = of(np.rint(operand.real).astype(np.int64)).astype(np.float64)
    at.bind_table(node.outputs[0], operand, made, function)
