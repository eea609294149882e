"""The source graph between ONNX and the integer graph: Q/DQ pairs collapsed into their tensor.

A value is a constant (real array, with its quantized codes when the model has them) or an
activation, which has an affine when the model quantizes it. Nodes compute on real values only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.errors import InputError
from tinyrig.generator.graph.graph import CodeType
from tinyrig.generator.graph.tensor import Affine

# Constants are float64 (real values), or integers and booleans (shapes, indices, flags).
ConstantArray = NDArray[Any]
Scalar = TypeVar("Scalar", int, float, str)
FLAG_OPS = frozenset({"Equal", "IsNaN", "Not", "And", "Or", "Xor"}) | frozenset(
    {"Greater", "GreaterOrEqual", "Less", "LessOrEqual"}
)
"""Operators whose results are true or false."""
Attribute = int | float | str | tuple[int, ...] | tuple[float, ...] | tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Codes:
    """Quantized form of a constant: real = scale * (data - zero_point), by broadcasting.

    `data` is int8 or int32 (as int64); `scale` and `zero_point` have the rank of `data` and
    extent 1 on every axis along which they do not change. uint8 codes are lowered by 128.
    """

    data: NDArray[np.int64]
    scale: NDArray[np.float64]
    zero_point: NDArray[np.int64]
    bits: int

    def real(self) -> NDArray[np.float64]:
        """Return the real values the codes stand for; of 8 bits, as DequantizeLinear rounds them.

        In float32 254 * (2 / 254) is 2 and not 1.99999998, of which a negative base has no power.
        What leaves float32 is infinite.
        """
        steps = self.data - self.zero_point
        if self.bits > 8:
            return np.asarray(self.scale * steps, dtype=np.float64)
        with np.errstate(over="ignore"):  # infinite there as here
            rounded = self.scale.astype(np.float32) * steps.astype(np.float32)
        return np.asarray(rounded, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Value:
    """A tensor of the source: its ONNX name and static shape, and what is known of it."""

    name: str
    shape: tuple[int, ...]
    data: ConstantArray | None = None
    codes: Codes | None = None
    affine: Affine | None = None

    @property
    def is_scalar(self) -> bool:
        """Whether this is a constant of one element."""
        return self.data is not None and self.data.size == 1


@dataclass(frozen=True, eq=False)
class SourceNode:
    """One operator. `inputs` and `outputs` name values; '' stands for an absent one.

    `op` is the ONNX type, with its domain in front unless it is ONNX's own.
    """

    op: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Attribute] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.op} node {self.name!r}"

    def input(self, index: int) -> str:
        """Return the name of input `index`, '' when it is absent."""
        return self.inputs[index] if index < len(self.inputs) else ""

    def integer(self, key: str, default: int) -> int:
        """Return an integer attribute. Raises InputError for another type."""
        return self._typed(key, default, int)

    def real(self, key: str, default: float) -> float:
        """Return a float attribute. Raises InputError for another type."""
        return float(self._typed(key, float(default), float))

    def text(self, key: str, default: str) -> str:
        """Return a string attribute. Raises InputError for another type."""
        return self._typed(key, default, str)

    def integers(self, key: str) -> tuple[int, ...] | None:
        """Return a list of integers, None when absent. Raises InputError for another type."""
        found = self.attributes.get(key)
        if found is None:
            return None
        if not isinstance(found, tuple) or not all(isinstance(item, int) for item in found):
            raise InputError(f"Attribute {key!r} of {self} is not a list of integers.")
        return tuple(int(item) for item in found)

    def _typed(self, key: str, default: Scalar, kind: type[Scalar]) -> Scalar:
        found = self.attributes.get(key, default)
        if not isinstance(found, kind):
            raise InputError(f"Attribute {key!r} of {self} is not of type {kind.__name__}.")
        return found


@dataclass(frozen=True)
class Parts:
    """The nodes that one node of ONNX is, and the values between and beside them."""

    nodes: tuple[SourceNode, ...]
    values: tuple[Value, ...]


@dataclass(frozen=True, eq=False)
class Source:
    """A source graph: values by name, nodes in execution order.

    `outputs` pairs each model output's own name with the value it shows. `coded` has the inputs
    and outputs that are codes, by their own names.
    """

    name: str
    values: Mapping[str, Value]
    nodes: tuple[SourceNode, ...]
    inputs: tuple[str, ...]
    outputs: tuple[tuple[str, str], ...]
    opset: int
    parameters: int
    coded: Mapping[str, CodeType] = field(default_factory=dict)

    def consumers(self) -> dict[str, list[SourceNode]]:
        """Return the nodes that read each value, one entry a node, in execution order."""
        found: dict[str, list[SourceNode]] = {name: [] for name in self.values}
        for node in self.nodes:
            for name in dict.fromkeys(filter(None, node.inputs)):
                found[name].append(node)
        return found

    def producers(self) -> dict[str, SourceNode]:
        """Return the node that writes each value."""
        return {name: node for node in self.nodes for name in node.outputs if name}
