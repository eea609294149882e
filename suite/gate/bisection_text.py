"""What a bisection found, in words."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from tinyrig.suite.gate.bisection import Bisection
from tinyrig.suite.gate.metrics import WORDS, number
from tinyrig.suite.gate.report import GateReport
from tinyrig.suite.gate.text import cause_text


def bisection_text(found: Bisection, report: GateReport) -> RenderableType:
    """Return the commit, the step it made, the layer, and the gate's explanation of it."""
    return Group(*map(Text, _lines(found, report)), *_causes(report))


def _lines(found: Bisection, report: GateReport) -> Iterator[str]:
    metric, before, after = found.metric, found.before, found.after
    what = f"{WORDS[metric]} of {after.result.name}"
    if found.skipped:
        yield f"One of {len(found.skipped) + 1} commits made {what} worse:"
        for skipped in found.skipped:
            yield f"  {skipped.commit.label} (not measured: {skipped.reason})"
        yield f"  {after.commit.label}"
    else:
        yield f"{after.commit.label} made {what} worse:"
    step, whole = after.value - before.value, found.bad.value - found.good.value
    share = f", {step / whole:.0%} of the way from good to bad" if step != whole else ""
    yield f"  {number(metric, before.value)} -> {number(metric, after.value)}{share}"
    layers = [p.layer for cause in report.causes for p in cause.places if p.layer is not None]
    if layers:
        yield f"  Most changed layer: {layers[0]}"
    yield (
        f"  {len(found.probes)} commits measured, {found.same_firmware} of them without a boot: "
        "their firmware was known."
    )


def _causes(report: GateReport) -> Iterator[RenderableType]:
    for index, cause in enumerate(report.causes[:2], 1):
        yield from cause_text(index, cause)
