"""Attention whose scores, probabilities and outputs spread over their range.

What is drawn at random saturates nearly everywhere, and scores far below a row's largest weigh
nothing: neither shows a sum of exponentials that is wrong by a few keys.
"""

from __future__ import annotations

import ctypes
import functools
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from kernel_builds import board_of
from kernel_cases import sized_case
from kernel_runs import execute, expect, planned
from kernel_targets import Targets
from numpy.typing import NDArray

from tinyrig.generator.graph.exponentials import exp_table, fine_table
from tinyrig.generator.graph.requant import row_scale
from tinyrig.generator.planning.kernels import Kernel, all_kernels
from tinyrig.suite.studies.kernels.checking.case import Case
from tinyrig.suite.toolchain.toolchain import toolchain_names

_ATTENTION = [k for k in all_kernels() if k.op == "attention_s8" and k.isa != "ref"]
_SHAPES = [
    (1, 2, 5, 5, 8, 8),
    (1, 1, 3, 7, 32, 5),
    (1, 2, 5, 9, 16, 4),
    (2, 1, 4, 12, 8, 4),
    (1, 2, 9, 18, 8, 8),
    (1, 1, 3, 27, 8, 12),
    (1, 1, 6, 27, 8, 12),
    (1, 2, 6, 5, 2, 2),
    (1, 2, 6, 18, 2, 2),
    (1, 1, 5, 27, 2, 2),
]
"""Batches, heads, queries, keys and columns: one to seven keys short of whole units of eight."""

_DEVIATION = 45  # of scores and of outputs
_BYTE = 74  # that of bytes drawn
_MANY = 100  # what a probability is where steps are fine


def _spread(case: Case, seed: int) -> Case:
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


@functools.cache
def _case(shape: tuple[int, ...], seed: int) -> tuple[Case, NDArray[Any]]:
    """A call and its outputs, few of which saturate."""
    case = _spread(sized_case("attention_s8", shape, seed), seed)
    expected = expect(case)
    outputs = expected[case.output.positions]
    assert np.mean((outputs == -128) | (outputs == 127)) < 0.3
    return case, expected


def _cases(kernel: Kernel, seeds: int, most: int) -> list[tuple[Case, NDArray[Any]]]:
    """Up to `most` cases of each shape and kind of probabilities, and one of each at least."""
    found: dict[tuple[bool, tuple[int, ...]], list[tuple[Case, NDArray[Any]]]] = {}
    for shape in _SHAPES:
        for seed in range(seeds):
            case, expected = _case(shape, seed)
            same = found.setdefault((case.params["rounding"]["most"] == 0, shape), [])
            if len(same) < most and kernel.accepts(planned(case)):
                same.append((case, expected))
    rounded_alone = any(rule.startswith("rounding.most") for rule in kernel.legal)
    kinds = {exact for (exact, _), cases in found.items() if cases}
    assert kinds == ({False} if rounded_alone else {False, True})
    return [case for cases in found.values() for case in cases]


@pytest.mark.parametrize("kernel", _ATTENTION, ids=lambda kernel: kernel.name)
def test_on_the_host(library: ctypes.CDLL, kernel: Kernel) -> None:
    for case, expected in _cases(kernel, 30, 4):
        cores = 2 if kernel.isa == "xpulp" else 1
        np.testing.assert_array_equal(execute(library, kernel, case, cores), expected)


@pytest.mark.parametrize("toolchain", toolchain_names())
@pytest.mark.parametrize("kernel", _ATTENTION, ids=lambda kernel: kernel.name)
def test_on_the_core(targets: Targets, toolchain: str, kernel: Kernel) -> None:
    """The same: on a core a kernel has ways that the host has not."""
    target = targets.of(board_of(kernel), toolchain)
    for case, expected in _cases(kernel, 30, 2):
        cores = 2 if kernel.isa == "xpulp" else 1
        np.testing.assert_array_equal(target.execute(kernel, case, cores), expected)


def test_rows_of_bytes_left_over_are_fetched_whole(library: ctypes.CDLL) -> None:
    (kernel,) = (one for one in _ATTENTION if one.fetches)
    drawn = (_spread(sized_case("attention_s8", (1, 1, 9, 12, 7, 8), n), n) for n in range(400))
    case = next(one for one in drawn if one.params["p"] == 7 and kernel.accepts(planned(one)))
    np.testing.assert_array_equal(execute(library, kernel, case, 2), expect(case))
