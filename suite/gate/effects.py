"""How much each cause adds to each figure of one job, and where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tinyrig.suite.gate.causes import Cause, Pair
from tinyrig.suite.gate.frames import frame_bytes
from tinyrig.suite.gate.metrics import CYCLES, Metric
from tinyrig.suite.gate.side import Cell, CellKey, RoutineKey
from tinyrig.suite.records.record import Record


@dataclass(frozen=True)
class Effect:
    """A cause adds `amount` to a metric: in a layer and function, in a function, or anywhere.

    Of a metric that cannot be shared out among causes, like the output error, the amount is
    None.
    """

    metric: Metric
    cause: Cause
    amount: float | None
    layer: str | None = None
    routine: RoutineKey | None = None


def effects_on(pair: Pair, metric: Metric) -> tuple[Effect, ...]:
    """Return what moved a metric that differs; best explained first, never empty."""
    found = {
        "instructions": lambda: _of_code(pair, metric),
        "cycles": lambda: _of_code(pair, metric),
        "cycles_simulated": lambda: _of_code(pair, metric),
        "cycles_measured": lambda: _of_code(pair, metric),
        "stack": lambda: _of_stack(pair, metric),
        "flash": lambda: _of_flash(pair, metric),
        "external_flash": lambda: _of_tables(pair, metric),
        "arena": lambda: _of_arena(pair, metric),
        "peak_ram": lambda: _of_peak(pair),
    }.get(metric, lambda: iter(()))()
    return tuple(found) or tuple(_anything(pair, metric))


def _of_code(pair: Pair, metric: Metric) -> Iterator[Effect]:
    """Share out what every function does for every layer, or, not known, every layer's figure."""
    profiled = metric in ("instructions", "cycles") and pair.base.blocks and pair.head.blocks
    if not profiled:
        yield from _of_layers(pair, metric)
        return
    for cell in pair.base.cells.keys() | pair.head.cells.keys():
        amount = _figure(pair.head.cells.get(cell), metric) - _figure(
            pair.base.cells.get(cell), metric
        )
        if amount:
            yield Effect(metric, pair.cause_of_cell(cell), amount, *cell)


def _of_layers(pair: Pair, metric: Metric) -> Iterator[Effect]:
    """Share out the layers' own figures: what a lane gives that does not profile."""
    old, new = (layer_figures(side.record, metric) for side in (pair.base, pair.head))
    for name in dict.fromkeys([*old, *new]):
        amount = new.get(name, 0) - old.get(name, 0)
        if amount:
            yield Effect(metric, pair.cause_of_layer(name), amount, name)


def layer_figures(record: Record, metric: Metric) -> dict[str, int]:
    """Return the layers' instructions, or their cycles of one source, where they are known."""
    found: dict[str, int] = {}
    for layer in record.layers:
        counts = [c.value for c in layer.cycles if CYCLES.get(c.column) == metric]
        if metric == "instructions" and layer.instructions is not None:
            counts = [layer.instructions]
        if counts:
            found[layer.name] = counts[0]
    return found


def _figure(cell: Cell | None, metric: Metric) -> float:
    if cell is None:
        return 0.0
    return cell.instructions if metric == "instructions" else cell.cycles


def _of_stack(pair: Pair, metric: Metric) -> Iterator[Effect]:
    """Name the executed functions whose frames differ; which of them add up is not known."""
    executed = {key for _, key in pair.head.cells}
    for key in sorted(executed):
        sizes = [
            max((frame_bytes(listing) for listing in side.listings(key)), default=0)
            for side in (pair.base, pair.head)
        ]
        if sizes[0] != sizes[1] and not pair.same_code(key):
            yield Effect(metric, pair.cause_of_routine(key), sizes[1] - sizes[0], None, key)


def _of_flash(pair: Pair, metric: Metric) -> Iterator[Effect]:
    old, new = pair.base.product, pair.head.product
    sizes = [
        {(routine.name, routine.file): routine.size for routine in symbols.routines}
        for symbols in (old, new)
    ]
    for key in sorted(sizes[0].keys() | sizes[1].keys()):
        amount = sizes[1].get(key, 0) - sizes[0].get(key, 0)
        if amount:
            yield Effect(metric, pair.cause_of_routine(key), amount, None, key)
    yield from _of_tables(pair, metric)


def _of_tables(pair: Pair, metric: Metric) -> Iterator[Effect]:
    amount = sum(table.size for table in pair.head.evidence.tables) - sum(
        table.size for table in pair.base.evidence.tables
    )
    if amount:
        yield Effect(metric, pair.cause_of_tables or pair.cause_of_generated, amount)


def _of_arena(pair: Pair, metric: Metric) -> Iterator[Effect]:
    amount = pair.head.record.memory.arena - pair.base.record.memory.arena
    if amount:
        yield Effect(metric, pair.cause_of_generated, amount)


def _of_peak(pair: Pair) -> Iterator[Effect]:
    yield from _of_arena(pair, "peak_ram")
    old, new = pair.base.record.memory, pair.head.record.memory
    if old.stack != new.stack:
        yield from _of_stack(pair, "peak_ram")
    rest = new.static - old.static
    for copied in pair.copies:
        yield Effect("peak_ram", copied.cause, copied.after - copied.before)
        rest -= copied.after - copied.before
    if rest:
        cause = next(iter(_anything(pair, "peak_ram"))).cause
        yield Effect("peak_ram", cause, rest)


def _anything(pair: Pair, metric: Metric) -> Iterator[Effect]:
    """Name what changed at all, where no share can be told."""
    for cause, cell in pair.changes.items():
        yield Effect(metric, cause, None, *(cell or (None, None)))


def changed_cells(pair: Pair, cause: Cause) -> list[tuple[CellKey, Cell, Cell]]:
    """Return the cells a cause moved, before and after, most cycles (or instructions) first."""
    found = []
    for cell in pair.base.cells.keys() | pair.head.cells.keys():
        old, new = pair.base.cells.get(cell, Cell()), pair.head.cells.get(cell, Cell())
        if old != new and pair.cause_of_cell(cell) == cause:
            found.append((cell, old, new))
    return sorted(found, key=lambda entry: (-_moved(entry[1], entry[2]), entry[0]))


def _moved(old: Cell, new: Cell) -> float:
    return abs(new.cycles - old.cycles) or abs(new.instructions - old.instructions)
