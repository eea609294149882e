"""Max and Min of tensors and constants, and a choice between tensors by a constant."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyrig.generator.frontends.context import Lowering
from tinyrig.generator.frontends.lower_elementwise import bind_pointwise
from tinyrig.generator.frontends.rules import lowers
from tinyrig.generator.frontends.source import SourceNode, Value
from tinyrig.generator.graph.quantization import CODES, dequantise
from tinyrig.generator.graph.tensor import Affine, Tensor
from tinyrig.generator.operators.extremum import Extremum, rescaling


@lowers("Max", "Min")
def lower_extremum(at: Lowering, node: SourceNode) -> None:
    """Of tensors and constants, in any number; with a scalar or of one tensor's functions a table."""
    if len(node.inputs) == 1:
        at.alias(node.outputs[0], node.inputs[0])
        return
    if len(node.inputs) == 2 and bind_pointwise(at, node):
        return
    affine = at.target(node.outputs[0])
    operands = [_operand(at, name, affine) for name in node.inputs]
    y = operands[0]
    for number, operand in enumerate(operands[1:], 2):
        shape = np.broadcast_shapes(y.shape, operand.shape)
        last = number == len(operands)
        label = node.outputs[0] if last else f"{node.name}.{number}"
        shape = at.value(node.outputs[0]).shape if last else shape
        y = chosen(at, node, (y, operand), at.builder.tensor(label, shape, affine))
    at.bind(node.outputs[0], y)


def chosen(
    at: Lowering, node: SourceNode, operands: tuple[Tensor, Tensor], y: Tensor, op: str = ""
) -> Tensor:
    """Return `y`, the larger of two tensors, or the smaller for a Min."""
    a, b = operands
    at.builder.add(
        Extremum(
            name=at.builder.node_name(node.name),
            inputs=(a.name, b.name),
            outputs=(y.name,),
            least=(op or node.op) == "Min",
            **rescaling(a.affine, b.affine, y.affine),
        )
    )
    return y


def _operand(at: Lowering, name: str, affine: Affine) -> Tensor:
    """Return a tensor, or a constant in the output's steps: none is lost, for rounding is monotone."""
    constant = at.constant(name)
    if constant is None or constant.data is None:
        return at.tensor(name)
    return at.constant_tensor(_inside(constant, affine), affine)


def _inside(value: Value, affine: Affine) -> Value:
    """Return a constant clipped to what the output holds, infinities too."""
    if value.data is None or value.data.dtype.kind != "f" or np.isnan(value.data).any():
        return value
    low, high = dequantise(CODES, affine)[[0, -1]]
    return replace(value, name=f"{value.name}.inside", data=np.clip(value.data, low, high))
