"""Reads: how bytes of a streamed input come into a band of the arena, by the caller's function.

No kernel executes them. `READER` stands in its place in a plan: what the rig's own reader, a copy
from flash, is expected to take.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tinyrig.generator.operators.accesses import Accesses, block
from tinyrig.generator.operators.operator import KernelCall
from tinyrig.generator.planning.call import Call
from tinyrig.generator.planning.kernels import Kernel
from tinyrig.generator.planning.view import View

READER = Kernel(
    op="read_s8",
    name="tr_read",
    about="The caller's function.",
    isa="caller",
    scratch="0",
    cost="50 + bytes",
)


def read_call(read: View, write: View) -> Call:
    """Bytes that follow each other in a streamed input, to where they follow each other too."""
    return Call(READER.op, {"bytes": read.size}, (read,), (write,))


def _accesses(p: Mapping[str, Any]) -> Accesses:
    run = block((p["bytes"],), (1,))
    return Accesses((run,), run)


READ = KernelCall(READER.op, _accesses)
