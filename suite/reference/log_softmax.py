"""LogSoftmax over the last axis."""

from __future__ import annotations

import torch

from tinyrig.generator.graph.logarithms import INTERVALS
from tinyrig.generator.graph.requant import INT32_LIMIT, RangeError
from tinyrig.generator.operators.log_softmax import LogSoftmax
from tinyrig.suite.reference.bits import bit_length
from tinyrig.suite.reference.call import Call, accumulator, constant, defines
from tinyrig.suite.reference.requant import requantise


@defines(LogSoftmax)
def log_softmax(call: Call[LogSoftmax]) -> torch.Tensor:
    """x [..., L]; the logarithm of a row's sum, by its octave and a line, comes off each score."""
    node = call.node
    codes = call.operands[0].codes.long()
    below = codes.amax(dim=-1, keepdim=True) - codes
    sums = constant(node.exp)[below].sum(dim=-1, keepdim=True)
    if int(sums.max()) >= 2 * INT32_LIMIT:
        raise RangeError(f"node {node.name!r}: a sum of exponentials leaves 32 bits")
    zeros = 32 - bit_length(sums)
    raised = sums << zeros
    index, part = (raised >> 24) - INTERVALS, (raised >> 8) & 0xFFFF
    logs = constant(node.logs)
    line = logs[index] + (((logs[index + 1] - logs[index]) * part) >> 16)
    acc = node.start - below * node.slope - (line - zeros * node.octave)
    return requantise(accumulator(acc, node.name), node.requant)
