"""Print the answer of `tinyrig gate --format json` as Markdown.

usage: python gate_markdown.py GATE.json
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from suite.gate.markdown import gate_markdown  # noqa: E402
from suite.gate.report import GateReport  # noqa: E402

MOST_BYTES = 4 << 20


def read_report(path: Path) -> GateReport:
    """Return a gate's answer; ValueError when the file is too large or is none."""
    if path.is_symlink() or not path.is_file():
        raise ValueError(f"{path} is no regular file.")
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise ValueError(f"{path} has {size} bytes; a gate's answer has at most {MOST_BYTES}.")
    return GateReport.model_validate_json(path.read_bytes())


if __name__ == "__main__":
    sys.stdout.write(gate_markdown(read_report(Path(sys.argv[1]))))
