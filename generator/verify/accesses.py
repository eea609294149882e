"""Which bytes a call reads and writes: blocks by the fields of its parameters, as C walks them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.errors import InternalError
from tinyrig.generator.planning.call import Call, Table

_SUM_BYTES = 4
_UNIT = 8


@dataclass(frozen=True, eq=False)
class Block:
    """Bytes at an operand's address: extents and strides in bytes, outermost first.

    `index` replaces the steps of axis 1: its entries are multiplied with the stride.
    `item` is how many bytes, the last axis, are one element.
    """

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    index: NDArray[np.int64] | None = None
    item: int = 1

    @cached_property
    def first(self) -> int:
        """The lowest byte, from the operand's address."""
        return sum(min(0, at) for at in self._ends())

    @cached_property
    def end(self) -> int:
        """One past the highest byte, from the operand's address."""
        return sum(max(0, at) for at in self._ends()) + 1

    def _ends(self) -> list[int]:
        ends = [(extent - 1) * step for extent, step in zip(self.shape, self.strides, strict=True)]
        if self.index is not None:
            ends[1] = int(self.index.max()) * self.strides[1]
        return ends

    def addresses(self) -> NDArray[np.int64]:
        """Return every element's byte, from the operand's address, in the block's shape."""
        found = np.zeros(self.shape, np.int64)
        for axis, (extent, stride) in enumerate(zip(self.shape, self.strides, strict=True)):
            steps = np.arange(extent)
            if axis == 1 and self.index is not None:
                steps = self.index
            shape = [1] * len(self.shape)
            shape[axis] = extent
            found += (steps * stride).reshape(shape)
        return found


@dataclass(frozen=True, eq=False)
class Accesses:
    """A call's blocks: an entry a read operand, one for the written operand.

    `adds` is set where the written block is read too. `spare` are bytes behind a read operand
    that a kernel may read, whatever they hold: an end from the operand's address, or 0.
    """

    reads: tuple[Block, ...]
    write: Block
    adds: bool = False
    spare: tuple[int, ...] = ()


def accesses_of(call: Call) -> Accesses:
    """Return what a call reads and writes; InternalError for an operator without a rule."""
    rule = _RULES.get(call.op)
    if rule is None:
        raise InternalError(f"The verifier has no rule for the accesses of {call.op}.")
    found = rule(call.params)
    if len(found.reads) != len(call.reads) or len(call.writes) != 1:
        raise InternalError(f"A call of {call.op} has {len(call.reads)} operands to read.")
    return found


def _block(shape: Sequence[int], strides: Sequence[int]) -> Block:
    return Block(tuple(shape), tuple(strides))


def _sums(rows: int, columns: int, row: int) -> Block:
    strides = (row * _SUM_BYTES, _SUM_BYTES, 1)
    return Block((rows, columns, _SUM_BYTES), strides, item=_SUM_BYTES)


def _linear(p: Mapping[str, Any]) -> Accesses:
    x = _block((p["m"], p["k"]), (p["x_row"], p["x_col"]))
    return Accesses((x,), _block((p["m"], p["n"]), (p["y_row"], p["y_col"])))


def _linear_sums(p: Mapping[str, Any]) -> Accesses:
    x = _block((p["m"], p["k"]), (p["x_row"], 1))
    return Accesses((x,), _sums(p["m"], p["n"], p["acc_row"]), adds=p["start"] is None)


def _requant(p: Mapping[str, Any]) -> Accesses:
    y = _block((p["m"], p["n"]), (p["y_row"], p["y_col"]))
    return Accesses((_sums(p["m"], p["n"], p["acc_row"]),), y)


def _matmul(p: Mapping[str, Any]) -> Accesses:
    batch, m, k, n = (p["batch0"], p["batch1"]), p["m"], p["k"], p["n"]
    a = _block((*batch, m, k), p["a_stride"])
    b = _block((*batch, k, n), p["b_stride"])
    return Accesses((a, b), _block((*batch, m, n), p["y_stride"]))


def _attention(p: Mapping[str, Any]) -> Accesses:
    batch = (p["batch0"], p["batch1"])
    q = _block((*batch, p["s"], p["p"]), p["q_stride"])
    k = _block((*batch, p["t"], p["p"]), p["k_stride"])
    v = _block((*batch, p["t"], p["r"]), p["v_stride"])
    y = _block((*batch, p["s"], p["r"]), p["y_stride"])
    step, column = p["v_stride"][2:]
    padded = -(-p["t"] // _UNIT) * _UNIT
    extra = padded - p["t"] if step == 1 and column >= padded else 0
    return Accesses((q, k, v), y, spare=(0, k.end + p["k_slack"], v.end + extra))


def _softmax(p: Mapping[str, Any]) -> Accesses:
    shape = (p["outer0"], p["outer1"], p["length"])
    return Accesses((_block(shape, p["x_stride"]),), _block(shape, p["y_stride"]))


def _softmax_masked(p: Mapping[str, Any]) -> Accesses:
    return _softmax(p["rows"])


def _layernorm(p: Mapping[str, Any]) -> Accesses:
    shape = (p["rows"], p["length"])
    y = _block(shape, (p["y_row"], p["y_col"]))
    return Accesses((_block(shape, (p["x_row"], p["x_col"])),), y)


def _window(p: Mapping[str, Any]) -> Accesses:
    w = p["window"]
    x, y = (
        _block((w["batch"], *(w[f"{side}_{axis}"] for axis in "chw")), w[strides])
        for side, strides in (("in", "x_stride"), ("out", "y_stride"))
    )
    return Accesses((x,), y)


def _mean(p: Mapping[str, Any]) -> Accesses:
    x = _block((*p["kept"], *p["reduced"]), (*p["x_kept"], *p["x_reduced"]))
    return Accesses((x,), _block(p["kept"], p["y_kept"]))


def _elementwise(*reads: str) -> Callable[[Mapping[str, Any]], Accesses]:
    def rule(p: Mapping[str, Any]) -> Accesses:
        operands = tuple(_block(p["extent"], p[f"{name}_stride"]) for name in reads)
        return Accesses(operands, _block(p["extent"], p["y_stride"]))

    return rule


def _gather(p: Mapping[str, Any]) -> Accesses:
    index = p["index"]
    assert isinstance(index, Table)
    shape = (p["outer"], p["count"], p["inner"])
    steps = index.values.astype(np.int64)
    x = Block(shape, (p["x_outer"], p["x_step"], p["x_inner"]), index=steps)
    return Accesses((x,), _block(shape, (p["y_outer"], p["y_step"], p["y_inner"])))


_RULES: Mapping[str, Callable[[Mapping[str, Any]], Accesses]] = {
    "linear_s8": _linear,
    "linear_s8_s32": _linear_sums,
    "requant_s32_s8": _requant,
    "matmul_s8": _matmul,
    "attention_s8": _attention,
    "softmax_s8": _softmax,
    "softmax_masked_s8": _softmax_masked,
    "layernorm_s8": _layernorm,
    "conv2d_s8": _window,
    "maxpool2d_s8": _window,
    "avgpool2d_s8": _window,
    "mean_s8": _mean,
    "copy_s8": _elementwise("x"),
    "unary_s8": _elementwise("x"),
    "fill_s8": _elementwise(),
    "add_s8": _elementwise("a", "b"),
    "mul_s8": _elementwise("a", "b"),
    "gather_s8": _gather,
}
