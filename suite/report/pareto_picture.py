"""The frontier of a model as a picture (SVG): cycles across, RAM up, flash as the size of a point.

What others published of the model are lines: cycles upright, RAM across.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tinyrig.suite.report.svg import FRAME, document, element, line, text, tooltip

_WIDTH, _HEIGHT = 760, 430
_LEFT, _TOP, _RIGHT, _BOTTOM = 92, 48, 210, 52
_RIGHT_ALONE = 24
_SMALL, _LARGE = 5.0, 13.0
_MARGIN = 0.06
_LEAST_TICKS = 3
_STYLE = (
    FRAME
    + """
.axis { stroke: #8c959f; } .grid { stroke: #d8dee4; } .path { fill: none; stroke: #57606a; }
.point { fill: #0969da; fill-opacity: 0.75; stroke: #fff; } .bad { fill: #cf222e; }
.other { stroke: #bc4c00; stroke-dasharray: 5 3; } text.other { fill: #bc4c00; stroke: none; }
@media (prefers-color-scheme: dark) {
.grid { stroke: #30363d; } .point { fill: #4493f8; stroke: #0d1117; } .path { stroke: #9198a1; }
.other { stroke: #f0883e; } text.other { fill: #f0883e; }
}
"""
)


@dataclass(frozen=True)
class Spot:
    """A point of the frontier; `label` tells how it is executed."""

    cycles: int
    ram: int
    flash: int
    proven: bool
    label: str


@dataclass(frozen=True)
class Other:
    """A published figure: cycles, or bytes of RAM."""

    label: str
    cycles: int | None = None
    ram: int | None = None


@dataclass(frozen=True)
class _Scale:
    """A logarithmic axis from `low` to `high`, drawn from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self) -> list[int]:
        """Return round numbers on the axis: 1, 2 and 5 times powers of ten, else even steps.

        Even steps where there are fewer than three of the others, as on a short axis.
        """
        powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        rounds = [factor * 10**power for power in powers if power >= 0 for factor in (1, 2, 5)]
        found = [value for value in rounds if self.low <= value <= self.high]
        if len(found) < _LEAST_TICKS:
            wide = (self.high - self.low) / _LEAST_TICKS
            step = max((value for value in _steps() if value <= wide), default=1)
            found = [
                step * number
                for number in range(math.ceil(self.low / step), math.floor(self.high / step) + 1)
            ]
        return found


def _steps() -> list[int]:
    return [factor * 10**power for power in range(12) for factor in (1, 2, 5)]


def pareto_picture(
    spots: Sequence[Spot], others: Sequence[Other], title: str, *, style: str = _STYLE
) -> str:
    """Return the picture; the same points give the same text.

    A page with styles of its own gives an empty `style`.
    """
    ends = [(spot.cycles, spot.ram) for spot in spots]
    cycles = [c for c, _ in ends] + [one.cycles for one in others if one.cycles]
    rams = [r for _, r in ends] + [one.ram for one in others if one.ram]
    right = _WIDTH - (_RIGHT if others else _RIGHT_ALONE)
    across = _scale(cycles, _LEFT, right)
    up = _scale(rams, _HEIGHT - _BOTTOM, _TOP)
    told = "; ".join(
        f"{spot.cycles:,} cycles, {spot.ram:,} bytes of RAM, {spot.flash:,} bytes of flash"
        for spot in spots
    )
    flash = [spot.flash for spot in spots]
    sizes = f"size of a point: flash, {min(flash):,} to {max(flash):,} bytes"
    body = [
        *_axes(across, up, title),
        _note(sizes, right),
        *_others(others, across, up),
        *_spots(spots, across, up),
    ]
    return document((_WIDTH, _HEIGHT), title, told, body, name="pareto", style=style)


def _scale(values: Sequence[float], start: float, end: float) -> _Scale:
    low, high = min(values), max(values)
    reach = max(math.log(high / low), 0.1) * _MARGIN
    return _Scale(low * math.exp(-reach), high * math.exp(reach), start, end)


def _axes(across: _Scale, up: _Scale, title: str) -> Iterator[str]:
    yield text(8, 24, title, class_="title")
    bottom, right = _HEIGHT - _BOTTOM, across.end
    for tick in across.ticks():
        x = across.at(tick)
        yield line((x, _TOP, x, bottom), "grid")
        yield text(x, bottom + 18, _short(tick), text_anchor="middle")
    for tick in up.ticks():
        y = up.at(tick)
        yield line((_LEFT, y, right, y), "grid")
        yield text(_LEFT - 8, y + 4, _short(tick), text_anchor="end")
    yield line((_LEFT, bottom, right, bottom), "axis")
    yield line((_LEFT, _TOP, _LEFT, bottom), "axis")
    yield text((_LEFT + right) / 2, _HEIGHT - 12, "modelled cycles", text_anchor="middle")
    yield text(8, _TOP - 8, "arena, bytes")


def _note(words: str, right: float) -> str:
    return text(right, _TOP - 8, words, text_anchor="end")


def _short(value: int) -> str:
    for unit, name in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if value >= unit:
            return f"{value / unit:g} {name}"
    return str(value)


def _others(others: Sequence[Other], across: _Scale, up: _Scale) -> Iterator[str]:
    bottom, right = _HEIGHT - _BOTTOM, across.end
    for number, one in enumerate(others):
        if one.cycles is not None:
            x = across.at(one.cycles)
            yield line((x, _TOP, x, bottom), "other")
            figure = f"{one.cycles:,} cycles"
        else:
            assert one.ram is not None
            y = up.at(one.ram)
            yield line((_LEFT, y, right, y), "other")
            figure = f"{one.ram:,} bytes"
        top = _TOP + 30 * number
        yield text(right + 10, top, one.label, class_="other")
        yield text(right + 10, top + 13, figure, class_="other")


def _spots(spots: Sequence[Spot], across: _Scale, up: _Scale) -> Iterator[str]:
    most = max(spot.flash for spot in spots)
    for spot in spots:
        radius = _SMALL + (_LARGE - _SMALL) * spot.flash / most
        told = (
            f"{spot.label}: {spot.cycles:,} cycles, {spot.ram:,} bytes of arena, "
            f"{spot.flash:,} bytes of flash, {'proven' if spot.proven else 'WRONG'}"
        )
        yield element(
            "circle",
            tooltip(told),
            cx=across.at(spot.cycles),
            cy=up.at(spot.ram),
            r=radius,
            class_="point" if spot.proven else "point bad",
        )
