"""LogSoftmax: how far a score lies below its row's largest, and the logarithm of the row's sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.graph.logarithms import log_constants
from tinyrig.generator.graph.ops import Node, Shape, Walk
from tinyrig.generator.graph.requant import Int32Array, Requant
from tinyrig.generator.graph.tensor import INT8_MAX, INT8_MIN, Affine, Tensor
from tinyrig.generator.operators.accesses import rows
from tinyrig.generator.operators.integer_norm import row_makes, row_params, row_value
from tinyrig.generator.operators.operator import KernelCall, Operator
from tinyrig.generator.planning.call import Call, Params, Table, requant_params
from tinyrig.generator.planning.view import View


@dataclass(frozen=True, eq=False, kw_only=True)
class LogSoftmax(Node):
    """Over the last axis; the constants are those of graph/logarithms.py."""

    in_place: ClassVar[bool] = True
    row_wise: ClassVar[bool] = True
    walks: ClassVar[Walk] = "rows"

    exp: NDArray[np.uint32] = field(repr=False)
    logs: Int32Array = field(repr=False)
    octave: int
    slope: int
    start: int
    requant: Requant


def _bind(
    node: LogSoftmax, _: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]
) -> Call:
    params: Params = {
        **row_params(node, reads, writes),
        "exp": Table(node.exp, "tables"),
        "logs": Table(node.logs, "tables"),
        "octave": node.octave,
        "slope": node.slope,
        "start": node.start,
        "requant": requant_params(node.requant),
    }
    return Call("logsoftmax_s8", params, tuple(reads), tuple(writes))


def _example(
    rng: np.random.Generator, inputs: Sequence[Tensor]
) -> tuple[Mapping[str, Any], Shape, Affine]:
    (x,) = inputs
    # From outputs that are all cut to ones that differ by less than a step.
    step = float(10.0 ** rng.uniform(-2.5, 1.0))
    affine = Affine(step, int(rng.integers(INT8_MIN, INT8_MAX + 1)))
    return vars(log_constants(x.affine.scale, x.shape[-1], affine)), x.shape, affine


LOG_SOFTMAX = Operator(
    node=LogSoftmax,
    value=row_value,
    bind=_bind,
    calls=(KernelCall("logsoftmax_s8", rows, row_makes, "same"),),
    example=_example,
)
