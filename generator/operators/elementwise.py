"""Elementwise operators: tables, sums and products of broadcast tensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tinyrig.generator.graph.ops import Add, Mul, Node, Shape, Unary
from tinyrig.generator.graph.tensor import Tensor
from tinyrig.generator.operators import meaning
from tinyrig.generator.operators.accesses import elementwise
from tinyrig.generator.operators.axes import block
from tinyrig.generator.operators.operator import Bind, KernelCall, Keys, Operator
from tinyrig.generator.operators.sums import SumConstants, shortened
from tinyrig.generator.operators.values import Ids
from tinyrig.generator.planning.call import Call, Params, Table, requant_params
from tinyrig.generator.planning.view import View

Fields = Callable[[Any, Sequence[Tensor]], Params]


def elementwise_operator(node: type[Node], op: str, operands: str, fields: Fields) -> Operator:
    """An operator of one or two operands, a letter each, whose kernels walk a block of axes.

    `fields` are the parameters beside extents and strides, of a node and its tensors.
    """
    made = KernelCall(op, elementwise(*operands), _makes, "same")
    return Operator(
        node=node,
        value=_value,
        bind=_binding(op, operands, fields),
        calls=(made,),
        operands=len(operands),
    )


def _binding(op: str, operands: str, fields: Fields) -> Bind:
    def bind(
        node: Node, tensors: Sequence[Tensor], reads: Sequence[View], writes: Sequence[View]
    ) -> Call:
        extent, strides = block([*reads, writes[0]], node.name)
        names = (f"{letter}_stride" for letter in (*operands, "y"))
        walked = dict(zip(names, strides, strict=True))
        params: Params = {"extent": extent, **walked, **fields(node, tensors)}
        return Call(op, params, tuple(reads), tuple(writes))

    return bind


def _value(node: Node, x: Sequence[Ids], _: Shape) -> Ids:
    return meaning.elementwise(x, meaning.key_of(node))


def _makes(keys: Keys, node: Node, _: Mapping[str, Any], x: Sequence[Ids]) -> Ids:
    return meaning.elementwise(x, keys.key(node))


def _unary(node: Unary, _: Sequence[Tensor]) -> Params:
    return {"lut": Table(node.lut, "tables")}


def _add(node: Add, _: Sequence[Tensor]) -> Params:
    given = SumConstants(node.a_multiplier, node.b_multiplier, node.start, node.shift)
    return {**shortened(given, node.lo, node.hi)._asdict(), "lo": node.lo, "hi": node.hi}


def _mul(node: Mul, tensors: Sequence[Tensor]) -> Params:
    return {
        "a_zero_point": tensors[0].affine.zero_point,
        "b_zero_point": tensors[1].affine.zero_point,
        "start": node.start,
        "requant": requant_params(node.requant),
    }


UNARY = elementwise_operator(Unary, "unary_s8", "x", _unary)
ADD = elementwise_operator(Add, "add_s8", "ab", _add)
MUL = elementwise_operator(Mul, "mul_s8", "ab", _mul)
