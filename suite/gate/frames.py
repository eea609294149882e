"""Bytes of stack a function takes for itself."""

from __future__ import annotations

import re

from tinyrig.suite.gate.listing import Listing

_PUSH = re.compile(r"(v?)push(?:\.w)? \{(.*)\}")
_RESERVE = re.compile(
    r"sub(?:\.w|w)? sp(?:, sp)?, #(\w+)|(?:c\.addi16sp|c\.addi|addi) sp(?:, sp)?, -(\w+)"
)
_WORD = 4


def frame_bytes(listing: Listing) -> int:
    """Return the bytes a function pushes and reserves; what it calls is not counted."""
    return sum(_taken(line.text) for line in listing.instructions)


def _taken(text: str) -> int:
    if pushed := _PUSH.fullmatch(text):
        registers = pushed[2].split(", ")
        words = 2 if pushed[1] and registers[0].startswith("d") else 1
        return _WORD * words * len(registers)
    if reserved := _RESERVE.fullmatch(text):
        return int(reserved[1] or reserved[2], 0)
    return 0
