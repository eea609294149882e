"""Flamegraphs as inline SVG that stretch with the page: shares across, pixels down.

Colours come from the classes of the site's style sheet; every text is escaped.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping

from markupsafe import Markup

from tinyrig.suite.report.flame import Frame, Stack, frames
from tinyrig.suite.report.svg import element, percent, text, tooltip

_ROW = 24
_LEAST = 0.001
_COLOURS = 6
_LABELLED = 0.015
"""From which share on a name is readable in its frame; zooming in may make others so."""
_CHANGES = (0.01, 0.1)
"""From which share on a change is some, and from which much."""


def flame_chart(
    counts: Mapping[Stack, int],
    unit: str,
    title: str,
    before: Mapping[Stack, int] | None = None,
) -> Markup:
    """Return stacks as rows of frames, callers above; frames keep the order of `counts`.

    With counts of `before` a frame's colour tells how it changed instead of which one it is. What
    `counts` no longer has is as wide as nothing.
    """
    found = list(frames(counts, least=_LEAST, by_value=False))
    total = sum(counts.values()) or 1
    height = _ROW * (1 + max((frame.depth for frame in found), default=0))
    was = None if before is None else _sums(before)
    boxes = (_frame(frame, total, unit, was) for frame in found)
    return element(
        "svg", *boxes, class_="flame", width="100%", height=height, role="img", aria_label=title
    )


def _sums(counts: Mapping[Stack, int]) -> Mapping[Stack, int]:
    """Return the counts of every stack and of all it lies under."""
    found: dict[Stack, int] = {}
    for stack, count in counts.items():
        for depth in range(len(stack)):
            found[stack[: depth + 1]] = found.get(stack[: depth + 1], 0) + count
    return found


def _frame(frame: Frame, total: int, unit: str, was: Mapping[Stack, int] | None) -> Markup:
    told = f"{frame.name}: {frame.value:,} {unit}, {frame.value / total:.1%}"
    if was is None:
        colour = zlib.crc32(frame.name.encode("utf-8", "surrogatepass")) % _COLOURS
        kind = f"f{colour if frame.depth else 'root'}"
    else:
        before = was.get(frame.stack, 0)
        kind = _kind_of_change(before, frame.value)
        told += f"; before {before:,}, {frame.value - before:+,}"
    return element(
        "svg",
        tooltip(told),
        element("rect", class_=kind, width="100%", height="100%"),
        text(5, 16, frame.name, class_="small" if frame.width < _LABELLED else ""),
        x=percent(frame.left),
        y=frame.depth * _ROW,
        width=percent(frame.width),
        height=_ROW - 1,
    )


def _kind_of_change(before: int, after: int) -> str:
    """Return the class of a change: none, or a little, some or much less or more."""
    if before == after:
        return "d0"
    share = abs(after - before) / max(before, 1)
    size = 1 + sum(share >= bound for bound in _CHANGES)
    return f"{'more' if after > before else 'less'}{size}"
