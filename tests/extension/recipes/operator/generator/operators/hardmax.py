"""Hardmax: one at the first largest element of each row, zero elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.graph.ops import Node, Shape, Walk
from tinyrig.generator.graph.tensor import Affine, Tensor
from tinyrig.generator.operators import meaning
from tinyrig.generator.operators.accesses import rows
from tinyrig.generator.operators.example import any_affine
from tinyrig.generator.operators.operator import KernelCall, Keys, Operator
from tinyrig.generator.operators.values import Ids
from tinyrig.generator.planning.call import Call
from tinyrig.generator.planning.view import View


@dataclass(frozen=True, eq=False, kw_only=True)
class Hardmax(Node):
    """Over the last axis; `one` and `zero` are codes of the output."""

    in_place: ClassVar[bool] = True
    row_wise: ClassVar[bool] = True
    walks: ClassVar[Walk] = "rows"

    one: int
    zero: int


def _bind(
    node: Hardmax, _: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]
) -> Call:
    x, y = reads[0].rows(), writes[0].rows()
    if x is None or y is None:
        raise UnsupportedError(f"Node {node.name!r}: the rows of a Hardmax do not merge.")
    params = {
        "rows": y[0],
        "length": y[2],
        "x_row": x[1],
        "x_col": x[3],
        "y_row": y[1],
        "y_col": y[3],
        "one": node.one,
        "zero": node.zero,
    }
    return Call("hardmax_s8", params, tuple(reads), tuple(writes))


def _value(node: Hardmax, x: Sequence[Ids], _: Shape) -> Ids:
    return meaning.row_wise(x[0], meaning.key_of(node))


def _makes(keys: Keys, node: Hardmax, _: Mapping[str, Any], x: Sequence[Ids]) -> Ids:
    return meaning.row_wise(x[0], keys.key(node))


def _example(
    rng: np.random.Generator, inputs: Sequence[Tensor]
) -> tuple[Mapping[str, Any], Shape, Affine]:
    zero, one = sorted(int(code) for code in rng.integers(-128, 128, size=2))
    return {"one": one, "zero": zero}, inputs[0].shape, any_affine(rng)


HARDMAX = Operator(
    node=Hardmax,
    value=_value,
    bind=_bind,
    calls=(KernelCall("hardmax_s8", rows, _makes, "same"),),
    example=_example,
)
