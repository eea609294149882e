"""What a board's flash adds to the cycles of its core: lines that no cache holds are waited for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from tinyrig.generator.planning.operating_point import OperatingPoint
from tinyrig.suite.cycles.result import BlockCycles, ModelledCycles
from tinyrig.suite.cycles.tables import modelled as bands
from tinyrig.suite.records.profile import Block, BlockProfile, Flow


def with_board_memory(
    modelled: ModelledCycles, profile: BlockProfile, board: str, point: OperatingPoint
) -> ModelledCycles:
    """Return zero-wait-state cycles with a board's memory added, block by block.

    `profile` is the one they were modelled from, recorded through the board's caches.
    """
    waits: dict[tuple[int | None, Block], list[Flow]] = {}
    for step, flows in profile.flows.items():
        for flow in flows:
            if any(flow.misses):
                waits.setdefault((step, flow.to), []).append(flow)
    table = bands(modelled.model).board_memory
    outside = any(flow.misses.external for flows in waits.values() for flow in flows)
    return ModelledCycles(
        model=f"{modelled.model} v{modelled.version} + {board} at {point.clock_mhz} MHz",
        version=table.version,
        error_percent=table.external_error_percent if outside else table.error_percent,
        memory="board",
        blocks=tuple(
            _delayed(found, waits.get((found.step, found.block), []), point)
            for found in modelled.blocks
        ),
    )


def code_waits(
    flows: Sequence[Flow], cycles: Mapping[Block, float], point: OperatingPoint
) -> float:
    """Return the cycles that flows wait for lines of their code, with the cycles of each block."""
    counts: Counter[Block] = Counter()
    for flow in flows:
        counts[flow.to] += flow.count
    return sum(
        point.flash.wait * flow.misses.jumped
        + _in_a_row(cycles[flow.to] / counts[flow.to], flow.to, point) * flow.misses.next
        for flow in flows
    )


def _delayed(found: BlockCycles, flows: list[Flow], point: OperatingPoint) -> BlockCycles:
    if not flows:
        return found
    in_a_row = _in_a_row(found.cycles / found.count, found.block, point)
    outside = point.external_flash.wait if point.external_flash else 0
    stalls = sum(
        point.flash.wait * (flow.misses.jumped + flow.misses.data)
        + in_a_row * flow.misses.next
        + outside * flow.misses.external
        for flow in flows
    )
    return replace(found, cycles=found.cycles + stalls)


def _in_a_row(once: float, block: Block, point: OperatingPoint) -> float:
    """Return the wait for the next line of straight code: prefetching hides what the last took."""
    wait = float(point.flash.wait)
    if not point.flash.prefetch:
        return wait
    line = once * point.code_cache.line_bytes / block.size
    return max(0.0, wait + 1 - line)
