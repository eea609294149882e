"""QEMU's system emulator, on the machine that has the board's memory map."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tinyrig.generator.errors import (
    BrokenRunError,
    BuildError,
    FaultError,
    FirmwareTimeoutError,
    MissingToolError,
)
from tinyrig.generator.planning.board_tools import Qemu
from tinyrig.suite.backends.boot import Booting, Order, Ran
from tinyrig.suite.backends.capabilities import Capabilities
from tinyrig.suite.backends.outcome import (
    UART_CAPACITY,
    budget_error,
    check_counts,
    order_error,
    raise_fault,
    read_transcript,
    too_much_output,
)
from tinyrig.suite.backends.process import Ending, Finished, run_until
from tinyrig.suite.backends.qemu_counts import Counts, Stop, plugin_arguments, read_counts
from tinyrig.suite.backends.qemu_debug import ARGUMENTS, DebugCounter
from tinyrig.suite.backends.sample import elf_with_sample
from tinyrig.suite.toolchain import Image

CAPABILITIES = Capabilities(
    name="qemu",
    purpose="--backend qemu",
    install="sudo apt-get install qemu-system-arm",
    runs=lambda board: board.qemu is not None,
)
_PROGRAM = "qemu-system-arm"
_SLOWEST = 20_000_000
"""Instructions a second QEMU surely reaches; only firmware that sleeps takes longer."""

_START_SECONDS = 30.0


@dataclass(frozen=True)
class QemuBackend(Booting):
    """Runs an image in `qemu-system-arm`; counts with a plugin of our own.

    Without a plugin (no compiler, or a QEMU built without plugins) it runs under `-icount` and
    stops at the markers to ask for QEMU's own count: the same numbers, several times slower.
    """

    program: str
    version: str
    name: str = CAPABILITIES.name
    capabilities: Capabilities = CAPABILITIES

    def boot(self, order: Order) -> Ran:
        """Run until QEMU ends."""
        image, budget, machine = order.image, order.budget, order.board.qemu
        assert machine is not None
        with tempfile.TemporaryDirectory(prefix="tinyrig-qemu-") as name:
            folder = Path(name)
            (folder / "firmware.elf").write_bytes(elf_with_sample(image, order.sample))
            uart = folder / "uart.txt"
            plugin = self._plugin(folder, image, budget)
            debugger = None if plugin else DebugCounter(folder, image, budget)
            try:
                finished = run_until(
                    self._command(machine, plugin or ARGUMENTS),
                    folder,
                    seconds=_START_SECONDS + budget / _SLOWEST,
                    done=lambda: _too_long(uart) or (debugger is not None and debugger.step()),
                )
            finally:
                if debugger is not None:
                    debugger.close()
            raw = uart.read_bytes() if uart.is_file() else b""
            counts = debugger.counts() if debugger is not None else read_counts(folder)
        if counts is None or counts.stop is not Stop.HALTED:
            raise _broken(image, raw, finished, counts, budget)
        transcript = read_transcript(raw, image)
        check_counts(transcript, counts.regions_ended, counts.regions, counts.steps)
        return Ran(
            transcript,
            instructions=counts.regions[0],
            step_instructions=counts.steps[0],
            total_instructions=counts.executed,
        )

    def _plugin(self, folder: Path, image: Image, budget: int) -> list[str]:
        """Return QEMU's arguments for a counting plugin; none when there can be no plugin."""
        if not has_plugins(self.program):
            return []
        release = tuple(map(int, re.findall(r"\d+", self.version)[:2]))
        try:
            return plugin_arguments(folder, image, budget, release)
        except (BuildError, MissingToolError):
            return []

    def _command(self, machine: Qemu, counting: Sequence[str]) -> list[str]:
        before = ["-serial", "null"] * machine.serial
        return [
            self.program,
            *("-M", machine.machine),
            *("-display", "none", "-monitor", "none", "-nic", "none", "-no-user-config"),
            *(*before, "-serial", "file:uart.txt"),
            *("-kernel", "firmware.elf"),
            *counting,
        ]


def load() -> QemuBackend:
    """Return the backend; MissingToolError when QEMU is not on PATH."""
    program = shutil.which(_PROGRAM)
    if program is None:
        raise CAPABILITIES.missing(f"{_PROGRAM} is not on PATH")
    return QemuBackend(program, _version(program))


@functools.cache
def _version(program: str) -> str:
    said = _ask(program, "--version")
    match = re.search(r"version (\d+(?:\.\d+)+)", said)
    if match is None:
        raise CAPABILITIES.missing(f"{program} does not tell its version: {said[:200]!r}")
    return match[1]


@functools.cache
def has_plugins(program: str) -> bool:
    """Tell whether a QEMU was built to take plugins."""
    return "-plugin" in _ask(program, "--help")


def _ask(program: str, question: str) -> str:
    try:
        done = subprocess.run(
            [program, question], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CAPABILITIES.missing(f"{program} {question} cannot be run: {error}") from error
    return done.stdout


def _too_long(uart: Path) -> bool:
    """Tell whether the firmware has said more than it may."""
    return uart.is_file() and uart.stat().st_size > UART_CAPACITY


def _broken(
    image: Image, raw: bytes, finished: Finished, counts: Counts | None, budget: int
) -> BrokenRunError:
    """Return the error a run that did not reach its halt stands for."""
    if counts is not None and counts.stop is Stop.BUDGET_SPENT:
        return budget_error(image, budget, counts.address)
    if counts is not None:
        return order_error(image, counts.address)
    raise_fault(raw, image)
    if len(raw) > UART_CAPACITY:
        return too_much_output()
    if finished.ending is Ending.TIMEOUT:
        return FirmwareTimeoutError(
            f"The firmware neither ended nor used up {budget} instructions in QEMU: it sleeps."
        )
    if match := re.search(r"^R12=.* R15=([0-9a-f]{8})", finished.messages, re.MULTILINE):
        return FaultError(
            f"The core locked up in {image.locate(int(match[1], 16))}:\n{finished.tail()}"
        )
    return BrokenRunError(
        f"QEMU ended with code {finished.code} before the firmware did:\n{finished.tail()}"
    )
