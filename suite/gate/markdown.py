"""A gate's answer as Markdown, for a comment on a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from suite.gate import phrases
from suite.gate.report import Explanation, GateReport

_ACTIVE = re.compile(r"([\\`*_{}\[\]<>#|~&@])")


def gate_markdown(report: GateReport) -> str:
    """Return the answer; names from models and files are escaped."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: GateReport) -> Iterator[str]:
    yield f"### Tinyrig gate: {'passed' if report.passed else 'failed'}"
    yield ""
    yield escape(phrases.headline(report))
    for line in phrases.jobs_lost_and_new(report):
        yield f"- {escape(line)}"
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
        yield f"**{index}. {escape(cause.title)}**"
        yield ""
        yield from _cause(cause, detail)
    if more:
        yield f"\n{phrases.left_out(more, ('cause', 'causes'))}"
    for line in phrases.harmless(report):
        yield f"\n{escape(line)}"


def _cause(cause: Explanation, detail: phrases.Detail) -> Iterator[str]:
    yield escape(phrases.reach(cause))
    places = cause.places[: detail.places]
    if places:
        yield ""
        heads = ("layer", "function", "counted", "before", "after", "change")
        yield from _table(heads, [phrases.place_cells(place) for place in places], range(3, 6))
    memory = phrases.memory_lines(cause, detail.tensors)
    if memory:
        yield ""
        yield from (f"- {escape(line)}" for line in memory)
    if cause.block is not None and phrases.shows_code(cause, detail):
        yield ""
        yield escape(phrases.block_title(cause.block))
        yield ""
        yield "```diff"
        # No line of it can end the fence: a row starts with its sign.
        yield from phrases.block_lines(cause.block)
        yield "```"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], numbers: range) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'|'.join('---:' if index in numbers else '---' for index in range(len(heads)))}|"
    for row in rows:
        yield f"| {' | '.join(map(escape, row))} |"


def escape(text: str) -> str:
    """Return text that Markdown shows as it is, on one line."""
    return _ACTIVE.sub(r"\\\1", " ".join(text.split()))
