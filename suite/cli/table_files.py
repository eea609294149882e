"""What a command prints in tables, as JSON or CSV: `--json` and `--csv` of every command.

A cell is what stands in the table: whole numbers and fractions as numbers, a dash as nothing.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

_WHOLE = re.compile(r"-?\d{1,3}(,\d{3})+|-?\d+")
_FRACTION = re.compile(r"-?[\d,]*\d\.\d+")
SCHEMA = 1

Cell = str | int | float | None


@dataclass(frozen=True)
class Printed:
    """A table as it was printed: its title, and a mapping by column a row."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, Cell], ...]


def tables_of(parts: Sequence[RenderableType]) -> Iterator[Printed]:
    """Yield the tables among what is printed, those inside groups too."""
    for part in parts:
        if isinstance(part, Group):
            yield from tables_of(part.renderables)
        elif isinstance(part, Table):
            yield _printed(part)


def as_json(command: str, tables: Sequence[Printed]) -> str:
    """Return tables as one JSON document."""
    found = [{"title": one.title, "rows": [dict(row) for row in one.rows]} for one in tables]
    document = {"schema": SCHEMA, "command": command, "tables": found}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def as_csv(tables: Sequence[Printed]) -> str:
    """Return tables as one CSV; of several, a first column `table` names whose row it is."""
    columns = dict.fromkeys(name for one in tables for name in one.columns)
    several = len(tables) > 1
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*(["table"] if several else []), *columns])
    for one in tables:
        for row in one.rows:
            cells = ["" if row.get(name) is None else row[name] for name in columns]
            writer.writerow([*([one.title] if several else []), *cells])
    return text.getvalue()


def _printed(table: Table) -> Printed:
    names: list[str] = []
    for index, column in enumerate(table.columns):
        name = _plain(column.header) or ("name" if index == 0 else f"column {index + 1}")
        names.append(name if name not in names else f"{name} {index + 1}")
    cells = [list(column.cells) for column in table.columns]
    rows = tuple(
        {name: _cell(_plain(cell)) for name, cell in zip(names, row, strict=True)}
        for row in zip(*cells, strict=True)
    )
    return Printed(_plain(table.title or ""), tuple(names), rows)


def _plain(part: RenderableType) -> str:
    if isinstance(part, Text):
        return part.plain
    return Text.from_markup(part).plain if isinstance(part, str) else ""


def _cell(text: str) -> Cell:
    if text in ("", "-"):
        return None
    if _WHOLE.fullmatch(text):
        return int(text.replace(",", ""))
    return float(text.replace(",", "")) if _FRACTION.fullmatch(text) else text
