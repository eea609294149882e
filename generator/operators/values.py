"""Names of values: a number of 64 bits for every element, made from what the element is made of.

Two elements have the same number when the same operator made them from the same numbers, and
else, but for an accident of one in 2^64, another. Numbers are compared, never computed with:
they say whether a byte still holds what a step is about to read.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.uint64]

NOTHING = np.uint64(0)
"""What a byte holds that nobody has written."""

_FIRST = np.uint64(0x9E3779B97F4A7C15)
_SECOND = np.uint64(0xD6E8FEB86659FD93)
_HALF = np.uint64(32)


def mix(values: Ids) -> Ids:
    """Return numbers that tell nothing of how the given ones were added up."""
    mixed = values * _FIRST
    mixed ^= mixed >> _HALF
    mixed *= _SECOND
    mixed ^= mixed >> _HALF
    return mixed


@lru_cache(maxsize=256)
def places(count: int, axis: int = 0) -> Ids:
    """Return an odd number for each of `count` places along an axis of a sum."""
    numbered = np.arange(count, dtype=np.uint64) + np.uint64((axis + 1) << 40)
    found = mix(mix(numbered)) | np.uint64(1)
    found.setflags(write=False)
    return found


def named(*parts: str | bytes) -> np.uint64:
    """Return the number of a name."""
    digest = blake2b(digest_size=8)
    for part in parts:
        digest.update(part.encode() if isinstance(part, str) else part)
        digest.update(b"\0")
    return np.uint64(int.from_bytes(digest.digest(), "little"))


def each_named(rows: NDArray[np.int8], *columns: NDArray[np.int32]) -> Ids:
    """Return the number of every row of constants [n, ...]; each of `columns` is [n] or [1]."""
    flat = np.ascontiguousarray(rows).reshape(len(rows), -1).view(np.uint8)
    total: Ids = flat.astype(np.uint64) @ places(flat.shape[1], 8)
    for column, weight in zip(columns, places(len(columns), 9), strict=True):
        total += np.broadcast_to(column, len(rows)).astype(np.uint64) * weight
    return mix(total)


def fixed(values: NDArray[np.int8]) -> Ids:
    """Return the numbers of constant bytes: those of equal value are the same."""
    return _bytes()[values.astype(np.int16) + 128]


@lru_cache(maxsize=1)
def _bytes() -> Ids:
    return mix(np.arange(256, dtype=np.uint64) + np.uint64(1 << 20))
