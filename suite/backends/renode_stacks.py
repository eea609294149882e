"""The call stacks Renode's profiler leaves behind."""

from __future__ import annotations

import re

from tinyrig.suite.backends.outcome import REGIONS

_ROOT = "tr_infer"
_LINE = re.compile(rb"([^\n]+) (\d+)\n")
_ENTRY = " (entry)"


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
