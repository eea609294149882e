"""Executing a case with a kernel of the host library, and with the oracle."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from typing import Any

import kernel_oracle
import numpy as np
from kernel_cases import Case
from kernel_library import call
from kernel_memory import CANARY, Guarded
from numpy.typing import NDArray

from generator.planning.call import Call
from generator.planning.kernels import Kernel


def planned(case: Case) -> Call:
    """The case as the planner sees it: pointers count as 1 or 0."""
    return Call(case.op, _fields(case.params), (), ())


def _fields(params: Mapping[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in params.items():
        if isinstance(value, Mapping):
            fields[name] = _fields(value)
        else:
            fields[name] = 1 if isinstance(value, np.ndarray) else value
    return fields


def execute(library: ctypes.CDLL, kernel: Kernel, case: Case) -> NDArray[np.int8]:
    """Run a kernel; return the output's whole block, its gaps filled with the canary.

    Asserts that nothing else changed: inputs, and the bytes around every block and scratch.
    """
    inputs = []
    for operand, values, misalign in zip(case.inputs, case.values, case.misalign, strict=False):
        block = Guarded(operand.size, misalign)
        block.bytes[:] = values
        inputs.append(block)
    if case.alias is None:
        output = Guarded(case.output.size, case.misalign[-1])
    else:
        output = inputs[case.alias]
    addresses = [b.address + x.base for b, x in zip(inputs, case.inputs, strict=True)]
    scratch = Guarded(kernel.scratch_bytes(planned(case)))
    call(
        library,
        kernel.name,
        case.op,
        case.params,
        [*addresses, output.address + case.output.base, scratch.address],
    )
    for block in (*inputs, output, scratch):
        block.assert_intact()
    for index, (block, values) in enumerate(zip(inputs, case.values, strict=True)):
        if index != case.alias:
            assert (block.bytes == values).all(), f"input {index} changed"
    result = output.bytes.copy()
    if case.alias is not None:
        written = np.zeros(result.size, dtype=bool)
        written[case.output.positions.ravel()] = True
        assert (result[~written] == case.values[case.alias][~written]).all()
        result[~written] = np.uint8(CANARY).view(np.int8)
    return result


def expect(case: Case) -> NDArray[np.int8]:
    """The oracle's output in a block like `execute` returns."""
    function = getattr(kernel_oracle, case.op.removesuffix("_s8"))
    pairs = zip(case.inputs, case.values, strict=True)
    y = function(case.params, *(values[x.positions].astype(np.int64) for x, values in pairs))
    assert y.shape == case.output.shape
    assert y.min() >= -128 and y.max() <= 127
    block = np.full(case.output.size, CANARY, dtype=np.uint8).view(np.int8)
    block[case.output.positions] = y.astype(np.int8)
    return block
