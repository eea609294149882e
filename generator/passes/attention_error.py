"""How far attention that never rounds its probabilities may stand from the graph's own.

The graph rounds every probability to its quantizer's step; deferred attention does not. A bound for
every row and every value would be of no use: 81 probabilities, all half a step off to the side that
their values point to, make 30 steps of an output, which no data do. What is estimated, so strictly
that no data are known to exceed it, are the steps of an output between the two for values that use
their range:

- `rounding`: probabilities that are rounded apart from one another, each off by a uniform part of
  a step, weigh values of a normal distribution that fills its range;
- `flat`: the largest of a row are equal, so are their roundings, and those add up where the values
  do not lie around zero;
- `clipped`: what the quantizer's range cuts off the largest probability, at the worst;
- `table`: the exponentials' own rounding, at the worst, in rows with the longest tail.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tinyrig.generator.graph.exponentials import exp_table, tail_error, value_reach
from tinyrig.generator.graph.tensor import INT8_MAX, Affine

MOST_STEPS = 2.0
"""Steps of an output that attention without rounding may be away from the graph's own."""

_DEVIATIONS = 6.0
"""Standard deviations of the rounding's sum that are to stay within them."""

_FILLED = 127 / 3.5
"""Standard deviation in steps of values whose extremes are 3.5 of them from their mean."""

_CENTRED = 8
"""Zero points up to here are those of values around zero whose extremes are not quite equal."""


@dataclass(frozen=True)
class AttentionError:
    """Steps of an output, each part as the module says."""

    rounding: float
    flat: float
    clipped: float
    table: float

    @property
    def steps(self) -> float:
        """Steps that an output may be away from the graph's."""
        return _DEVIATIONS * self.rounding + self.flat + self.clipped + self.table


def attention_error(
    scores: Affine,
    probabilities: Affine,
    values: Affine,
    outputs: Affine,
    row_length: int,
    top: int,
) -> AttentionError:
    """Estimate the error of rows of `row_length` keys with a table whose first entry is `top`."""
    step = probabilities.scale
    gain = values.scale / outputs.scale
    mean = max(0, abs(values.zero_point) - _CENTRED)
    spread = math.hypot(_FILLED, mean)
    rounding = step / math.sqrt(12.0) * math.sqrt(row_length) * spread * gain
    equal = np.arange(1, row_length + 1)
    largest = (INT8_MAX - probabilities.zero_point) * step
    limited = np.minimum(1.0 / equal, largest)
    flat = np.abs(np.rint(limited / step) * step - limited) * equal
    reach = value_reach(values.zero_point) * gain
    table = tail_error(scores.scale, exp_table(scores.scale, top), row_length)
    clipped = max(0.0, 1.0 - largest) * reach
    return AttentionError(rounding, float(flat.max()) * mean * gain, clipped, table * 255 * gain)
