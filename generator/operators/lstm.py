"""LSTM over a sequence of one direction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from tinyrig.generator.graph.ops import Shape
from tinyrig.generator.graph.recurrent import (
    CELL_BITS,
    GATES,
    ONE_BITS,
    Fixed,
    codes_of,
    state_of,
    step_gates,
)
from tinyrig.generator.graph.tensor import Affine, Tensor
from tinyrig.generator.operators.accesses import Accesses, block
from tinyrig.generator.operators.operator import KernelCall, Keys, Operator
from tinyrig.generator.operators.recurrent import (
    Recurrent,
    drawn_gates,
    hidden_affine,
    recurrent_makes,
    recurrent_value,
    run_blocks,
    run_params,
    state_shapes,
)
from tinyrig.generator.operators.values import Ids
from tinyrig.generator.planning.call import Call, Params, Table
from tinyrig.generator.planning.view import View

_GATES = GATES["LSTM"]


@dataclass(frozen=True)
class Shown:
    """How the last cell becomes codes of one row more."""

    factor: Fixed
    zero_point: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Lstm(Recurrent):
    """States: hidden ones in the output's affine, and cells, of which `cell` makes 16 bits."""

    cell: Fixed
    shown: Shown | None = None


def _bind(
    node: Lstm, tensors: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]
) -> Call:
    x, h, c = reads
    shown = node.shown
    params: Params = {
        "run": run_params(node, x, h, writes[0], tensors[-1].affine.zero_point),
        "weight": Table(node.gates.weight, "weights"),
        "c_stride": list(c.strides),
        "c_multiplier": node.cell.multiplier,
        "c_shift": node.cell.shift,
        "c_zero_point": tensors[2].affine.zero_point,
        "shown": int(shown is not None),
        "shown_multiplier": shown.factor.multiplier if shown else 0,
        "shown_shift": shown.factor.shift if shown else 1,
        "shown_zero_point": shown.zero_point if shown else 0,
    }
    macs = x.shape[0] * x.shape[1] * node.gates.weight.size
    return Call("lstm_s8", params, tuple(reads), tuple(writes), macs=macs)


def _accesses(p: Mapping[str, Any]) -> Accesses:
    run = p["run"]
    x, h, y = run_blocks(run, _GATES, p["shown"])
    return Accesses((x, h, block((run["batch"], run["units"]), p["c_stride"])), y)


def _value(node: Lstm, x: Sequence[Ids], shape: Shape) -> Ids:
    return recurrent_value(node, x, int(node.shown is not None)).reshape(shape)


def _makes(keys: Keys, node: Lstm, p: Mapping[str, Any], x: Sequence[Ids]) -> Ids:
    return recurrent_makes(keys.key(node), p["run"], x, p["shown"])


def _example(
    rng: np.random.Generator, inputs: Sequence[Tensor]
) -> tuple[Mapping[str, Any], Shape, Affine]:
    steps, batch, columns = inputs[0].shape
    y = hidden_affine(rng)
    gates, _ = step_gates(*drawn_gates(rng, inputs, _GATES), y)
    sequence = bool(rng.integers(2))
    shown = None
    if rng.integers(2):
        cells = Affine(float(rng.uniform(0.001, 0.2)), int(rng.integers(-128, 128)))
        shown = Shown(codes_of(cells, CELL_BITS), cells.zero_point)
    constants = {
        "gates": gates,
        "y": codes_of(y, ONE_BITS),
        "reverse": bool(rng.integers(2)),
        "sequence": sequence,
        "cell": state_of(inputs[2].affine, CELL_BITS),
        "shown": shown,
    }
    rows = (steps if sequence else 1) + (shown is not None)
    return constants, (rows, 1, batch, columns // _GATES), y


LSTM = Operator(
    node=Lstm,
    value=_value,
    bind=_bind,
    calls=(KernelCall("lstm_s8", _accesses, _makes),),
    operands=3,
    example=_example,
    ranks=(3, 3),
    shapes=partial(state_shapes, _GATES, 2),
)
