"""A real board behind a debug probe: flashed, run, read, and its cycles measured."""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from tinyrig.generator.errors import (
    BrokenRunError,
    ConnectionLostError,
    FaultError,
    FirmwareTimeoutError,
    ProtocolError,
    TinyrigError,
)
from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.board_tools import Debug
from tinyrig.suite.backends.boot import Booting, Order, Ran
from tinyrig.suite.backends.capabilities import Capabilities
from tinyrig.suite.backends.outcome import (
    REGIONS,
    UART_CAPACITY,
    order_error,
    read_transcript,
    too_much_output,
)
from tinyrig.suite.backends.probe_lock import probe_lock
from tinyrig.suite.backends.probes import INSTALL, Probe, choose_probe, need_probes
from tinyrig.suite.backends.sample import elf_with_sample
from tinyrig.suite.backends.transcript import Transcript, has_ended
from tinyrig.suite.records.profile import CountedCycles
from tinyrig.suite.toolchain import Image

if TYPE_CHECKING:
    from tinyrig.suite.backends.board_output import BoardOutput
    from tinyrig.suite.backends.debug_link import DebugLink

CAPABILITIES = Capabilities(
    name="pyocd",
    purpose="--backend pyocd",
    install=INSTALL,
    runs=lambda board: board.debug is not None,
    counts=False,
    cycles="measured",
    hardware=True,
)
POWER_VARIABLE = "TINYRIG_POWER_CYCLE"
"""A command that switches the board off and on, run before a second and third attempt."""

_ATTEMPTS = 3
_START_SECONDS = 20.0
_CYCLES_PER_INSTRUCTION = 2
"""More than the kernels take on any of the cores: the budget of a boot in time."""

_PATH = ("main", *("tr_region_begin", "tr_region_end") * REGIONS)
_HALT = "tr_halt"
_COUNTER = 1 << 32
_WRAP_SHARE = 0.9
_POLL_SECONDS = 0.002
_SETTLE_SECONDS = 0.5
_INFERENCE_PAUSE = 0.25
_BACK_SECONDS = 20.0


@dataclass(frozen=True)
class PyocdBackend(Booting):
    """Runs an image on a board; instructions are not counted, cycles are, by the chip's DWT.

    The core is stopped at the region markers and the counter read there, so the ELF is the one
    every other backend runs. `wait` is how many seconds another run may hold the probe.
    """

    version: str
    wait: float = 300.0
    name: str = CAPABILITIES.name
    capabilities: Capabilities = CAPABILITIES

    def boot(self, order: Order) -> Ran:
        """Flash, and run until the core halts.

        A lost connection and a corrupt transcript are tried again, connecting under reset and,
        where `TINYRIG_POWER_CYCLE` says how, with the power switched.
        """
        board, debug = order.board, order.board.debug
        assert debug is not None
        elf = elf_with_sample(order.image, order.sample)
        probe = choose_probe(board.name)
        with probe_lock(probe.unique_id, wait=self.wait):
            for attempt in range(1, _ATTEMPTS + 1):
                try:
                    boot = _Boot(order.image, board, debug, elf, order.budget)
                    transcript = boot.run(probe, under_reset=attempt > 1)
                    break
                except (ConnectionLostError, ProtocolError) as error:
                    if attempt == _ATTEMPTS:
                        raise type(error)(f"{error} Tried {_ATTEMPTS} times.") from error
                probe = _revived(board.name)
        return Ran(transcript, cycles=boot.cycles(transcript))


