"""Modelled cycles as stacks: layer, function, block. Collapsed for speedscope, drawn as SVG."""

from __future__ import annotations

from html import escape

from suite.profiling import Profiled
from suite.report.flame import Frame, Stack, frames

_WIDTH = 1200
_ROW = 18
_SMALLEST = 0.5
_LETTER = 6.5


def stacks(profiled: Profiled) -> dict[Stack, int]:
    """Return the cycles of each stack of model, layer, function and block."""
    found: dict[Stack, int] = {}
    for block in profiled.cycles.blocks:
        label = f"0x{block.block.address:08x}"
        stack = (profiled.model, profiled.layer(block.step), block.function, label)
        found[stack] = found.get(stack, 0) + round(block.cycles)
    return found


def collapsed(profiled: Profiled) -> str:
    """Return one line a stack, frames joined by semicolons, as speedscope reads them."""
    lines = (
        f"{';'.join(frame.replace(';', ',') for frame in stack)} {count}"
        for stack, count in sorted(stacks(profiled).items())
        if count
    )
    return "\n".join(lines) + "\n"


def flamegraph(profiled: Profiled) -> str:
    """Return the stacks as an SVG picture: the wider, the more cycles; the root on top."""
    cycles = profiled.cycles
    band = f"modelled, {cycles.model} v{cycles.version}, +-{cycles.error_percent:g} %"
    found = list(frames(stacks(profiled), least=_SMALLEST / _WIDTH))
    height = _ROW * (2 + max((frame.depth for frame in found), default=0))
    caption = f"{profiled.model} on {profiled.board}: {cycles.total:,} cycles ({band})"
    boxes = "\n".join(_box(frame, band) for frame in found)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
        f'font-family="monospace" font-size="11">\n'
        f'<text x="4" y="{_ROW - 5}">{escape(caption)}</text>\n{boxes}\n</svg>\n'
    )


def _box(frame: Frame, band: str) -> str:
    hue = 10 + sum(map(ord, frame.name)) % 45
    left, width = frame.left * _WIDTH, frame.width * _WIDTH
    shown = escape(frame.name[: int(width / _LETTER)])
    top = (frame.depth + 1) * _ROW
    return (
        f"<g><title>{escape(frame.name)}: {frame.value:,} cycles ({escape(band)})</title>"
        f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{_ROW - 1}" '
        f'fill="hsl({hue},80%,65%)"/>'
        f'<text x="{left + 3:.1f}" y="{top + _ROW - 5}">{shown}</text></g>'
    )
