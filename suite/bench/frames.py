"""Results as pandas frames: one row a record, and one row a layer of every record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

import pandas as pd

from tinyrig.suite.bench.folder import load_records
from tinyrig.suite.files.atomic import write_atomic
from tinyrig.suite.records.record import Column, Cycles, Record

_CYCLES: dict[Column, str] = {
    column: f"cycles_{column.replace(', ', '_')}" for column in get_args(Column)
}


def load_results(*places: Path) -> pd.DataFrame:
    """Return a frame with one row a record of results folders or single record files.

    Columns are `job` and the Record's fields by their names, flat; `cycles_modelled`,
    `cycles_modelled_board`, `cycles_simulated` and `cycles_measured` are never mixed. What a
    record lacks is missing. InputError for a place that holds no usable record.
    """
    return _frame([{"job": job, **_row(record)} for job, record in _records(places)])


def load_layers(*places: Path) -> pd.DataFrame:
    """Return a frame with one row a layer, in the order of execution, of the same places.

    `job` and `index` tell whose it is; instructions and cycles are of the checked build.
    """
    rows = [
        {
            "job": job,
            "board": record.board,
            "index": index,
            **layer.model_dump(exclude={"cycles"}),
            **_columns(layer.cycles),
        }
        for job, record in _records(places)
        for index, layer in enumerate(record.layers)
    ]
    return _frame(rows)


def save_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as CSV, empty where a value is missing, atomically."""
    write_atomic(path, frame.to_csv(index=False, lineterminator="\n").encode())


def save_json(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as a JSON array of rows, null where a value is missing, atomically."""
    write_atomic(path, f"{frame.to_json(orient='records', indent=1)}\n".encode())


def _records(places: Sequence[Path]) -> Iterator[tuple[str, Record]]:
    for place in places:
        yield from load_records(place).items()


def _frame(rows: Sequence[dict[str, object]]) -> pd.DataFrame:
    """Return rows as a frame whose whole numbers stay whole beside missing ones."""
    return pd.DataFrame(rows).convert_dtypes()


def _row(record: Record) -> dict[str, object]:
    check = record.check.model_dump(exclude={"doubt"})
    return {
        "model": record.model.name,
        "model_sha256": record.model.sha256,
        "macs": record.model.macs,
        "parameters": record.model.parameters,
        "board": record.board,
        "backend": record.backend.name,
        "backend_version": record.backend.version,
        "toolchain": record.toolchain.name,
        "toolchain_version": record.toolchain.version,
        "elf_sha256": record.elf_sha256,
        "options": " ".join(f"{key}={value}" for key, value in record.options.items()),
        **check,
        "doubt": record.check.doubt.kind if record.check.doubt else None,
        "instructions": record.instructions,
        **_columns(record.cycles),
        **record.memory.model_dump(),
        "started": record.started,
        "seconds": record.seconds,
    }


def _columns(cycles: Sequence[Cycles]) -> dict[str, int | None]:
    """Return cycles by their column, None where there are none."""
    found = {one.column: one.value for one in cycles}
    return {name: found.get(column) for column, name in _CYCLES.items()}
