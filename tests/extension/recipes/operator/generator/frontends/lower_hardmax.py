"""Hardmax."""

from __future__ import annotations

import numpy as np
from tinyrig.generator.operators.hardmax import Hardmax

from tinyrig.generator.frontends.context import Lowering, require
from tinyrig.generator.frontends.rules import lowers
from tinyrig.generator.frontends.source import SourceNode
from tinyrig.generator.graph.quantization import quantise


@lowers("Hardmax")
def lower_hardmax(at: Lowering, node: SourceNode) -> None:
    """Hardmax over the last axis."""
    x = at.tensor(node.inputs[0])
    axis = node.integer("axis", -1) % len(x.shape)
    require(node, axis == len(x.shape) - 1, f"axis {axis}", "the last axis")
    y = at.output(node.outputs[0])
    zero, one = (int(code) for code in quantise(np.array([0.0, 1.0]), y.affine))
    name = at.builder.node_name(node.name)
    at.builder.add(Hardmax(name=name, inputs=(x.name,), outputs=(y.name,), one=one, zero=zero))
    at.bind(node.outputs[0], y)
