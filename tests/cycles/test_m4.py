"""Loads in a row on a Cortex-M4: they overlap while they go to one memory."""

from __future__ import annotations

import pytest

from suite.cycles import m4
from suite.cycles.decode import decode
from suite.cycles.tables import load_timing

TIMING = load_timing("cortex-m4")
TWO_LOADS = decode(bytes.fromhex("0868 5168"), 0x0800_0000)  # ldr r0, [r1]; ldr r1, [r2, #4]


@pytest.mark.parametrize(
    ("areas", "saved"),
    [((), 1), ((0, 0), 1), ((0, 1), 0), ((1, 0), 0), ((None, 1), 1), ((0, None), 1), ((0,), 1)],
)
def test_a_load_overlaps_the_next_of_the_same_memory(
    areas: tuple[int | None, ...], saved: int
) -> None:
    alone = [m4.straight_cycles([one], None, TIMING)[0] for one in TWO_LOADS]
    together = m4.straight_cycles(TWO_LOADS, None, TIMING, areas)
    assert together == [alone[0] - saved * TIMING.number("pipelined"), alone[1]]
