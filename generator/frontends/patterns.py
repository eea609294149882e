"""Groups of source nodes that are one operator: norms in parts, a product with its bias.

Pointwise groups (Gelu from Erf or Tanh, SiLU, hard swish, ...) need no pattern: any of them is
one table (pointwise.py).
"""

from __future__ import annotations

from tinyrig.generator.frontends.batched_weights import products_apart
from tinyrig.generator.frontends.lower_safe_division import safe_quotient
from tinyrig.generator.frontends.mask_order import masks_last
from tinyrig.generator.frontends.masks import guarded_softmax, masked_softmax
from tinyrig.generator.frontends.matching import Group, View, apply_pattern, is_matrix, row_shapes
from tinyrig.generator.frontends.norm_patterns import apply_norms
from tinyrig.generator.frontends.source import Source, SourceNode
from tinyrig.generator.frontends.targets import may_drop
from tinyrig.generator.frontends.wide_pads import pads_apart


def apply_patterns(source: Source) -> Source:
    """Return the source with every group found as one node."""
    source = apply_norms(pads_apart(products_apart(source)))
    source = masks_last(apply_pattern(source, biased_product))
    source = apply_pattern(source, safe_quotient)
    return apply_pattern(apply_pattern(source, masked_softmax), guarded_softmax)


def biased_product(view: View, node: SourceNode) -> Group | None:
    """MatMul by a constant matrix, then Add of a constant along the last axis.

    A Q/DQ pair between them is dropped where its step is at most twice the output's and the
    output's range is no wider than its own with any channel's bias: the result is nearer to the
    real value and stays within one step of the two roundings. A narrower pair clips what the
    output would show, as one for codes from zero on does, and stays.
    """
    weight = view.constant(node.inputs[1]) if node.op == "MatMul" else None
    if weight is None or not is_matrix(weight.shape):
        return None
    product = view.source.values[node.outputs[0]]
    add = view.only_reader(product.name, "Add")
    found = view.split_constant(add) if add is not None else None
    if add is None or found is None:
        return None
    bias, target = found[1], view.source.values[add.outputs[0]]
    extent = weight.shape[-1] if len(weight.shape) > 1 else 1
    if target.shape != product.shape or bias.shape not in row_shapes(extent, len(product.shape)):
        return None
    if product.affine is not None and bias.data is not None:
        ends = float(bias.data.min()), float(bias.data.max())
        if target.affine is None or not may_drop(product.affine, target.affine, ends):
            return None
    merged = SourceNode("MatMul", node.name, (*node.inputs, bias.name), add.outputs)
    return Group((node, add), add, merged)
