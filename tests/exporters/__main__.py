"""Graphs of other people's exporters, each run and compared: `python -m exporters`.

Needs nothing but tinyrig[test] to run: what is not installed is skipped, with the line that
installs it. The exit code is 1 when an answer, or a refusal, is wrong.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from exporters import (
    by_aimet,
    by_brevitas,
    by_esp_ppq,
    by_nncf,
    by_onnxruntime,
    by_timm,
    by_torch,
    by_torchao,
    by_transformers,
)
from exporters.judge import RUNS, WRONG, judge
from exporters.table import SKIPPED, Row, table, write_csv

MODULES = (
    by_torch,
    by_onnxruntime,
    by_torchao,
    by_brevitas,
    by_nncf,
    by_aimet,
    by_esp_ppq,
    by_timm,
    by_transformers,
)


def main() -> int:
    """Return 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m exporters", description=__doc__)
    parser.add_argument("--only", default="", help="families and graphs whose names hold this")
    parser.add_argument("--boards", default="stm32h743", help="boards to boot, or none")
    parser.add_argument("--csv", type=Path, help="a file for a row a graph")
    given = parser.parse_args()
    boards = tuple(filter(None, given.boards.removeprefix("none").split(",")))
    rows = []
    for row in _rows(given.only, boards):
        rows.append(row)
        _say(f"{row.exporter:14} {row.graph:30} {row.verdict:8} {row.seconds:5.1f} s  {row.words}")
    if given.csv is not None:
        write_csv(given.csv, rows)
    missing = {row.exporter: row.words for row in rows if row.verdict == SKIPPED}
    _say("", table(rows), "", *(f"{name} was skipped: {why}" for name, why in missing.items()))
    verdicts = {row.verdict for row in rows}
    return 1 if WRONG in verdicts or RUNS not in verdicts else 0


def _rows(only: str, boards: tuple[str, ...]) -> Iterator[Row]:
    """Make and judge one graph after the other."""
    for family in (one for module in MODULES for one in module.families()):
        missing = family.missing()
        for name, make in family.graphs.items():
            if only not in f"{family.name}/{name}":
                continue
            if missing:
                why = f"{missing} is not installed: {family.install}"
                yield Row(family.name, name, SKIPPED, 0.0, why)
                continue
            began = time.monotonic()
            found = judge(make, boards)
            seconds = round(time.monotonic() - began, 1)
            yield Row(family.name, name, found.verdict, seconds, found.words)


def _say(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
