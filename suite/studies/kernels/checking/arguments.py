"""A case's parameters as the planner sees them, and as a kernel reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.planning.call import Call, Table
from tinyrig.generator.planning.kernels import Kernel
from tinyrig.generator.planning.packing import packed
from tinyrig.suite.studies.kernels.checking.case import Case
from tinyrig.suite.studies.kernels.checking.operand import CANARY


def planned(case: Case) -> Call:
    """The case as the planner sees it."""
    return Call(case.op, _tables(case.params), (), ())


def packed_params(kernel: Kernel, case: Case) -> Mapping[str, Any]:
    """The case's parameters with their constants as the kernel reads them."""
    return called_params(kernel, planned(case))


def called_params(kernel: Kernel, call: Call) -> Mapping[str, Any]:
    """A call's parameters with their constants as the kernel reads them."""
    return arrays(packed(call, kernel.pack).params)


def _tables(params: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _tables(value)
        if isinstance(value, Mapping)
        else Table(value, "weights")
        if isinstance(value, np.ndarray)
        else value
        for name, value in params.items()
    }


def arrays(params: Mapping[str, Any]) -> dict[str, Any]:
    """A call's parameters with arrays in place of tables."""
    return {
        name: arrays(value)
        if isinstance(value, Mapping)
        else value.values
        if isinstance(value, Table)
        else value
        for name, value in params.items()
    }


def canaries(size: int, kind: np.dtype[Any]) -> NDArray[Any]:
    """`size` elements whose bytes all are the canary."""
    return np.full(size * kind.itemsize, CANARY, dtype=np.uint8).view(kind)
