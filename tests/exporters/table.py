"""What a run found: a table of exporters and verdicts, and every graph as a row of CSV."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from exporters.judge import REFUSED, RUNS, UNMADE, WRONG

SKIPPED = "skipped"
_VERDICTS = (RUNS, REFUSED, WRONG, UNMADE, SKIPPED)


@dataclass(frozen=True)
class Row:
    """A graph: whose it is, what became of it, and the words or figures that say so."""

    exporter: str
    graph: str
    verdict: str
    seconds: float
    words: str


def table(rows: Sequence[Row]) -> str:
    """Return the counts of each exporter, and below them all."""
    counts = {row.exporter: Counter[str]() for row in rows}
    for row in rows:
        counts[row.exporter][row.verdict] += 1
    total = sum(counts.values(), Counter[str]())
    lines = [("exporter", "graphs", *_VERDICTS)]
    lines += [
        (name, str(found.total()), *(str(found[verdict]) for verdict in _VERDICTS))
        for name, found in [*counts.items(), ("all", total)]
    ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if at else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )


def write_csv(path: Path, rows: Sequence[Row]) -> None:
    """Write every graph."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(entry.name for entry in fields(Row))
        writer.writerows(astuple(row) for row in rows)
