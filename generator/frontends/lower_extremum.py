"""Max and Min of tensors and constants, and a choice between tensors by a constant."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.frontends.context import Lowering
from tinyrig.generator.frontends.lower_elementwise import bind_pointwise
from tinyrig.generator.frontends.rules import lowers
from tinyrig.generator.frontends.source import SourceNode, Value
from tinyrig.generator.graph.ops import Unary
from tinyrig.generator.graph.quantization import CODES, dequantise, quantise
from tinyrig.generator.graph.tensor import Affine, Tensor
from tinyrig.generator.operators.extremum import Extremum, rescaling


@lowers("Max", "Min")
def lower_extremum(at: Lowering, node: SourceNode) -> None:
    """Of tensors and constants; with a scalar or of one tensor's functions a table."""
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


@lowers("Where")
def lower_where(at: Lowering, node: SourceNode) -> None:
    """By a constant condition, or one of one tensor's functions; masks of a softmax become part of
    it."""
    condition = at.constant(node.inputs[0])
    if condition is None and bind_pointwise(at, node):
        return
    affine = at.target(node.outputs[0])
    constant = [slot for slot in (1, 2) if at.constant(node.inputs[slot]) is not None]
    parts = [
        _under(at, node, slot, at.tensor(node.inputs[slot]), affine)
        for slot in (1, 2)
        if slot not in constant
    ]
    parts += [_constant_part(at, node, slot, affine) for slot in constant]
    y = at.output(node.outputs[0], affine)
    at.bind(node.outputs[0], chosen(at, node, (parts[0], parts[1]), y, "Max"))


def _taken(at: Lowering, node: SourceNode, slot: int) -> NDArray[np.bool_] | None:
    """Return where a branch is taken; None where that is computed at run time."""
    condition = at.constant(node.inputs[0])
    if condition is None or condition.data is None:
        return None
    taken: NDArray[np.bool_] = condition.data.astype(np.bool_) == (slot == 1)
    return taken


def _under(at: Lowering, node: SourceNode, slot: int, x: Tensor, affine: Affine) -> Tensor:
    """Return a tensor where a branch is taken, the least code elsewhere."""
    taken = _taken(at, node, slot)
    if taken is None:
        ceiling = _flags(at, node, slot, affine)
    else:
        ceiling = _codes(at, node, f"upper{slot}", np.where(taken, 127, -128), affine)
    shape = np.broadcast_shapes(x.shape, ceiling.shape)
    y = at.builder.tensor(f"{node.name}.part{slot}", shape, affine)
    return chosen(at, node, (x, ceiling), y, "Min")


def _flags(at: Lowering, node: SourceNode, slot: int, affine: Affine) -> Tensor:
    """Return a table of flags, 127 where a branch is taken."""
    flags = at.operand(node.inputs[0])
    taken = (flags.real != 0.0) == (slot == 1)
    y = at.builder.tensor(f"{node.name}.upper{slot}", flags.root.shape, affine)
    at.builder.add(
        Unary(
            name=at.builder.node_name(f"{node.name}.flags"),
            inputs=(flags.root.name,),
            outputs=(y.name,),
            lut=np.where(taken, 127, -128).astype(np.int8),
            function="flags",
        )
    )
    return y


def _constant_part(at: Lowering, node: SourceNode, slot: int, affine: Affine) -> Tensor:
    """Return a constant branch's codes, the least where the other one is taken."""
    real = at.value(node.inputs[slot]).data
    if real is None or real.dtype.kind != "f" or np.isnan(real).any():
        raise UnsupportedError(f"{node} has a branch of NaN or integers; supported are numbers.")
    low, high = dequantise(CODES, affine)[[0, -1]]
    codes = quantise(np.clip(real, low, high), affine)
    taken = _taken(at, node, slot)
    if taken is None:
        return _under(at, node, slot, _codes(at, node, f"branch{slot}", codes, affine), affine)
    return _codes(at, node, f"lower{slot}", np.where(taken, codes, -128), affine)


def _codes(
    at: Lowering, node: SourceNode, stem: str, codes: NDArray[np.integer], affine: Affine
) -> Tensor:
    value = Value(f"{node.name}.{stem}", codes.shape, dequantise(codes, affine))
    return at.constant_tensor(value, affine)


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
    """Return a tensor, or a constant in the output's steps: rounding keeps the order."""
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
