"""LSTM and GRU where their roundings and ends are: every kernel as the reference has it."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from kernel_runs import execute, expect
from numpy.typing import NDArray

from tinyrig.generator.graph.recurrent import Fixed, Gates, sigmoid_table, step_gates
from tinyrig.generator.graph.requant import RangeError
from tinyrig.generator.graph.tensor import Affine, Tensor
from tinyrig.generator.operators.example import Drawn
from tinyrig.generator.operators.gru import GRU
from tinyrig.generator.operators.lstm import LSTM, Shown
from tinyrig.generator.operators.operator import Operator
from tinyrig.generator.planning.kernels import all_kernels
from tinyrig.generator.planning.view import View
from tinyrig.suite.studies.kernels.checking.arguments import arrays
from tinyrig.suite.studies.kernels.checking.case import Case
from tinyrig.suite.studies.kernels.checking.operand import Operand

Codes = NDArray[np.int8]
EVERY = np.arange(-128, 128).astype(np.int8)
PLAIN = Fixed(2**14, 14)
"""A state's own number, as far as a code reaches."""
FINE = Affine(2.0**-15, 0)


def case_of(operator: Operator, values: list[Codes], more: int = 0, **constants: Any) -> Case:
    """Return a call on dense operands, whose output has one row a step and perhaps more."""
    tensors = [Tensor(f"x{i}", x.shape, FINE) for i, x in enumerate(values)]
    names = tuple(tensor.name for tensor in tensors)
    steps, (batch, units) = values[0].shape[0], values[1].shape
    node = operator.node(name="n", inputs=names, outputs=("y",), y=PLAIN, **constants)
    output = Tensor("y", (steps + more, 1, batch, units), FINE)
    assert operator.bind is not None
    views = [View.contiguous(tensor.name, tensor.shape) for tensor in (*tensors, output)]
    call = operator.bind(node, (*tensors, output), views[:-1], views[-1:])
    operands = [Operand(v.shape, v.strides, 0, v.size) for v in views]
    return Case(
        call.op,
        arrays(call.params),
        tuple(operands[:-1]),
        tuple(x.ravel() for x in values),
        operands[-1],
        (0,) * len(operands),
        drawn=Drawn(node, tuple(tensors), output),
    )


def gates_of(count: int, columns: Mapping[int, int], shift: int = 8, bias: int = 0) -> Gates:
    """Return gates of one unit that only their inputs move, by these multipliers."""
    by_gate = np.zeros((1, count), np.int32)
    for gate, multiplier in columns.items():
        by_gate[0, gate] = multiplier
    none = np.zeros((1, count), np.int32)
    weight = np.zeros((1, count, 1), np.int8)
    return Gates(weight, none, by_gate, none + bias, shift)


def every_input(count: int, gate: int) -> Codes:
    x = np.zeros((1, 256, count), np.int8)
    x[0, :, gate] = EVERY
    return x


def agree(library: ctypes.CDLL, case: Case) -> NDArray[Any]:
    wanted = expect(case)
    for kernel in all_kernels():
        if kernel.op == case.op:
            np.testing.assert_array_equal(execute(library, kernel, case), wanted)
    return wanted


@pytest.mark.parametrize("held", [None, np.zeros(1, np.int32)])
@pytest.mark.parametrize("multiplier", [128, -128, 127, 129])
def test_half_a_step_of_a_gate_goes_up(
    library: ctypes.CDLL, multiplier: int, held: NDArray[np.int32] | None
) -> None:
    """One unit of a hidden gate is two of the state, and so two codes."""
    values = [every_input(3, 2), np.zeros((256, 1), np.int8)]
    case = case_of(
        GRU, values, gates=gates_of(3, {2: multiplier}), state=PLAIN, held=held, sequence=True
    )
    made = agree(library, case)
    gate = (EVERY.astype(np.int64) * multiplier + 128) >> 8
    assert made[128 + 1] == {128: 2, -128: 0, 127: 0, 129: 2}[multiplier]
    table = sigmoid_table().astype(np.int64)
    place = (gate >> 8) + 128
    sigmoid = table[place] + (((table[place + 1] - table[place]) * (gate & 255) + 128) >> 8)
    state = (16384 * (2 * sigmoid - 32768) + 16384) >> 15
    np.testing.assert_array_equal(made, np.clip(state, -128, 127))


