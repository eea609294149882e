"""The default backend: Unicorn's Cortex-M core under the board's real memory map."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from typing import TYPE_CHECKING

from tinyrig.generator.errors import BrokenRunError
from tinyrig.generator.planning.core import load_core
from tinyrig.suite.backends.boot import Booting, Order, Ran
from tinyrig.suite.backends.caches import board_caches
from tinyrig.suite.backends.capabilities import Capabilities
from tinyrig.suite.backends.code_map import code_map
from tinyrig.suite.backends.counter import Stop
from tinyrig.suite.backends.outcome import (
    budget_error,
    check_counts,
    order_error,
    raise_fault,
    read_transcript,
    too_much_output,
)
from tinyrig.suite.backends.recorder import Recorder
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
class EmbeddedBackend(Booting):
    """Runs an image in this process; counts every instruction with a compiled hook."""

    version: str
    name: str = CAPABILITIES.name
    capabilities: Capabilities = CAPABILITIES

    def boot(self, order: Order) -> Ran:
        """Run until the core halts.

        With `watch` every access is observed: the result then tells which arena bytes were
        read, the stack's depth is that of the lowest write, and a misaligned LDM, LDRD or FPU
        load faults as on the chip (the emulator alone takes it). Tens of times slower. With
        `profile` the result tells which blocks followed which; with both, what every load did.
        """
        from tinyrig.suite.backends.machine import Machine  # needs Unicorn

        with Machine(
            order.image,
            order.board,
            sample=order.sample,
            watch=order.watch,
            budget=order.budget,
            recorder=_recorder(order) if order.profile else None,
        ) as machine:
            machine.start()
            return _ran(machine, order.image)


def load() -> EmbeddedBackend:
    """Return the backend; MissingToolError when Unicorn is not installed."""
    if find_spec("unicorn") is None:
        raise CAPABILITIES.missing("Unicorn is not installed")
    return EmbeddedBackend(version=metadata.version("unicorn"))


def _recorder(order: Order) -> Recorder:
    return Recorder(
        code_map(order.board, order.image),
        accesses=order.watch,
        caches=board_caches(order.board, order.image),
    )


def _ran(machine: Machine, image: Image) -> Ran:
    counter = machine.counter
    raw = machine.uart_output()
    _raise_unless_halted(machine, image, raw)
    transcript = read_transcript(raw, image)
    regions = tuple(counter.region)
    steps = machine.step_counts()
    check_counts(transcript, counter.regions_ended, regions, steps)
    return Ran(
        transcript,
        instructions=regions[0],
        step_instructions=steps[0],
        total_instructions=counter.executed,
        stack=int(counter.stack_top - counter.lowest_stack_write) if machine.watching else 0,
        touched=machine.touched(),
        profile=machine.profile(),
    )


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
