"""Print the answer of `tinyrig gate --format json` as Markdown.

usage: python gate_markdown.py GATE.json
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tinyrig.generator.errors import InputError  # noqa: E402
from tinyrig.suite.gate.markdown import gate_markdown  # noqa: E402
from tinyrig.suite.gate.report import SCHEMA, GateReport  # noqa: E402
from tinyrig.suite.process.failures import guarded  # noqa: E402
from tinyrig.suite.records.document import load_document  # noqa: E402

MOST_BYTES = 4 << 20


def read_report(path: Path) -> GateReport:
    """Return a gate's answer; InputError when the file is too large or is none."""
    if path.is_symlink():
        raise InputError(f"{path} is no regular file.")
    return load_document(path, "gate's answer", SCHEMA, GateReport, max_bytes=MOST_BYTES)


def main(words: list[str]) -> None:
    """Print the answer in the file the command line names."""
    if len(words) != 1:
        raise InputError("Name one file: the answer of `tinyrig gate --format json`.")
    sys.stdout.write(gate_markdown(read_report(Path(words[0]))))


if __name__ == "__main__":
    guarded("gate_markdown.py", main)
