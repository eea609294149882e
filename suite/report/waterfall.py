"""The waterfall of an ablation: from no optimisation to all, one added after the other (SVG)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from tinyrig.suite.report.svg import FRAME, document, element, number, rect, text, tooltip

_LABELS, _VALUES, _WIDTH, _RIGHT = 200, 80, 460, 12
_BARS = _LABELS + _VALUES
_ROW, _BAR, _HEAD = 22, 14, 34

_STYLE = (
    FRAME
    + """
.total { fill: #57606a; } .less { fill: #2da44e; } .more { fill: #cf222e; }
.link { stroke: #8c959f; stroke-dasharray: 2 2; }
@media (prefers-color-scheme: dark) {
.total { fill: #8b949e; }
.less { fill: #3fb950; } .more { fill: #f85149; } .link { stroke: #6e7681; }
}
"""
)


class Setting(Protocol):
    """What a setting of switches is called; see `tinyrig.suite.studies.ablation.variants`."""

    @property
    def group(self) -> str:
        """How it came about: none, alone, added, left out or all."""

    @property
    def label(self) -> str:
        """The switch that sets it apart."""


class Row(Protocol):
    """The figures of one setting; None where there is none."""

    @property
    def variant(self) -> Setting:
        """The setting."""

    @property
    def arena(self) -> int:
        """Bytes."""

    @property
    def peak_ram(self) -> int | None:
        """Bytes."""

    @property
    def flash(self) -> int | None:
        """Bytes."""

    @property
    def instructions(self) -> int | None:
        """Of one inference."""

    @property
    def cycles(self) -> int | None:
        """Modelled, of one inference."""


_PANELS: tuple[tuple[str, Callable[[Row], int | None]], ...] = (
    ("arena, bytes", lambda row: row.arena),
    ("peak RAM, bytes", lambda row: row.peak_ram),
    ("flash, bytes", lambda row: row.flash),
    ("instructions", lambda row: row.instructions),
    ("modelled cycles", lambda row: row.cycles),
)


@dataclass(frozen=True)
class _Bar:
    """One line of a panel: from `start` to `end`; a total starts at 0."""

    label: str
    start: int
    end: int
    total: bool


def waterfall(
    rows: Sequence[Row], title: str, *, name: str = "waterfall", style: str = _STYLE
) -> str:
    """Return an SVG document with a panel a figure; a variant without a figure has no bar.

    `name` starts the document's ids; a page with styles of its own gives an empty `style`.
    """
    chain = [row for row in rows if row.variant.group in ("none", "added", "all")]
    drawn = [(figure, _bars(chain, value)) for figure, value in _PANELS]
    panels = [(figure, bars) for figure, bars in drawn if bars]
    height = _HEAD + sum(_HEAD + _ROW * len(bars) for _, bars in panels) + 8
    size = (_BARS + _WIDTH + _RIGHT, height)
    body = _body(panels, title)
    return document(size, title, _description(panels), body, name=name, style=style)


def _bars(chain: Sequence[Row], figure: Callable[[Row], int | None]) -> list[_Bar]:
    bars: list[_Bar] = []
    before: int | None = None
    for row in chain:
        value = figure(row)
        if value is None:
            continue
        total = row.variant.group != "added" or before is None
        bars.append(_Bar(row.variant.label, 0 if total else before or 0, value, total))
        before = value
    return bars


def _body(panels: Sequence[tuple[str, Sequence[_Bar]]], title: str) -> Iterator[str]:
    yield text(8, 20, title, class_="title")
    top = _HEAD
    for figure, bars in panels:
        yield from _panel(figure, bars, top)
        top += _HEAD + _ROW * len(bars)


def _description(panels: Sequence[tuple[str, Sequence[_Bar]]]) -> str:
    """Return the whole chart in words."""
    return ". ".join(
        f"{name}: " + ", ".join(f"{bar.label} {bar.end}" for bar in bars) for name, bars in panels
    )


def _panel(name: str, bars: Sequence[_Bar], top: int) -> Iterator[str]:
    most = max(1, *(bar.end for bar in bars), *(bar.start for bar in bars))
    yield text(8, top + 22, name, class_="title")
    for index, bar in enumerate(bars):
        y = top + _HEAD + index * _ROW
        low, high = sorted((bar.start, bar.end))
        x, width = _BARS + low / most * _WIDTH, max((high - low) / most * _WIDTH, 1)
        kind = "total" if bar.total else "more" if bar.end > bar.start else "less"
        sign = "" if index == 0 or bar.total else "+ "
        change = f" ({bar.end - bar.start:+,})" if not bar.total else ""
        yield text(8, y + 11, sign + bar.label)
        yield text(_BARS - 8, y + 11, f"{bar.end:,}", text_anchor="end")
        told = tooltip(f"{bar.label}: {bar.end:,}{change}")
        yield rect(x, y, width, _BAR, told, class_=kind)
        if index + 1 < len(bars):
            edge = number(_BARS + bar.end / most * _WIDTH)
            yield element("path", class_="link", d=f"M{edge} {y + _BAR}V{y + _ROW}")
