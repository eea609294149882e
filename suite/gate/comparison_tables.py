"""A comparison as tables: for a terminal, as Markdown and as a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape as escape_html

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tinyrig.suite.gate.comparison import Compared, ComparedLayer, Comparison
from tinyrig.suite.gate.inert import inert
from tinyrig.suite.gate.metrics import WORDS, number

_FIGURES = ("job", "figure", "A", "B", "change")
_LAYERS = ("layer", "kernel", "instr. A", "instr. B", "cycles A", "cycles B", "change")
_STYLE = (
    ":root { color-scheme: light dark; }"
    "body { font: 15px/1.5 system-ui, sans-serif; margin: 1.5rem; }"
    ".wide { overflow-x: auto; } table { border-collapse: collapse; margin: 1rem 0; }"
    "th, td { padding: .15rem .8rem .15rem 0; text-align: left; }"
    ".number { text-align: right; font-variant-numeric: tabular-nums; }"
)


@dataclass(frozen=True)
class _Grid:
    """A table as words; columns from `numbers` on are numbers."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: int = 2


def comparison_text(comparison: Comparison) -> RenderableType:
    """Return the tables for a terminal."""
    return Group(Text(_summary(comparison)), *map(_rich, _grids(comparison)))


def comparison_markdown(comparison: Comparison) -> str:
    """Return the tables as Markdown."""
    lines = [inert(_summary(comparison))]
    for grid in _grids(comparison):
        rule = ["---:" if at >= grid.numbers else "---" for at in range(len(grid.heads))]
        lines += ["", f"**{inert(grid.title)}**", "", _piped(grid.heads), _piped(rule)]
        lines += [_piped([inert(cell) for cell in row]) for row in grid.rows]
    return "\n".join(lines) + "\n"


def comparison_page(comparison: Comparison) -> str:
    """Return one HTML page that needs nothing from outside."""
    title = escape_html(f"{comparison.a} -> {comparison.b}")
    tables = "\n".join(map(_html, _grids(comparison)))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{_STYLE}</style></head><body>\n<h1>{title}</h1>\n"
        f"<p>{escape_html(_summary(comparison))}</p>\n{tables}\n</body></html>\n"
    )


def _summary(comparison: Comparison) -> str:
    figures = comparison.figures
    equal = sum(figure.a == figure.b for figure in figures)
    return f"{comparison.a} -> {comparison.b}: {len(figures)} figures, {equal} of them equal."


def _grids(comparison: Comparison) -> Iterator[_Grid]:
    differing = [figure for figure in comparison.figures if figure.a != figure.b]
    if differing:
        yield _Grid("Figures that differ", _FIGURES, tuple(map(_figure_row, differing)))
    layers = [layer for layer in comparison.layers if _differs(layer)]
    if layers:
        yield _Grid("Layers that differ", _LAYERS, tuple(map(_layer_row, layers)))


def _differs(layer: ComparedLayer) -> bool:
    return (layer.kernel_a, layer.instructions_a, layer.cycles_a) != (
        layer.kernel_b,
        layer.instructions_b,
        layer.cycles_b,
    )


def _figure_row(figure: Compared) -> tuple[str, ...]:
    percent = "-" if figure.percent is None else f"{figure.percent:+.2f} %"
    values = (number(figure.metric, value) for value in (figure.a, figure.b))
    return figure.job, WORDS[figure.metric], *values, percent


def _layer_row(layer: ComparedLayer) -> tuple[str, ...]:
    kernels = dict.fromkeys(name for name in (layer.kernel_a, layer.kernel_b) if name)
    change = "-"
    if layer.cycles_a and layer.cycles_b is not None:
        change = f"{100 * (layer.cycles_b / layer.cycles_a - 1):+.2f} %"
    values = (layer.instructions_a, layer.instructions_b, layer.cycles_a, layer.cycles_b)
    counts = ("-" if value is None else f"{value:,}" for value in values)
    return layer.layer, " -> ".join(kernels), *counts, change


def _rich(grid: _Grid) -> Table:
    table = Table(title=Text(grid.title), title_justify="left")
    for at, head in enumerate(grid.heads):
        table.add_column(head, justify="right" if at >= grid.numbers else "left", overflow="fold")
    for row in grid.rows:
        table.add_row(*map(Text, row))
    return table


def _piped(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _html(grid: _Grid) -> str:
    def cells(row: Sequence[str], tag: str) -> str:
        return "".join(
            f"<{tag}{' class=number' if at >= grid.numbers else ''}>{escape_html(cell)}</{tag}>"
            for at, cell in enumerate(row)
        )

    body = "\n".join(f"<tr>{cells(row, 'td')}</tr>" for row in grid.rows)
    head = f"<thead><tr>{cells(grid.heads, 'th')}</tr></thead>"
    return (
        f'<h2>{escape_html(grid.title)}</h2>\n<div class="wide" tabindex="0"><table>\n'
        f"{head}\n<tbody>\n{body}\n</tbody></table></div>"
    )
