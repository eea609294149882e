"""The call stacks Renode's profiler leaves behind."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tinyrig.generator.errors import BrokenRunError
from tinyrig.suite.backends.outcome import REGIONS

_ROOT = "tr_infer"
_LINE = re.compile(rb"([^\n]+) (\d+)\n")
_ENTRY = " (entry)"
_LOST = 100
"""Of so many instructions the profiler may lose one, and that many of a short run."""


def read_stacks(raw: bytes) -> dict[tuple[str, ...], int]:
    """Return one inference's instructions by call stack, `tr_infer` first.

    `raw` is a boot's, of all its inferences, one line a call: `tr_reset;main (entry) 12`. Exact
    but for the few instructions the profiler counts to a call's other side.
    """
    found: dict[tuple[str, ...], int] = {}
    for match in _LINE.finditer(raw):
        names = tuple(name.removesuffix(_ENTRY) for name in match[1].decode().split(";"))
        if _ROOT in names:
            stack = names[names.index(_ROOT) :]
            found[stack] = found.get(stack, 0) + int(match[2])
    return {stack: count // REGIONS for stack, count in found.items()}


def check_stacks(stacks: Mapping[tuple[str, ...], int], instructions: int) -> None:
    """Raise BrokenRunError where the stacks are not those of about `instructions` instructions.

    Renode takes every load of the program counter from the stack for a return, also a kernel's
    jump into its own text: from there on it files what runs under other calls than the right ones.
    """
    found = sum(stacks.values())
    if abs(found - instructions) > max(_LOST, instructions // _LOST):
        raise BrokenRunError(
            f"Renode's profiler filed {found:,} of {instructions:,} instructions under tr_infer: "
            "it takes a kernel's jump through the stack for a return, and loses the calls. "
            "Profile this model with --backend embedded."
        )
