"""Nodes of drawn constants, of the operators that say how to draw them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tinyrig.generator.graph.ops import Node
from tinyrig.generator.graph.tensor import INT8_MAX, INT8_MIN, Affine, Tensor
from tinyrig.generator.operators.operator import Operator
from tinyrig.generator.operators.table import operators


@dataclass(frozen=True, eq=False)
class Drawn:
    """A node, the tensors it reads and the one it makes."""

    node: Node
    inputs: tuple[Tensor, ...]
    output: Tensor


def drawable() -> Mapping[str, Operator]:
    """Return the operators that have an example, by the name of their node."""
    return {
        node.__name__.lower(): operator
        for node, operator in operators().items()
        if operator.example is not None
    }


def drawn(
    operator: Operator, rng: np.random.Generator, inputs: Sequence[Tensor], name: str, output: str
) -> Drawn:
    """Draw the constants of a node that reads `inputs`, all of one shape."""
    assert operator.example is not None
    constants, shape, affine = operator.example(rng, inputs)
    names = tuple(tensor.name for tensor in inputs)
    node = operator.node(name=name, inputs=names, outputs=(output,), **constants)
    return Drawn(node, tuple(inputs), Tensor(output, shape, affine))


def any_affine(rng: np.random.Generator) -> Affine:
    """Return a scale and a zero point as networks have them."""
    return Affine(float(rng.uniform(0.01, 0.2)), int(rng.integers(-128, 128)))


def any_limits(rng: np.random.Generator) -> dict[str, int]:
    """Return limits of an output's codes, `lo` and `hi`."""
    lo, hi = sorted(int(code) for code in rng.integers(INT8_MIN, INT8_MAX + 1, size=2))
    return {"lo": lo, "hi": hi}
