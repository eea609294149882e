"""What `tinyrig search` prints and writes."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tinyrig.suite.search.journal import Trial
from tinyrig.suite.search.run import Outcome
from tinyrig.suite.studies.accuracy.share import Share

_BEST = 8


def search_table(outcome: Outcome) -> RenderableType:
    """Return what was found, what it is made of, and the best trials."""
    return Group(_heading(outcome), _parts(outcome), _trials(outcome))


def _heading(outcome: Outcome) -> RenderableType:
    found, memory = outcome.found, outcome.found.record.memory
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column()
    misfits = sum(not trial.fits for trial in outcome.trials)
    table.add_row("trials", f"{len(outcome.trials)}, of these {misfits} over a limit")
    if outcome.analysis is not None:
        a = outcome.analysis
        words = f"{a.fitting} of {a.drawn} drawn fit, {a.accepted} of them are accepted (Alg. 1)"
        table.add_row("space", f"{words}; {a.least:,} to {a.most:,} weights")
        for name, values in outcome.advice.items():
            table.add_row("", f"eq. 1 would search {name} in {', '.join(map(str, values))}")
    good = found.record.check.verdict == "match"
    table.add_row("verdict", Text("MATCH" if good else "MISMATCH", "bold green" if good else "red"))
    for name, value in (("float", found.floating), ("integers", found.integer)):
        share = Share(round(value * found.images), found.images)
        low, high = share.interval
        words = f"{value:.2%} ({low:.2%} to {high:.2%}) of {found.images:,} test images"
        table.add_row(f"accuracy, {name}", words)
    limits = outcome.limits
    judged = found.trial.resources
    table.add_row("peak RAM", _of(memory.peak_ram, limits.ram, judged.ram))
    table.add_row("flash", _of(memory.flash, limits.flash, judged.flash))
    for cycles in found.record.cycles:
        words = _of(cycles.value, limits.cycles, judged.cycles)
        table.add_row(f"cycles, {cycles.column}", words)
    table.add_row("RAM by MCUFormer's rule", f"{judged.paper_ram:,}")
    return table


def _of(value: int, limit: int | None, judged: int) -> str:
    most = "" if limit is None else f" of {limit:,}"
    return f"{value:,}{most}  (judged {judged:,})"


def _parts(outcome: Outcome) -> RenderableType:
    table = Table(title="the network", title_justify="left")
    table.add_column("part")
    table.add_column("", overflow="fold")
    for part, words in outcome.space.words(outcome.found.trial.config):
        table.add_row(part, words)
    return table


def _trials(outcome: Outcome) -> RenderableType:
    table = Table(title="most accurate trials, by inherited weights", title_justify="left")
    for name in ("trial", "stage", "accuracy", "RAM", "flash", "cycles", "weights"):
        table.add_column(name, justify="left" if name == "stage" else "right")
    measured = [trial for trial in outcome.trials if trial.accuracy is not None]
    for trial in sorted(measured, key=lambda one: (-(one.accuracy or 0.0), one.number))[:_BEST]:
        _add(table, trial)
    return table


def _add(table: Table, trial: Trial) -> None:
    needs = trial.resources
    table.add_row(
        str(trial.number),
        trial.stage,
        f"{trial.accuracy or 0.0:.1%}",
        f"{needs.ram:,}",
        f"{needs.flash:,}",
        f"{needs.cycles:,}",
        f"{needs.weights:,}",
    )
