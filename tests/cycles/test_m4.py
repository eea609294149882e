"""Loads and stores in a row on a Cortex-M4: what overlaps, and what waits for an address."""

from __future__ import annotations

import pytest

from tinyrig.suite.cycles import m4
from tinyrig.suite.cycles.decode import decode
from tinyrig.suite.cycles.tables import load_timing

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


@pytest.mark.parametrize(
    ("code", "saved"),
    [
        ("8850 00bf", 1),  # str r0, [r1, r2]; nop
        ("0860 00bf", 0),  # str r0, [r1]; nop
        ("0868 00bf", 1),  # ldr r0, [r1]; nop
        ("8850 0844", 0),  # str r0, [r1, r2]; add r0, r1
    ],
)
def test_a_nop_hides_the_end_of_a_load_and_of_an_indexed_store(code: str, saved: int) -> None:
    pair = decode(bytes.fromhex(code), 0x0800_0000)
    alone = m4.straight_cycles(pair[:1], None, TIMING)[0]
    found = m4.straight_cycles(pair, None, TIMING)[0]
    assert found == alone - saved * TIMING.number("pipelined")


@pytest.mark.parametrize(
    ("code", "waits"),
    [
        ("0a44 1068", True),  # add r2, r1; ldr r0, [r2]
        ("0a44 0868", False),  # add r2, r1; ldr r0, [r1]
        ("0a68 1068", False),  # ldr r2, [r1]; ldr r0, [r2]
    ],
)
def test_an_address_just_computed_is_waited_for(code: str, waits: bool) -> None:
    before, load = decode(bytes.fromhex(code), 0x0800_0000)
    alone = m4.straight_cycles([load], None, TIMING)[0]
    found = m4.straight_cycles([load], before, TIMING)[0]
    assert found == alone + waits * TIMING.number("address_from_alu")
