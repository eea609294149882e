"""Unary functions, Clip, and the sum, difference, product and quotient of tensors."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.frontends.context import Lowering, Operand, require
from tinyrig.generator.frontends.lower_safe_division import SAFE
from tinyrig.generator.frontends.pointwise import BINARY, FLAGS, JOINING, UNARY
from tinyrig.generator.frontends.rules import lowers
from tinyrig.generator.frontends.source import SourceNode, Value
from tinyrig.generator.graph.ops import Add, Mul, Rescaled
from tinyrig.generator.graph.quantization import FloatArray, dequantise, quantise
from tinyrig.generator.graph.requant import at_largest_shift, requantise
from tinyrig.generator.graph.tensor import Affine, Tensor
from tinyrig.generator.operators.divide import Divide, reciprocals
from tinyrig.generator.operators.prelu import PRelu, multipliers

_MOVED = 0.05  # an exponent this near a whole number was one


@lowers(*UNARY)
def lower_unary(at: Lowering, node: SourceNode) -> None:
    """Any function of pointwise.UNARY: part of a table."""
    operand = at.operand(node.inputs[0])
    with np.errstate(all="ignore"):
        real = UNARY[node.op](node, operand.real)
    at.bind_table(node.outputs[0], operand, real, node.op)


@lowers("Reinterpret")
def lower_reinterpret(at: Lowering, node: SourceNode) -> None:
    """The same codes read with another scale or zero point: part of a table."""
    source, read = at.value(node.inputs[0]).affine, at.value(node.outputs[0]).affine
    if source is None or read is None:
        raise ValueError(f"{node} reads or writes codes without an affine")
    operand = at.operand(node.inputs[0])
    real = dequantise(quantise(operand.real, source), read)
    at.bind_table(node.outputs[0], operand, real, "reinterpret")


@lowers("Clip")
def lower_clip(at: Lowering, node: SourceNode) -> None:
    """Clip with constant bounds: part of a table."""
    bounds = []
    for index, default in ((1, -math.inf), (2, math.inf)):
        name = node.input(index)
        value = at.constant(name)
        require(node, not name or value is not None, "a bound computed at run time", "constants")
        data = None if value is None else value.data
        bounds.append(default if data is None else float(data.reshape(-1)[0]))
    operand = at.operand(node.inputs[0])
    real = np.minimum(np.maximum(operand.real, bounds[0]), bounds[1])
    at.bind_table(node.outputs[0], operand, real, node.op)


@lowers(*sorted(set(BINARY) - {"Max", "Min"}))
def lower_binary(at: Lowering, node: SourceNode) -> None:
    """With a scalar or of functions of one tensor, a table; of two tensors, but for Pow."""
    require(node, len(node.inputs) == 2, f"{len(node.inputs)} inputs", "two")
    if bind_pointwise(at, node):
        return
    match node.op:
        case "Add" | "Sub":
            sign = -1.0 if node.op == "Sub" else 1.0
            _lower_pair(at, node, Add, partial(_sum, sign))
        case "Mul":
            _lower_product(at, node, *(at.tensor(name) for name in node.inputs))
        case "Div":
            divisor = at.constant(node.inputs[1])
            if divisor is None:
                safe = bool(node.integer(SAFE, 0))
                _lower_pair(at, node, Divide, partial(reciprocals, safe=safe))
                return
            inverse = at.constant_tensor(_inverse(node, divisor))
            _lower_product(at, node, at.tensor(node.inputs[0]), inverse)
        case "PRelu":
            _lower_pair(at, node, PRelu, multipliers)
        case _:
            raise UnsupportedError(
                f"{node} combines two tensors; supported: {node.op} with a scalar constant, or of "
                "two functions of one tensor."
            )


@lowers(*FLAGS)
def lower_flags(at: Lowering, node: SourceNode) -> None:
    """Of one tensor's functions and scalars: part of the table of a Where or Cast behind it."""
    if not bind_pointwise(at, node):
        raise UnsupportedError(
            f"{node} joins two tensors to flags; supported: functions of one tensor, scalars, and "
            "Where(Equal(b, 0), 0, Div(a, b)) of two tensors, which is one operator."
        )


