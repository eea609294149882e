"""Bytes of stack by the text of a function's instructions."""

from __future__ import annotations

import pytest

from tinyrig.suite.gate.code_reader import Line
from tinyrig.suite.gate.frames import frame_bytes
from tinyrig.suite.gate.listing import Listing
from tinyrig.suite.gate.symbols import Routine


def listing(*texts: str, data: bool = False) -> Listing:
    routine = Routine(name="f", file="f.c", address=0, size=4 * len(texts))
    lines = (Line(4 * at, 4, text, is_data=data) for at, text in enumerate(texts))
    return Listing(routine, tuple(lines))


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("push {r4, lr}", 8),
        ("push.w {r4, r5, r6, r7, r8, lr}", 24),
        ("vpush {d8, d9}", 16),
        ("vpush {s16, s17, s18}", 12),
        ("vpush {s16}", 4),
        ("sub sp, #0x20", 32),
        ("sub.w sp, sp, #0x108", 264),
        ("subw sp, sp, #0x404", 1028),
        ("c.addi16sp sp, -48", 48),
        ("addi sp, sp, -16", 16),
        ("add sp, #0x20", 0),
        ("pop {r4, pc}", 0),
        ("sub r0, #4", 0),
    ],
)
def test_what_an_instruction_takes(text: str, size: int) -> None:
    assert frame_bytes(listing(text)) == size


def test_a_frame_is_all_its_instructions_take_and_no_data() -> None:
    assert frame_bytes(listing("push {r4, lr}", "vpush {d8}", "sub sp, #0x10")) == 32
    assert frame_bytes(listing("push {r4, lr}", data=True)) == 0
