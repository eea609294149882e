"""Print a gate's causes as annotations of GitHub Actions: one on every changed file of the clone.

usage: python annotate.py GATE.json
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from gate_markdown import ROOT, read_report

from tinyrig.generator.errors import InputError
from tinyrig.suite.gate.phrases import reach
from tinyrig.suite.gate.report import GateReport
from tinyrig.suite.process.failures import guarded

MOST = 10
"""GitHub shows ten annotations a step."""


def annotation_lines(report: GateReport) -> Iterator[str]:
    """Yield one line a changed file, those of the worst cause first."""
    level = "notice" if report.passed else "warning"
    seen: set[str] = set()
    for cause in report.causes:
        for file in cause.files:
            if file not in seen and (ROOT / file).is_file():
                seen.add(file)
                place = f"file={_value(file)},title={_value(cause.title)}"
                yield f"::{level} {place}::{_message(reach(cause))}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _value(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")


def main(words: list[str]) -> None:
    """Print the annotations of the answer the command line names."""
    if len(words) != 1:
        raise InputError("Name one file: the answer of `tinyrig gate --format json`.")
    for line in list(annotation_lines(read_report(Path(words[0]))))[:MOST]:
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    guarded("annotate.py", main)
