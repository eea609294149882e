"""Print how fast the rig itself is: instructions the emulator counts a second, and a warm run."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from rich.console import Console

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.benchmarks.emulator_speed import WarmRun
from tinyrig.suite.models.case import resolve
from tinyrig.suite.process.failures import guarded
from tinyrig.suite.rig.firmware import make_firmware
from tinyrig.suite.rig.verdict import sample_bytes
from tinyrig.suite.toolchain.toolchain import load_toolchain

_MODEL = "eegformer"
_BOARD = "stm32f746"
_ROUNDS = 5


def instructions_per_second() -> float:
    """Instructions of a whole boot by its processor time, with counting on, the best of some boots.

    The emulator runs on one thread; other work on the machine can only slow it. More is better,
    so asv, to which less always is, follows the time of a boot instead (`time_rig`).
    """
    case, board = resolve(_MODEL, {}), load_board(_BOARD)
    sample = sample_bytes(case.graph, case.samples(1)[0])
    image = make_firmware(case.graph, board, load_toolchain("zig"), sample).clean
    machine = backend("embedded")
    machine.run(image, board)  # compiles the counting hook
    speeds = []
    for _ in range(_ROUNDS):
        started = time.process_time()
        boot = machine.run(image, board)
        seconds = time.process_time() - started
        assert boot.total_instructions is not None
        speeds.append(boot.total_instructions / seconds)
    return max(speeds)


def main() -> None:
    """Print both figures."""
    console = Console(highlight=False)
    console.print(f"emulator: {instructions_per_second():,.0f} instructions/s")
    run = WarmRun()
    run.setup()
    started = time.perf_counter()
    run.time_run()
    console.print(f"warm run of the same: {time.perf_counter() - started:.2f} s")


if __name__ == "__main__":
    guarded("emulator_speed.py", lambda _: main())
