"""What an operator is, to the planner and to the verifier: one declaration."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

from tinyrig.generator.graph.ops import Node, Shape
from tinyrig.generator.graph.tensor import Affine, Tensor
from tinyrig.generator.operators.accesses import Accesses
from tinyrig.generator.operators.values import Ids
from tinyrig.generator.planning.call import Call
from tinyrig.generator.planning.view import View

Order = Literal["same", "rows", "windows", "sums", "queries", "apart"]
"""The order in which kernels go through their operands, where they may share memory:

- `same`: y may be the memory of an input with the same strides, for a byte that is written was read
  for its own element, or row, alone, on any number of cores;
- `rows`: row m of y is made of row m of x, from the first row to the last;
- `windows`: row by row of images; a row of y is made of the rows of x under its windows;
- `sums`: y[i] is written after the four bytes of acc[i] are read, both dense from one address;
- `queries`: of one (batch, head) all of the first input is read before any of y is written, on any
  number of cores;
- `apart`: anything; the output shares no byte with an input.
"""

Params = Mapping[str, Any]


class Keys(Protocol):
    """Numbers of nodes, each made once."""

    def key(self, node: Node) -> np.uint64:
        """Return an operator's number."""

    def channels(self, node: Node) -> Ids:
        """Return the numbers of a layer's output channels."""


@dataclass(frozen=True, eq=False)
class KernelCall:
    """Of all kernels of one `op`: which bytes a call touches, in what order, and what it makes.

    `makes` gives the numbers of the written block by those of the blocks that are read; None for
    what only the step knows (a fill, a part of a layer).
    """

    op: str
    accesses: Callable[[Params], Accesses]
    makes: Callable[[Keys, Any, Params, Sequence[Ids]], Ids] | None = None
    order: Order = "apart"


Bind = Callable[[Any, Sequence[Tensor], Sequence[View], Sequence[View]], Call]
Value = Callable[[Any, Sequence[Ids], Shape], Ids]
Example = Callable[[np.random.Generator, Sequence[Tensor]], tuple[Mapping[str, Any], Shape, Affine]]


def _walkable(node: Node, view: View) -> bool:
    return node.walks != "rows" or view.rows() is not None


@dataclass(frozen=True, eq=False, kw_only=True)
class Operator:
    """An operator, by the class of its nodes.

    `value` gives the numbers of a node's whole output by those of its operands, as the graph says:
    None for what only the planner makes. `bind` makes one of `calls` of a node, its tensors and
    the views it reads and writes: None for what moves no byte, or only by copies. `walkable` says
    whether a kernel can go through an operand that lies so.

    `example` draws the constants of a node that reads `operands` tensors of equal shapes, of the
    least to the most axes that `ranks` says, and says what it makes: random graphs, and random
    calls of its kernels, are made with it. `shapes` gives operands of other shapes by the drawn
    one.
    """

    node: type[Node]
    value: Value | None = None
    bind: Bind | None = None
    calls: tuple[KernelCall, ...] = ()
    walkable: Callable[[Any, View], bool] = _walkable
    operands: int = 1
    example: Example | None = None
    ranks: tuple[int, int] = (1, 4)
    shapes: Callable[[Shape], Sequence[Shape]] | None = None
