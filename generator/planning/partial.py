"""A linear layer in parts: int32 sums over slices of its input, finished at the end."""

from __future__ import annotations

from dataclasses import dataclass

from tinyrig.generator.graph.ops import Linear, Lut, Node
from tinyrig.generator.graph.requant import Int8Array, Int32Array, Requant


@dataclass(frozen=True, eq=False, kw_only=True)
class PartialLinear(Node):
    """acc [rows, N] = start (when `first`) or acc, plus x [rows, K] times weight [N, K]."""

    weight: Int8Array
    start: Int32Array
    first: bool


@dataclass(frozen=True, eq=False, kw_only=True)
class FinishLinear(Node):
    """y [rows, N] from acc [rows, N]: requantisation and table."""

    requant: Requant
    lut: Lut


def output_rows(node: Linear, start: int, stop: int, name: str) -> Linear:
    """Return the layer that computes outputs [start, stop) of a linear layer."""
    requant = node.requant
    if requant.multiplier.size > 1:
        part = requant.multiplier[start:stop]
        requant = Requant(
            part, requant.shift, requant.narrow, requant.zero_point, requant.lo, requant.hi
        )
    return Linear(
        name=name,
        inputs=node.inputs,
        outputs=node.outputs,
        weight=node.weight[start:stop],
        start=node.start[start:stop],
        requant=requant,
        lut=node.lut,
    )


def input_columns(node: Linear, start: int, stop: int, name: str) -> PartialLinear:
    """Return the part of a linear layer that reads inputs [start, stop)."""
    return PartialLinear(
        name=name,
        inputs=node.inputs,
        outputs=node.outputs,
        weight=node.weight[:, start:stop].copy(),
        start=node.start,
        first=start == 0,
    )


def finish(node: Linear, name: str) -> FinishLinear:
    """Return what remains of a linear layer once all its parts are summed."""
    return FinishLinear(
        name=name, inputs=node.outputs, outputs=node.outputs, requant=node.requant, lut=node.lut
    )
