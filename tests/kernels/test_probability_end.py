"""Attention's probabilities on both sides of where their code ends, on the host and on cores."""

from __future__ import annotations

import ctypes
import itertools
from dataclasses import replace

import numpy as np
import pytest
from heavy import NIGHT
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kernel_builds import board_of
from kernel_cases import SIZES, sized_case
from kernel_oracle import probabilities
from kernel_runs import execute, expect, planned
from kernel_targets import Targets

from tinyrig.generator.graph.requant import RangeError, requantise, row_scale
from tinyrig.generator.planning.kernels import Kernel, all_kernels
from tinyrig.suite.studies.kernels.checking.case import Case
from tinyrig.suite.studies.kernels.checking.cases_products import rounded
from tinyrig.suite.toolchain.toolchain import toolchain_names

ATTENTION = [kernel for kernel in all_kernels() if kernel.op == "attention_s8"]
_SIZES = [
    (1, 2, 5, 1, 32, 32),  # a row of one key has no other probability than the largest
    (1, 1, 2, 1, 2, 2),
    (1, 2, 5, 5, 32, 32),
    (1, 1, 4, 8, 9, 4),
    (1, 1, 6, 66, 2, 2),
    (1, 2, 4, 21, 12, 7),
]
_NONE = np.zeros(1, np.int64)
_PEAKED = 16.0
_KINDS = ("peaked", "alike", "peaked", "any")
_BUILDS = [
    (toolchain, above)
    for toolchain in toolchain_names()
    for above in (-1, 0, 1)
    if NIGHT or (toolchain == "zig" and above != 1)
]


def kinds_of_rows(case: Case, kind: str) -> Case:
    """The case with keys that are all alike, so that its rows are flat, or as it is."""
    if kind != "alike":
        return case
    keys = np.full_like(case.values[1], 3)
    return replace(case, values=(case.values[0], keys, case.values[2]))


def ended(case: Case, kind: str, target: int, above: int, seed: int) -> Case | None:
    """The attention case with a step that makes about `target` of its largest probability, and a
    range of probabilities that ends `above` that. Peaked rows are their largest score alone."""
    case = kinds_of_rows(case, kind)
    scale = _PEAKED if kind == "peaked" else 0.05
    weighs = rounded(np.random.default_rng(seed), scale, case.params["t"])
    rounding = weighs["rounding"]
    top = int((weighs["exp"] if rounding["fine"] is None else rounding["fine"])[0])
    params = {**case.params, **weighs}
    pairs = list(zip(case.inputs, case.values, strict=True))[:2]
    q, k = (values[x.positions].astype(np.int64) for x, values in pairs)
    unit = {"mantissa": 2**30, "exponent": 30}  # 2^8 e / sum: e of the whole sum is 2^8
    share = max(float(probabilities({**params, "value": unit}, q, k).max()), 1.0)
    try:
        params["value"] = vars(row_scale(target / share, top, case.params["t"]))
    except RangeError:
        return None
    largest = int(probabilities(params, q, k).max())
    if largest < 1 or not 1 <= largest + above <= 255:
        return None
    # Steps of y so small that one more of a probability shows in it.
    form, start = requantise([min(1 / 16, 0.5 / largest)], _NONE, np.array([255 * 255 * 66]), 0)
    shown = {key: getattr(form, key) for key in ("multiplier", "shift", "zero_point", "lo", "hi")}
    shown |= {"narrow": int(form.narrow), "channel_step": 0}
    new = {"most": largest + above, "start": int(start[0]), "requant": shown}
    return replace(case, params={**params, "rounding": {**rounding, **new}, "lo": -128, "hi": 127})


@pytest.mark.parametrize("kernel", ATTENTION, ids=lambda kernel: kernel.name)
@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    target=st.integers(2, 254),
    above=st.sampled_from([-1, 0, 1]),
    kind=st.sampled_from(_KINDS),
)
@example(seed=0, target=120, above=-1, kind="alike")
@example(seed=0, target=120, above=0, kind="alike")
@example(seed=1, target=3, above=-1, kind="any")
@example(seed=2, target=254, above=-1, kind="peaked")
@example(seed=2, target=254, above=0, kind="peaked")
def test_on_the_host(
    library: ctypes.CDLL, kernel: Kernel, seed: int, target: int, above: int, kind: str
) -> None:
    """The largest probability of all is one more than the code holds, exactly that, or one less."""
    for sizes in (*_SIZES, *SIZES.get(kernel.name, ())):
        case = ended(sized_case("attention_s8", sizes, seed), kind, target, above, seed)
        if case is not None and kernel.accepts(planned(case)):
            cores = 4 if kernel.isa == "xpulp" else 1
            np.testing.assert_array_equal(execute(library, kernel, case, cores), expect(case))


@pytest.mark.parametrize(("toolchain", "above"), _BUILDS)
@pytest.mark.parametrize("kernel", ATTENTION, ids=lambda kernel: kernel.name)
def test_on_the_core(targets: Targets, kernel: Kernel, toolchain: str, above: int) -> None:
    """The same: on a core a kernel has ways that the host has not."""
    target, tried = targets.of(board_of(kernel), toolchain), 0
    sizes = (*_SIZES, *SIZES.get(kernel.name, ()))
    for seed, size in itertools.product(range(60), sizes):
        kind, most = _KINDS[seed % 4], (120, 255 - above, 7)[seed % 3]
        case = ended(sized_case("attention_s8", size, seed), kind, most, above, seed)
        if tried < (30 if NIGHT else 12) and case is not None and kernel.accepts(planned(case)):
            tried += 1
            cores = 4 if kernel.isa == "xpulp" else 1
            np.testing.assert_array_equal(target.execute(kernel, case, cores), expect(case))
    assert tried >= 8
