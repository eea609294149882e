"""Attention whose scores, probabilities and outputs spread over their range.

What is drawn at random saturates nearly everywhere, and scores far below a row's largest weigh
nothing: neither shows a sum of exponentials that is wrong by a few keys.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from tinyrig.generator.graph.exponentials import exp_table, fine_table
from tinyrig.generator.graph.requant import row_scale
from tinyrig.suite.studies.kernels.checking.case import Case

_DEVIATION = 45  # of scores and of outputs
_BYTE = 74  # that of bytes drawn
_MANY = 100  # what a probability is where steps are fine


def spread(case: Case, seed: int) -> Case:
    """The case with scores and outputs that use their range, and keys that all weigh something."""
    rng = np.random.default_rng(seed)
    p: dict[str, Any] = dict(case.params)
    t, zeros = p["t"], {name: int(rng.integers(-10, 11)) for name in "qkv"}
    p |= {f"{name}_zero_point": zero for name, zero in zeros.items()} | {"lo": -128, "hi": 127}
    p["score"] = _narrow(p["score"], _BYTE * _BYTE * math.sqrt(p["p"]))
    p["score_start"] = -p["p"] * zeros["q"] * zeros["k"]
    depth = float(rng.choice([0.003, 0.01]))
    p["exp"], rounding = exp_table(depth, int(p["exp"][0])), dict(p["rounding"])
    top = int(p["exp"][0])
    if rounding["most"] == 0:
        real = _DEVIATION * math.sqrt(t) / _BYTE
        p["y_zero_point"] = round(zeros["v"] * real)
    else:
        weight = float(rng.choice([_MANY, 250 / t]))  # the second: none exceeds 250
        real, first = weight * t / 256, top
        if rounding["fine"] is not None:
            rounding["fine"] = fine_table(depth, t)
            first = int(rounding["fine"][0])
        real, top = real * first / top, first
        rounding["most"] = int(rng.choice([255, 200]))
        rounding["requant"] = _narrow(rounding["requant"], weight * _BYTE * math.sqrt(t))
        rounding["start"] = round(weight * t * zeros["v"])
    p |= {"rounding": rounding, "value": vars(row_scale(real, top, t))}
    values = [rng.integers(-128, 128, x.shape, np.int8) for x in case.values]
    return replace(case, params=p, values=tuple(values))


def _narrow(form: dict[str, Any], deviation: float) -> dict[str, Any]:
    """A requantisation of sums that deviate so from zero."""
    multiplier = np.array([round(_DEVIATION / deviation * 2**32)], np.int32)
    ends = {"shift": 32, "narrow": 1, "zero_point": 0, "lo": -128, "hi": 127}
    return {**form, "multiplier": multiplier, **ends}
