"""The tables that steps read, from wherever they are named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from tinyrig.generator.planning.call import Call, Table, Value
from tinyrig.generator.planning.step import Schedule


class _Calling(Protocol):
    @property
    def calls(self) -> tuple[Call, ...]: ...


def tables_in(value: Value) -> Iterator[tuple[str, Table]]:
    """Yield every table of a parameter's value with the name of its own field."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            if isinstance(part, Table):
                yield name, part
            else:
                yield from tables_in(part)


def constants_of(schedule: Schedule, step: _Calling) -> dict[str, Table]:
    """Return the tables a step reads, by digest."""
    found = [table for call in step.calls for _, table in tables_in(call.params)]
    for view in step.calls[0].reads:
        data = schedule.storages[view.storage].data
        if data is not None:
            found.append(Table(data, "weights"))
    return {table.key(): table for table in found}


def named_tables(schedule: Schedule, steps: Sequence[_Calling]) -> dict[str, tuple[str, Table]]:
    """Return all tables by digest with their C names, in the order they are first named."""
    found: dict[str, tuple[str, Table]] = {}
    for table in _walk(schedule, steps):
        key = table.key()
        if key not in found:
            found[key] = (f"tr_{table.kind}_{len(found)}", table)
    return found


def _walk(schedule: Schedule, steps: Sequence[_Calling]) -> Iterator[Table]:
    for storage in schedule.storages.values():
        if storage.data is not None:
            yield Table(storage.data, "weights")
    for step in steps:
        for call in step.calls:
            yield from (table for _, table in tables_in(call.params))
