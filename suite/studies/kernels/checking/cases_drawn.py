"""Random calls of operators that say themselves how their constants are drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyrig.generator.graph.tensor import Tensor
from tinyrig.generator.operators.example import any_affine, drawn
from tinyrig.generator.operators.operator import Operator
from tinyrig.generator.planning.view import View
from tinyrig.suite.studies.kernels.checking.arguments import arrays
from tinyrig.suite.studies.kernels.checking.case import Case, Pick, build
from tinyrig.suite.studies.kernels.checking.operand import Operand, operand


def drawn_case(operator: Operator, pick: Pick, rng: np.random.Generator) -> Case:
    """Return a random call of an operator, on operands that lie as a plan may lay them."""
    shape = tuple(pick(1, 6) for _ in range(pick(*operator.ranks)))
    shapes = (shape,) * operator.operands if operator.shapes is None else operator.shapes(shape)
    tensors = [Tensor(f"x{i}", extents, any_affine(rng)) for i, extents in enumerate(shapes)]
    made = drawn(operator, rng, tensors, "drawn", "y")
    inputs = [_walked(operator, made.node, operand(rng, extents)) for extents in shapes]
    y = _walked(operator, made.node, operand(rng, made.output.shape))
    alias = None
    if operator.node.in_place and made.output.shape == shape and rng.random() < 0.3:
        alias, y = 0, inputs[0]
    assert operator.bind is not None
    views = [_view(f"x{i}", x) for i, x in enumerate(inputs)]
    call = operator.bind(made.node, (*tensors, made.output), views, (_view("y", y),))
    case = build(rng, call.op, arrays(call.params), inputs, y, alias=alias)
    return replace(case, drawn=made)


def _view(storage: str, x: Operand) -> View:
    return View(storage, x.base, x.shape, x.strides)


def _walked(operator: Operator, node: object, x: Operand) -> Operand:
    """The operand, or a dense one where no kernel goes through it."""
    if operator.walkable(node, _view("x", x)):
        return x
    dense = View.contiguous("x", x.shape)
    return Operand(x.shape, dense.strides, 0, dense.size)