class _Boot:
    """One attempt: the stops on the way, and what was said."""

    def __init__(self, image: Image, board: Board, debug: Debug, elf: bytes, budget: int) -> None:
        self._image = image
        self._board = board
        self._debug = debug
        self._elf = elf
        self._seconds = _START_SECONDS + budget * _CYCLES_PER_INSTRUCTION / board.clock_hz
        self._raw = bytearray()
        self._stamps: list[int] = []
        self._slowest = 0.0

    def run(self, probe: Probe, *, under_reset: bool) -> Transcript:
        """Flash, run to the halt and return what the firmware reported."""
        # These need pyOCD and pyserial.
        from tinyrig.suite.backends.board_output import board_output, settle
        from tinyrig.suite.backends.debug_link import DebugLink

        with DebugLink(probe, self._board, self._debug, under_reset=under_reset) as link:
            link.check_chip()
            link.program(self._image, self._elf)
            link.reset()
            with board_output(link, self._image, self._board, probe.unique_id) as output:
                self._follow(link, output)
                if not has_ended(bytes(self._raw)):
                    settle(output, self._raw, _SETTLE_SECONDS)
        transcript = read_transcript(bytes(self._raw), self._image)
        if len(self._stamps) != 2 * REGIONS:
            raise ProtocolError(
                f"The firmware reached {len(self._stamps)} region markers, not {2 * REGIONS}."
            )
        return transcript

    def cycles(self, transcript: Transcript) -> CountedCycles | None:
        """Return the cycles of the slower inference; None when the counter cannot tell."""
        spans = [
            (end - begin) % _COUNTER
            for begin, end in zip(self._stamps[::2], self._stamps[1::2], strict=True)
        ]
        if not min(spans) or self._slowest * self._board.clock_hz > _WRAP_SHARE * _COUNTER:
            return None
        return CountedCycles(
            source="measured",
            model="DWT",
            total=max(spans),
            by_step=tuple(step.ticks for step in transcript.steps),
            error_percent=round(100 * (max(spans) - min(spans)) / max(spans), 3),
            memory="board",
        )

    def _follow(self, link: DebugLink, output: BoardOutput) -> None:
        """Run from stop to stop; a firmware that reports a fault comes to the halt early."""
        halt = self._image.address(_HALT)
        deadline = time.monotonic() + self._seconds
        for name in (*_PATH, _HALT):
            wanted = self._image.address(name)
            began = time.monotonic()
            link.run_to(sorted({wanted, halt}))
            # An inference says nothing, and reading through the probe would slow it.
            pause = _INFERENCE_PAUSE if name == "tr_region_end" else 0.0
            self._wait(link, output if name != _PATH[0] else None, deadline, pause)
            locked_up = link.halt()  # a core in lock-up tells no register before
            registers = link.registers()
            place = registers["pc"]
            if locked_up or place not in (wanted, halt):
                raise _stopped(self._image, registers, locked_up=locked_up)
            if place == halt:
                return
            if name == _PATH[0]:
                output.start()
            else:
                self._stamps.append(link.cycles())
                self._slowest = max(self._slowest, time.monotonic() - began)
        raise order_error(self._image, halt)

    def _wait(
        self, link: DebugLink, output: BoardOutput | None, deadline: float, pause: float
    ) -> None:
        """Wait for the core to stop, reading what it says, at most once a pause of seconds."""
        silent_until = time.monotonic() + pause
        while not link.halted():
            data = b""
            if output is not None and time.monotonic() >= silent_until:
                data = output.read()
                silent_until = time.monotonic() + pause
            self._raw += data
            if len(self._raw) > UART_CAPACITY:
                raise too_much_output()
            if time.monotonic() > deadline:
                link.halt()
                place = self._image.locate(link.registers()["pc"])
                raise FirmwareTimeoutError(
                    f"The firmware did not end within {self._seconds:.0f} s; it was at {place}."
                )
            if not data:
                time.sleep(_POLL_SECONDS)


def load() -> PyocdBackend:
    """Return the backend; MissingToolError without any connected probe."""
    need_probes()
    return PyocdBackend(version("pyocd"))


def power_command() -> list[str]:
    """Return the words of the command that switches the board's power; none when not given."""
    return shlex.split(os.environ.get(POWER_VARIABLE, ""))


def _stopped(image: Image, registers: dict[str, int], *, locked_up: bool) -> FaultError:
    dump = " ".join(f"{name}=0x{value:08x}" for name, value in registers.items())
    how = "locked up" if locked_up else "stopped by itself"
    return FaultError(
        f"The core {how} in {image.locate(registers['pc'])}, called from "
        f"{image.locate(registers['lr'] & ~1)}. Registers: {dump}."
    )


def _revived(board: str) -> Probe:
    """Switch the board's power where a command is given, and return its probe once it is back."""
    if command := power_command():
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=60)
        except (OSError, subprocess.SubprocessError) as error:
            raise BrokenRunError(f"{POWER_VARIABLE} failed: {error}") from error
    deadline = time.monotonic() + _BACK_SECONDS
    while True:
        try:
            return choose_probe(board)
        except TinyrigError as error:
            if time.monotonic() > deadline:
                raise ConnectionLostError(f"The probe did not come back: {error}") from error
            time.sleep(0.2)
