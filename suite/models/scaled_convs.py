"""A convolution and the scale and shift of its channels, as one convolution.

BatchNormalization is read as a depthwise 1x1 convolution (channel_norms.py); behind a convolution
that nothing else reads it is part of that one's weights and bias.
"""

from __future__ import annotations

import numpy as np

from tinyrig.generator.frontends.matching import Group, View, apply_pattern
from tinyrig.generator.frontends.source import ConstantArray, Source, SourceNode, Value


def with_scales_inside(source: Source) -> Source:
    """Return a float source with each scale of channels inside the convolution before it."""
    return apply_pattern(source, _scaled)


def _scaled(view: View, node: SourceNode) -> Group | None:
    scale = _channel_scale(view, node)
    before = view.writer(node.inputs[0], "Conv") if scale is not None else None
    weight = _real(view, before.inputs[1]) if before is not None else None
    if before is None or weight is None or scale is None:
        return None
    if view.only_reader(before.outputs[0], "Conv") is None:
        return None
    own, shift = (_bias(view, one, len(scale)) for one in (before, node))
    if own is None or shift is None:
        return None
    factor = scale.reshape(-1, *(1,) * (weight.ndim - 1))
    made = Value(f"{node.outputs[0]}:scaled_weight", weight.shape, weight * factor)
    bias = Value(f"{node.outputs[0]}:scaled_bias", scale.shape, own * scale + shift)
    inputs = (before.inputs[0], made.name, bias.name)
    merged = SourceNode("Conv", before.name, inputs, node.outputs, before.attributes)
    return Group((before, node), node, merged, (made, bias))


def _channel_scale(view: View, node: SourceNode) -> ConstantArray | None:
    """Return what a depthwise 1x1 convolution multiplies each channel by, None for another node."""
    weight = _real(view, node.inputs[1]) if node.op == "Conv" else None
    if weight is None or len(weight) != weight.size or node.integer("group", 1) != len(weight):
        return None
    steps = (*(node.integers("pads") or ()), *(n - 1 for n in node.integers("strides") or ()))
    return None if any(steps) or node.text("auto_pad", "NOTSET") != "NOTSET" else weight.reshape(-1)


def _bias(view: View, node: SourceNode, channels: int) -> ConstantArray | None:
    return _real(view, node.input(2)) if node.input(2) else np.zeros(channels)


def _real(view: View, name: str) -> ConstantArray | None:
    value = view.constant(name)
    return None if value is None or value.codes is not None else value.data
