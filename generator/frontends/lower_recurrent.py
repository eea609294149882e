"""LSTM and GRU, one node of the graph for each direction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.frontends.context import Lowering, require
from tinyrig.generator.frontends.lower_layout import reshaped, sliced
from tinyrig.generator.frontends.recurrent import is_selection
from tinyrig.generator.frontends.rules import lowers
from tinyrig.generator.frontends.source import SourceNode
from tinyrig.generator.graph.ops import Concat, Constant, Unary
from tinyrig.generator.graph.quantization import (
    CODES,
    FloatArray,
    dequantise,
    fit_range,
    fit_symmetric,
    quantise,
)
from tinyrig.generator.graph.recurrent import (
    CELL_BITS,
    GATES,
    ONE_BITS,
    codes_of,
    state_of,
    step_gates,
)
from tinyrig.generator.graph.tensor import Affine, Tensor
from tinyrig.generator.operators.gru import Gru
from tinyrig.generator.operators.lstm import Lstm, Shown

_DIRECTIONS = {"forward": (False,), "reverse": (True,), "bidirectional": (False, True)}
_FUNCTIONS = {"GRU": ("Sigmoid", "Tanh"), "LSTM": ("Sigmoid", "Tanh", "Tanh")}
_LENGTHS, _STATES, _CELLS, _PEEPHOLES = 4, 5, 6, 7
_UNIT = Affine(1.0 / 128.0, 0)
"""States that nothing quantizes: they lie between -1 and 1."""


@dataclass(frozen=True, eq=False)
class _Direction:
    """One direction: the input's part of its gates, what a code of that is worth
    [gates, units], and its weights [gates, units, units]. Biases [gates, units] are the input's
    and the states'."""

    x: Tensor
    x_scale: FloatArray
    weight: FloatArray
    x_bias: FloatArray
    h_bias: FloatArray
    reverse: bool


@dataclass(frozen=True)
class _Rows:
    """What a direction makes: all states or the last in `states`, then perhaps the last cell."""

    made: Tensor
    states: int
    reverse: bool


@lowers("LSTM")
def lower_lstm(at: Lowering, node: SourceNode) -> None:
    """LSTM of a float model given with --calibration, in any direction, from zero states or given
    ones; without sequence lengths, peepholes, clip, and other activations than Sigmoid and Tanh."""
    _refuse(at, node)
    peepholes = node.input(_PEEPHOLES)
    found = at.constant(peepholes)
    none = not peepholes or (found is not None and found.data is not None and not found.data.any())
    require(node, none, "peepholes", "gates of the input and the hidden state")
    coupled = node.integer("input_forget", 0) != 0
    require(node, not coupled, "input_forget = 1", "an input gate of its own")
    y = _hidden(at, node)
    cells = at.target(node.outputs[2]) if _is_read(at, node, 2) else None
    shown = None if cells is None else Shown(codes_of(cells, CELL_BITS), cells.zero_point)
    rows = []
    for index, one in enumerate(_directions(at, node)):
        gates, _ = step_gates(one.weight, one.x_scale, one.x_bias + one.h_bias, y)
        h = _state(at, node, _STATES, index, y)
        c = _state(at, node, _CELLS, index, None)
        made, sequence = _output(at, node, one, y, 0 if shown is None else 1)
        at.builder.add(
            Lstm(
                name=at.builder.node_name(node.name),
                inputs=(one.x.name, h.name, c.name),
                outputs=(made.made.name,),
                gates=gates,
                y=codes_of(y, ONE_BITS),
                reverse=one.reverse,
                sequence=sequence,
                cell=state_of(c.affine, CELL_BITS),
                shown=shown,
            )
        )
        rows.append(made)
    _bind_states(at, node, rows)
    if cells is not None:
        parts = [_cells(at, node, one, cells) for one in rows]
        at.bind(node.outputs[2], _joined(at, node, parts, 0))


