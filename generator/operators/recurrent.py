"""What LSTM and GRU have in common: nodes, walks, accesses, and what an output is made of."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from tinyrig.generator.graph.ops import Node, Shape, Walk
from tinyrig.generator.graph.quantization import FloatArray
from tinyrig.generator.graph.recurrent import Fixed, Gates, sigmoid_table
from tinyrig.generator.graph.requant import Int16Array
from tinyrig.generator.graph.tensor import Affine, Tensor
from tinyrig.generator.operators import meaning
from tinyrig.generator.operators.accesses import Block, block
from tinyrig.generator.operators.values import Ids, mix, places
from tinyrig.generator.planning.call import Params, Table
from tinyrig.generator.planning.view import View

_CELL_ROW = 7


@dataclass(frozen=True, eq=False, kw_only=True)
class Recurrent(Node):
    """x [steps, batch, gates * units], the input's part of every gate, and states [batch, units].

    Gives the hidden states [rows, 1, batch, units]: one a step, in the steps' order, or without
    `sequence` the last alone. `reverse` goes from the last step to the first. `y` makes codes of a
    state; the table is that of sigmoid and hyperbolic tangent.
    """

    walks: ClassVar[Walk] = "last"
    follows: ClassVar[bool] = False

    gates: Gates
    y: Fixed
    reverse: bool = False
    sequence: bool = True
    table: Int16Array = field(default_factory=sigmoid_table, repr=False)

    def macs(self, inputs: Sequence[Shape], _output: Shape) -> int:
        """One for each weight, step and element of the batch."""
        return math.prod(inputs[0][:2]) * self.gates.weight.size


def run_params(node: Recurrent, x: View, h: View, y: View, zero_point: int) -> Params:
    """Return the fields of `tr_recurrent`."""
    gates = node.gates
    return {
        "steps": x.shape[0],
        "batch": x.shape[1],
        "units": gates.weight.shape[0],
        "reverse": int(node.reverse),
        "sequence": int(node.sequence),
        "x_stride": list(x.strides),
        "h_stride": list(h.strides),
        "y_stride": [y.strides[0], *y.strides[2:]],
        "h_multiplier": Table(gates.h_multiplier, "tables"),
        "x_multiplier": Table(gates.x_multiplier, "tables"),
        "bias": Table(gates.bias, "weights"),
        "shift": gates.shift,
        "table": Table(node.table, "tables"),
        "y_multiplier": node.y.multiplier,
        "y_shift": node.y.shift,
        "zero_point": zero_point,
    }


def run_blocks(p: Mapping[str, Any], gates: int, more: int = 0) -> tuple[Block, Block, Block]:
    """Return the blocks of x, h and y, which has so many rows `more` than states."""
    batch, units = p["batch"], p["units"]
    rows = (p["steps"] if p["sequence"] else 1) + more
    return (
        block((p["steps"], batch, gates * units), p["x_stride"]),
        block((batch, units), p["h_stride"]),
        block((rows, batch, units), p["y_stride"]),
    )


def recurrent_value(node: Recurrent, x: Sequence[Ids], more: int = 0) -> Ids:
    """Return the numbers [rows, batch, units] of a node's output, with `more` rows of cells."""
    units = node.gates.weight.shape[0]
    walk = {"units": units, "reverse": node.reverse, "sequence": node.sequence}
    return recurrent_makes(meaning.key_of(node), walk, x, more)


def recurrent_makes(key: np.uint64, p: Mapping[str, Any], x: Sequence[Ids], more: int = 0) -> Ids:
    """The same of a call: a state is made of all inputs up to its step, and of all states."""
    steps, _, columns = x[0].shape
    units = p["units"]
    state = np.zeros(x[0].shape[1], np.uint64)
    for operand, place in zip(x[1:], places(len(x)), strict=False):
        state = state + mix(meaning.weighted_rows(operand) * place)
    found: dict[int, Ids] = {}
    for step in reversed(range(steps)) if p["reverse"] else range(steps):
        state = mix(meaning.weighted_rows(x[0][step]) + state * places(columns + 1)[-1] + key)
        found[step] = mix(state[:, None] + places(units, 3))
    rows = [found[step] for step in range(steps)] if p["sequence"] else [found[step]]
    if more:
        rows.append(mix(state[:, None] + places(units, _CELL_ROW)))
    return np.stack(rows)


def drawn_gates(
    rng: np.random.Generator, inputs: Sequence[Tensor], gates: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Draw weight, worth of an input's code and bias, as networks have them or far larger."""
    units = inputs[0].shape[-1] // gates
    size = float(rng.choice([0.02, 0.5, 4.0]))
    weight = rng.normal(0.0, size, (gates, units, units)) * (rng.random((gates, units, 1)) < 0.9)
    x_scale = rng.uniform(0.2, 1.0, (gates, units)) * size / 16.0
    return weight, x_scale, rng.normal(0.0, size, (gates, units))


def state_shapes(gates: int, states: int, shape: Shape) -> tuple[Shape, ...]:
    """Return the shapes of operands by (steps, batch, units)."""
    steps, batch, units = shape
    return (steps, batch, gates * units), *((batch, units),) * states


def hidden_affine(rng: np.random.Generator) -> Affine:
    """Draw what states are held in: all of -1 to 1, or less of it."""
    return Affine(float(rng.uniform(0.002, 0.02)), int(rng.integers(-128, 128)))
