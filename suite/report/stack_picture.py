"""Counted stacks, whatever was counted: collapsed for speedscope, drawn as SVG."""

from __future__ import annotations

from collections.abc import Mapping

from tinyrig.suite.report.flame import Frame, Stack, frames
from tinyrig.suite.report.svg import FRAME, document, element, rect, text, tooltip

_WIDTH = 1200
_ROW = 18
_SMALLEST = 0.5
_LETTER = 6.5
_STYLE = FRAME + "text { font-size: 11px; } .frame { fill: #1b1f24; }\n"


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
    total = sum(counts.values())
    told = f"{len(found)} frames, {total:,} {unit} in all; the wider, the more, callers above."
    body = [text(4, _ROW - 5, caption), *(_box(frame, unit) for frame in found)]
    return document((_WIDTH, height), caption, told, body, name="stacks", style=_STYLE)


def _box(frame: Frame, unit: str) -> str:
    hue = 10 + sum(map(ord, frame.name)) % 45
    left, width = frame.left * _WIDTH, frame.width * _WIDTH
    top = (frame.depth + 1) * _ROW
    return element(
        "g",
        tooltip(f"{frame.name}: {frame.value:,} {unit}"),
        rect(left, top, width, _ROW - 1, fill=f"hsl({hue},80%,65%)"),
        text(left + 3, top + _ROW - 5, frame.name[: int(width / _LETTER)], class_="frame"),
    )
