"""Convolution, pooling and mean."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.graph.ops import AvgPool, Conv, MaxPool, Mean, Window
from tinyrig.generator.graph.tensor import Tensor
from tinyrig.generator.planning.binding.axes import leading
from tinyrig.generator.planning.call import Call, Params, Table, requant_params
from tinyrig.generator.planning.view import View, merge_axes

_MEAN_AXES = 4


def _image(view: View) -> View:
    """Return [N, C, W] as [N, C, 1, W]; four axes stay."""
    if len(view.shape) == 4:
        return view
    n, c, w = view.shape
    sn, sc, sw = view.strides
    return View(view.storage, view.offset, (n, c, 1, w), (sn, sc, 0, sw))


def _window(window: Window, read: View, write: View) -> Params:
    x, y = _image(read), _image(write)
    return {
        "batch": x.shape[0],
        "in_c": x.shape[1],
        "in_h": x.shape[2],
        "in_w": x.shape[3],
        "out_c": y.shape[1],
        "out_h": y.shape[2],
        "out_w": y.shape[3],
        "kernel_h": window.kernel[0],
        "kernel_w": window.kernel[1],
        "stride_h": window.strides[0],
        "stride_w": window.strides[1],
        "pad_top": window.pads[0],
        "pad_left": window.pads[1],
        "x_stride": list(x.strides),
        "y_stride": list(y.strides),
    }


def bind_conv(
    node: Conv, tensors: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]
) -> Call:
    """tr_conv2d_s8."""
    params: Params = {
        "window": _window(node.window, reads[0], writes[0]),
        "groups": node.groups,
        "x_zero_point": tensors[0].affine.zero_point,
        "weight": Table(node.weight, "weights"),
        "start": Table(node.start, "weights"),
        "requant": requant_params(node.requant),
        "lut": None if node.lut is None else Table(node.lut, "tables"),
    }
    macs = writes[0].size * math.prod(node.weight.shape[1:])
    return Call("conv2d_s8", params, tuple(reads), tuple(writes), macs=macs)


def bind_maxpool(
    node: MaxPool, _: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]
) -> Call:
    """tr_maxpool2d_s8."""
    params = {"window": _window(node.window, reads[0], writes[0])}
    return Call("maxpool2d_s8", params, tuple(reads), tuple(writes))


def bind_avgpool(
    node: AvgPool, tensors: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]
) -> Call:
    """tr_avgpool2d_s8."""
    params: Params = {
        "window": _window(node.window, reads[0], writes[0]),
        "count_include_pad": int(node.count_include_pad),
        "x_zero_point": tensors[0].affine.zero_point,
        "multiplier": Table(node.multiplier, "tables"),
        "shift": node.shift,
        "zero_point": tensors[-1].affine.zero_point,
    }
    return Call("avgpool2d_s8", params, tuple(reads), tuple(writes))


def bind_mean(
    node: Mean, _: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]
) -> Call:
    """tr_mean_s8: kept and reduced axes merged apart."""
    x, y = reads[0], writes[0]
    kept = [axis for axis in range(len(x.shape)) if axis not in node.axes]
    y_strides = [s for axis, s in enumerate(y.strides) if not node.keepdims or axis in kept]
    outer = merge_axes([x.shape[a] for a in kept], [[x.strides[a] for a in kept], y_strides])
    inner = merge_axes([x.shape[a] for a in node.axes], [[x.strides[a] for a in node.axes]])
    if max(len(outer), len(inner)) > _MEAN_AXES:
        raise UnsupportedError(f"Node {node.name!r}: a mean over {node.axes} of {x.shape}.")
    kept_extents, (x_kept, y_kept) = leading(outer, _MEAN_AXES, 2)
    reduced, (x_reduced,) = leading(inner, _MEAN_AXES, 1)
    params: Params = {
        "kept": kept_extents,
        "x_kept": x_kept,
        "y_kept": y_kept,
        "reduced": reduced,
        "x_reduced": x_reduced,
        "start": node.start,
        "requant": requant_params(node.requant),
    }
    return Call("mean_s8", params, tuple(reads), tuple(writes))
