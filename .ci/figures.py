"""Print every figure of a folder of results as Markdown, beside those of a base where there is one.

usage: python figures.py HEAD [BASE]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tinyrig.generator.errors import InputError
from tinyrig.suite.bench.folder import results
from tinyrig.suite.gate.inert import inert
from tinyrig.suite.gate.metrics import METRICS, WORDS, metrics_of, number
from tinyrig.suite.process.failures import guarded
from tinyrig.suite.records.record import Record


def table(head: Path, base: Path | None) -> Iterator[str]:
    """Yield the lines of a table: a row a figure, `before` only with a base."""
    before = _records(base) if base is not None and base.is_dir() else {}
    yield "#### Figures"
    yield ""
    yield "| model | board | figure | before | now |"
    yield "|---|---|---|---:|---:|"
    for job, record in _records(head).items():
        old = metrics_of(before[job]) if job in before else {}
        new = metrics_of(record)
        for metric in METRICS:
            if metric in new:
                words = (record.model.name, record.board_name, WORDS[metric])
                values = (number(metric, old.get(metric)), number(metric, new[metric]))
                yield f"| {' | '.join(map(inert, (*words, *values)))} |"
        for cycles in record.cycles:
            if record.clock_mhz is not None:
                words = (record.model.name, record.board_name, f"milliseconds, {cycles.column}")
                shown = f"{cycles.value / record.clock_mhz / 1000:.3g}"
                yield f"| {' | '.join(map(inert, (*words, '-', shown)))} |"


def _records(folder: Path) -> Mapping[str, Record]:
    return {result.name: result.record for result in results(folder)}


def main(words: list[str]) -> None:
    """Print the table."""
    if len(words) not in (1, 2):
        raise InputError("usage: python figures.py HEAD [BASE]")
    folders = list(map(Path, words))
    sys.stdout.write("".join(f"{line}\n" for line in table(folders[0], (*folders, None)[1])))


if __name__ == "__main__":
    guarded("figures.py", main)
