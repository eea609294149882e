"""Linear, matmul and attention."""

from __future__ import annotations

from collections.abc import Sequence

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.graph.ops import Attention, Linear, MatMul, Node, Rounding
from tinyrig.generator.graph.tensor import INT8_MAX, Tensor
from tinyrig.generator.planning.binding.axes import broadcast_strides, leading
from tinyrig.generator.planning.call import Call, Params, Table, requant_params
from tinyrig.generator.planning.partial import FinishLinear, PartialLinear
from tinyrig.generator.planning.view import View, merge_axes

_BATCH_AXES = 2


def bind_linear(
    node: Linear, _: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]
) -> Call:
    """tr_linear_s8: leading axes of x and y merged into rows."""
    x, y = reads[0].rows(), writes[0].rows()
    if x is None or y is None:
        raise UnsupportedError(f"Node {node.name!r}: the rows of a linear layer do not merge.")
    return Call(
        "linear_s8",
        {
            "m": y[0],
            "k": node.weight.shape[1],
            "n": node.weight.shape[0],
            "x_row": x[1],
            "x_col": x[3],
            "y_row": y[1],
            "y_col": y[3],
            "weight": Table(node.weight, "weights"),
            "start": Table(node.start, "weights"),
            "requant": requant_params(node.requant),
            "lut": None if node.lut is None else Table(node.lut, "tables"),
        },
        tuple(reads),
        tuple(writes),
        macs=y[0] * node.weight.size,
    )


def bind_partial_linear(
    node: PartialLinear, _: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]
) -> Call:
    """tr_linear_s8_s32: rows of x into rows of sums."""
    x, acc = reads[0], writes[0]
    return Call(
        "linear_s8_s32",
        {
            "m": x.shape[0],
            "k": node.weight.shape[1],
            "n": node.weight.shape[0],
            "x_row": x.strides[0],
            "acc_row": acc.strides[0],
            "weight": Table(node.weight, "weights"),
            "start": Table(node.start, "weights") if node.first else None,
        },
        tuple(reads),
        tuple(writes),
        macs=x.shape[0] * node.weight.size,
    )


def bind_finish_linear(
    node: FinishLinear, _: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]
) -> Call:
    """tr_requant_s32_s8: sums into outputs, in place where they share memory."""
    acc, y = reads[0], writes[0].rows()
    if y is None:
        raise UnsupportedError(f"Node {node.name!r}: the rows of a linear layer do not merge.")
    return Call(
        "requant_s32_s8",
        {
            "m": acc.shape[0],
            "n": acc.shape[1],
            "acc_row": acc.strides[0],
            "y_row": y[1],
            "y_col": y[3],
            "requant": requant_params(node.requant),
            "lut": None if node.lut is None else Table(node.lut, "tables"),
        },
        tuple(reads),
        tuple(writes),
    )


def _batched(node: Node, views: Sequence[View]) -> tuple[list[int], list[list[int]]]:
    """Merge the leading axes of views into two; return their extents and, a view, 4 strides."""
    shape = views[-1].shape[:-2]
    lead = [broadcast_strides(view, shape, keep=2) for view in views]
    merged = merge_axes(shape, lead)
    if len(merged) > _BATCH_AXES:
        raise UnsupportedError(
            f"Node {node.name!r}: batch axes {shape} in these layouts need more than two loops."
        )
    extents, strides = leading(merged, _BATCH_AXES, len(views))
    return extents, [
        [*outer, *view.strides[-2:]] for outer, view in zip(strides, views, strict=True)
    ]


def bind_matmul(
    node: MatMul, tensors: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]
) -> Call:
    """tr_matmul_s8: batch axes merged into two."""
    a, b = reads
    y = writes[0]
    batch, strides = _batched(node, [a, b, y])
    macs = y.size * a.shape[-1]
    return Call(
        "matmul_s8",
        {
            "batch0": batch[0],
            "batch1": batch[1],
            "m": a.shape[-2],
            "k": a.shape[-1],
            "n": b.shape[-1],
            "a_stride": strides[0],
            "b_stride": strides[1],
            "y_stride": strides[2],
            "a_zero_point": tensors[0].affine.zero_point,
            "b_zero_point": tensors[1].affine.zero_point,
            "start": node.start,
            "requant": requant_params(node.requant),
            "lut": None if node.lut is None else Table(node.lut, "tables"),
        },
        tuple(reads),
        tuple(writes),
        macs=macs,
    )


def _rounding_params(rounding: Rounding | None) -> Params:
    """Return the fields of `tr_rounding`, all 0 without one."""
    if rounding is None:
        none = dict.fromkeys(("channel_step", "shift", "narrow", "zero_point", "lo", "hi"), 0)
        return {"most": 0, "fine": None, "start": 0, "requant": {"multiplier": None, **none}}
    return {
        "most": INT8_MAX - rounding.zero_point,
        "fine": None if rounding.fine is None else Table(rounding.fine, "tables"),
        "start": rounding.start,
        "requant": requant_params(rounding.requant),
    }


def bind_attention(
    node: Attention, tensors: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]
) -> Call:
    """tr_attention_s8: batch and heads as the two outer loops."""
    q, k, v = reads
    batch, strides = _batched(node, [q, k, v, writes[0]])
    return Call(
        "attention_s8",
        {
            "batch0": batch[0],
            "batch1": batch[1],
            "s": q.shape[-2],
            "t": k.shape[-2],
            "p": q.shape[-1],
            "r": v.shape[-1],
            "q_stride": strides[0],
            "k_stride": strides[1],
            "k_slack": k.slack,
            "v_stride": strides[2],
            "y_stride": strides[3],
            "q_zero_point": tensors[0].affine.zero_point,
            "k_zero_point": tensors[1].affine.zero_point,
            "v_zero_point": tensors[2].affine.zero_point,
            "score_start": node.score_start,
            "score": requant_params(node.score),
            "exp": Table(node.exp, "tables"),
            "value": {"mantissa": node.value.mantissa, "exponent": node.value.exponent},
            "rounding": _rounding_params(node.rounding),
            "y_zero_point": tensors[3].affine.zero_point,
            "lo": node.lo,
            "hi": node.hi,
        },
        tuple(reads),
        tuple(writes),
        macs=(q.size + writes[0].size) * k.shape[-2],
    )
