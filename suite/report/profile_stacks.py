"""Modelled cycles as stacks: layer, function, block. Collapsed for speedscope, drawn as SVG."""

from __future__ import annotations

from tinyrig.suite.report.flame import Stack
from tinyrig.suite.report.stack_picture import folded, stack_picture
from tinyrig.suite.studies.profiling import Profiled


def stacks(profiled: Profiled) -> dict[Stack, int]:
    """Return the cycles of each stack of model, layer, function and block."""
    found: dict[Stack, int] = {}
    for block in profiled.cycles.blocks:
        label = f"0x{block.block.address:08x}"
        stack = (profiled.model, profiled.layer(block.step), block.function, label)
        found[stack] = found.get(stack, 0) + round(block.cycles)
    return found


def collapsed(profiled: Profiled) -> str:
    """Return one line a stack; see `folded`."""
    return folded(stacks(profiled))


def flamegraph(profiled: Profiled) -> str:
    """Return the stacks as an SVG picture; see `stack_picture`."""
    cycles = profiled.cycles
    band = f"modelled, {cycles.model} v{cycles.version}, +-{cycles.error_percent:g} %"
    caption = f"{profiled.model} on {profiled.board}: {cycles.total:,} cycles ({band})"
    return stack_picture(stacks(profiled), caption, f"cycles ({band})")
