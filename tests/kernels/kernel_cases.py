"""Random calls of every kernel operator, for hypothesis."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from tinyrig.suite.studies.kernels.checking.case import Case
from tinyrig.suite.studies.kernels.checking.cases import BUILDERS, SIZES, sized_case

__all__ = ["BUILDERS", "SIZES", "cases", "sized_case"]


@st.composite
def cases(draw: st.DrawFn, op: str, sizes: Sequence[Sequence[int]] = ()) -> Case:
    """A random call of `op`, of one of `sizes` if there are any; bytes follow from a drawn seed."""
    if sizes:
        return sized_case(op, draw(st.sampled_from(sizes)), draw(st.integers(0, 2**32 - 1)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return BUILDERS[op](lambda lo, hi: draw(st.integers(lo, hi)), rng)
