"""Operators of the integer graph. Every constant a kernel needs is already an integer here.

Shapes are logical (row-major, ONNX axis order); layouts are the planner's. Tensors carry the
zero points; formulas are in docs/arithmetic.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.graph.norm import Normaliser
from tinyrig.generator.graph.requant import Int8Array, Int32Array, Requant, RowScale
from tinyrig.generator.graph.tensor import INT8_MAX, INT8_MIN

Lut = Int8Array | None
Shape = tuple[int, ...]
Walk = Literal["elements", "last", "rows", "channels"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Node:
    """One operator: a unique name, and the names of the tensors it reads and writes.

    What holds of every node of a class stands on the class:

    - `in_place`: the output may be an input of its shape, for a kernel reads each element, or each
      row, before it writes it;
    - `row_wise`: a row of the output (its last axis) is made of the same rows of the inputs;
    - `walks`: the axis its kernels like to find dense: none ("elements"), the "last" one, the last
      one of leading axes that merge ("rows"), or the "channels" of an image;
    - `follows`: the output lies in memory best as the first input does; row-major where not.
    """

    in_place: ClassVar[bool] = False
    row_wise: ClassVar[bool] = False
    walks: ClassVar[Walk] = "elements"
    follows: ClassVar[bool] = True

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    @property
    def op(self) -> str:
        """The operator's name as records and tables print it."""
        return type(self).__name__.lower()

    def macs(self, _inputs: Sequence[Shape], _output: Shape) -> int:
        """Multiply-accumulates of one execution, by the shapes it reads and makes."""
        return 0

    def limited(self, _low: int, _high: int) -> Node | None:
        """Return it with its outputs limited to a range of codes, None where it has no limits."""
        return None


@dataclass(frozen=True, eq=False, kw_only=True)
class Linear(Node):
    """x [..., K] times weight [N, K] gives [..., N]; start [N]; lut 256 entries or None."""

    row_wise: ClassVar[bool] = True
    walks: ClassVar[Walk] = "rows"
    follows: ClassVar[bool] = False

    weight: Int8Array
    start: Int32Array
    requant: Requant
    lut: Lut = None

    def macs(self, _inputs: Sequence[Shape], output: Shape) -> int:
        """One for each weight and row."""
        return math.prod(output) * int(self.weight.shape[1])

    def limited(self, low: int, high: int) -> Node | None:
        """Return it with other limits; none where a table follows."""
        return None if self.lut is not None else _narrowed(self, low, high)


@dataclass(frozen=True, eq=False, kw_only=True)
class MatMul(Node):
    """a [..., M, K] times b [..., K, N]; batch axes broadcast as in NumPy."""

    walks: ClassVar[Walk] = "last"
    follows: ClassVar[bool] = False

    start: int
    requant: Requant
    lut: Lut = None

    def macs(self, inputs: Sequence[Shape], output: Shape) -> int:
        """One for each output and step between them."""
        return math.prod(output) * inputs[0][-1]

    def limited(self, low: int, high: int) -> Node | None:
        """Return it with other limits; none where a table follows."""
        return None if self.lut is not None else _narrowed(self, low, high)


@dataclass(frozen=True, eq=False)
class Rounding:
    """How attention rounds its probabilities: as a softmax that stores them, and a product.

    They have `zero_point`; `fine` are the exponentials that rows sum, None where it is `exp`;
    their products with the values start at `start`.
    """

    zero_point: int
    fine: NDArray[np.uint32] | None
    start: int
    requant: Requant


@dataclass(frozen=True, eq=False, kw_only=True)
class Attention(Node):
    """Fused attention: q [..., S, P], k [..., T, P], v [..., T, R] give [..., S, R].

    Leading axes (batch, heads) are equal in all three, but all heads may share one k [T, P].
    `exp` has 256 entries for the score scale; `score_scale` is kept for reports. Divided by a
    row's sum, `value` makes outputs of weighted values (deferred softmax), or with `rounding`
    probabilities of exponentials; outputs are then `rounding`'s, and clamped by it.
    """

    walks: ClassVar[Walk] = "last"
    follows: ClassVar[bool] = False

    score_start: int
    score: Requant
    score_scale: float
    exp: NDArray[np.uint16]
    value: RowScale
    rounding: Rounding | None = None
    lo: int = -128
    hi: int = 127

    def macs(self, inputs: Sequence[Shape], output: Shape) -> int:
        """Scores and weighted values."""
        return (math.prod(inputs[0]) + math.prod(output)) * inputs[1][-2]


@dataclass(frozen=True, eq=False, kw_only=True)
class Softmax(Node):
    """Materialised softmax over `axis` (non-negative).

    `fine` are the exponentials that are summed, for rows so long that `exp` is too coarse.
    `kept` says which scores take part, with the rank of the input and extent 1 where it is the
    same along an axis; the others have probability 0, and so has every element of a row without
    any. None keeps all.
    """

    in_place: ClassVar[bool] = True
    walks: ClassVar[Walk] = "last"

    axis: int
    exp: NDArray[np.uint16]
    scale: RowScale
    fine: NDArray[np.uint32] | None = None
    kept: NDArray[np.bool_] | None = None

    def limited(self, low: int, high: int) -> Node | None:
        """Return it as it is where the limits are none."""
        return self if (low, high) == (INT8_MIN, INT8_MAX) else None


