"""The default backend: Unicorn's Cortex-M core under the board's real memory map."""

from __future__ import annotations

import time
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from typing import TYPE_CHECKING

from tinyrig.generator.errors import BrokenRunError
from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.core import load_core
from tinyrig.suite.backends.caches import Caches
from tinyrig.suite.backends.capabilities import DEFAULT_BUDGET, Capabilities
from tinyrig.suite.backends.counter import Stop
from tinyrig.suite.backends.interface import BootResult
from tinyrig.suite.backends.outcome import (
    budget_error,
    check_counts,
    need_uart,
    order_error,
    raise_fault,
    read_transcript,
    too_much_output,
)
from tinyrig.suite.backends.recorder import Recorder
from tinyrig.suite.backends.sample import check_sample
from tinyrig.suite.backends.transcript import Transcript
from tinyrig.suite.toolchain import Image

if TYPE_CHECKING:
    from tinyrig.suite.backends.machine import Machine

CAPABILITIES = Capabilities(
    name="embedded",
    purpose="boots firmware in this process",
    install="python -m pip install unicorn==2.1.4",
    runs=lambda board: bool(load_core(board.core).unicorn),
    profile=True,
    watch=True,
    needed=True,
)


@dataclass(frozen=True)
class EmbeddedBackend:
    """Runs an image in this process; counts every instruction with a compiled hook."""

    version: str
    name: str = CAPABILITIES.name
    capabilities: Capabilities = CAPABILITIES

    def run(
        self,
        image: Image,
        board: Board,
        *,
        sample: bytes | None = None,
        watch: bool = False,
        profile: bool = False,
        budget: int = DEFAULT_BUDGET,
    ) -> BootResult:
        """Boot an image to its verdict; see `Backend.run`.

        With `watch` every access is observed: the result then tells which arena bytes were
        read, the stack's depth is that of the lowest write, and a misaligned LDM, LDRD or FPU
        load faults as on the chip (the emulator alone takes it). Tens of times slower. With
        `profile` the result tells which blocks followed which; with both, what every load did.
        """
        from tinyrig.suite.backends.machine import Machine  # needs Unicorn

        if not CAPABILITIES.runs(board):
            raise CAPABILITIES.no_board(board)
        need_uart(board)
        check_sample(image, sample)
        started = time.perf_counter()
        recorder = _recorder(board, image, accesses=watch) if profile else None
        with Machine(
            image, board, sample=sample, watch=watch, budget=budget, recorder=recorder
        ) as machine:
            machine.start()
            return self._result(machine, image, time.perf_counter() - started)

    def _result(self, machine: Machine, image: Image, seconds: float) -> BootResult:
        counter = machine.counter
        raw = machine.uart_output()
        _raise_unless_halted(machine, image, raw)
        transcript = read_transcript(raw, image)
        regions = tuple(counter.region)
        steps = machine.step_counts()
        check_counts(transcript, counter.regions_ended, regions, steps)
        return BootResult(
            backend=self.name,
            version=self.version,
            transcript=transcript,
            instructions=regions[0],
            step_instructions=steps[0],
            stack_high_water=_stack_high_water(machine, transcript),
            touched=machine.touched(),
            total_instructions=counter.executed,
            seconds=seconds,
            profile=machine.profile(),
        )


def load() -> EmbeddedBackend:
    """Return the backend; MissingToolError when Unicorn is not installed."""
    if find_spec("unicorn") is None:
        raise CAPABILITIES.missing("Unicorn is not installed")
    return EmbeddedBackend(version=metadata.version("unicorn"))


def _recorder(board: Board, image: Image, *, accesses: bool) -> Recorder:
    flash = board.flash
    return Recorder(
        code_base=flash.origin,
        code_size=flash.size,
        accesses=accesses,
        caches=Caches(board, image) if board.operating_point else None,
    )


def _stack_high_water(machine: Machine, transcript: Transcript) -> int:
    counter = machine.counter
    if machine.watching:
        return max(transcript.stack_used, int(counter.stack_top - counter.lowest_stack_write))
    return transcript.stack_used


def _raise_unless_halted(machine: Machine, image: Image, raw: bytes) -> None:
    from tinyrig.suite.backends.faults import fault_error

    counter = machine.counter
    reason = Stop(counter.stop)
    if reason is Stop.HALTED:
        return
    if reason is Stop.BUDGET_SPENT:
        raise budget_error(image, counter.budget, counter.stop_address)
    if reason is Stop.UART_FULL:
        raise too_much_output()
    if reason is Stop.PROFILE_FULL:
        raise BrokenRunError("The firmware has more block transitions than a profile can hold.")
    if reason is Stop.MARKERS_OUT_OF_ORDER:
        raise order_error(image, counter.stop_address)
    raise_fault(raw, image)
    raise fault_error(machine, image)
