"""LayerNorm and RMSNorm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.graph.ops import LayerNorm, Shape
from tinyrig.generator.graph.tensor import Tensor
from tinyrig.generator.operators import meaning
from tinyrig.generator.operators.accesses import rows
from tinyrig.generator.operators.operator import KernelCall, Keys, Operator
from tinyrig.generator.operators.values import Ids
from tinyrig.generator.planning.call import Call, Table, requant_params
from tinyrig.generator.planning.view import View


def _bind(
    node: LayerNorm, tensors: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]
) -> Call:
    """tr_layernorm_s8: leading axes merged into rows."""
    x, y = reads[0].rows(), writes[0].rows()
    if x is None or y is None:
        raise UnsupportedError(f"Node {node.name!r}: the rows of a LayerNorm do not merge.")
    return Call(
        "layernorm_s8",
        {
            "rows": y[0],
            "length": y[2],
            "x_row": x[1],
            "x_col": x[3],
            "y_row": y[1],
            "y_col": y[3],
            "gamma": Table(node.gamma, "weights"),
            "start": Table(node.start, "weights"),
            "eps": node.normaliser.eps,
            "fraction": node.normaliser.fraction,
            "raised": node.normaliser.raised,
            "centred": int(node.centred),
            "zero_point": tensors[0].affine.zero_point,
            "gamma_bits": 32 if np.any(node.gamma % 2**16) else 16,
            "requant": requant_params(node.requant),
        },
        tuple(reads),
        tuple(writes),
    )


def _value(node: LayerNorm, x: Sequence[Ids], _: Shape) -> Ids:
    return meaning.row_wise(x[0], meaning.key_of(node))


def _makes(keys: Keys, node: LayerNorm, _: Mapping[str, Any], x: Sequence[Ids]) -> Ids:
    return meaning.row_wise(x[0], keys.key(node))


LAYERNORM = Operator(
    node=LayerNorm,
    value=_value,
    bind=_bind,
    calls=(KernelCall("layernorm_s8", rows, _makes, "same"),),
)
