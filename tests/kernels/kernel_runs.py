"""Executing a case with a kernel of the host library, and with the oracle."""

from __future__ import annotations

import ctypes
from typing import Any

import kernel_oracle
import numpy as np
from kernel_library import call
from kernel_memory import Guarded
from numpy.typing import NDArray

from tinyrig.generator.planning.kernels import Kernel
from tinyrig.suite.studies.kernels.checking.arguments import canaries, packed_params, planned
from tinyrig.suite.studies.kernels.checking.case import Case


def execute(
    library: ctypes.CDLL, kernel: Kernel, case: Case, cores: int = 1, *, only: int | None = None
) -> NDArray[Any]:
    """Run a kernel, core after core; return the output's whole block, its gaps filled with the
    canary. `only` leaves the other cores' work undone.

    Asserts that nothing else changed: inputs, and the bytes around every block and scratch.
    """
    inputs = []
    for values, misalign in zip(case.values, case.misalign, strict=False):
        block = Guarded(values.nbytes, misalign)
        block.bytes[:] = values.view(np.int8)
        inputs.append(block)
    if case.alias is None:
        output = Guarded(case.output.size * case.output_type.itemsize, case.misalign[-1])
    else:
        output = inputs[case.alias]
    scratch = Guarded(kernel.scratch_bytes(planned(case), cores))
    pointers = case.pointers([block.address for block in inputs], output.address)
    params = packed_params(kernel, case)
    for core in range(cores) if only is None else [only]:
        library.cluster_become(core, cores)
        call(library, kernel.name, case.op, params, [*pointers, scratch.address])
    library.cluster_become(0, 1)
    for block in (*inputs, output, scratch):
        block.assert_intact()
    for index, (block, values) in enumerate(zip(inputs, case.values, strict=True)):
        if index != case.alias:
            assert (block.bytes == values.view(np.int8)).all(), f"input {index} changed"
    result = output.bytes.view(case.output_type).copy()
    if case.alias is not None:
        written = np.zeros(result.size, dtype=bool)
        written[case.output.positions.ravel()] = True
        assert (result[~written] == case.values[case.alias][~written]).all()
        result[~written] = canaries(1, case.output_type)
    return result


def expect(case: Case) -> NDArray[Any]:
    """The oracle's output in a block like `execute` returns."""
    function = getattr(kernel_oracle, case.op.removesuffix("_s8"))
    pairs = zip(case.inputs, case.values, strict=True)
    y = function(case.params, *(values[x.positions].astype(np.int64) for x, values in pairs))
    assert y.shape == case.output.shape
    limits = np.iinfo(case.output_type)
    assert y.min() >= limits.min and y.max() <= limits.max
    block = canaries(case.output.size, case.output_type)
    block[case.output.positions] = y.astype(case.output_type)
    return block
