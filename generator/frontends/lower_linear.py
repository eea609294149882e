"""MatMul and Gemm: products with a constant, from the right or the left, and of two tensors."""

from __future__ import annotations

import numpy as np

from tinyrig.generator.frontends.context import Lowering, Operand, require
from tinyrig.generator.frontends.lower_elementwise import code_reach
from tinyrig.generator.frontends.lower_layout import reshaped, transposed
from tinyrig.generator.frontends.matching import is_matrix
from tinyrig.generator.frontends.rules import lowers
from tinyrig.generator.frontends.source import SourceNode
from tinyrig.generator.frontends.targets import scaled_back
from tinyrig.generator.frontends.weights import (
    Weight,
    bias_of,
    linear_constants,
    negated,
    weight_of,
)
from tinyrig.generator.graph.ops import Linear, MatMul
from tinyrig.generator.graph.quantization import CODES, FloatArray, dequantise
from tinyrig.generator.graph.requant import requantise
from tinyrig.generator.graph.tensor import Affine, Tensor


@lowers("MatMul")
def lower_matmul(at: Lowering, node: SourceNode) -> None:
    """MatMul in NumPy's broadcasting; a third input is the bias that patterns.py merged."""
    left, right = node.inputs[:2]
    shape = at.value(node.outputs[0]).shape
    y = at.target(node.outputs[0])
    if at.constant(right) is not None and is_matrix(at.value(right).shape):
        weight = _matrix(weight_of(at, node, right, -1))
        bias = bias_of(at, node, node.input(2), weight.codes.shape[0])
        product = _linear(at, node, at.tensor(left), weight, bias, y)
    elif (
        at.constant(left) is not None
        and len(at.value(right).shape) > 1
        and (is_matrix(at.value(left).shape))
    ):
        product = _from_left(at, node, y)
    else:
        product = _dynamic(at, node, at.tensor(left), at.tensor(right), y)
    at.bind(node.outputs[0], reshaped(at, node, product, shape))


@lowers("Gemm")
def lower_gemm(at: Lowering, node: SourceNode) -> None:
    """Gemm with a constant B (any bias along the columns), or of two tensors without bias."""
    left, right, bias = node.inputs[0], node.inputs[1], node.input(2)
    alpha, beta = node.real("alpha", 1.0), node.real("beta", 1.0)
    require(node, alpha != 0.0, "alpha = 0", "another alpha")
    y = at.target(node.outputs[0])
    a = at.tensor(left)
    if node.integer("transA", 0):
        a = transposed(at, node, a, (1, 0))
    if at.constant(right) is not None:
        weight = weight_of(at, node, right, 0 if node.integer("transB", 0) else 1)
        weight = negated(at, right, weight) if alpha < 0.0 else weight
        row = beta * bias_of(at, node, bias, weight.codes.shape[0])
        at.bind(node.outputs[0], _linear(at, node, a, weight, row, y, abs(alpha)))
        return
    none = (
        not bias
        or beta == 0.0
        or not bias_of(at, node, bias, 1 if not bias else at.value(node.outputs[0]).shape[-1]).any()
    )
    require(node, none, f"a bias {bias!r} on a product of two tensors", "a constant B, or no bias")
    b = at.tensor(right)
    if node.integer("transB", 0):
        b = transposed(at, node, b, (1, 0))
    if alpha > 0.0:
        at.bind(node.outputs[0], _dynamic(at, node, a, b, y, alpha))
        return
    mirrored = scaled_back(y, -1.0)
    product = Operand(_dynamic(at, node, a, b, mirrored, -alpha), dequantise(CODES, mirrored))
    at.bind_table(node.outputs[0], product, -product.real, "Neg")


def _matrix(weight: Weight) -> Weight:
    """Drop the leading axes of extent 1: codes [N, K]."""
    channels = weight.codes.shape[0] if weight.codes.ndim > 1 else 1
    return Weight(weight.codes.reshape(channels, -1), weight.scale)


def _linear(
    at: Lowering,
    node: SourceNode,
    x: Tensor,
    weight: Weight,
    bias: FloatArray,
    y: Affine,
    factor: float = 1.0,
) -> Tensor:
    requant, start = linear_constants(weight, bias, x.affine, y, factor)
    shape = (*x.shape[:-1], weight.codes.shape[0])
    out = at.builder.tensor(node.outputs[0], shape, y)
    at.builder.add(
        Linear(
            name=at.builder.node_name(node.name),
            inputs=(x.name,),
            outputs=(out.name,),
            weight=np.ascontiguousarray(weight.codes.astype(np.int8)),
            start=start,
            requant=requant,
        )
    )
    return out


def _from_left(at: Lowering, node: SourceNode, y: Affine) -> Tensor:
    """A constant [M, K] times x [..., K, N]: the transpose of x^T times the constant's rows."""
    left, right = node.inputs[:2]
    vector = len(at.value(left).shape) == 1
    weight = weight_of(at, node, left, 0 if vector else -2)
    rows = 1 if vector else weight.codes.shape[0]
    weight = Weight(weight.codes.reshape(rows, -1), weight.scale)
    x = at.tensor(right)
    rank = len(x.shape)
    swap = (*range(rank - 2), rank - 1, rank - 2)
    turned = _linear(at, node, transposed(at, node, x, swap), weight, np.zeros(rows), y)
    return transposed(at, node, turned, swap)


def _dynamic(
    at: Lowering, node: SourceNode, a: Tensor, b: Tensor, y: Affine, factor: float = 1.0
) -> Tensor:
    a = a if len(a.shape) > 1 else reshaped(at, node, a, (1, *a.shape))
    b = b if len(b.shape) > 1 else reshaped(at, node, b, (*b.shape, 1))
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    reach = a.shape[-1] * code_reach(a.affine) * code_reach(b.affine)
    requant, start = requantise(
        [factor * a.affine.scale * b.affine.scale / y.scale],
        np.zeros(1, dtype=np.int64),
        np.array([reach], dtype=np.int64),
        y.zero_point,
    )
    out = at.builder.tensor(node.outputs[0], (*batch, a.shape[-2], b.shape[-1]), y)
    at.builder.add(
        MatMul(
            name=at.builder.node_name(node.name),
            inputs=(a.name, b.name),
            outputs=(out.name,),
            start=int(start[0]),
            requant=requant,
        )
    )
    return out
