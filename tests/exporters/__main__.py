"""Graphs of other people's exporters, each run and compared: `python -m exporters`.

Needs nothing but tinyrig[test] to run: what is not installed is skipped, with the line that
installs it. The exit code is 1 when an answer, or a refusal, is wrong.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from exporters import (
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

MODULES = (
    by_torch,
    by_onnxruntime,
    by_torchao,
    by_brevitas,
    by_nncf,
    by_esp_ppq,
    by_timm,
    by_transformers,
)


def main() -> int:
    """Return 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m exporters", description=__doc__)
    parser.add_argument("--only", default="", help="families and graphs whose names hold this")
    parser.add_argument("--boards", default="stm32h743", help="boards to boot, or none")
    given = parser.parse_args()
    boards = tuple(filter(None, given.boards.removeprefix("none").split(",")))
    counts: Counter[str] = Counter()
    for family in (one for module in MODULES for one in module.families()):
        chosen = {n: m for n, m in family.graphs.items() if given.only in f"{family.name}/{n}"}
        if not chosen:
            continue
        if missing := family.missing():
            counts["skipped"] += len(chosen)
            _say(f"{family.name:14} skipped: {missing} is not installed: {family.install}")
            continue
        for name, make in chosen.items():
            began = time.monotonic()
            found = judge(make, boards)
            counts[found.verdict] += 1
            seconds = time.monotonic() - began
            _say(f"{family.name:14} {name:26} {found.verdict:8} {seconds:5.1f} s  {found.words}")
    _say(", ".join(f"{count} {verdict}" for verdict, count in counts.items()))
    return 1 if counts[WRONG] or not counts[RUNS] else 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
