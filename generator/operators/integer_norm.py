"""The norms of the integer dialect: cut quotients by a whole square root."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.graph.ops import Node, Shape, Walk
from tinyrig.generator.graph.requant import Int32Array
from tinyrig.generator.graph.tensor import INT8_MAX, INT8_MIN, Affine, Tensor
from tinyrig.generator.operators import meaning
from tinyrig.generator.operators.accesses import rows
from tinyrig.generator.operators.operator import KernelCall, Keys, Operator
from tinyrig.generator.operators.values import Ids
from tinyrig.generator.planning.call import Call, Params, Table
from tinyrig.generator.planning.view import View

LONGEST = 32768
"""A row whose squares, of at most 255 each, stay within int32."""


@dataclass(frozen=True, eq=False, kw_only=True)
class IntegerNorm(Node):
    """Over the last axis of length E; weight [E], bias [E]; about zero where not `centred`."""

    in_place: ClassVar[bool] = True
    row_wise: ClassVar[bool] = True
    walks: ClassVar[Walk] = "rows"

    weight: Int32Array = field(repr=False)
    bias: Int32Array = field(repr=False)
    shift: int
    centred: bool
    lo: int = INT8_MIN
    hi: int = INT8_MAX

    @property
    def op(self) -> str:
        """`ilayernorm` or `irmsnorm`."""
        return "ilayernorm" if self.centred else "irmsnorm"

    def limited(self, low: int, high: int) -> Node | None:
        """Return it with other limits."""
        lo, hi = (min(max(code, low), high) for code in (self.lo, self.hi))
        return replace(self, lo=lo, hi=hi)


def row_params(node: Node, reads: Sequence[View], writes: Sequence[View]) -> dict[str, int]:
    """Return the walk of a kernel over rows: leading axes merged into one."""
    x, y = reads[0].rows(), writes[0].rows()
    if x is None or y is None:
        raise UnsupportedError(f"Node {node.name!r}: the rows of a {node.op} do not merge.")
    return {
        "rows": y[0],
        "length": y[2],
        "x_row": x[1],
        "x_col": x[3],
        "y_row": y[1],
        "y_col": y[3],
    }


def row_value(node: Node, x: Sequence[Ids], _: Shape) -> Ids:
    """The numbers of a node that makes rows of rows."""
    return meaning.row_wise(x[0], meaning.key_of(node))


def row_makes(keys: Keys, node: Node, _: Mapping[str, Any], x: Sequence[Ids]) -> Ids:
    """The same of a call's block."""
    return meaning.row_wise(x[0], keys.key(node))


def _bind(
    node: IntegerNorm, tensors: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]
) -> Call:
    params: Params = {
        **row_params(node, reads, writes),
        "weight": Table(node.weight, "weights"),
        "bias": Table(node.bias, "weights"),
        "zero_point": tensors[0].affine.zero_point,
        "shift": node.shift,
        "centred": int(node.centred),
        "lo": node.lo,
        "hi": node.hi,
    }
    return Call("integer_norm_s8", params, tuple(reads), tuple(writes))


def _example(
    rng: np.random.Generator, inputs: Sequence[Tensor]
) -> tuple[Mapping[str, Any], Shape, Affine]:
    length = inputs[0].shape[-1]
    shift = int(rng.integers(0, 22))
    constants = {
        "weight": rng.integers(-(2**22), 2**22, size=length).astype(np.int32),
        "bias": rng.integers(-(2**24), 2**24, size=length).astype(np.int32),
        "shift": shift,
        "centred": bool(rng.integers(2)),
    }
    return constants, inputs[0].shape, Affine(1.0, 0)


INTEGER_NORM = Operator(
    node=IntegerNorm,
    value=row_value,
    bind=_bind,
    calls=(KernelCall("integer_norm_s8", rows, row_makes, "same"),),
    example=_example,
)
