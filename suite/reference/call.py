"""One operator at work: what it reads and writes, and the conversions its arithmetic needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import torch
from numpy.typing import NDArray

from tinyrig.generator.graph.ops import Node
from tinyrig.generator.graph.requant import INT32_LIMIT, RangeError
from tinyrig.generator.graph.tensor import Affine, Tensor

AnyNode = TypeVar("AnyNode", bound=Node)


@dataclass(frozen=True, eq=False)
class Operand:
    """One input of an operator: int8 codes in logical shape, and their affine."""

    codes: torch.Tensor
    affine: Affine

    def centred(self) -> torch.Tensor:
        """Return `code - zero_point` as float64, in [-255, 255]."""
        return self.codes.double() - self.affine.zero_point


@dataclass(frozen=True, eq=False)
class Call(Generic[AnyNode]):
    """A node with its inputs' codes, in the node's order, and the tensor it writes."""

    node: AnyNode
    operands: tuple[Operand, ...]
    output: Tensor


Definition = Callable[[Call[Any]], torch.Tensor]
DEFINITIONS: dict[type[Node], Definition] = {}
"""By the class of a node, what `defines` marked; filled when a module is imported."""

_Function = TypeVar("_Function", bound=Definition)


def defines(node: type[Node]) -> Callable[[_Function], _Function]:
    """Mark a function as the integer definition of an operator."""

    def mark(function: _Function) -> _Function:
        DEFINITIONS[node] = function
        return function

    return mark


def constant(array: NDArray[Any], dtype: torch.dtype = torch.int64) -> torch.Tensor:
    """Return a copy of a node's constant, so that read-only arrays are accepted."""
    return torch.tensor(array).to(dtype)


def exact(total: torch.Tensor) -> torch.Tensor:
    """Return a float64 sum of integer products as int64.

    Products are below 2^24 and sums have far fewer than 2^29 terms, so every partial sum is below
    2^53 and float64 holds it exactly, in whatever order it was added.
    """
    return total.to(torch.int64)


def accumulator(values: torch.Tensor, name: str) -> torch.Tensor:
    """Return int64 accumulators unchanged; raise RangeError when one is outside int32."""
    least, most = (int(bound) for bound in torch.aminmax(values))
    if least < -INT32_LIMIT or most >= INT32_LIMIT:
        raise RangeError(f"node {name!r}: an accumulator of {least}..{most} is outside int32")
    return values
