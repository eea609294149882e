"""The lifetime picture of an arena: steps across, addresses up, one rectangle a buffer (SVG)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tinyrig.suite.report.svg import FRAME, document, element, number, rect, text, tooltip
from tinyrig.suite.rig.arena_map import KINDS, ArenaMap, Block, Loop

_LEFT, _RIGHT, _TOP = 84, 24, 64
_HEIGHT = 440
_LEAST_WIDTH, _STEP_WIDTH = 640, 26
_BRACKET = 18
_MOST_TICKS = 10
_LABEL_HEIGHT = 150
_LETTER = 6.1
"""Width of a character of the labels, in user units."""

_SELDOM = ("band", "constants")
"""Kinds that most arenas have none of: the legend names them where there are."""

_STYLE = (
    FRAME
    + """
text { font-size: 11px; }
.grid { stroke: #d8dee4; }
.block { stroke: #1b1f24; stroke-width: 0.6; fill-opacity: 0.85; }
.input { fill: #54aeff; } .output { fill: #4ac26b; } .activation { fill: #c297ff; }
.sums { fill: #fb8f44; } .scratch { fill: #afb8c1; } .band { fill: #54d3ff; }
.constants { fill: #eac54f; }
.loop { fill: none; stroke: #1b1f24; }
.peak { fill: none; stroke: #cf222e; stroke-width: 2; stroke-dasharray: 5 3; }
.peak-text { fill: #cf222e; font-weight: bold; }
.unit { fill: #57606a; }
@media (prefers-color-scheme: dark) {
.grid { stroke: #30363d; }
.block { stroke: #e6edf3; }
.input { fill: #1f6feb; } .output { fill: #238636; } .activation { fill: #8957e5; }
.sums { fill: #bd561d; } .scratch { fill: #484f58; } .band { fill: #1b8ca8; }
.constants { fill: #9e6a03; }
.loop { stroke: #e6edf3; }
.peak { stroke: #ff7b72; }
.peak-text { fill: #ff7b72; }
.unit { fill: #9fabb7; }
}
"""
)


def memory_picture(
    arena: ArenaMap,
    *,
    name: str = "memory",
    style: str = _STYLE,
    least_width: float = _LEAST_WIDTH,
) -> str:
    """Return an SVG document; the same plan gives the same text.

    It follows the reader's light or dark scheme, tells each buffer in a tooltip and the whole in
    its description. Names are escaped. A page with several pictures gives each its own `name`,
    the start of its ids; a page with styles of its own gives an empty `style`. `least_width` is of
    the steps together, in pixels.
    """
    return _Picture(arena, least_width).document(name, style)


@dataclass(frozen=True)
class _Picture:
    arena: ArenaMap
    least_width: float

    @property
    def step_width(self) -> float:
        return max(_STEP_WIDTH, self.least_width / len(self.arena.steps))

    @property
    def plot_width(self) -> float:
        return self.step_width * len(self.arena.steps)

    @property
    def top(self) -> float:
        return max([self.arena.size, 1, *(b.offset + b.extent for b in self.arena.blocks)])

    @property
    def floor(self) -> float:
        """Where address 0 is drawn."""
        return _TOP + _HEIGHT

    def x(self, step: float) -> float:
        return _LEFT + step * self.step_width

    def y(self, address: float) -> float:
        return self.floor - address / self.top * _HEIGHT

    def document(self, name: str, style: str) -> str:
        """Return the whole picture."""
        width = max(_LEFT + self.plot_width + _RIGHT, 720.0)
        height = self.floor + self.loops_height + _LABEL_HEIGHT
        told = self._description()
        return document((width, height), self._title(), told, self._body(), name=name, style=style)

    @property
    def loops_height(self) -> float:
        """Room for the brackets of the loops under the plot."""
        return _BRACKET * (1 + max((loop.depth for loop in self.arena.loops), default=-1))

    def _body(self) -> Iterator[str]:
        """Yield what is drawn, from back to front."""
        arena = self.arena
        yield text(_LEFT, 20, self._title())
        yield from self._legend()
        yield from self._grid()
        for block in sorted(arena.blocks, key=lambda b: (-b.extent, b.first, b.name)):
            yield from self._block(block)
        yield from self._peak()
        for loop in arena.loops:
            yield from self._loop(loop)
        yield from self._steps(self.floor + self.loops_height + 8)

    def _title(self) -> str:
        arena = self.arena
        return (
            f"Arena of {arena.model} on {arena.board}: {arena.size:,} bytes by {arena.planner}, "
            f"lower bound {arena.lower_bound:,}"
        )

    def _description(self) -> str:
        arena, peak = self.arena, self.arena.peak_step
        live = ", ".join(f"{b.name} {b.size} bytes at {b.offset}" for b in arena.live(peak))
        return (
            f"{len(arena.blocks)} buffers over {len(arena.steps)} steps; time goes right, "
            f"addresses go up. Most is needed in step {peak}, {arena.steps[peak]}: "
            f"{arena.used(peak)} bytes, held by {live}."
        )

    def _legend(self) -> Iterator[str]:
        at = float(_LEFT)
        here = {block.kind for block in self.arena.blocks}
        for kind in (kind for kind in KINDS if kind not in _SELDOM or kind in here):
            yield rect(at, 30, 12, 12, class_=f"block {kind}")
            yield text(at + 17, 40, kind)
            at += 32 + _LETTER * len(kind) + 8

    def _grid(self) -> Iterator[str]:
        tick = _tick(self.top)
        for address in range(0, int(self.top) + 1, tick):
            y = self.y(address)
            end = number(_LEFT + self.plot_width)
            yield element("path", class_="grid", d=f"M{_LEFT} {number(y)}H{end}")
            yield text(_LEFT - 8, y + 4, f"{address:,}", text_anchor="end")
        yield text(_LEFT - 8, _TOP - 14, "bytes", text_anchor="end", class_="unit")
        below = self.floor + self.loops_height + 18
        yield text(_LEFT - 8, below, "layer", text_anchor="end", class_="unit")

    def _block(self, block: Block) -> Iterator[str]:
        x, width = self.x(block.first), (block.last - block.first + 1) * self.step_width
        y = self.y(block.offset + block.extent)
        height = self.y(block.offset) - y
        told = (
            f"{block.name}: {block.kind}, {block.size} bytes at {block.offset}, "
            f"steps {block.first} to {block.last}"
        )
        key = str(self.arena.blocks.index(block))
        kind = f"block {block.kind}"
        yield rect(x, y, width, height, tooltip(told), class_=kind, data_block=key)
        letters = int((width - 8) / _LETTER)
        if height >= 12 and letters >= 3:
            yield text(x + 4, y + height / 2 + 4, _shortened(block.name, letters))

    def _peak(self) -> Iterator[str]:
        step = self.arena.peak_step
        yield rect(self.x(step), _TOP, self.step_width, _HEIGHT, class_="peak")
        middle = self.x(step + 0.5)
        label = f"peak {self.arena.used(step):,}"
        half = _LETTER * len(label) / 2
        at = min(max(middle, _LEFT + half), max(_LEFT + self.plot_width - half, _LEFT + half))
        yield text(at, _TOP - 6, label, text_anchor="middle", class_="peak-text")

    def _loop(self, loop: Loop) -> Iterator[str]:
        y = self.floor + 5 + loop.depth * _BRACKET
        start, end = self.x(loop.first) + 2, self.x(loop.last + 1) - 2
        bracket = f"M{number(start)} {number(y)}v5H{number(end)}v-5"
        yield element("path", class_="loop", d=bracket)
        yield text((start + end) / 2, y + 15, f"x {loop.count}", text_anchor="middle")

    def _steps(self, y: float) -> Iterator[str]:
        letters = int(_LABEL_HEIGHT / _LETTER) - 3
        for index, name in enumerate(self.arena.steps):
            x = self.x(index + 0.5) + 4
            label = _shortened(f"{index} {name}", letters)
            place = f"translate({number(x)} {number(y)}) rotate(90)"
            yield element("text", label, tooltip(name), transform=place)


def _tick(top: float) -> int:
    """Return a round distance of grid lines: four to ten of them, as people count."""
    unit = 1
    while True:
        for step in (unit, 2 * unit, 5 * unit):
            if top / step <= _MOST_TICKS:
                return step
        unit *= 10


def _shortened(text: str, letters: int) -> str:
    return text if len(text) <= letters else text[: letters - 1] + "…"
