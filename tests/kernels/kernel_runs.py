"""Executing a case with a kernel of the host library, and with the oracle."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import kernel_oracle
import numpy as np
from kernel_library import prepare, together
from kernel_memory import Guarded
from numpy.typing import NDArray

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.operators.example import Drawn
from tinyrig.generator.planning.kernels import Kernel
from tinyrig.suite.reference.executor import run_reference
from tinyrig.suite.studies.kernels.checking.arguments import canaries, packed_params, planned
from tinyrig.suite.studies.kernels.checking.case import Case


def execute(
    library: ctypes.CDLL, kernel: Kernel, case: Case, cores: int = 1, *, only: int | None = None
) -> NDArray[Any]:
    """Run a kernel on all cores; return the output's whole block, its gaps filled with the
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
    prepared = prepare(library, kernel.name, case.op, params, [*pointers, scratch.address])
    if only is None and cores > 1:
        together(library, cores, prepared)
    else:
        library.cluster_become(only or 0, cores)
        prepared()
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
    """The oracle's output in a block like `execute` returns; the reference's of a drawn node."""
    pairs = zip(case.inputs, case.values, strict=True)
    operands = [values[x.positions] for x, values in pairs]
    if case.drawn is None:
        function = getattr(kernel_oracle, case.op.removesuffix("_s8"))
        y = function(case.params, *(x.astype(np.int64) for x in operands))
    else:
        y = _reference(case.drawn, operands)
    assert y.shape == case.output.shape
    limits = np.iinfo(case.output_type)
    assert y.min() >= limits.min and y.max() <= limits.max
    block = canaries(case.output.size, case.output_type)
    block[case.output.positions] = y.astype(case.output_type)
    return block


def check(library: ctypes.CDLL, kernel: Kernel, case: Case) -> None:
    """A kernel of the host library takes a case and gives what is expected."""
    assert kernel.accepts(planned(case))
    np.testing.assert_array_equal(execute(library, kernel, case), expect(case))


def _reference(drawn: Drawn, operands: Sequence[NDArray[Any]]) -> NDArray[np.int64]:
    tensors = {tensor.name: tensor for tensor in (*drawn.inputs, drawn.output)}
    inputs = tuple(tensor.name for tensor in drawn.inputs)
    graph = Graph("one", tensors, (drawn.node,), inputs, (drawn.output.name,))
    given = dict(zip(inputs, operands, strict=True))
    return run_reference(graph, given)[drawn.output.name].astype(np.int64)
