"""Weights of a layer of one row, a byte each (arm/row_quads.h): which layers may have them so."""

from __future__ import annotations

from tinyrig.generator.planning.call import Call, Table
from tinyrig.generator.planning.sums import sums_fit

BYTE_ROW = "row8"
"""How they are packed."""

BYTE_ROW_SCALE = 256
"""How many times a sum a kernel adds up."""


def holds_byte_row(call: Call) -> bool:
    """Whether 256 times the sums of a call of one row stay inside int32, whatever the row."""
    weight = call.params.get("weight")
    return (
        isinstance(weight, Table) and call.params.get("m") == 1 and sums_fit(call, BYTE_ROW_SCALE)
    )