@dataclass(frozen=True, eq=False, kw_only=True)
class LayerNorm(Node):
    """Normalises the last axis of length E; gamma [E], start [E].

    Not `centred`, it is an RMSNorm: about zero instead of the row's mean.
    """

    in_place: ClassVar[bool] = True
    row_wise: ClassVar[bool] = True
    walks: ClassVar[Walk] = "rows"

    gamma: Int32Array
    start: Int32Array
    normaliser: Normaliser
    requant: Requant
    centred: bool = True

    @property
    def op(self) -> str:
        """`layernorm`, or `rmsnorm` where it is one."""
        return "layernorm" if self.centred else "rmsnorm"

    def limited(self, low: int, high: int) -> Node | None:
        """Return it with other limits."""
        return _narrowed(self, low, high)


@dataclass(frozen=True, eq=False, kw_only=True)
class Unary(Node):
    """y = lut[x + 128], any shape."""

    in_place: ClassVar[bool] = True
    row_wise: ClassVar[bool] = True

    lut: Int8Array
    function: str = "unary"

    def limited(self, low: int, high: int) -> Node | None:
        """Return it with a table of limited entries."""
        return replace(self, lut=np.clip(self.lut, low, high))


@dataclass(frozen=True, eq=False, kw_only=True)
class Rescaled(Node):
    """Broadcast tensors made into one, element by element, in its steps and within [lo, hi]."""

    in_place: ClassVar[bool] = True
    row_wise: ClassVar[bool] = True

    shift: int
    lo: int = INT8_MIN
    hi: int = INT8_MAX

    def limited(self, low: int, high: int) -> Node | None:
        """Return it with other limits."""
        return replace(self, lo=_inside(self.lo, low, high), hi=_inside(self.hi, low, high))


@dataclass(frozen=True, eq=False, kw_only=True)
class Add(Rescaled):
    """Sum or difference of two broadcast tensors."""

    a_multiplier: int
    b_multiplier: int
    start: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Mul(Node):
    """Product of two broadcast tensors."""

    in_place: ClassVar[bool] = True
    row_wise: ClassVar[bool] = True

    start: int
    requant: Requant

    def limited(self, low: int, high: int) -> Node | None:
        """Return it with other limits."""
        return _narrowed(self, low, high)


@dataclass(frozen=True, eq=False, kw_only=True)
class Window:
    """Geometry of a 2-D window; 1-D uses height 1. Pads are (top, left, bottom, right)."""

    kernel: tuple[int, int]
    strides: tuple[int, int] = (1, 1)
    pads: tuple[int, int, int, int] = (0, 0, 0, 0)


@dataclass(frozen=True, eq=False, kw_only=True)
class Conv(Node):
    """x [N, C, H, W] or [N, C, W]; weight [O, kh, kw, C / groups]; start [O]."""

    walks: ClassVar[Walk] = "channels"

    weight: Int8Array
    start: Int32Array
    requant: Requant
    window: Window
    groups: int = 1
    lut: Lut = None

    def macs(self, _inputs: Sequence[Shape], output: Shape) -> int:
        """One for each output and weight of its channel."""
        return math.prod(output) * math.prod(self.weight.shape[1:])

    def limited(self, low: int, high: int) -> Node | None:
        """Return it with other limits; none where a table follows."""
        return None if self.lut is not None else _narrowed(self, low, high)


@dataclass(frozen=True, eq=False, kw_only=True)
class MaxPool(Node):
    """Maximum over windows of x [N, C, H, W] or [N, C, W]; affine unchanged."""

    walks: ClassVar[Walk] = "channels"

    window: Window


@dataclass(frozen=True, eq=False, kw_only=True)
class AvgPool(Node):
    """Mean over windows; multiplier [kh * kw] indexed by count - 1."""

    walks: ClassVar[Walk] = "channels"

    window: Window
    count_include_pad: bool
    multiplier: Int32Array
    shift: int

    def limited(self, low: int, high: int) -> Node | None:
        """Return it as it is where the limits are none."""
        return self if (low, high) == (INT8_MIN, INT8_MAX) else None


@dataclass(frozen=True, eq=False, kw_only=True)
class Mean(Node):
    """Mean over `axes` (sorted, non-negative); `keepdims` keeps them with extent 1."""

    axes: tuple[int, ...]
    keepdims: bool
    start: int
    requant: Requant

    def limited(self, low: int, high: int) -> Node | None:
        """Return it with other limits."""
        return _narrowed(self, low, high)


@dataclass(frozen=True, eq=False, kw_only=True)
class Layout(Node):
    """Base of the operators that move bytes and compute nothing; affine unchanged."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Reshape(Layout):
    """The same elements in row-major order under the output's shape."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Transpose(Layout):
    """Output axis i is input axis perm[i]."""

    perm: tuple[int, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Slice(Layout):
    """Along every axis: start (non-negative) and step (may be negative); extent from the output."""

    starts: tuple[int, ...]
    steps: tuple[int, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Concat(Layout):
    """Inputs one after another along `axis`; all share the output's affine."""

    axis: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Gather(Layout):
    """Rows `indices` (non-negative, 1-D) along `axis`; a scalar index is Slice + Reshape."""

    axis: int
    indices: tuple[int, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Pad(Layout):
    """Constant padding, `before[i]` and `after[i]` cells of int8 `value` along axis i."""

    before: tuple[int, ...]
    after: tuple[int, ...]
    value: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Constant(Layout):
    """A constant activation (position embedding, class token); `data` has the output's shape."""

    data: Int8Array = field(repr=False)


def _inside(code: int, low: int, high: int) -> int:
    return min(max(code, low), high)


def _narrowed(node: Linear | MatMul | Conv | Mul | Mean | LayerNorm, low: int, high: int) -> Node:
    old = node.requant
    lo, hi = _inside(old.lo, low, high), _inside(old.hi, low, high)
    return replace(node, requant=replace(old, lo=lo, hi=hi))
