"""Random calls of softmax, LayerNorm and RMSNorm."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tinyrig.generator.graph.bitmap_exponentials import halving_of
from tinyrig.generator.graph.exponentials import exp_table, fine_table, softmax_top
from tinyrig.generator.graph.norm import norm_constants
from tinyrig.generator.graph.requant import row_scale
from tinyrig.generator.graph.tensor import Affine
from tinyrig.generator.operators.kept import kept_runs
from tinyrig.generator.planning.call import requant_params
from tinyrig.suite.studies.kernels.checking.case import Case, Pick, build, clamp, requant, zero
from tinyrig.suite.studies.kernels.checking.operand import operand


def softmax(pick: Pick, rng: np.random.Generator) -> Case:
    """Return a random call of the softmax."""
    outer, length = (pick(1, 3), pick(1, 4)), pick(1, 30)
    x = operand(rng, (*outer, length))
    alias = 0 if rng.random() < 0.3 else None
    y = x if alias == 0 else operand(rng, (*outer, length))
    params: dict[str, Any] = {
        "outer0": outer[0],
        "outer1": outer[1],
        "length": length,
        "zero_point": zero(rng),
    }
    params |= {"x_stride": list(x.strides), "y_stride": list(y.strides)}
    return build(rng, "softmax_s8", params | softmax_tables_of(rng, length), [x], y, alias=alias)


def softmax_bitmap(pick: Pick, rng: np.random.Generator) -> Case:
    """Return a random call of the softmax that computes its exponentials."""
    case = softmax(pick, rng)
    length = case.params["length"]
    top = softmax_top(length) if rng.random() < 0.7 else int(rng.integers(1, 32767))
    top = min(top, softmax_top(length))
    constants = row_scale(float(rng.uniform(0.3, 2.0)), top, length)
    params = {key: value for key, value in case.params.items() if key not in ("exp", "fine")}
    halving = halving_of(float(10.0 ** rng.uniform(-4.0, 2.0)))
    params |= {"multiplier": halving, "top": top}
    params |= {"scale": {"mantissa": constants.mantissa, "exponent": constants.exponent}}
    return replace(case, op="softmax_bitmap_s8", params=params)


def softmax_tables_of(rng: np.random.Generator, length: int) -> dict[str, Any]:
    """Exponentials, those that are summed, and a scale; one in three has the largest shifts."""
    scale, top = float(rng.uniform(0.001, 0.3)), softmax_top(length)
    table, fine, real = exp_table(scale, top), None, float(rng.uniform(0.3, 2.0))
    if length > 1 and rng.random() < 0.3:
        fine = fine_table(scale, length)
        real *= float(fine[0]) / top
    summed = int(table[0]) if fine is None else int(fine[0])
    constants = row_scale(real, summed, length)
    exponent = constants.exponent
    if rng.random() < 0.3:
        zeros = 32 - summed.bit_length()
        exponent = zeros + 1 + int(rng.choice([22, 23, 24, 25]))
    row = {"mantissa": constants.mantissa, "exponent": exponent}
    return {"exp": table, "fine": fine, "scale": row}


def softmax_masked(pick: Pick, rng: np.random.Generator) -> Case:
    """Return a random call of the masked softmax."""
    case = softmax(pick, rng)
    shape = case.inputs[0].shape
    kept = rng.random([*rng.choice([0, 1], size=2) * (np.array(shape[:2]) - 1) + 1, shape[2]])
    kept = kept < rng.choice([0.0, 0.3, 0.9, 1.0])
    if rng.random() < 0.5:
        kept &= np.arange(shape[2]) <= rng.integers(-1, shape[2], size=(*kept.shape[:2], 1))
    mask = kept_runs(kept, shape)
    params: dict[str, Any] = {"rows": case.params, "first": mask.first, "runs": mask.runs}
    params |= {"mask_stride": list(mask.strides)}
    return replace(case, op="softmax_masked_s8", params=params)


def layernorm(pick: Pick, rng: np.random.Generator) -> Case:
    """Also of RMSNorms; mostly the generator's constants, or any other requantisation."""
    rows, length = pick(1, 4), pick(1, int(rng.choice([70, 70, 70, 1100, 5000])))
    length = length if rng.random() < 0.5 else -(-length // 16) * 16
    x = operand(rng, (rows, length))
    alias = 0 if rng.random() < 0.3 else None
    y = x if alias == 0 else operand(rng, (rows, length))
    centred = rng.random() < 0.6
    to = Affine(10.0 ** -rng.uniform(0.0, rng.choice([1.8, 1.8, 4.0])), zero(rng))
    of = Affine(10.0 ** rng.uniform(-5.0, 0.0), zero(rng))
    epsilon = float(rng.choice([0.0, 1e-5, 10.0 ** rng.uniform(-12.0, 0.0)]))
    gain = rng.uniform(-1.0, 1.0, length)
    if rng.random() < 0.5:
        gain *= 10.0 ** rng.uniform(-3.0, 0.0, length)
    bias = rng.uniform(-100.0, 100.0, length) * to.scale
    gamma, start, norm, chosen = norm_constants(gain, bias, of, to, epsilon, centred=centred)
    form: dict[str, Any] = {**requant_params(chosen), "multiplier": chosen.multiplier}
    if rng.random() < 0.3:
        most = 2 + int(np.abs(gamma.astype(np.int64)).max()) // 2
        form, start = requant(rng, min(most, 2**30), length)
        form |= {"multiplier": form["multiplier"][:1], "channel_step": 0}
    elif rng.random() < 0.2:
        form |= dict(zip(("lo", "hi"), clamp(rng), strict=True))
    params: dict[str, Any] = {
        "rows": rows,
        "length": length,
        "x_row": x.strides[0],
        "x_col": x.strides[1],
    }
    params |= {"y_row": y.strides[0], "y_col": y.strides[1], "gamma": gamma, "start": start}
    params |= {"eps": norm.eps, "fraction": norm.fraction, "raised": norm.raised}
    params |= {"centred": int(centred), "zero_point": of.zero_point}
    params |= {"gamma_bits": 32 if np.any(gamma % 2**16) else 16, "requant": form}
    case = build(rng, "layernorm_s8", params, [x], y, alias=alias)
    flat = case.values[0] >> int(rng.choice([0, 0, 5, 6, 7]))
    return replace(case, values=(flat,))
