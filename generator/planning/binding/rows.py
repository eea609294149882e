"""Softmax and LayerNorm."""

from __future__ import annotations

from collections.abc import Sequence

from generator.errors import UnsupportedError
from generator.graph.ops import LayerNorm, Softmax
from generator.graph.tensor import Tensor
from generator.planning.binding.axes import leading
from generator.planning.call import Call, Table, requant_params
from generator.planning.view import View, merge_axes


def bind_softmax(
    node: Softmax, tensors: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]
) -> Call:
    """tr_softmax_s8: the axis last, the others merged into two."""
    axes = [axis for axis in range(len(reads[0].shape)) if axis != node.axis]
    x, y = (view.transposed([*axes, node.axis]) for view in (reads[0], writes[0]))
    merged = merge_axes(x.shape[:-1], [x.strides[:-1], y.strides[:-1]])
    if len(merged) > 2:
        raise UnsupportedError(f"Node {node.name!r}: softmax over axis {node.axis} of {x.shape}.")
    outer, strides = leading(merged, 2, 2)
    return Call(
        "softmax_s8",
        {
            "outer0": outer[0],
            "outer1": outer[1],
            "length": x.shape[-1],
            "x_stride": [*strides[0], x.strides[-1]],
            "y_stride": [*strides[1], y.strides[-1]],
            "exp": Table(node.exp, "tables"),
            "scale": {"mantissa": node.scale.mantissa, "exponent": node.scale.exponent},
            "zero_point": tensors[-1].affine.zero_point,
        },
        tuple(reads),
        tuple(writes),
    )


def bind_layernorm(
    node: LayerNorm, _: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]
) -> Call:
    """tr_layernorm_s8: leading axes merged into rows."""
    if not node.centred:
        raise UnsupportedError(f"Node {node.name!r}: no kernel executes an RMSNorm.")
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
            "eps": node.eps,
            "requant": requant_params(node.requant),
        },
        tuple(reads),
        tuple(writes),
    )