@pytest.mark.parametrize("bias", [2**20, -(2**20), 32767, 32768, -32768, -32769])
def test_gates_end_where_their_table_does(library: ctypes.CDLL, bias: int) -> None:
    for operator, count, more in (
        (LSTM, 4, {"cell": Fixed(2**14, 1), "shown": None}),
        (GRU, 3, {"state": PLAIN, "held": np.array([bias], np.int32)}),
    ):
        values = [every_input(count, count - 1), *[EVERY.reshape(256, 1)] * operator.operands]
        gates = gates_of(count, {count - 1: 256}, bias=bias)
        agree(library, case_of(operator, values[: operator.operands], gates=gates, **more))


def test_cells_end_at_sixteen_bits(library: ctypes.CDLL) -> None:
    """Forget and input gates that are open: the cell counts up, or down, past its end."""
    for sign in (1, -1):
        x = np.full((5, 2, 4), 127, np.int8)
        x[:, :, 3] = sign * 127
        values = [x, np.zeros((2, 1), np.int8), np.array([[127], [-128]], np.int8)]
        gates = gates_of(4, dict.fromkeys(range(4), 2**17))
        agree(library, case_of(LSTM, values, gates=gates, cell=Fixed(2**14, 6), shown=None))


def test_lines_between_entries_go_up_at_half(library: ctypes.CDLL) -> None:
    """An update gate near 1/270 of a state near one: each of its units is a code."""
    gates = gates_of(3, {0: 256})
    gates.bias[0, 0] = -22938
    h = np.full((256, 1), 127, np.int8)
    case = case_of(GRU, [every_input(3, 0), h], gates=gates, state=Fixed(2**14, 6), held=None)
    table, gate = sigmoid_table().astype(np.int64), EVERY.astype(np.int64) - 22938
    place = (gate >> 8) + 128
    products = (table[place + 1] - table[place]) * (gate & 255)
    assert np.any(products % 256 == 128)
    update = table[place] + ((products + 128) >> 8)
    np.testing.assert_array_equal(agree(library, case), (update * 127 * 256 + 16384) >> 15)


def test_half_a_cell_goes_up(library: ctypes.CDLL) -> None:
    """Gates of 0 halve the cell exactly."""
    x, h = np.zeros((1, 256, 4), np.int8), np.zeros((256, 1), np.int8)
    case = case_of(
        LSTM,
        [x, h, EVERY.reshape(256, 1)],
        more=1,
        gates=gates_of(4, {}),
        cell=PLAIN,
        shown=Shown(PLAIN, 0),
    )
    made = agree(library, case)
    np.testing.assert_array_equal(made[256:], (EVERY.astype(np.int64) + 1) >> 1)


def test_the_table_is_as_near_as_documented() -> None:
    table = sigmoid_table().astype(np.int64)
    gate = np.arange(-32768, 32768)
    place = (gate >> 8) + 128
    found = table[place] + (((table[place + 1] - table[place]) * (gate & 255) + 128) >> 8)
    exact = 1 / (1 + np.exp(-gate / 4096))
    assert np.abs(found / 2**15 - exact).max() < 7e-5


def test_sums_beyond_32_bits_are_refused() -> None:
    weight, one = np.full((3, 2, 2), 1e6), np.ones((3, 2))
    with pytest.raises(RangeError):
        step_gates(weight, one, one, Affine(1 / 128, 0))
    with pytest.raises(RangeError):
        step_gates(weight * 1e-6, one * 1e6, one, Affine(1 / 128, 0))
    gates, _ = step_gates(weight * 1e-6, one / 16, one, Affine(1 / 128, 0))
    assert 2**30 <= np.abs(gates.x_multiplier).max() < 2**31 or gates.shift == 24
