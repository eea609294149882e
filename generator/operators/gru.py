"""GRU over a sequence of one direction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from tinyrig.generator.graph.ops import Shape
from tinyrig.generator.graph.recurrent import GATES, ONE_BITS, Fixed, codes_of, state_of, step_gates
from tinyrig.generator.graph.requant import Int8Array, Int32Array
from tinyrig.generator.graph.tensor import Affine, Tensor
from tinyrig.generator.operators.accesses import Accesses
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

_GATES = GATES["GRU"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Gru(Recurrent):
    """The state has 16 bits too: `state` makes them of hidden codes, in the output's affine.

    `held` [units] is what the reset gate multiplies beside the sums of the hidden gate; None where
    it multiplies the states before they are summed.
    """

    state: Fixed
    held: Int32Array | None = field(default=None, repr=False)


def _bind(
    node: Gru, tensors: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]
) -> Call:
    x, h = reads
    params: Params = {
        "run": run_params(node, x, h, writes[0], tensors[-1].affine.zero_point),
        "weight": Table(_laid(node), "weights"),
        "h_multiplier": node.state.multiplier,
        "h_shift": node.state.shift,
        "held": None if node.held is None else Table(node.held, "weights"),
    }
    macs = x.shape[0] * x.shape[1] * node.gates.weight.size
    return Call("gru_s8", params, tuple(reads), tuple(writes), macs=macs)


def _laid(node: Gru) -> Int8Array:
    """Return weights in the order in which a step takes them: those of hidden gates last where
    they wait for the reset gates of all units."""
    weight = node.gates.weight
    if node.held is not None:
        return weight
    return np.concatenate([weight[:, :2].ravel(), weight[:, 2].ravel()])


def _accesses(p: Mapping[str, Any]) -> Accesses:
    x, h, y = run_blocks(p["run"], _GATES)
    return Accesses((x, h), y)


def _value(node: Gru, x: Sequence[Ids], shape: Shape) -> Ids:
    return recurrent_value(node, x).reshape(shape)


def _makes(keys: Keys, node: Gru, p: Mapping[str, Any], x: Sequence[Ids]) -> Ids:
    return recurrent_makes(keys.key(node), p["run"], x)


def _example(
    rng: np.random.Generator, inputs: Sequence[Tensor]
) -> tuple[Mapping[str, Any], Shape, Affine]:
    steps, batch, columns = inputs[0].shape
    y = hidden_affine(rng)
    before = bool(rng.integers(2))
    weight, x_scale, bias = drawn_gates(rng, inputs, _GATES)
    gates, held = step_gates(weight, x_scale, bias, y, bias[0] if before else None)
    sequence = bool(rng.integers(2))
    constants = {
        "gates": gates,
        "y": codes_of(y, ONE_BITS),
        "reverse": bool(rng.integers(2)),
        "sequence": sequence,
        "state": state_of(y, ONE_BITS),
        "held": held if before else None,
    }
    return constants, (steps if sequence else 1, 1, batch, columns // _GATES), y


GRU = Operator(
    node=Gru,
    value=_value,
    bind=_bind,
    calls=(KernelCall("gru_s8", _accesses, _makes),),
    operands=2,
    example=_example,
    ranks=(3, 3),
    shapes=partial(state_shapes, _GATES, 1),
)
