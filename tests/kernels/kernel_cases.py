"""Random calls of every kernel operator, for hypothesis."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import reject
from hypothesis import strategies as st

from tinyrig.generator.planning.kernels import Kernel
from tinyrig.suite.studies.kernels.checking.arguments import held, planned
from tinyrig.suite.studies.kernels.checking.case import Case
from tinyrig.suite.studies.kernels.checking.cases import BUILDERS, SIZES, sized_case

__all__ = ["BUILDERS", "SIZES", "calls", "cases", "sized_case"]

_TRIES = 500


@st.composite
def cases(draw: st.DrawFn, op: str, sizes: Sequence[Sequence[int]] = ()) -> Case:
    """A random call of `op`, of one of `sizes` if there are any; bytes follow from a drawn seed."""
    if sizes:
        return sized_case(op, draw(st.sampled_from(sizes)), draw(st.integers(0, 2**32 - 1)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return BUILDERS[op](lambda lo, hi: draw(st.integers(lo, hi)), rng)


@st.composite
def calls(draw: st.DrawFn, kernel: Kernel) -> Case:
    """A random call that a kernel takes.

    Others are drawn from a seed until one suits it: an example that hypothesis throws away costs
    ten times as much, and choosy kernels take one of fifty.
    """
    sizes = SIZES.get(kernel.name, ())
    case = held(kernel, draw(cases(kernel.op, sizes)))
    if _takes(kernel, case):
        return case
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    for _ in range(_TRIES):
        case = held(kernel, _random_case(kernel.op, sizes, rng))
        if _takes(kernel, case):
            return case
    return reject()


def _random_case(op: str, sizes: Sequence[Sequence[int]], rng: np.random.Generator) -> Case:
    if sizes:
        return sized_case(op, sizes[rng.integers(len(sizes))], int(rng.integers(2**32)))
    return BUILDERS[op](lambda lo, hi: int(rng.integers(lo, hi + 1)), rng)


def _takes(kernel: Kernel, case: Case) -> bool:
    call = planned(case)
    return kernel.accepts(call) and kernel.holds(call)
