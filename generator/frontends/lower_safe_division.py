"""A quotient that is 0 where its divisor is: Where(Equal(b, 0), 0, Div(a, b)), as TensorFlow's
divide_no_nan is written."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyrig.generator.frontends.matching import Group, View
from tinyrig.generator.frontends.source import SourceNode
from tinyrig.generator.frontends.targets import may_drop

SAFE = "no_nan"
"""Attribute of a Div that gives 0 for a divisor of 0."""


def safe_quotient(view: View, node: SourceNode) -> Group | None:
    """Return the group of a guarded Div of two tensors, which becomes one Div."""
    if node.op != "Where" or not _is_zero(view, node.inputs[1]):
        return None
    condition = view.sole_writer(node.inputs[0], "Equal")
    quotient = view.sole_writer(node.inputs[2], "Div")
    if condition is None or quotient is None:
        return None
    divisor = quotient.inputs[1]
    compared = {name for name in condition.inputs if not _is_zero(view, name)}
    activations = all(view.constant(name) is None for name in quotient.inputs)
    inner, outer = (view.source.values[one.outputs[0]] for one in (quotient, node))
    if compared != {divisor} or not activations or inner.shape != outer.shape:
        return None
    if inner.affine and outer.affine and not may_drop(inner.affine, outer.affine):
        return None
    merged = replace(quotient, outputs=node.outputs, attributes={**quotient.attributes, SAFE: 1})
    values = (replace(outer, affine=outer.affine or inner.affine),)
    return Group((condition, quotient, node), node, merged, values)


def _is_zero(view: View, name: str) -> bool:
    value = view.constant(name)
    return value is not None and value.data is not None and not np.any(value.data)
