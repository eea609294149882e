"""Write the answer of `tinyrig gate --format json` as JUnit's XML and as SARIF beside it.

usage: python gate_reports.py GATE.json
"""

from __future__ import annotations

from pathlib import Path

from gate_markdown import read_report

from tinyrig.generator.errors import InputError
from tinyrig.suite.files.atomic import write_atomic
from tinyrig.suite.gate.junit import gate_junit
from tinyrig.suite.gate.sarif import gate_sarif
from tinyrig.suite.process.failures import guarded


def main(words: list[str]) -> None:
    """Write both files."""
    if len(words) != 1:
        raise InputError("Name one file: the answer of `tinyrig gate --format json`.")
    path = Path(words[0])
    report = read_report(path)
    write_atomic(path.with_suffix(".xml"), gate_junit(report).encode())
    write_atomic(path.with_suffix(".sarif"), gate_sarif(report).encode())


if __name__ == "__main__":
    guarded("gate_reports.py", main)
