"""Convolution in one or two dimensions, grouped and depthwise."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinyrig.generator.frontends.context import Lowering, require
from tinyrig.generator.frontends.rules import lowers
from tinyrig.generator.frontends.source import SourceNode
from tinyrig.generator.frontends.weights import bias_of, linear_constants, weight_of
from tinyrig.generator.frontends.window import dilated, dilations_of, window_of
from tinyrig.generator.graph.ops import Conv


@lowers("Conv")
def lower_conv(at: Lowering, node: SourceNode) -> None:
    """Conv with constant int8 weights and constant bias; dilated, its kernel has zeros between."""
    constant = at.constant(node.inputs[1]) is not None
    require(node, constant, "weights computed at run time", "constant weights")
    weight = weight_of(at, node, node.inputs[1], 0)
    dilations = dilations_of(node, weight.codes.ndim - 2)
    kernel = dilated(weight.codes.shape[2:], dilations)
    window = window_of(at, node, kernel)
    bias = bias_of(at, node, node.input(2), weight.codes.shape[0])
    x = at.tensor(node.inputs[0])
    y = at.output(node.outputs[0])
    requant, start = linear_constants(weight, bias, x.affine, y.affine)
    codes = np.zeros((*weight.codes.shape[:2], *kernel), weight.codes.dtype)
    places: tuple[Any, ...] = (..., *(slice(None, None, apart) for apart in dilations))
    codes[places] = weight.codes
    codes = codes if codes.ndim == 4 else codes[:, :, np.newaxis, :]
    at.builder.add(
        Conv(
            name=at.builder.node_name(node.name),
            inputs=(x.name,),
            outputs=(y.name,),
            weight=np.ascontiguousarray(codes.transpose(0, 2, 3, 1).astype(np.int8)),
            start=start,
            requant=requant,
            window=window,
            groups=node.integer("group", 1),
        )
    )
    at.bind(node.outputs[0], y)
