"""The limits of Clip nodes, which a quantizer keeps where its codes end at them.

A range holds 0 and is widened a little, so it may reach beyond a Clip that it was seen behind: by
little where the Clip holds 0, and by all that lies between 0 and its limits where it does not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from tinyrig.generator.frontends.bounds import Interval, span_of
from tinyrig.generator.frontends.source import Source
from tinyrig.generator.graph.tensor import Affine

_ROUNDED = 0.51
"""How far a code may lie from a limit, in steps: zero points are whole."""


def limits_of(source: Source) -> dict[str, Interval]:
    """Return the constant limits of every Clip, by the name of what it writes."""
    found: dict[str, Interval] = {}
    for node in source.nodes:
        if node.op != "Clip":
            continue
        ends = [-math.inf, math.inf]
        for slot in (1, 2):
            data = source.values[name].data if (name := node.input(slot)) else None
            if data is not None:
                ends[slot - 1] = float(data.reshape(-1)[0])
        found[node.outputs[0]] = ends[0], ends[1]
    return found


def cut(ranges: Mapping[str, Interval], limits: Mapping[str, Interval]) -> dict[str, Interval]:
    """Return the ranges, those behind a Clip no wider than it leaves them and than 0 needs."""
    cut_off = {
        name: (max(low, min(limits[name][0], 0.0)), min(high, max(limits[name][1], 0.0)))
        for name, (low, high) in ranges.items()
        if name in limits
    }
    return {**ranges, **{name: one for name, one in cut_off.items() if one[0] < one[1]}}


def keeps(affine: Affine, limits: Interval) -> bool:
    """Whether no code of an affine lies beyond the limits, but for what rounding moves an end."""
    low, high = span_of(affine)
    slack = _ROUNDED * affine.scale
    return low >= limits[0] - slack and high <= limits[1] + slack
