"""A gate's answer as Markdown, for a comment on a pull request."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from tinyrig.suite.gate import phrases
from tinyrig.suite.gate.inert import fenced, inert
from tinyrig.suite.gate.report import Explanation, GateReport

_REST = "The rest is left out."


def gate_markdown(report: GateReport, most: int | None = None) -> str:
    """Return the answer; what comes from models and files is shown as it is, never read.

    `most` limits its characters; what is left out is left out line by line, code whole.
    """
    kept: list[str] = []
    left = math.inf if most is None else most - len(_REST) - 2
    for part in _lines(report):
        left -= len(part) + 1
        if left < 0:
            kept += ["", _REST]
            break
        kept.append(part)
    return "\n".join(kept) + "\n"


def _lines(report: GateReport) -> Iterator[str]:
    yield f"### Tinyrig gate: {'passed' if report.passed else 'failed'}"
    yield ""
    yield inert(phrases.headline(report))
    for line in phrases.jobs_lost_and_new(report):
        yield f"- {inert(line)}"
    figures, more = phrases.shown_figures(report)
    if figures:
        yield ""
        heads = ("model", "board", "figure", "before", "after", "change", "verdict")
        yield from _table(heads, [phrases.figure_cells(f) for f in figures], range(3, 6))
    if more:
        yield f"\n{phrases.left_out(more, ('figure', 'figures'))}"
    causes, more = phrases.shown_causes(report)
    for index, (cause, detail) in enumerate(causes, 1):
        yield ""
        yield f"**{index}. {inert(cause.title) or '-'}**"
        yield ""
        yield from _cause(cause, detail)
    if more:
        yield f"\n{phrases.left_out(more, ('cause', 'causes'))}"
    for line in phrases.harmless(report):
        yield f"\n{inert(line)}"


def _cause(cause: Explanation, detail: phrases.Detail) -> Iterator[str]:
    yield inert(phrases.reach(cause))
    places = cause.places[: detail.places]
    if places:
        yield ""
        heads = ("layer", "function", "counted", "before", "after", "change")
        yield from _table(heads, [phrases.place_cells(place) for place in places], range(3, 6))
    memory = phrases.memory_lines(cause, detail.tensors)
    if memory:
        yield ""
        yield from (f"- {inert(line)}" for line in memory)
    if cause.block is not None and phrases.shows_code(cause, detail):
        yield ""
        yield inert(phrases.block_title(cause.block))
        yield ""
        yield fenced(phrases.block_lines(cause.block), "diff")


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], numbers: range) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'|'.join('---:' if index in numbers else '---' for index in range(len(heads)))}|"
    for row in rows:
        yield f"| {' | '.join(map(inert, row))} |"
