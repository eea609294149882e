"""Counted stacks, whatever was counted: collapsed for speedscope, drawn as SVG."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from suite.report.flame import Frame, Stack, frames

_WIDTH = 1200
_ROW = 18
_SMALLEST = 0.5
_LETTER = 6.5


def folded(counts: Mapping[Stack, int]) -> str:
    """Return one line a stack, frames joined by semicolons, as speedscope reads them."""
    lines = (
        f"{';'.join(frame.replace(';', ',') for frame in stack)} {count}"
        for stack, count in sorted(counts.items())
        if count
    )
    return "\n".join(lines) + "\n"


def stack_picture(counts: Mapping[Stack, int], caption: str, unit: str) -> str:
    """Return the stacks as an SVG picture: the wider, the more; the root on top.

    `unit` is what was counted, in the words of every frame's tool tip.
    """
    found = list(frames(counts, least=_SMALLEST / _WIDTH))
    height = _ROW * (2 + max((frame.depth for frame in found), default=0))
    boxes = "\n".join(_box(frame, unit) for frame in found)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
        f'font-family="monospace" font-size="11">\n'
        f'<text x="4" y="{_ROW - 5}">{escape(caption)}</text>\n{boxes}\n</svg>\n'
    )


def _box(frame: Frame, unit: str) -> str:
    hue = 10 + sum(map(ord, frame.name)) % 45
    left, width = frame.left * _WIDTH, frame.width * _WIDTH
    shown = escape(frame.name[: int(width / _LETTER)])
    top = (frame.depth + 1) * _ROW
    return (
        f"<g><title>{escape(frame.name)}: {frame.value:,} {escape(unit)}</title>"
        f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{_ROW - 1}" '
        f'fill="hsl({hue},80%,65%)"/>'
        f'<text x="{left + 3:.1f}" y="{top + _ROW - 5}">{shown}</text></g>'
    )
