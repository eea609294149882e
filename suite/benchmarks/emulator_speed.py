"""How fast the rig itself is: counted instructions a second, and a warm run.

asv reads the classes; `python -m suite.benchmarks.emulator_speed` prints them.
"""

from __future__ import annotations

import time

from rich.console import Console

from generator.planning.board import load_board
from suite.backends.registry import backend
from suite.build.toolchain import load_toolchain
from suite.firmware import make_firmware
from suite.models.case import resolve
from suite.run import RunOptions, run_case
from suite.verdict import sample_bytes

_MODEL = "eegformer"
_BOARD = "stm32f746"
_ROUNDS = 5


def _quiet(_: str) -> None:
    """Progress nobody watches."""


class EmulatorSpeed:
    """Instructions a second of the embedded backend, with counting on."""

    unit = "instructions/s"
    timeout = 300.0

    def setup(self) -> None:
        """Build the firmware and boot it once, so that the counting hook is compiled."""
        case = resolve(_MODEL, {})
        self._board = load_board(_BOARD)
        sample = sample_bytes(case.graph, case.samples(1)[0])
        self._image = make_firmware(case.graph, self._board, load_toolchain("zig"), sample).clean
        self._machine = backend("embedded")
        self._machine.run(self._image, self._board)

    def track_instructions_per_second(self) -> float:
        """Instructions of a whole boot by its processor time, the best of some boots.

        The emulator runs on one thread; other work on the machine can only slow it.
        """
        speeds = []
        for _ in range(_ROUNDS):
            started = time.process_time()
            boot = self._machine.run(self._image, self._board)
            seconds = time.process_time() - started
            assert boot.total_instructions is not None
            speeds.append(boot.total_instructions / seconds)
        return max(speeds)


class WarmRun:
    """Seconds of a whole run whose model and objects are in the cache."""

    timeout = 300.0

    def setup(self) -> None:
        """Fill the caches."""
        self.time_run()

    def time_run(self) -> None:
        """Read, plan, print, link, boot both builds and judge."""
        case = resolve(_MODEL, {})
        run_case(
            case,
            load_board(_BOARD),
            backend("embedded"),
            load_toolchain("zig"),
            case.samples(1),
            RunOptions(),
            _quiet,
        )


def main() -> None:
    """Print both figures."""
    console = Console(highlight=False)
    speed = EmulatorSpeed()
    speed.setup()
    console.print(f"emulator: {speed.track_instructions_per_second():,.0f} {speed.unit}")
    run = WarmRun()
    run.setup()
    started = time.perf_counter()
    run.time_run()
    console.print(f"warm run of {_MODEL} on {_BOARD}: {time.perf_counter() - started:.2f} s")


if __name__ == "__main__":
    main()
