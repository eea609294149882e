"""Weights of at most four bits, two a byte (common/nibbles.h, arm/weight_stream.h)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.errors import InternalError
from tinyrig.generator.graph.requant import Int8Array
from tinyrig.generator.planning.call import Call, Table
from tinyrig.generator.planning.sums import sums_fit

NIBBLE_PACKS = ("rows4", "stream4")
"""How they may be packed: one behind the other, or as arm/weight_stream.h says."""

SCALE = 16
"""How many times a weight a kernel adds up: a nibble is the upper half of a byte."""

_LEAST, _MOST = -8, 7


def holds_nibbles(call: Call) -> bool:
    """Whether a call's weights have four bits, and sums of so many times them stay inside int32."""
    weight = call.params.get("weight")
    if not isinstance(weight, Table) or weight.values.dtype != np.int8:
        return False
    rows = weight.values.reshape(len(weight.values), -1)
    if not _narrow(rows):
        return False
    return sums_fit(call, SCALE)


def nibble_rows(weight: NDArray[Any]) -> Int8Array:
    """Return weights two a byte, the first of two in its lower half."""
    checked(weight)
    flat = weight.astype(np.uint8).ravel()
    even = np.append(flat, np.zeros(flat.size % 2, np.uint8)).reshape(-1, 2) & 0xF
    return (even[:, 0] | even[:, 1] << 4).view(np.int8)


def joined(upper: NDArray[Any], lower: NDArray[Any]) -> Int8Array:
    """Return bytes of two weights each, from the upper and the lower halves."""
    checked(upper)
    checked(lower)
    halves = upper.astype(np.uint8) << 4 | lower.astype(np.uint8) & 0xF
    return halves.view(np.int8)


def checked(weight: NDArray[Any]) -> None:
    """Raise InternalError for weights that four bits do not hold."""
    if not _narrow(weight):
        raise InternalError("Weights of more than four bits cannot lie two a byte.")


def _narrow(weight: NDArray[Any]) -> bool:
    return bool(weight.size and weight.min() >= _LEAST and weight.max() <= _MOST)
