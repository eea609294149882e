"""What of a step's output may lie over its first input in fast memory."""

from __future__ import annotations

from tinyrig.generator.planning.buffer import align
from tinyrig.generator.planning.call import Call
from tinyrig.generator.planning.kernels import Kernel
from tinyrig.generator.planning.overwrite import overwrite_distance
from tinyrig.generator.planning.step import Step


def overlaid(step: Step, call: Call, kernel: Kernel) -> int:
    """Return how many bytes of the output of a step, in one part, may lie over its first input."""
    x, *others = step.reads
    if kernel.overwrite != "queries" or x.storage in {view.storage for view in others}:
        return 0
    y = step.writes[0]
    return 0 if overwrite_distance(call, kernel) is None else min(align(x.size), align(y.size))
