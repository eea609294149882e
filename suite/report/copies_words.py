"""What a plan copies from flash to RAM at start, in words."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tinyrig.generator.planning.plan import Plan

_NOTHING = (
    "weights-in-ram: nothing is copied. The board has no operating point, no table is waited for, "
    "or none has room in the fast RAM that the arena leaves."
)
_NO_CODE = (
    "code-in-ram: no code is copied. The board has no RAM for code or no operating point, the plan "
    "is of least RAM, or no kernel has room."
)


def code_words(plan: Plan) -> RenderableType:
    """Return the copied kernels with what they cost, or why there is none."""
    code = plan.code
    if code is None:
        return Text(_NO_CODE)
    table = Table(title=f"Code copied from flash to {code.region} at start", title_justify="left")
    table.add_column("kernel", overflow="fold")
    table.add_column("called by", overflow="fold")
    for name in code.kernels:
        callers = (step.name for step in plan.steps if step.kernel.name == name)
        table.add_row(name, Text(", ".join(callers)))
    facts = f"At most {code.size:,} bytes, counted as static RAM and in flash."
    return Group(table, _with_start(facts, code.start))


def copies_words(plan: Plan) -> RenderableType:
    """Return the copied tables with what they save and cost, or why there is none."""
    copies = plan.copies
    if copies is None:
        return Text(_NOTHING)
    table = Table(title=f"Copied from flash to {copies.region} at start", title_justify="left")
    for name in ("table", "kind", "bytes", "read by"):
        table.add_column(name, justify="right" if name == "bytes" else "left", overflow="fold")
    for key, (name, values) in plan.tables.items():
        if key in copies.tables:
            readers = (s.name for i, s in enumerate(plan.steps) if key in plan.constants_of(i))
            table.add_row(name, values.kind, f"{values.values.nbytes:,}", Text(", ".join(readers)))
    facts = (
        f"{copies.size:,} bytes, counted as static RAM and in flash; an inference is estimated to "
        f"wait {copies.saved:,} cycles less."
    )
    return Group(table, _with_start(facts, copies.start))


def _with_start(facts: str, cycles: int) -> Text:
    """Return facts of a copy with what it takes at start."""
    return Text(
        f"{facts} The copy takes about {cycles:,} cycles, once after a reset, and is in no figure "
        "of an inference."
    )
