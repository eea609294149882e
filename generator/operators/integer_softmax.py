"""The softmax of the integer dialect: I-BERT's exponentials, and whole quotients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.graph.ops import Node, Shape, Walk
from tinyrig.generator.graph.tensor import INT8_MIN, Affine, Tensor
from tinyrig.generator.operators.accesses import rows
from tinyrig.generator.operators.integer_norm import row_makes, row_params, row_value
from tinyrig.generator.operators.operator import KernelCall, Operator
from tinyrig.generator.planning.call import Call, Params, Table
from tinyrig.generator.planning.view import View


@dataclass(frozen=True, eq=False, kw_only=True)
class IntegerSoftmax(Node):
    """Over the last axis: `exp[largest - x] * top / sum`, cut; `exp` has 256 entries."""

    in_place: ClassVar[bool] = True
    row_wise: ClassVar[bool] = True
    walks: ClassVar[Walk] = "rows"

    exp: NDArray[np.uint32] = field(repr=False)
    top: int


def _bind(
    node: IntegerSoftmax, tensors: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]
) -> Call:
    params: Params = {
        **row_params(node, reads, writes),
        "exp": Table(node.exp, "tables"),
        "top": node.top,
        "zero_point": tensors[-1].affine.zero_point,
    }
    return Call("integer_softmax_s8", params, tuple(reads), tuple(writes))


def _example(
    rng: np.random.Generator, inputs: Sequence[Tensor]
) -> tuple[Mapping[str, Any], Shape, Affine]:
    # The most that a row may hold: sums just within 32 bits.
    top = int(rng.integers(1, 256))
    most = (2**32 - 1) // max(top, inputs[0].shape[-1])
    exp = np.sort(rng.integers(0, most + 1, size=256))[::-1]
    exp[0] = max(int(exp[0]), 1)
    return {"exp": exp.astype(np.uint32), "top": top}, inputs[0].shape, Affine(1.0, INT8_MIN)


INTEGER_SOFTMAX = Operator(
    node=IntegerSoftmax,
    value=row_value,
    bind=_bind,
    calls=(KernelCall("integer_softmax_s8", rows, row_makes, "same"),),
    example=_example,
)
