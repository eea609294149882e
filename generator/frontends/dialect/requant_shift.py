"""The constants of a RequantShift node, as integers along the channels of what it reads."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.generator.frontends.source import SourceNode, Value
from tinyrig.generator.graph.shifted import Shifted
from tinyrig.generator.graph.tensor import INT8_MIN, Affine

_MOST_LEVELS = 256
_MOST_SHIFT = 31


def whole(value: Value | None, what: str) -> NDArray[np.int64]:
    """Return a constant that holds integers. Raises InputError for anything else."""
    if value is None or value.data is None:
        raise UnsupportedError(f"{what} is computed at run time; supported are constants.")
    data = np.asarray(value.data, dtype=np.float64)
    if not np.all(np.isfinite(data)) or np.any(data != np.rint(data)):
        raise InputError(f"{what}, {value.name!r}, holds numbers that are no integers.")
    return data.astype(np.int64)


def number(node: SourceNode, key: str, default: int | None = None) -> int:
    """Return an attribute that is an integer, however it is stored."""
    found = node.attributes.get(key, default)
    if isinstance(found, tuple) and len(found) == 1:
        found = found[0]
    if isinstance(found, str | tuple) or found is None or float(found) != int(found):
        raise InputError(f"Attribute {key!r} of {node} is not an integer.")
    return int(found)


def levels_of(node: SourceNode) -> int:
    """Return how many values the output has. Raises UnsupportedError for more than 8 bits."""
    key = "n_levels_out" if "n_levels_out" in node.attributes else "n_levels"
    levels = number(node, key)
    if not 2 <= levels <= _MOST_LEVELS:
        raise UnsupportedError(
            f"{node} has {levels} levels; supported are 2 to {_MOST_LEVELS} (8 bits)."
        )
    return levels


def stored(signed: bool) -> Affine:
    """Return how integers of 8 bits are stored: as they are, or lowered by 128."""
    return Affine(1.0, 0 if signed else INT8_MIN)


def is_signed(node: SourceNode) -> bool:
    """Whether a RequantShift's outputs are signed."""
    return number(node, "signed", 1) != 0


def shift_of(node: SourceNode, key: str) -> int:
    """Return D of a divisor 2^D. Raises UnsupportedError for another divisor."""
    divisor = number(node, key)
    shift = divisor.bit_length() - 1
    if divisor < 1 or divisor != 1 << shift or shift > _MOST_SHIFT:
        raise UnsupportedError(
            f"{node} divides by {divisor}; supported are powers of two up to 2^{_MOST_SHIFT}."
        )
    return shift


def shifted_of(
    node: SourceNode, mul: Value | None, add: Value | None, rank: int, axis: int
) -> Shifted:
    """Return a RequantShift's constants, one or one a channel of `axis` of what it reads.

    Raises UnsupportedError where they change along another axis.
    """
    levels, signed = levels_of(node), is_signed(node)
    low = -(levels // 2) if signed else 0
    affine = stored(signed)
    return Shifted(
        _along(node, whole(mul, f"mul of {node}"), rank, axis),
        _along(node, whole(add, f"add of {node}"), rank, axis),
        shift_of(node, "div"),
        affine.zero_point,
        low + affine.zero_point,
        low + levels - 1 + affine.zero_point,
    )


def _along(node: SourceNode, data: NDArray[np.int64], rank: int, axis: int) -> tuple[int, ...]:
    if data.size == 1:
        return (int(data.reshape(-1)[0]),)
    # Of one axis, or [C, 1, 1] for a sequence, they run along the channels of images.
    images = rank > len(("n", "c")) and data.ndim in (1, rank) and len(data) == data.size
    shape = (1, data.size, *(1,) * (rank - 2)) if images else (1,) * (rank - data.ndim) + data.shape
    if len(shape) != rank or shape[axis % rank] != data.size:
        raise UnsupportedError(
            f"{node} has constants of shape {list(data.shape)} for a tensor of {rank} axes; "
            f"supported are one, or one for each output channel (axis {axis % rank})."
        )
    return tuple(int(item) for item in data.reshape(-1))
