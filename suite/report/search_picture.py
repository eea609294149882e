"""Trials of a search as pictures (SVG): accuracy by what it costs, and as the trials went by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tinyrig.suite.report.svg import FRAME, document, element, line, number, text, tooltip

_WIDTH, _HEIGHT = 420, 270
_LEFT, _TOP, _RIGHT, _BOTTOM = 56, 36, 20, 44
_TICKS = 4
_STYLE = (
    FRAME
    + """
.axis { stroke: #8c959f; } .grid { stroke: #d8dee4; } .path { fill: none; stroke: #0969da; }
.dot { fill: #8c959f; } .front { fill: #0969da; } .chosen { fill: #cf222e; }
.limit { stroke: #bc4c00; stroke-dasharray: 5 3; }
@media (prefers-color-scheme: dark) {
.grid { stroke: #30363d; } .path { stroke: #4493f8; } .front { fill: #4493f8; }
.chosen { fill: #ff7b72; } .limit { stroke: #f0883e; }
}
"""
)


@dataclass(frozen=True)
class Dot:
    """A trial: what lies across, its accuracy, its words, and whether it is the chosen one."""

    x: float
    accuracy: float
    words: str
    chosen: bool = False


def cost_picture(dots: Sequence[Dot], title: str, limit: int | None, *, style: str = _STYLE) -> str:
    """Return accuracy by a cost, the trials that none beats in both joined; one dot at least.

    A page with styles of its own gives an empty `style`, here and below.
    """
    front: list[Dot] = []
    for dot in sorted(dots, key=lambda one: (one.x, -one.accuracy)):
        if not front or dot.accuracy > front[-1].accuracy:
            front.append(dot)
    return _picture(dots, front, title, limit, style)


def course_picture(dots: Sequence[Dot], title: str, *, style: str = _STYLE) -> str:
    """Return accuracy as the trials went by, the best so far joined; one dot at least."""
    best: list[Dot] = []
    for dot in dots:
        if not best or dot.accuracy > best[-1].accuracy:
            best.append(dot)
    return _picture(dots, best, title, None, style)


def _picture(
    dots: Sequence[Dot], joined: Sequence[Dot], title: str, limit: int | None, style: str
) -> str:
    xs = [dot.x for dot in dots] + ([float(limit)] if limit is not None else [])
    across = _Scale(min(xs), max(xs), _LEFT, _WIDTH - _RIGHT)
    accuracies = [dot.accuracy for dot in dots]
    up = _Scale(min(accuracies), max(accuracies), _HEIGHT - _BOTTOM, _TOP)
    body = [*_axes(across, up, title)]
    if limit is not None:
        body.append(line((across.at(limit), _TOP, across.at(limit), _HEIGHT - _BOTTOM), "limit"))
    body.append(element("path", d=_steps(joined, across, up), class_="path"))
    for dot in sorted(dots, key=lambda one: one.chosen):
        kind = "chosen" if dot.chosen else "front" if dot in joined else "dot"
        x, y = across.at(dot.x), up.at(dot.accuracy)
        body.append(element("circle", tooltip(dot.words), cx=x, cy=y, r=4, class_=kind))
    told = "; ".join(dot.words for dot in joined)
    name = f"search-{title.rsplit(maxsplit=1)[-1].lower()}"
    return document((_WIDTH, _HEIGHT), title, told, body, name=name, style=style)


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.5
        return self.start + share * (self.end - self.start)

    def ticks(self) -> list[float]:
        step = (self.high - self.low) / _TICKS
        return [self.low + step * place for place in range(_TICKS + 1)] if step else [self.low]


def _axes(across: _Scale, up: _Scale, title: str) -> Iterator[str]:
    yield text(8, 20, title, class_="title")
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    for tick in across.ticks():
        yield text(across.at(tick), bottom + 18, _short(tick), text_anchor="middle")
    for tick in up.ticks():
        yield line((_LEFT, up.at(tick), right, up.at(tick)), "grid")
        yield text(_LEFT - 6, up.at(tick) + 4, f"{tick:.1%}", text_anchor="end")
    yield line((_LEFT, bottom, right, bottom), "axis")


def _short(value: float) -> str:
    for unit, name in ((1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{number(value / unit, 1)} {name}"
    return number(value, 0)


def _steps(joined: Sequence[Dot], across: _Scale, up: _Scale) -> str:
    """Return a path that goes level to each next dot, then to its height."""
    first, *others = joined
    path = f"M{number(across.at(first.x))} {number(up.at(first.accuracy))}"
    for dot in others:
        path += f"H{number(across.at(dot.x))}V{number(up.at(dot.accuracy))}"
    return path
