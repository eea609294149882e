"""A search as one page in the report's design: pictures, space, network and record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from markupsafe import Markup

from tinyrig.suite.records.grid import Grid
from tinyrig.suite.report.search_picture import Dot, cost_picture, course_picture
from tinyrig.suite.report.site.standalone import standalone_page
from tinyrig.suite.search.journal import Trial
from tinyrig.suite.search.run import Outcome
from tinyrig.suite.search.tools import best

_LAST_STAGES = ("SparseNAS", "network", "nsga2", "random")


def search_page(outcome: Outcome) -> str:
    """Return the page; every name is escaped."""
    record = outcome.found.record
    words = tuple(tuple(row) for row in outcome.space.words(outcome.found.trial.config))
    return standalone_page(
        "search.html",
        f"Search in {outcome.space.name} for {record.board}",
        # The pictures escape every name themselves.
        pictures=[Markup(picture) for picture in _pictures(outcome)],
        grids=(
            _space(outcome),
            Grid("The network", ("part", "what"), words),
            Grid("On the board", ("figure", "value"), tuple(_record(outcome))),
        ),
    )


def _pictures(outcome: Outcome) -> Iterable[str]:
    measured = [trial for trial in outcome.trials if trial.accuracy is not None]
    chosen = outcome.found.trial.number
    limits = outcome.limits
    for name, most in (("RAM", limits.ram), ("flash", limits.flash), ("cycles", limits.cycles)):
        dots = [_dot(t, getattr(t.resources, name.lower()), t.number == chosen) for t in measured]
        # The board's own limit may lie far away from all trials.
        near = most if most is not None and most <= 2 * max(dot.x for dot in dots) else None
        yield cost_picture(dots, f"accuracy by {name}", near, style="")
    course = [_dot(trial, trial.number, trial.number == chosen) for trial in measured]
    yield course_picture(course, "accuracy as trials went by", style="")


def _dot(trial: Trial, x: float, chosen: bool) -> Dot:
    needs, accuracy = trial.resources, trial.accuracy or 0.0
    words = (
        f"trial {trial.number}, {trial.stage}: {accuracy:.1%}, {needs.ram:,} bytes of RAM, "
        f"{needs.flash:,} of flash, {needs.cycles:,} cycles"
    )
    return Dot(x, accuracy, words, chosen)


def _space(outcome: Outcome) -> Grid:
    """Return, for each choice, how often trials had each value: all first ones, and the best."""
    last = [trial for trial in outcome.trials if trial.stage in _LAST_STAGES]
    first = [trial for trial in outcome.trials if trial not in last] or last[: len(last) // 2]
    top = best(last)[: max(1, len(last) // 3)]
    rows: list[tuple[str, ...]] = []
    for choices in (outcome.space.outer, outcome.space.inner):
        for name, values in choices.values.items():
            if len(values) > 1:
                chosen = str(outcome.found.trial.config[name])
                rows.append((name, *(_counted(name, some) for some in (first, top)), chosen))
    heads = ("choice", "first stage", "best third of the last stage", "chosen")
    return Grid("The space before and after", heads, tuple(rows))


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
