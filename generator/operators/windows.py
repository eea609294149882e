"""Convolution and pooling."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tinyrig.generator.graph.ops import AvgPool, Conv, MaxPool, Shape, Window
from tinyrig.generator.graph.tensor import Tensor
from tinyrig.generator.operators import meaning
from tinyrig.generator.operators.accesses import Accesses, block
from tinyrig.generator.operators.operator import KernelCall, Keys, Operator
from tinyrig.generator.operators.values import Ids
from tinyrig.generator.planning.call import Call, Params, Table, requant_params
from tinyrig.generator.planning.view import View


def _image(view: View) -> View:
    """Return [N, C, W] as [N, C, 1, W]; four axes stay."""
    if len(view.shape) == 4:
        return view
    n, c, w = view.shape
    sn, sc, sw = view.strides
    return View(view.storage, view.offset, (n, c, 1, w), (sn, sc, 0, sw))


def window_params(window: Window, read: View, write: View) -> Params:
    """Return the geometry of a call, and how its image and its output lie."""
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


def _bind_conv(
    node: Conv, tensors: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]
) -> Call:
    """tr_conv2d_s8."""
    params: Params = {
        "window": window_params(node.window, reads[0], writes[0]),
        "groups": node.groups,
        "x_zero_point": tensors[0].affine.zero_point,
        "weight": Table(node.weight, "weights"),
        "start": Table(node.start, "weights"),
        "requant": requant_params(node.requant),
        "lut": None if node.lut is None else Table(node.lut, "tables"),
    }
    macs = writes[0].size * math.prod(node.weight.shape[1:])
    return Call("conv2d_s8", params, tuple(reads), tuple(writes), macs=macs)


def _bind_maxpool(
    node: MaxPool, _: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]
) -> Call:
    """tr_maxpool2d_s8."""
    params = {"window": window_params(node.window, reads[0], writes[0])}
    return Call("maxpool2d_s8", params, tuple(reads), tuple(writes))


def _bind_avgpool(
    node: AvgPool, tensors: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]
) -> Call:
    """tr_avgpool2d_s8."""
    params: Params = {
        "window": window_params(node.window, reads[0], writes[0]),
        "count_include_pad": int(node.count_include_pad),
        "x_zero_point": tensors[0].affine.zero_point,
        "multiplier": Table(node.multiplier, "tables"),
        "shift": node.shift,
        "zero_point": tensors[-1].affine.zero_point,
    }
    return Call("avgpool2d_s8", params, tuple(reads), tuple(writes))


def window_accesses(p: Mapping[str, Any]) -> Accesses:
    """All of the image and of the output."""
    w = p["window"]
    x, y = (
        block((w["batch"], *(w[f"{side}_{axis}"] for axis in "chw")), w[strides])
        for side, strides in (("in", "x_stride"), ("out", "y_stride"))
    )
    return Accesses((x,), y)


def _conv_value(node: Conv, x: Sequence[Ids], shape: Shape) -> Ids:
    return slid(node.window, node.groups, meaning.channel_keys(node), x[0], shape)


def _pool_value(node: MaxPool | AvgPool, x: Sequence[Ids], shape: Shape) -> Ids:
    channels = x[0].shape[1]
    keys = np.full(channels, meaning.key_of(node), np.uint64)
    return slid(node.window, channels, keys, x[0], shape)


def slid(window: Window, groups: int, keys: Ids, x: Ids, shape: Shape) -> Ids:
    """The numbers of what a window makes of an image [N, C, H, W] or a sequence [N, C, W]."""
    image = x if x.ndim == len(("n", "c", "h", "w")) else x[:, :, None, :]
    out_h = shape[2] if x.ndim == image.ndim else 1
    geometry: Mapping[str, int] = {
        "kernel_h": window.kernel[0],
        "kernel_w": window.kernel[1],
        "stride_h": window.strides[0],
        "stride_w": window.strides[1],
        "pad_top": window.pads[0],
        "pad_left": window.pads[1],
        "out_h": out_h,
        "out_w": shape[-1],
    }
    return meaning.windows(image, geometry, groups, keys)


def _conv_makes(keys: Keys, node: Conv, p: Mapping[str, Any], x: Sequence[Ids]) -> Ids:
    return meaning.windows(x[0], p["window"], p["groups"], keys.channels(node))


def _pool_makes(keys: Keys, node: MaxPool | AvgPool, p: Mapping[str, Any], x: Sequence[Ids]) -> Ids:
    channels = x[0].shape[1]
    numbers = np.full(channels, keys.key(node), np.uint64)
    return meaning.windows(x[0], p["window"], channels, numbers)


CONV = Operator(
    node=Conv,
    value=_conv_value,
    bind=_bind_conv,
    calls=(KernelCall("conv2d_s8", window_accesses, _conv_makes, "windows"),),
)
MAXPOOL = Operator(
    node=MaxPool,
    value=_pool_value,
    bind=_bind_maxpool,
    calls=(KernelCall("maxpool2d_s8", window_accesses, _pool_makes, "windows"),),
)
AVGPOOL = Operator(
    node=AvgPool,
    value=_pool_value,
    bind=_bind_avgpool,
    calls=(KernelCall("avgpool2d_s8", window_accesses, _pool_makes, "windows"),),
)
