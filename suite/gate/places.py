"""The functions, layers or tables that make a figure worse, before and after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tinyrig.suite.gate.causes import Cause, Pair
from tinyrig.suite.gate.effects import Effect, changed_cells, layer_figures
from tinyrig.suite.gate.frames import frame_bytes
from tinyrig.suite.gate.metrics import Metric
from tinyrig.suite.gate.report import Place
from tinyrig.suite.gate.side import RoutineKey, Side

_FLASH = frozenset(("flash", "external_flash"))
_STACK = frozenset(("stack", "peak_ram"))


def places(cause: Cause, pair: Pair, metric: Metric, effects: Sequence[Effect]) -> list[Place]:
    """Return where a cause made a metric worse, given its effects; most changed first."""
    ram = [*_sizes(pair, metric, effects)] if metric in _STACK else []
    if metric == "peak_ram":
        ram += _copies(cause, pair)
    if metric in _FLASH:
        found = [*_sizes(pair, metric, effects), *_tables(pair, effects)]
    elif ram:
        found = ram
    elif any(effect.layer and effect.routine is None for effect in effects):
        found = list(_layers(pair, metric, effects))
    else:
        return list(_cells(cause, pair, metric))
    return sorted(found, key=lambda place: -abs(place.after - place.before))


def _cells(cause: Cause, pair: Pair, metric: Metric) -> Iterator[Place]:
    for (layer, key), old, new in changed_cells(pair, cause):
        counted = metric == "instructions" or not (old.cycles or new.cycles)
        yield Place(
            layer=layer,
            kernel=pair.head.kernel(layer),
            function=key[0],
            file=key[1],
            unit="instructions" if counted else "cycles",
            before=old.instructions if counted else old.cycles,
            after=new.instructions if counted else new.cycles,
        )


def _layers(pair: Pair, metric: Metric, effects: Sequence[Effect]) -> Iterator[Place]:
    """Yield the layers of a lane that tells no functions: each stands for its kernel."""
    old, new = (layer_figures(side.record, metric) for side in (pair.base, pair.head))
    for effect in effects:
        layer = effect.layer or ""
        kernel = pair.head.kernel(layer) or ""
        yield Place(
            layer=layer,
            kernel=kernel,
            function=kernel,
            file=f"{kernel}.c",
            unit="instructions" if metric == "instructions" else "cycles",
            before=old.get(layer, 0),
            after=new.get(layer, 0),
        )


def _sizes(pair: Pair, metric: Metric, effects: Sequence[Effect]) -> Iterator[Place]:
    """Yield functions by the bytes of flash, or of stack, they take themselves."""
    flash = metric in _FLASH
    for effect in effects:
        if effect.routine is None:
            continue
        before, after = (
            _code_bytes(side, effect.routine) if flash else _frame(side, effect.routine)
            for side in (pair.base, pair.head)
        )
        yield Place(
            layer=None,
            kernel=None,
            function=effect.routine[0],
            file=effect.routine[1],
            unit="bytes of flash" if flash else "bytes of stack",
            before=before,
            after=after,
        )


def _tables(pair: Pair, effects: Sequence[Effect]) -> Iterator[Place]:
    """Yield the bytes of weights and of tables, where they differ by this cause."""
    if all(effect.routine for effect in effects):
        return
    for kind in ("weights", "tables"):
        before, after = (
            sum(table.size for table in side.evidence.tables if table.kind == kind)
            for side in (pair.base, pair.head)
        )
        if before != after:
            yield Place(
                layer=None,
                kernel=None,
                function=kind,
                file="",
                unit="bytes of flash",
                before=before,
                after=after,
            )


def _copies(cause: Cause, pair: Pair) -> Iterator[Place]:
    """Yield what start copies to RAM, where other bytes of it are by this cause."""
    for copied in pair.copies:
        if copied.cause == cause:
            yield Place(
                layer=None,
                kernel=None,
                function=copied.what,
                file="",
                unit="bytes copied to RAM",
                before=copied.before,
                after=copied.after,
            )


def _code_bytes(side: Side, key: RoutineKey) -> int:
    return sum(r.size for r in side.product.routines if (r.name, r.file) == key)


def _frame(side: Side, key: RoutineKey) -> int:
    return max((frame_bytes(listing) for listing in side.listings(key)), default=0)
