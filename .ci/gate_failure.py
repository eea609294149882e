"""Print as Markdown why a gate gave no answer: the end of what its tools said.

usage: python gate_failure.py LOG
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tinyrig.suite.gate.inert import fenced
from tinyrig.suite.process.failures import guarded

MOST = 20
"""Lines that are shown."""


def main(words: list[str]) -> None:
    """Print a heading and the lines."""
    said = Path(words[0]).read_text(encoding="utf-8", errors="replace").splitlines()
    shown = fenced([line for line in said if line.strip()][-MOST:], "text")
    sys.stdout.write(f"### Tinyrig gate: no answer\n\n{shown}\n")


if __name__ == "__main__":
    guarded("gate_failure.py", main)
