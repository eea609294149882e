"""One instruction more in an inner loop of a kernel."""

from __future__ import annotations

import re

KERNEL = "tr_requant_s32_s8__m4"
"""A kernel with one loop that stays a loop, used by the last layer of two attention blocks."""

FILE = f"src/m4/{KERNEL}.c"
_LOOP = re.compile(r"(TR_NO_UNROLL\n *for \(.*\) \{\n)")


def with_a_nop(text: str) -> str:
    """Return a kernel's source with a `nop` at the start of its first loop that is not unrolled."""
    slower, count = _LOOP.subn(r'\1    __asm volatile("nop");\n', text, count=1)
    assert count == 1
    return slower
