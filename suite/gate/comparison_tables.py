"""A comparison as tables, for a terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tinyrig.suite.gate.comparison import COPIED, Compared, ComparedLayer, Comparison
from tinyrig.suite.gate.inert import inert
from tinyrig.suite.gate.metrics import WORDS, number
from tinyrig.suite.records.grid import Grid

_WORDS: Mapping[str, str] = dict([*WORDS.items(), *COPIED.items()])
_FIGURES = ("job", "figure", "A", "B", "change")
_NUMBERS = frozenset(range(2, len(_FIGURES)))
_LAYERS = ("layer", "kernel", "instr. A", "instr. B", "cycles A", "cycles B", "change")


def comparison_text(comparison: Comparison) -> RenderableType:
    """Return the tables for a terminal."""
    return Group(Text(summary(comparison)), *map(_rich, grids(comparison)))


def comparison_markdown(comparison: Comparison) -> str:
    """Return the tables as Markdown."""
    lines = [inert(summary(comparison))]
    for grid in grids(comparison):
        rule = ["---:" if at in grid.numbers else "---" for at in range(len(grid.heads))]
        lines += ["", f"**{inert(grid.title)}**", "", _piped(grid.heads), _piped(rule)]
        lines += [_piped([inert(cell) for cell in row]) for row in grid.rows]
    return "\n".join(lines) + "\n"


def summary(comparison: Comparison) -> str:
    """Return how many figures there are and how many are equal."""
    figures = comparison.figures
    equal = sum(figure.a == figure.b for figure in figures)
    return f"{comparison.a} -> {comparison.b}: {len(figures)} figures, {equal} of them equal."


def grids(comparison: Comparison) -> Iterator[Grid]:
    """Yield the tables of what differs."""
    differing = [figure for figure in comparison.figures if figure.a != figure.b]
    if differing:
        yield Grid("Figures that differ", _FIGURES, tuple(map(_figure_row, differing)), _NUMBERS)
    layers = [layer for layer in comparison.layers if _differs(layer)]
    if layers:
        rows = tuple(map(_layer_row, layers))
        yield Grid("Layers that differ", _LAYERS, rows, frozenset(range(2, len(_LAYERS))))


def _differs(layer: ComparedLayer) -> bool:
    return (layer.kernel_a, layer.instructions_a, layer.cycles_a) != (
        layer.kernel_b,
        layer.instructions_b,
        layer.cycles_b,
    )


def _figure_row(figure: Compared) -> tuple[str, ...]:
    percent = "-" if figure.percent is None else f"{figure.percent:+.2f} %"
    values = (number(figure.metric, value) for value in (figure.a, figure.b))
    return figure.job, _WORDS[figure.metric], *values, percent


def _layer_row(layer: ComparedLayer) -> tuple[str, ...]:
    kernels = dict.fromkeys(name for name in (layer.kernel_a, layer.kernel_b) if name)
    change = "-"
    if layer.cycles_a and layer.cycles_b is not None:
        change = f"{100 * (layer.cycles_b / layer.cycles_a - 1):+.2f} %"
    values = (layer.instructions_a, layer.instructions_b, layer.cycles_a, layer.cycles_b)
    counts = ("-" if value is None else f"{value:,}" for value in values)
    return layer.layer, " -> ".join(kernels), *counts, change


def _rich(grid: Grid) -> Table:
    table = Table(title=Text(grid.title), title_justify="left")
    for at, head in enumerate(grid.heads):
        table.add_column(head, justify="right" if at in grid.numbers else "left", overflow="fold")
    for row in grid.rows:
        table.add_row(*map(Text, row))
    return table


def _piped(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
