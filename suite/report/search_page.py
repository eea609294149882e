"""A search as one HTML page without anything from outside: pictures, space, network and record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape

from tinyrig.suite.report.search_picture import Dot, cost_picture, course_picture
from tinyrig.suite.search.journal import Trial
from tinyrig.suite.search.run import Outcome
from tinyrig.suite.search.tools import best

_STYLE = """
:root { color-scheme: light dark; }
body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem; }
table { border-collapse: collapse; }
th, td { padding: 0.15rem 0.8rem 0.15rem 0; text-align: left; }
.pictures { display: flex; flex-wrap: wrap; gap: 1rem; }
svg { max-width: 100%; height: auto; }
"""
_LAST_STAGES = ("SparseNAS", "network", "nsga2", "random")


def search_page(outcome: Outcome) -> str:
    """Return the page; every name is escaped."""
    record = outcome.found.record
    title = escape(f"Search in {outcome.space.name} for {record.board}")
    parts = [
        "<!doctype html>",
        f'<html lang="en"><head><meta charset="utf-8"><title>{title}</title>',
        f"<style>{_STYLE}</style></head><body>",
        f"<h1>{title}</h1>",
        "<h2>Trials</h2>",
        "<p>Accuracy with inherited weights. Blue: none is better in both; red: the chosen one; "
        "dashed: the limit.</p>",
        f'<div class="pictures">{"".join(_pictures(outcome))}</div>',
        "<h2>The space before and after</h2>",
        _space(outcome),
        "<h2>The network</h2>",
        _table(("part", "what"), outcome.space.words(outcome.found.trial.config)),
        "<h2>On the board</h2>",
        _table(("figure", "value"), _record(outcome)),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _pictures(outcome: Outcome) -> Iterable[str]:
    measured = [trial for trial in outcome.trials if trial.accuracy is not None]
    chosen = outcome.found.trial.number
    limits = outcome.limits
    for name, most in (("RAM", limits.ram), ("flash", limits.flash), ("cycles", limits.cycles)):
        dots = [_dot(t, getattr(t.resources, name.lower()), t.number == chosen) for t in measured]
        # The board's own limit may lie far away from all trials.
        near = most if most is not None and most <= 2 * max(dot.x for dot in dots) else None
        yield cost_picture(dots, f"accuracy by {name}", near)
    course = [_dot(trial, trial.number, trial.number == chosen) for trial in measured]
    yield course_picture(course, "accuracy as trials went by")


def _dot(trial: Trial, x: float, chosen: bool) -> Dot:
    needs, accuracy = trial.resources, trial.accuracy or 0.0
    words = (
        f"trial {trial.number}, {trial.stage}: {accuracy:.1%}, {needs.ram:,} bytes of RAM, "
        f"{needs.flash:,} of flash, {needs.cycles:,} cycles"
    )
    return Dot(x, accuracy, words, chosen)


def _space(outcome: Outcome) -> str:
    """Return, for each choice, how often trials had each value: all first ones, and the best."""
    last = [trial for trial in outcome.trials if trial.stage in _LAST_STAGES]
    first = [trial for trial in outcome.trials if trial not in last] or last[: len(last) // 2]
    top = best(last)[: max(1, len(last) // 3)]
    rows = []
    for choices in (outcome.space.outer, outcome.space.inner):
        for name, values in choices.values.items():
            if len(values) > 1:
                chosen = str(outcome.found.trial.config[name])
                rows.append((name, *(_counted(name, some) for some in (first, top)), chosen))
    return _table(("choice", "first stage", "best third of the last stage", "chosen"), rows)


def _counted(name: str, trials: Sequence[Trial]) -> str:
    found = Counter(str(trial.config[name]) for trial in trials)
    return ", ".join(f"{value} ({count})" for value, count in sorted(found.items()))


def _record(outcome: Outcome) -> list[tuple[str, str]]:
    found, memory = outcome.found, outcome.found.record.memory
    return [
        ("verdict", found.record.check.verdict.upper()),
        ("accuracy in float", f"{found.floating:.2%} of {found.images:,} images"),
        ("accuracy in integers", f"{found.integer:.2%} of {found.images:,} images"),
        ("peak RAM", f"{memory.peak_ram:,} bytes"),
        ("flash", f"{memory.flash:,} bytes"),
        *((f"cycles, {one.column}", f"{one.value:,}") for one in found.record.cycles),
        ("RAM by MCUFormer's rule (eq. 5)", f"{found.trial.resources.paper_ram:,} bytes"),
    ]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    names = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    return f"<table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table>"
