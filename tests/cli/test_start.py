"""What a command costs before it does anything."""

from __future__ import annotations

import subprocess
import sys

STARTED = """\
import sys
from tinyrig.suite.cli.app import application, execute
execute(["boards", "--json", "-"])
commands = {name for name in sys.modules if name.startswith("tinyrig.suite.cli.")}
application()
print(*sorted({"torch", "pandas", "scipy", "ortools", "tflite"} & set(sys.modules)))
print(*(name for name in ("listings", "run", "bench") if f"tinyrig.suite.cli.{name}" in commands))
"""


def test_no_command_waits_for_what_another_needs() -> None:
    """PyTorch alone takes longer to load than most commands to run, and commands are many."""
    done = subprocess.run(
        [sys.executable, "-c", STARTED], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-2:] == ["", "listings"]