@lowers("GRU")
def lower_gru(at: Lowering, node: SourceNode) -> None:
    """GRU of a float model given with --calibration, in any direction, from zero states or given
    ones, with linear_before_reset 0 and 1; without sequence lengths, clip, and other activations
    than Sigmoid and Tanh."""
    _refuse(at, node)
    before = node.integer("linear_before_reset", 0) != 0
    y = _hidden(at, node)
    rows = []
    for index, one in enumerate(_directions(at, node)):
        bias = one.x_bias + one.h_bias
        if before:
            bias[-1] = one.x_bias[-1]
        gates, held = step_gates(
            one.weight, one.x_scale, bias, y, one.h_bias[-1] if before else None
        )
        h = _state(at, node, _STATES, index, y)
        made, sequence = _output(at, node, one, y, 0)
        at.builder.add(
            Gru(
                name=at.builder.node_name(node.name),
                inputs=(one.x.name, h.name),
                outputs=(made.made.name,),
                gates=gates,
                y=codes_of(y, ONE_BITS),
                reverse=one.reverse,
                sequence=sequence,
                state=state_of(y, ONE_BITS),
                held=held if before else None,
            )
        )
        rows.append(made)
    _bind_states(at, node, rows)


def _refuse(at: Lowering, node: SourceNode) -> None:
    """Raise UnsupportedError for what no kernel does."""
    direction = node.text("direction", "forward")
    known = direction in _DIRECTIONS
    require(node, known, f"direction {direction!r}", ", ".join(_DIRECTIONS))
    given = node.attributes.get("activations", ())
    names = given if isinstance(given, tuple) else ()
    usual = _FUNCTIONS[node.op] * len(_DIRECTIONS[direction])
    plain = not names or [str(one).lower() for one in names] == [one.lower() for one in usual]
    require(
        node,
        plain,
        f"the activations {', '.join(map(str, names))}",
        f"{', '.join(_FUNCTIONS[node.op])} for each direction; others need a table of their own. "
        "Train it with these, or write the cell with MatMul, Mul, Add and pointwise operators",
    )
    require(
        node,
        "clip" not in node.attributes,
        f"clip = {node.attributes.get('clip')}",
        "gates without a limit; leave clip out, for gates beyond 8 are 0 or 1 to 12 bits anyway",
    )
    steps = at.value(node.inputs[0]).shape[0]
    lengths = node.input(_LENGTHS)
    value = at.constant(lengths)
    whole = value is not None and value.data is not None and bool(np.all(value.data == steps))
    require(
        node,
        not lengths or whole,
        f"sequence lengths {lengths!r} other than the {steps} steps of its input",
        "one fixed length; export the model without lengths (PyTorch: without "
        "pack_padded_sequence), for the length it is to run with, and pad or cut its input to that",
    )


def _is_read(at: Lowering, node: SourceNode, index: int) -> bool:
    return index < len(node.outputs) and at.is_read(node.outputs[index])


def _hidden(at: Lowering, node: SourceNode) -> Affine:
    """The affine of hidden states, which holds what goes back into a step: all of Y, and the first
    ones."""
    y = at.target(node.outputs[0]) if _is_read(at, node, 0) else _UNIT
    name = node.input(_STATES)
    first = _range(at, name) if name else (0.0, 0.0)
    low, high = (float(end) for end in dequantise(CODES[[0, -1]], y))
    if low - y.scale <= first[0] and first[1] <= high + y.scale:
        return y
    return fit_range(min(low, first[0]), max(high, first[1]))


def _range(at: Lowering, name: str) -> tuple[float, float]:
    constant = at.constant(name)
    if constant is not None and constant.data is not None:
        return float(constant.data.min()), float(constant.data.max())
    real = dequantise(CODES[[0, -1]], at.tensor(name).affine)
    return float(real[0]), float(real[1])


def _directions(at: Lowering, node: SourceNode) -> list[_Direction]:
    """Return the parts of a node whose input weights take one column a gate.

    Raises UnsupportedError for others: their products have no scale.
    """
    weight, rows = (at.constant(node.input(slot)) for slot in (1, 2))
    bias = at.constant(node.input(3))
    constant = (bias is not None) == bool(node.input(3))
    found = weight is not None and rows is not None and constant
    require(node, found, "weights computed at run time", "constant weights")
    assert weight is not None and weight.data is not None
    assert rows is not None and rows.data is not None
    if not is_selection(weight.data):
        raise UnsupportedError(
            f"{node} multiplies its input within the operator, and nothing says in which steps the "
            "products are held. Give the float model with --calibration FILE.npz instead: it is "
            "quantized here, states and gates with it."
        )
    gates, (_, columns, units) = GATES[node.op], rows.shape
    x = at.tensor(node.inputs[0])
    biases = np.zeros((len(rows.data), 2 * columns)) if bias is None else bias.data
    assert biases is not None
    found_ones = []
    for index, reverse in enumerate(_DIRECTIONS[node.text("direction", "forward")]):
        chosen = weight.data[index]
        first = index * columns
        ordered = chosen[:, first : first + columns]
        require(
            node,
            np.count_nonzero(chosen) == np.count_nonzero(np.diagonal(ordered)),
            "input weights that take columns in another order",
            "a float model, quantized here by --calibration",
        )
        scale = np.diagonal(ordered).reshape(gates, units).astype(np.float64)
        part = sliced(at, node, x, (0, 0, first), (1, 1, 1), (*x.shape[:2], columns))
        x_bias, h_bias = biases[index].astype(np.float64).reshape(2, gates, units)
        worth = scale * x.affine.scale
        found_ones.append(
            _Direction(
                part,
                worth,
                rows.data[index].reshape(gates, units, units).astype(np.float64),
                x_bias - x.affine.zero_point * worth,
                h_bias,
                reverse,
            )
        )
    return found_ones


