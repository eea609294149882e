"""What a command costs before it does anything."""

from __future__ import annotations

import subprocess
import sys

STARTED = """\
import sys
import tinyrig.suite.cli.app
print(*sorted({"torch", "pandas", "scipy", "ortools", "tflite"} & set(sys.modules)))
"""


def test_no_command_waits_for_what_another_needs() -> None:
    """PyTorch alone takes longer to load than most commands to run."""
    done = subprocess.run(
        [sys.executable, "-c", STARTED], capture_output=True, text=True, check=True
    )
    assert done.stdout == "\n"
