"""The header of an .npy array: its type and shape, claimed before a byte of it is read."""

from __future__ import annotations

import ast
import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

MOST_HEADER = 12 + 10_000
"""Bytes from the magic to the header's end; numpy takes no longer one either."""
_MAGIC = b"\x93NUMPY"
_SIMPLE = re.compile(r"[<>|=]?[A-Za-z?]\d{0,9}(\[[^\]]{1,20}\])?\Z")
_MOST_AXES = 32
_MOST_EXTENT = 1 << 40
_NUMBERS = "fiub"


@dataclass(frozen=True)
class ArrayHeader:
    """An array of numbers as its header claims it; `offset` is where its first byte lies."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran: bool
    offset: int

    @property
    def elements(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes of the array."""
        return self.elements * self.dtype.itemsize


def parse_header(begin: bytes) -> ArrayHeader:
    """Return what the first bytes of an .npy file claim; ValueError, "its array X {error}"."""
    if not begin.startswith(_MAGIC) or len(begin) < 10:
        raise ValueError("is no array of numpy")
    wide = begin[6] >= 2
    if begin[6] not in (1, 2, 3):
        raise ValueError(f"is of version {begin[6]}.{begin[7]}, which nobody defined")
    start = 12 if wide else 10
    length = int.from_bytes(begin[8:start], "little")
    raw = begin[start : start + length]
    if len(raw) != length:
        raise ValueError("has a header that is too long, or cut off")
    try:
        fields = ast.literal_eval(raw.decode("utf-8" if begin[6] == 3 else "latin-1"))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        raise ValueError("has a header that cannot be read") from None
    if not isinstance(fields, dict) or fields.keys() != {"descr", "fortran_order", "shape"}:
        raise ValueError("has a header without its three entries")
    order = fields["fortran_order"]
    if not isinstance(order, bool):
        raise ValueError("has a header that cannot be read")
    return ArrayHeader(_shape(fields["shape"]), _dtype(fields["descr"]), order, start + length)


def _shape(raw: Any) -> tuple[int, ...]:
    whole = isinstance(raw, tuple) and all(type(extent) is int for extent in raw)
    if not whole or len(raw) > _MOST_AXES or any(not 0 <= i < _MOST_EXTENT for i in raw):
        raise ValueError("has a shape that cannot be")
    return tuple(raw)


def _dtype(raw: Any) -> np.dtype[Any]:
    if not isinstance(raw, str) or not _SIMPLE.match(raw):
        raise ValueError("has no simple type; numbers are needed")
    try:
        dtype = np.dtype(raw)
    except (TypeError, ValueError):
        raise ValueError(f"has type {raw!r}, which numpy does not know") from None
    if dtype.kind not in _NUMBERS or dtype.itemsize == 0:
        raise ValueError(f"has type {dtype}; numbers are needed")
    return dtype
