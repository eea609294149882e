"""Softmax and LayerNorm."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.graph.ops import LayerNorm, Softmax
from tinyrig.generator.graph.tensor import Tensor
from tinyrig.generator.planning.binding.axes import leading
from tinyrig.generator.planning.binding.kept import kept_runs
from tinyrig.generator.planning.call import Call, Params, Table, requant_params
from tinyrig.generator.planning.view import View, merge_axes


def bind_softmax(
    node: Softmax, tensors: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]
) -> Call:
    """tr_softmax_s8, or tr_softmax_masked_s8: the axis last, the others merged into two."""
    axes = [axis for axis in range(len(reads[0].shape)) if axis != node.axis]
    x, y = (view.transposed([*axes, node.axis]) for view in (reads[0], writes[0]))
    walked = [x.strides[:-1], y.strides[:-1]]
    mask = None
    if node.kept is not None:
        mask = kept_runs(np.transpose(node.kept, [*axes, node.axis]), x.shape)
        walked.append(mask.strides)
    merged = merge_axes(x.shape[:-1], walked)
    if len(merged) > 2:
        raise UnsupportedError(f"Node {node.name!r}: softmax over axis {node.axis} of {x.shape}.")
    outer, strides = leading(merged, 2, len(walked))
    rows: Params = {
        "outer0": outer[0],
        "outer1": outer[1],
        "length": x.shape[-1],
        "x_stride": [*strides[0], x.strides[-1]],
        "y_stride": [*strides[1], y.strides[-1]],
        "exp": Table(node.exp, "tables"),
        "fine": None if node.fine is None else Table(node.fine, "tables"),
        "scale": {"mantissa": node.scale.mantissa, "exponent": node.scale.exponent},
        "zero_point": tensors[-1].affine.zero_point,
    }
    if mask is None:
        return Call("softmax_s8", rows, tuple(reads), tuple(writes))
    masked: Params = {
        "rows": rows,
        "mask_stride": strides[2],
        "first": Table(mask.first, "tables"),
        "runs": Table(mask.runs, "tables"),
    }
    return Call("softmax_masked_s8", masked, tuple(reads), tuple(writes))


def bind_layernorm(
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
