"""A case's parameters as the planner sees them, and as a kernel reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.planning.call import Call, Table
from tinyrig.generator.planning.kernels import Kernel
from tinyrig.generator.planning.nibbles import NIBBLE_PACKS
from tinyrig.generator.planning.packing import packed
from tinyrig.suite.studies.kernels.checking.case import Case
from tinyrig.suite.studies.kernels.checking.operand import CANARY


def held(kernel: Kernel, case: Case) -> Case:
    """The case with weights that the kernel's packing can hold."""
    if kernel.pack not in NIBBLE_PACKS:
        return case
    return replace(case, params={**case.params, "weight": case.params["weight"] >> 4})


def held_call(kernel: Kernel, call: Call) -> Call:
    """The same of a call as the planner sees it."""
    weight = call.params.get("weight")
    if kernel.pack not in NIBBLE_PACKS or not isinstance(weight, Table):
        return call
    return replace(
        call, params={**call.params, "weight": replace(weight, values=weight.values >> 4)}
    )


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
