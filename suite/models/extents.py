"""Extents of open axes as words, `N=1` and `x=1,3,32,32`; inputs that are numbers, `rate=16000`."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tinyrig.generator.errors import InputError
from tinyrig.generator.frontends.extents import Extents

_MAX_DIGITS = 9


def parse_extents(
    dims: Sequence[str], shapes: Sequence[str], constants: Sequence[str] = ()
) -> Extents:
    """Return what --dim, --shape and --constant say. Raises InputError for anything else."""
    named = {}
    for text in dims:
        name, extents = _parsed(text, "--dim NAME=EXTENT")
        if len(extents) != 1:
            raise InputError(f"{text!r} gives an axis {len(extents)} extents; --dim takes one.")
        named[name] = extents[0]
    shaped = dict(_parsed(text, "--shape INPUT=1,3,32,32") for text in shapes)
    return Extents(named, shaped, dict(map(_number, constants)))


def _number(text: str) -> tuple[str, float]:
    name, _, number = text.rpartition("=")
    try:
        found = float(number)
    except ValueError:
        found = math.inf
    if not name or not math.isfinite(found):
        raise InputError(f"{text[:80]!r} is not of the form --constant INPUT=NUMBER.")
    return name, found


def _parsed(text: str, form: str) -> tuple[str, tuple[int, ...]]:
    name, _, extents = text.rpartition("=")
    parts = [part.strip() for part in extents.split(",")]
    if not name or not all(map(_is_extent, parts)):
        raise InputError(f"{text[:80]!r} is not of the form {form}, with extents of 1 or more.")
    return name, tuple(map(int, parts))


def _is_extent(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS and int(text) > 0
