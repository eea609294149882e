"""Random calls of linear, matmul, attention and the requantisation of sums."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tinyrig.generator.graph.exponentials import exp_table, fine_table, softmax_top, weight_top
from tinyrig.generator.graph.requant import row_scale
from tinyrig.suite.studies.kernels.checking.case import (
    Case,
    Pick,
    build,
    clamp,
    int8s,
    lut,
    padded_rows,
    pruned,
    requant,
    zero,
)
from tinyrig.suite.studies.kernels.checking.operand import Operand, operand

_NO_REQUANT: dict[str, int | None] = dict.fromkeys(
    ("channel_step", "shift", "narrow", "zero_point", "lo", "hi"), 0
) | {"multiplier": None}


def linear(pick: Pick, rng: np.random.Generator) -> Case:
    """Return a random call of the linear layer."""
    m, k, n = pick(1, 7), pick(1, 40), pick(1, int(rng.choice([3, 55])))
    x, y = operand(rng, (m, k)), operand(rng, (m, n))
    form, start = requant(rng, k * 2**14, n)
    if rng.random() < 0.4:  # rows, and nothing behind the multiplication but saturation and a table
        x, y = padded_rows(rng, m, k), padded_rows(rng, m, n)
        form |= {"lo": -128, "hi": 127}
    weight = pruned(rng, int8s(rng, n, k))
    params: dict[str, Any] = {"m": m, "k": k, "n": n, "x_row": x.strides[0], "x_col": x.strides[1]}
    params |= {"y_row": y.strides[0], "y_col": y.strides[1], "weight": weight, "start": start}
    return build(rng, "linear_s8", params | {"requant": form, "lut": lut(rng)}, [x], y)


def linear_s32(pick: Pick, rng: np.random.Generator) -> Case:
    """Return a random call of the linear layer that keeps sums."""
    m, k, n = pick(1, 7), pick(1, 40), pick(1, 55)
    x, acc = padded_rows(rng, m, k), padded_rows(rng, m, n)
    adds = bool(rng.integers(2))
    start = None if adds else rng.integers(-(2**20), 2**20, size=n, dtype=np.int32)
    params: dict[str, Any] = {
        "m": m,
        "k": k,
        "n": n,
        "x_row": x.strides[0],
        "acc_row": acc.strides[0],
    }
    params |= {"weight": int8s(rng, n, k), "start": start}
    before = rng.integers(-(2**20), 2**20, size=acc.size, dtype=np.int32)
    inputs, values = (x, acc), (int8s(rng, x.size), before)
    number = 2 if adds else 1
    return Case(
        "linear_s8_s32",
        params,
        inputs[:number],
        values[:number],
        acc,
        (int(rng.integers(4)), *[0] * number),
        1 if adds else None,
        adds,
        np.dtype(np.int32),
    )


def requant_s32(pick: Pick, rng: np.random.Generator) -> Case:
    """Return a random call of the requantisation of sums."""
    m, n = pick(1, 5), pick(1, 20)
    acc, y = padded_rows(rng, m, n), operand(rng, (m, n))
    form, _ = requant(rng, 2**24, n)
    params: dict[str, Any] = {"m": m, "n": n, "acc_row": acc.strides[0], "y_row": y.strides[0]}
    params |= {"y_col": y.strides[1], "requant": form, "lut": lut(rng)}
    reach = 300 * 2 ** form["shift"] // max(1, int(form["multiplier"].max())) + 2
    reach = min(reach, 2**25)
    values = rng.integers(-reach, reach + 1, size=acc.size, dtype=np.int32)
    return Case("requant_s32_s8", params, (acc,), (values,), y, (0, int(rng.integers(4))))


def matmul(pick: Pick, rng: np.random.Generator) -> Case:
    """Return a random call of the matrix product."""
    batch, m, k, n = (pick(1, 2), pick(1, 3)), pick(1, 6), pick(1, 24), pick(1, 7)
    turned = [(0, 1, 3, 2), (0, 1, 2, 3)]
    a = operand(rng, (*batch, m, k), repeat=[axis for axis in (0, 1) if rng.random() < 0.2])
    b = operand(rng, (*batch, k, n), orders=turned, repeat=[0] if rng.random() < 0.2 else [])
    y = operand(rng, (*batch, m, n))
    form, start = requant(rng, k * 255 * 255, 1)
    params: dict[str, Any] = {"batch0": batch[0], "batch1": batch[1], "m": m, "k": k, "n": n}
    params |= {"a_stride": list(a.strides), "b_stride": list(b.strides)}
    params |= {"y_stride": list(y.strides), "a_zero_point": zero(rng), "b_zero_point": zero(rng)}
    params |= {"start": int(start[0]), "requant": form, "lut": lut(rng)}
    return build(rng, "matmul_s8", params, [a, b], y)


def attention(pick: Pick, rng: np.random.Generator) -> Case:
    """Return a random call of the attention."""
    batch, s, t = (pick(1, 2), pick(1, 3)), pick(1, 7), pick(1, int(rng.choice([8, 60])))
    p, r = pick(1, int(rng.choice([2, 20, 44]))), pick(1, 30)
    heads = [(0, 2, 1, 3), (0, 1, 2, 3)]
    pairs, fours = rng.random() < 0.3, p > 2 and rng.random() < 0.4
    if pairs:
        p, r = 2, 2
    elif fours:
        p, r = max(8, (p + 3) // 4 * 4), (r + 3) // 4 * 4
    q, k = (operand(rng, (*batch, rows, p), orders=heads) for rows in (s, t))
    if fours:
        q = _in_rows(rng, q.shape)
        k = _in_rows(rng, k.shape) if rng.random() < 0.5 else k
        if rng.random() < 0.3:  # the same keys for all heads
            k = replace(k, strides=(0, 0, *k.strides[2:]))
    if pairs:
        apart, row = (2 * t, 2) if rng.random() < 0.5 else (2, 2 * batch[1])
        k = Operand(k.shape, (2 * t * batch[1], apart, row, 1), 0, 2 * t * batch[0] * batch[1])
    slack = int(rng.choice([0, int(rng.integers(0, 9))]))
    k = replace(k, size=k.size + slack)
    v = values_of(rng, (*batch, t, r))
    y = operand(rng, (*batch, s, r), orders=heads)
    y = _in_rows(rng, y.shape) if fours else y
    score, start = requant(rng, p * 255 * 255, 1)
    zeros = {f"{x}_zero_point": zero(rng) for x in "qkvy"}
    weighs = weighing(rng, t, zeros["v_zero_point"])
    params: dict[str, Any] = {
        "batch0": batch[0],
        "batch1": batch[1],
        "s": s,
        "t": t,
        "p": p,
        "r": r,
    }
    params |= {f"{x}_stride": list(o.strides) for x, o in zip("qkvy", (q, k, v, y), strict=True)}
    params |= zeros
    params |= {"k_slack": slack, "score_start": int(start[0]), "score": score} | weighs
    return build(rng, "attention_s8", params, [q, k, v], y)


def _in_rows(rng: np.random.Generator, shape: tuple[int, ...]) -> Operand:
    """Place [batch, head, row, column] with contiguous columns, heads apart or side by side."""
    outer, heads, rows, columns = shape
    row = columns + int(rng.integers(2) * rng.integers(1, 5))
    apart, step = (rows * row, row) if rng.random() < 0.5 else (row, heads * row)
    whole = rows * heads * row
    return Operand(shape, (whole, apart, step, 1), 0, whole * outer)


def weighing(rng: np.random.Generator, t: int, v_zero_point: int) -> dict[str, Any]:
    """What follows the scores of attention, half the time with rounded probabilities."""
    scale = float(rng.uniform(0.001, 0.3))
    lo, hi = clamp(rng)
    if rng.random() < 0.5:
        return rounded(rng, scale, t)
    exp = exp_table(scale, weight_top(t, v_zero_point))
    value = row_scale(float(rng.uniform(0.2, 4.0)), int(exp[0]), t)
    none = {"most": 0, "fine": None, "start": 0, "requant": _NO_REQUANT}
    return {"exp": exp, "value": vars(value), "rounding": none, "lo": lo, "hi": hi}


def rounded(rng: np.random.Generator, scale: float, t: int) -> dict[str, Any]:
    """Probabilities with ranges to and beyond 1, and far below; sometimes a finer sum."""
    step = float(rng.choice([1 / 255, 1 / 256, 0.52 / 255, 0.01 / 255, 2 / 255, 1 / 16, 2.0**-13]))
    zero_point = int(rng.choice([-128, -128, -127, 0, 126]))
    exp, fine, real = exp_table(scale, softmax_top(t)), None, 2.0**-8 / step
    top = int(exp[0])
    if t > 1 and rng.random() < 0.3:
        fine = fine_table(scale, t)
        real, top = real * int(fine[0]) / top, int(fine[0])
    form, start = requant(rng, 255 * 255 * t, 1)
    rounding = {"most": 127 - zero_point, "fine": fine, "start": int(start[0]), "requant": form}
    ends = {"lo": form["lo"], "hi": form["hi"]}
    return {"exp": exp, "value": vars(row_scale(real, top, t)), "rounding": rounding} | ends


def values_of(rng: np.random.Generator, shape: tuple[int, ...]) -> Operand:
    """Values [batch, head, key, column], half the time stored by columns of whole units."""
    keys = shape[2]
    whole = (keys + 7) // 8 * 8
    if rng.random() < 0.5:
        v = operand(rng, shape, orders=[(0, 2, 1, 3), (0, 1, 2, 3)])
    else:
        column = whole + int(rng.choice([0, int(rng.integers(1, 9))]))
        strides = (column * shape[3] * shape[1], column * shape[3], 1, column)
        v = Operand(shape, strides, 0, strides[0] * shape[0])
    return replace(v, size=v.size + whole - keys)
