"""Attention whose scores and outputs spread over their range, with rounded probabilities.

What is drawn at random saturates nearly everywhere.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from conftest import Targets
from kernel_cases import sized_case
from kernel_runs import expect, planned

from tinyrig.generator.planning.kernels import all_kernels
from tinyrig.suite.studies.kernels.checking.case import Case
from tinyrig.suite.toolchain.toolchain import toolchain_names

_SPREAD = 100


def _spread(case: Case) -> Case:
    """Return a case whose scores and outputs are as many times their sums as use their range."""
    params: dict[str, Any] = dict(case.params)
    products = params["p"] * 128 * 128 // 4
    params["score"] = _scaled(params["score"], products)
    rounding = dict(params["rounding"])
    rounding["requant"] = _scaled(rounding["requant"], 127 * 255 // 2)
    params["rounding"] = rounding
    params["score_start"] = rounding["start"] = 0
    params |= {f"{name}_zero_point": 0 for name in "qkv"}
    return replace(case, params=params)


def _scaled(form: dict[str, Any], largest: int) -> dict[str, Any]:
    multiplier = np.array([(_SPREAD << 32) // largest], np.int32)
    return {
        **form,
        "multiplier": multiplier,
        "shift": 32,
        "narrow": 1,
        "zero_point": 0,
        "lo": -128,
        "hi": 127,
    }


@pytest.mark.parametrize("toolchain", toolchain_names())
@pytest.mark.parametrize("shape", [(1, 2, 9, 18, 8, 8), (1, 1, 3, 7, 32, 5)])
def test_complements_of_both_signs(
    targets: Targets, toolchain: str, shape: tuple[int, ...]
) -> None:
    target = targets.of("gap9", toolchain)
    variants = [k for k in all_kernels() if k.op == "attention_s8" and k.isa == "xpulp"]
    found: dict[str, int] = {}
    for seed in range(40):
        case = sized_case("attention_s8", shape, seed)
        if not case.params["rounding"]["most"]:
            continue
        case = _spread(case)
        expected = expect(case)
        for kernel in variants:
            if found.get(kernel.name, 0) < 2 and kernel.accepts(planned(case)):
                found[kernel.name] = found.get(kernel.name, 0) + 1
                np.testing.assert_array_equal(target.execute(kernel, case, 2), expected)
    assert found["tr_attention_s8_bytes__xpulp"] == 2