def bind_pointwise(at: Lowering, node: SourceNode) -> bool:
    """Bind the result as a table when all operands are one tensor's functions or scalars."""
    reals: list[FloatArray] = []
    operands: list[Operand] = []
    for name in node.inputs:
        constant = at.constant(name)
        if constant is not None and constant.data is not None:
            if not constant.is_scalar:
                return False
            reals.append(constant.data.astype(np.float64).reshape(()))
        else:
            operands.append(at.operand(name))
            reals.append(operands[-1].real)
    root = operands[0].root
    if any(operand.root.name != root.name for operand in operands):
        return False
    if at.value(node.outputs[0]).shape != root.shape:
        return False
    with np.errstate(all="ignore"):
        real = JOINING[node.op](*reals)
    if node.op == "Pow" and np.isnan(real).any():
        _check_exponent(node, reals[1])
    functions = max((operand.functions for operand in operands), key=len)
    sole = operands[0].sole and len(at.activations(node)) == 1
    merged = replace(operands[0], functions=functions, sole=sole)
    at.bind_table(node.outputs[0], merged, real, node.op)
    return True


def _check_exponent(node: SourceNode, exponent: FloatArray) -> None:
    """Refuse an exponent that quantization moved off a whole number."""
    off = np.abs(exponent - np.rint(exponent))
    moved = bool(np.any((off > 0.0) & (off < _MOVED)))
    require(
        node,
        not moved,
        f"the exponent {float(exponent.reshape(-1)[0]):.9g}, with which a negative number has no "
        "power (a whole exponent that was quantized)",
        "exponents left in float, or whole",
    )


def _sum(sign: float, a: Affine, b: Affine, y: Affine) -> dict[str, int]:
    """Return the constants of docs/arithmetic.md. Raises RangeError when none fits int32."""
    ratio_a, ratio_b = a.scale / y.scale, sign * b.scale / y.scale
    offset = y.zero_point - ratio_a * a.zero_point - ratio_b * b.zero_point + 0.5
    (of_a, of_b, start), shift = at_largest_shift(
        (ratio_a, ratio_b, offset),
        lambda m: 128 * (abs(m[0]) + abs(m[1])) + abs(m[2]),
        (a, b, y),
    )
    return {"a_multiplier": of_a, "b_multiplier": of_b, "start": start, "shift": shift}


def _lower_product(at: Lowering, node: SourceNode, a: Tensor, b: Tensor) -> None:
    y = at.output(node.outputs[0])
    reach = code_reach(a.affine) * code_reach(b.affine)
    requant, start = requantise(
        [a.affine.scale * b.affine.scale / y.affine.scale],
        np.zeros(1, dtype=np.int64),
        np.array([reach], dtype=np.int64),
        y.affine.zero_point,
    )
    at.builder.add(
        Mul(
            name=at.builder.node_name(node.name),
            inputs=(a.name, b.name),
            outputs=(y.name,),
            start=int(start[0]),
            requant=requant,
        )
    )
    at.bind(node.outputs[0], y)


def _lower_pair(
    at: Lowering,
    node: SourceNode,
    kind: type[Rescaled],
    constants: Callable[[Affine, Affine, Affine], Mapping[str, Any]],
) -> None:
    """Two tensors, by constants of their scales and the output's."""
    a, b = (at.tensor(name) for name in node.inputs)
    y = at.output(node.outputs[0])
    at.builder.add(
        kind(
            name=at.builder.node_name(node.name),
            inputs=(a.name, b.name),
            outputs=(y.name,),
            **constants(a.affine, b.affine, y.affine),
        )
    )
    at.bind(node.outputs[0], y)


def code_reach(affine: Affine) -> int:
    """Return the largest |q - zero_point|."""
    return 128 + affine.zero_point if affine.zero_point > 0 else 127 - affine.zero_point


def _inverse(node: SourceNode, value: Value) -> Value:
    if value.data is None or not np.all(np.isfinite(value.data)) or not np.all(value.data):
        raise UnsupportedError(f"{node} divides by {value.name!r}, which holds zero or no numbers.")
    return Value(f"{value.name}.inverse", value.shape, 1.0 / value.data)
