"""Modelled cycles as stacks: layer, function, block. Collapsed for speedscope, drawn as SVG."""

from __future__ import annotations

from html import escape

from suite.profiling import Profiled

_WIDTH = 1200
_ROW = 18
_SMALLEST = 0.5
_LETTER = 6.5

Stack = tuple[str, ...]


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
    counts = stacks(profiled)
    total = sum(counts.values()) or 1
    boxes: list[str] = []
    depth = _draw(counts, 0, 0.0, _WIDTH / total, band, boxes)
    height = _ROW * (depth + 1)
    caption = f"{profiled.model} on {profiled.board}: {cycles.total:,} cycles ({band})"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
        f'font-family="monospace" font-size="11">\n'
        f'<text x="4" y="{_ROW - 5}">{escape(caption)}</text>\n' + "\n".join(boxes) + "\n</svg>\n"
    )


def _draw(
    counts: dict[Stack, int], depth: int, left: float, scale: float, band: str, boxes: list[str]
) -> int:
    """Draw the frames of one depth and, over each, those it called; return the deepest row."""
    frames: dict[str, dict[Stack, int]] = {}
    for stack, count in counts.items():
        if len(stack) > depth:
            frames.setdefault(stack[depth], {})[stack] = count
    deepest = depth
    for name, inner in sorted(frames.items(), key=lambda item: (-sum(item[1].values()), item[0])):
        cycles = sum(inner.values())
        width = cycles * scale
        if width >= _SMALLEST:
            boxes.append(_box(name, cycles, depth + 1, left, width, band))
            deepest = max(deepest, _draw(inner, depth + 1, left, scale, band, boxes))
        left += width
    return deepest


def _box(name: str, cycles: int, row: int, left: float, width: float, band: str) -> str:
    hue = 10 + sum(map(ord, name)) % 45
    shown = escape(name[: int(width / _LETTER)])
    top = row * _ROW
    return (
        f"<g><title>{escape(name)}: {cycles:,} cycles ({escape(band)})</title>"
        f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{_ROW - 1}" '
        f'fill="hsl({hue},80%,65%)"/>'
        f'<text x="{left + 3:.1f}" y="{top + _ROW - 5}">{shown}</text></g>'
    )