def _state(at: Lowering, node: SourceNode, slot: int, index: int, affine: Affine | None) -> Tensor:
    """Return a direction's first states [batch, units], zeros where none are given."""
    name = node.input(slot)
    batch, units = at.value(node.inputs[0]).shape[1], at.value(node.input(2)).shape[-1]
    shape = (batch, units)
    constant = at.constant(name)
    if name and constant is None:
        x = at.tensor(name) if affine is None else at.in_affine(name, affine)
        part = sliced(at, node, x, (index, 0, 0), (1, 1, 1), (1, *shape))
        return reshaped(at, node, part, shape)
    data = np.zeros(shape)
    if constant is not None and constant.data is not None:
        data = constant.data[index].astype(np.float64)
    chosen = affine or fit_symmetric(data)
    tensor = at.builder.tensor(f"{node.name}.state", shape, chosen)
    label = at.builder.node_name(tensor.name)
    codes = quantise(data, chosen)
    at.builder.add(Constant(name=label, inputs=(), outputs=(tensor.name,), data=codes))
    return tensor


def _output(
    at: Lowering, node: SourceNode, one: _Direction, y: Affine, more: int
) -> tuple[_Rows, bool]:
    """Add what a direction writes; whether that has the states of all steps."""
    steps, batch, _ = one.x.shape
    sequence = _is_read(at, node, 0)
    states = steps if sequence else 1
    shape = (states + more, 1, batch, one.weight.shape[-1])
    made = at.builder.tensor(f"{node.outputs[0]}.rows", shape, y)
    return _Rows(made, states, one.reverse), sequence


def _bind_states(at: Lowering, node: SourceNode, rows: list[_Rows]) -> None:
    """Bind Y [steps, directions, batch, units] and Y_h [directions, batch, units]."""
    if _is_read(at, node, 0):
        parts = [_cut(at, node, one, 0, one.states) for one in rows]
        at.bind(node.outputs[0], _joined(at, node, parts, 1))
    if _is_read(at, node, 1):
        ends = [_cut(at, node, one, 0 if one.reverse else one.states - 1, 1) for one in rows]
        parts = [reshaped(at, node, end, end.shape[1:]) for end in ends]
        at.bind(node.outputs[1], _joined(at, node, parts, 0))


def _cut(at: Lowering, node: SourceNode, rows: _Rows, first: int, count: int) -> Tensor:
    shape = (count, *rows.made.shape[1:])
    return sliced(at, node, rows.made, (first, 0, 0, 0), (1, 1, 1, 1), shape)


def _cells(at: Lowering, node: SourceNode, rows: _Rows, affine: Affine) -> Tensor:
    """Return the last cell [1, batch, units]: its row's codes, read with their own affine."""
    row = _cut(at, node, rows, rows.states, 1)
    part = reshaped(at, node, row, row.shape[1:])
    tensor = at.builder.tensor(f"{node.name}.cells", part.shape, affine)
    at.builder.add(
        Unary(
            name=at.builder.node_name(tensor.name),
            inputs=(part.name,),
            outputs=(tensor.name,),
            lut=CODES.astype(np.int8),
            function="reinterpret",
        )
    )
    return tensor


def _joined(at: Lowering, node: SourceNode, parts: list[Tensor], axis: int) -> Tensor:
    if len(parts) == 1:
        return parts[0]
    shape = list(parts[0].shape)
    shape[axis] = len(parts)
    tensor = at.builder.tensor(f"{node.name}.joined", tuple(shape), parts[0].affine)
    at.builder.add(
        Concat(
            name=at.builder.node_name(tensor.name),
            inputs=tuple(part.name for part in parts),
            outputs=(tensor.name,),
            axis=axis,
        )
    )
    return tensor
