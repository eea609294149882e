"""A gate's answer as one page: every figure and cause, and differential flamegraphs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from tinyrig.generator.errors import InputError
from tinyrig.suite.bench.folder import Result, results
from tinyrig.suite.gate import phrases
from tinyrig.suite.gate.report import GateReport
from tinyrig.suite.records.grid import Grid
from tinyrig.suite.report.evidence_stacks import evidence_stacks
from tinyrig.suite.report.flame import Stack
from tinyrig.suite.report.site.flame_chart import flame_chart
from tinyrig.suite.report.site.standalone import standalone_page

_FIGURES = ("model", "board", "figure", "before", "after", "change", "verdict")
_PLACES = ("layer", "function", "counted", "before", "after", "change")
_NUMBERS = frozenset(range(3, 6))
_COUNTED = frozenset(("instructions", "cycles"))
_MOST_CHARTS = 4
_UNIT = "modelled cycles"


@dataclass(frozen=True)
class CauseShown:
    """One cause in words, with its places as a table and the lines of its changed block."""

    title: str
    reach: str
    places: Grid | None
    memory: tuple[str, ...]
    block: str
    code: tuple[str, ...]


@dataclass(frozen=True)
class Flame:
    """A job's cycles in the head, coloured by what they were in the base."""

    title: str
    chart: Markup
    moved: Grid


def gate_page(report: GateReport, base: Path, head: Path) -> str:
    """Return the page of what was judged of two results folders; every name is escaped."""
    figures = tuple(phrases.figure_cells(figure) for figure in report.figures)
    return standalone_page(
        "gate.html",
        f"Gate: {'passed' if report.passed else 'failed'}",
        lead=phrases.headline(report),
        report=report,
        notes=phrases.jobs_lost_and_new(report),
        figures=Grid("Figures that moved", _FIGURES, figures, _NUMBERS),
        causes=tuple(_causes(report)),
        flames=tuple(_flames(report, base, head)),
        harmless=phrases.harmless(report),
    )


def _causes(report: GateReport) -> Iterator[CauseShown]:
    for cause in report.causes:
        places = tuple(phrases.place_cells(place) for place in cause.places)
        shown = cause.block is not None and phrases.shows_code(cause, phrases.FULL)
        yield CauseShown(
            title=cause.title,
            reach=phrases.reach(cause),
            places=Grid("Where", _PLACES, places, _NUMBERS) if places else None,
            memory=tuple(phrases.memory_lines(cause, len(cause.tensors))),
            block=phrases.block_title(cause.block) if shown and cause.block else "",
            code=tuple(phrases.block_lines(cause.block)) if shown and cause.block else (),
        )


def _flames(report: GateReport, base: Path, head: Path) -> Iterator[Flame]:
    """Yield the jobs whose cycles or instructions moved most, where both sides were profiled."""
    moved: dict[str, float] = {}
    for figure in report.figures:
        if figure.metric in _COUNTED:
            moved[figure.job] = max(moved.get(figure.job, 0.0), abs(figure.percent or 0.0))
    before = {result.name: result for result in results(base)}
    after = {result.name: result for result in results(head)}
    shown = 0
    for name in sorted(moved, key=lambda name: (-moved[name], name)):
        if shown < _MOST_CHARTS and name in before and name in after:
            flame = _flame(before[name], after[name])
            if flame is not None:
                shown += 1
                yield flame


def _flame(before: Result, after: Result) -> Flame | None:
    """Return the chart of a job; None where a side has no cycles by block, or no evidence."""
    model = after.record.model.name
    try:
        was = evidence_stacks(model, before.evidence, numbered=False)
        now = evidence_stacks(model, after.evidence, numbered=False)
    except InputError:
        return None
    if not was or not now:
        return None
    title = f"{model} on {after.record.board}"
    chart = flame_chart(now, _UNIT, f"{title}: {_UNIT}, coloured by change", before=was)
    return Flame(title, chart, _moved(was, now))


def _moved(was: Mapping[Stack, int], now: Mapping[Stack, int]) -> Grid:
    """Return every layer and function whose cycles differ, those that are gone too."""
    stacks = [one for one in {**was, **now} if was.get(one, 0) != now.get(one, 0)]
    stacks.sort(key=lambda one: (-abs(now.get(one, 0) - was.get(one, 0)), one))
    rows = tuple(
        (*stack[1:], f"{before:,}", f"{after:,}", f"{after - before:+,}")
        for stack in stacks
        for before, after in [(was.get(stack, 0), now.get(stack, 0))]
    )
    heads = ("layer", "function", "before", "after", "change")
    return Grid("Cycles that moved", heads, rows, frozenset(range(2, 5)))
