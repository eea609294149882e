"""A gate's answer for a terminal: one screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tinyrig.suite.gate import phrases
from tinyrig.suite.gate.report import BlockCode, Explanation, GateReport

_STYLES = {"+": "green", "-": "red", " ": ""}


def gate_text(report: GateReport) -> RenderableType:
    """Return verdict, the figures that got worse, and the causes, worst first."""
    verdict = Text("PASS ", "bold green") if report.passed else Text("FAIL ", "bold red")
    return Group(verdict.append(phrases.headline(report), ""), *_body(report))


def _body(report: GateReport) -> Iterator[RenderableType]:
    for line in phrases.jobs_lost_and_new(report):
        yield Text(line)
    figures, more = phrases.shown_figures(report)
    if figures:
        heads = ("model", "board", "figure", "before", "after", "change", "verdict")
        rows = [phrases.figure_cells(figure) for figure in figures]
        yield _table(heads, rows, numbers=range(3, 6))
    if more:
        yield Text(phrases.left_out(more, ("figure", "figures")))
    causes, more = phrases.shown_causes(report)
    for index, (cause, detail) in enumerate(causes, 1):
        yield from cause_text(index, cause, detail)
    if more:
        yield Text("\n" + phrases.left_out(more, ("cause", "causes")))
    for line in phrases.harmless(report):
        yield Text(line)


def cause_text(
    index: int, cause: Explanation, detail: phrases.Detail = phrases.FULL
) -> Iterator[RenderableType]:
    """Yield one numbered cause with its evidence."""
    yield Text(f"\n{index}. {cause.title}", "bold")
    for part in _cause(cause, detail):
        yield Padding(part, (0, 0, 0, 3), expand=False)


def _cause(cause: Explanation, detail: phrases.Detail) -> Iterator[RenderableType]:
    yield Text(phrases.reach(cause))
    places = cause.places[: detail.places]
    if places:
        heads = ("layer", "function", "counted", "before", "after", "change")
        yield _table(heads, [phrases.place_cells(place) for place in places], range(3, 6))
    for line in phrases.memory_lines(cause, detail.tensors):
        yield Text(line)
    if cause.block is not None and phrases.shows_code(cause, detail):
        yield from _block(cause.block)


def _block(block: BlockCode) -> Iterator[RenderableType]:
    yield Text(phrases.block_title(block))
    for line in phrases.block_lines(block):
        yield Text(f"  {line}", _STYLES[line[0]])


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], numbers: range) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for index, head in enumerate(heads):
        number = index in numbers
        table.add_column(head, justify="right" if number else "left", no_wrap=number)
    for row in rows:
        table.add_row(*map(Text, row))
    return table
