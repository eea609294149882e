"""Cycles of sparse weights by density (SVG): a line a form, dense beside it, where they meet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tinyrig.suite.report.sparse_table import break_even
from tinyrig.suite.report.svg import FRAME, document, element, line, number, text, tooltip
from tinyrig.suite.studies.sparsity.bench import Density

_WIDTH, _HEIGHT = 520, 300
_LEFT, _TOP, _GAP, _HEAD = 56, 48, 44, 40
_KEY = 150
_TICKS = 5
_STYLE = (
    FRAME
    + """
polyline, line { fill: none; stroke-width: 2; } .axis { stroke: #8c959f; stroke-width: 1; }
.f0 { stroke: #0969da; } .f1 { stroke: #bf3989; } .f2 { stroke: #1a7f37; }
.dense { stroke: #57606a; stroke-dasharray: 6 4; } .peer { stroke: #bc4c00; stroke-dasharray: 2 3; }
circle { fill: none; stroke-width: 2; }
"""
)


@dataclass(frozen=True)
class _Scale:
    """Where a density and a cost lie in a board's frame."""

    top: int
    most: float

    def x(self, density: float) -> float:
        return _LEFT + density * _WIDTH

    def y(self, each: float) -> float:
        return self.top + _HEIGHT * (1 - each / self.most)


def sparse_picture(boards: Mapping[str, Sequence[Density]], *, style: str = _STYLE) -> str:
    """Return every board's measured densities below each other; break-evens are circles.

    A page with styles of its own gives an empty `style`.
    """
    first = next(iter(boards.values()))[0]
    caption = f"Cycles a dense MAC of a linear layer of {'x'.join(map(str, first.shape))}"
    size = (_LEFT + _WIDTH + _KEY, _HEAD + len(boards) * (_TOP + _HEIGHT + _GAP))
    body: list[Markup] = [text(8, 26, caption, class_="title")]
    for at, (board, rows) in enumerate(boards.items()):
        body += _board(board, rows, _HEAD + at * (_TOP + _HEIGHT + _GAP))
    told = "; ".join(_told(board, rows) for board, rows in boards.items())
    return document(size, caption, told, body, name="sparse", style=style)


def _forms(rows: Sequence[Density]) -> Mapping[str, Sequence[Density]]:
    found: dict[str, list[Density]] = {}
    for row in rows:
        found.setdefault(row.form, []).append(row)
    return found


def _told(board: str, rows: Sequence[Density]) -> str:
    evens = {form: break_even(found) for form, found in _forms(rows).items()}
    parts = [
        f"blocks of {form} meet dense at {'no density' if even is None else f'{even:.2f}'}"
        for form, even in evens.items()
    ]
    return f"{board}: {', '.join(parts)}"


def _board(board: str, rows: Sequence[Density], top: int) -> Iterator[Markup]:
    dense = rows[0].dense_cycles / rows[0].macs
    peer = rows[0].peer_cycles
    costs = [row.sparse_cycles / row.macs for row in rows]
    most = 1.05 * max([dense, *costs, (peer or 0) / rows[0].macs])
    scale = _Scale(top + _TOP, most)
    yield text(8, top + 30, board, class_="title")
    yield from _axes(scale)
    yield from _level(scale, dense, "dense", "dense")
    if peer is not None:
        yield from _level(scale, peer / rows[0].macs, "peer", "CMSIS-NN")
    for at, (form, found) in enumerate(_forms(rows).items()):
        yield from _line(scale, form, found, f"f{at}")


def _axes(scale: _Scale) -> Iterator[Markup]:
    bottom = scale.top + _HEIGHT
    yield line((_LEFT, bottom, _LEFT + _WIDTH, bottom), "axis")
    yield line((_LEFT, scale.top, _LEFT, bottom), "axis")
    for tick in range(_TICKS + 1):
        share = tick / _TICKS
        yield text(scale.x(share) - 8, bottom + 18, number(share, 1))
        yield text(8, scale.y(share * scale.most) + 4, f"{share * scale.most:.2f}")


def _level(scale: _Scale, each: float, kind: str, name: str) -> Iterator[Markup]:
    y = scale.y(each)
    yield line((_LEFT, y, _LEFT + _WIDTH, y), kind)
    yield text(_LEFT + _WIDTH + 8, y + 4, f"{name} {each:.2f}")


def _line(scale: _Scale, form: str, rows: Sequence[Density], kind: str) -> Iterator[Markup]:
    places = [(scale.x(row.density), scale.y(row.sparse_cycles / row.macs)) for row in rows]
    points = " ".join(f"{number(x)},{number(y)}" for x, y in places)
    yield element("polyline", tooltip(f"blocks of {form}"), points=points, class_=kind)
    x, y = places[-1]
    yield text(x + 8, y + 4, f"blocks of {form}")
    even = break_even(rows)
    if even is not None:
        level = scale.y(rows[0].dense_cycles / rows[0].macs)
        told = tooltip(f"blocks of {form} are as fast as dense at a density of {even:.2f}")
        yield element("circle", told, cx=scale.x(even), cy=level, r=5, class_=kind)
