"""Names of what passes and plans add: tensors and buffers that no model has.

They stand beside the names of a model's tensors, so what reads one asks here first.
"""

from __future__ import annotations

import re
from typing import Literal, get_args

Role = Literal[
    "band",
    "dense",
    "head",
    "heads",
    "in",
    "keys",
    "map",
    "memory",
    "queries",
    "rows",
    "source",
    "sums",
]
"""What bytes made for a node or a tensor hold."""

Numbered = Literal["block", "scratch", "tile"]
"""What belongs to no node: a block of weights, a step's scratch, an operand of a tile."""

_NUMBERED = re.compile(rf"(?P<kind>{'|'.join(get_args(Numbered))})(?P<numbers>(?:\.\d+)+)")
_MADE = re.compile(rf".*\.(?:{'|'.join(get_args(Role))})\d*\b.*")


def bytes_of(owner: str, role: Role, number: int | None = None, suffix: str = "") -> str:
    """Return the name of bytes made for a node or tensor; `suffix` tells apart those of a part."""
    return f"{owner}.{role}{'' if number is None else number}{suffix}"


def numbered(kind: Numbered, *numbers: int) -> str:
    """Return the name of bytes that only have a number, or several."""
    return ".".join((kind, *map(str, numbers)))


def numbers_of(name: str, kind: Numbered) -> tuple[int, ...]:
    """Return the numbers of a name of that kind; none of every other name."""
    found = _NUMBERED.fullmatch(name)
    if found is None or found["kind"] != kind:
        return ()
    return tuple(int(number) for number in found["numbers"][1:].split("."))


def is_planned(name: str) -> bool:
    """Whether a pass or a plan may call its own so: no tensor of a model is."""
    return (_NUMBERED.fullmatch(name) or _MADE.fullmatch(name)) is not None
