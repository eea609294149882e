"""Random calls of elementwise operators, copies, fills and gathers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tinyrig.suite.studies.kernels.checking.case import Case, Pick, build, clamp, requant, zero
from tinyrig.suite.studies.kernels.checking.operand import operand


def extents(pick: Pick) -> tuple[int, ...]:
    """Return up to six extents, unused leading ones 1."""
    axes = [pick(1, 3) for _ in range(pick(0, 4))]
    return (*[1] * (5 - len(axes)), *axes, pick(1, 20))


def elementwise(
    rng: np.random.Generator, op: str, shape: tuple[int, ...], names: str, params: dict[str, Any]
) -> Case:
    """Add the extents and strides of an elementwise operator, sometimes in place."""
    alias = 0 if names and rng.random() < 0.25 else None
    inputs = []
    for i, _ in enumerate(names):
        fixed = i == alias
        repeat = [axis for axis in range(6) if not fixed and rng.random() < 0.1]
        inputs.append(operand(rng, shape, repeat=repeat, negative=not fixed))
    y = operand(rng, shape) if alias is None else inputs[alias]
    strides = {f"{n}_stride": list(o.strides) for n, o in zip(names, inputs, strict=True)}
    params |= {"extent": list(shape), "y_stride": list(y.strides)} | strides
    return build(rng, op, params, inputs, y, alias=alias)


def copy(pick: Pick, rng: np.random.Generator) -> Case:
    """Return a random call of the copy."""
    if rng.random() < 0.4:
        return transposed(pick, rng)
    return elementwise(rng, "copy_s8", extents(pick), "x", {})


def transposed(pick: Pick, rng: np.random.Generator) -> Case:
    """A copy whose operands lie in memory by the last axis and by the one before it."""
    shape = (*extents(pick)[1:5], pick(1, 9), pick(1, 20))
    x, y = operand(rng, shape), operand(rng, shape, orders=[(0, 1, 2, 3, 5, 4)])
    if rng.random() < 0.5:
        x, y = y, x
    params: dict[str, Any] = {
        "extent": list(shape),
        "x_stride": list(x.strides),
        "y_stride": list(y.strides),
    }
    return build(rng, "copy_s8", params, [x], y)


def unary(pick: Pick, rng: np.random.Generator) -> Case:
    """Return a random call of the table look-up."""
    table = rng.integers(-128, 128, size=256, dtype=np.int8)
    return elementwise(rng, "unary_s8", extents(pick), "x", {"lut": table})


def fill(pick: Pick, rng: np.random.Generator) -> Case:
    """Return a random call of the fill."""
    return elementwise(rng, "fill_s8", extents(pick), "", {"value": zero(rng)})


def add(pick: Pick, rng: np.random.Generator) -> Case:
    """Return a random call of the sum."""
    shift = int(rng.integers(0, 25))
    top = 2**31 // 300 if rng.random() < 0.3 else 2 ** min(shift + 1, 22)
    a, b = (int(v) for v in rng.integers(-top, top + 1, size=2))
    if rng.random() < 0.2:  # one of them nearly alone, around and above 2^23
        a, b = int(rng.choice([2**23 - 1, 2**23, -(2**23), 15 * 2**20 + 1])), b % 2**19
    room = 2**31 - 1 - 128 * (abs(a) + abs(b))
    start = int(rng.choice([-room, room, rng.integers(-(2**shift) * 100, 2**shift * 100 + 1)]))
    params: dict[str, Any] = {"start": max(-room, min(room, start))}
    if rng.random() < 0.4:  # every sum is the first of an output, or the last before it
        shift = min(shift, 21)
        a, b = (int(factor) << shift for factor in rng.choice([-1, 0, 1, 1], size=2))
        params = {"start": edge(rng, shift)}
    lo, hi = clamp(rng)
    params |= {"a_multiplier": a, "b_multiplier": b, "shift": shift, "lo": lo, "hi": hi}
    return elementwise(rng, "add_s8", extents(pick), "ab", params)


def edge(rng: np.random.Generator, shift: int) -> int:
    """Where (acc >> shift) changes."""
    return (int(rng.integers(-100, 101)) << shift) - int(rng.integers(2))


def mul(pick: Pick, rng: np.random.Generator) -> Case:
    """Return a random call of the product."""
    form, start = requant(rng, 255 * 255, 1)
    params: dict[str, Any] = {"a_zero_point": zero(rng), "b_zero_point": zero(rng)}
    params |= {"start": int(start[0]), "requant": form}
    case = elementwise(rng, "mul_s8", extents(pick), "ab", params)
    return case if rng.random() < 0.6 else on_edges(case, rng)


def on_edges(case: Case, rng: np.random.Generator) -> Case:
    """The product with a multiplier of 1/16 and accumulators that are multiples of 16, or one less:
    every one is the first of an output, or the last before it."""
    a_zero, b_zero = (4 * int(quarter) for quarter in rng.integers(-31, 31, size=2))
    form: dict[str, Any] = {"multiplier": np.full(1, 2**28, np.int32), "shift": 32, "narrow": 1}
    form |= {"lo": -128, "hi": 127}
    params: dict[str, Any] = {"a_zero_point": a_zero, "b_zero_point": b_zero, "start": edge(rng, 4)}
    params |= {"requant": {**case.params["requant"], **form}}
    a, b = case.values
    near = b_zero + 4 * rng.integers(-1, 2, size=b.size)
    return replace(case, params={**case.params, **params}, values=(a & -4, near.astype(np.int8)))


def gather(pick: Pick, rng: np.random.Generator) -> Case:
    """Return a random call of the gather."""
    outer, rows, count, inner = pick(1, 3), pick(1, 6), pick(1, 6), pick(1, 9)
    x, y = operand(rng, (outer, rows, inner)), operand(rng, (outer, count, inner))
    index = rng.integers(0, rows, size=count).astype(np.int32)
    params: dict[str, Any] = {"outer": outer, "count": count, "inner": inner, "index": index}
    params |= {f"x_{n}": s for n, s in zip(("outer", "step", "inner"), x.strides, strict=True)}
    params |= {f"y_{n}": s for n, s in zip(("outer", "step", "inner"), y.strides, strict=True)}
    return build(rng, "gather_s8", params, [x], y)
