"""Predicted against modelled cycles as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from tinyrig.generator.planning.costs import Fitted
from tinyrig.suite.studies.costs.check import CHOICE_BAND, Choice, NetworkCost

_SHOWN = 8


def fitted_table(core: str, costs: Mapping[str, Fitted]) -> RenderableType:
    """Return how far each kernel's terms are from what was modelled."""
    table = Table(title=f"{core}: costs of kernels", title_justify="left")
    table.add_column("kernel")
    for name in ("calls", "terms", "mean off", "worst off"):
        table.add_column(name, justify="right")
    for name, one in costs.items():
        far = (f"{one.mean:.1f} %", f"{one.worst:.1f} %")
        table.add_row(name, str(one.points), str(len(one.terms)), *far)
    return table


def networks_table(found: Sequence[NetworkCost]) -> RenderableType:
    """Return each network's prediction, and its large layer that is farthest off."""
    table = Table(title="predicted against modelled cycles", title_justify="left")
    for name in ("model", "board"):
        table.add_column(name)
    table.add_column("network", justify="right")
    table.add_column("layer", justify="right")
    for name in ("farthest off", "its kernel"):
        table.add_column(name)
    for one in found:
        worst = one.worst
        off = (f"{one.off:+.1f} %", f"{worst.off:+.1f} %")
        table.add_row(one.model, one.board, *off, worst.name, worst.kernel)
    return table


def outside_text(misses: Sequence[str]) -> RenderableType:
    """Return what is outside its band, a line each."""
    if not misses:
        return Text("All within their bands.")
    return Text("\n".join((f"Outside their bands: {len(misses)}", *misses)))


def choices_table(board: str, found: Sequence[Choice]) -> RenderableType:
    """Return the choices that lost most."""
    good = sum(one.lost <= CHOICE_BAND for one in found)
    near = f"{CHOICE_BAND:g} %"
    title = f"{board}: {good} of {len(found)} random calls within {near} of the best kernel"
    table = Table(title=title, title_justify="left")
    for name in ("operator", "taken", "best"):
        table.add_column(name)
    table.add_column("lost", justify="right")
    for one in sorted(found, key=lambda one: -one.lost)[:_SHOWN]:
        table.add_row(one.op, one.taken, one.best, f"{one.lost:.1f} %")
    return table
