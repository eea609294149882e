"""Renode, on its own model of the board with an overlay of ours."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tinyrig.generator.errors import BrokenRunError, FaultError, FirmwareTimeoutError
from tinyrig.generator.planning.board import Board
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
from tinyrig.suite.backends.renode_install import (
    INSTALL,
    VERSION,
    find_renode,
    private_environment,
    renode_version,
)
from tinyrig.suite.backends.renode_script import (
    STACKS,
    RenodeEvents,
    monitor_script,
    overlay,
    read_events,
)
from tinyrig.suite.backends.renode_stacks import check_stacks, read_stacks
from tinyrig.suite.backends.sample import elf_with_sample
from tinyrig.suite.toolchain import Image

CAPABILITIES = Capabilities(
    name="renode",
    purpose="--backend renode",
    install=INSTALL,
    runs=lambda board: overlay(board.name) is not None,
    stacks=True,
)
_START_SECONDS = 120.0
_SLOWEST = 20_000_000
"""Instructions a second Renode surely reaches."""

_OUTSIDE = re.compile(
    r"\[cpu: 0x([0-9A-Fa-f]+)\][^\n]*?(Read|Write)\w+ (?:from|to) non existing peripheral "
    r"at 0x([0-9A-Fa-f]+)"
)
_ABORT = re.compile(r"CPU abort \[PC=0x([0-9A-Fa-f]+)\]: ([^\n]*)")
_STOPPED_AT = re.compile(r"^0x([0-9A-Fa-f]+)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class RenodeBackend(Booting):
    """Runs an image in Renode; counts at the region and step markers."""

    program: Path
    version: str
    name: str = CAPABILITIES.name
    capabilities: Capabilities = CAPABILITIES

    def boot(self, order: Order) -> Ran:
        """Run until Renode ends.

        With `profile` the result has the call stacks of one inference. Renode lets an access
        outside every memory pass with a warning; here it is a fault.
        """
        image, board, budget = order.image, order.board, order.budget
        with tempfile.TemporaryDirectory(prefix="tinyrig-renode-") as name:
            folder = Path(name)
            (folder / "firmware.elf").write_bytes(elf_with_sample(image, order.sample))
            script = folder / "run.resc"
            commands = monitor_script(image, board, folder, budget, stacks=order.profile)
            script.write_text(commands, encoding="utf-8")
            finished = run_until(
                [str(self.program), "--disable-xwt", "--console", "--plain", str(script)],
                folder,
                seconds=_START_SECONDS + budget / _SLOWEST,
                done=lambda: _enough(folder),
                environment=private_environment(folder),
            )
            raw = _read(folder / "uart.txt")
            events = _events(folder)
            stacks = read_stacks(_read(folder / STACKS)) if order.profile else None
        _raise_unless_halted(image, board, raw, finished, events, budget)
        transcript = read_transcript(raw, image)
        counts = events.markers
        check_counts(transcript, counts.ended, counts.regions, counts.steps)
        if stacks is not None:
            check_stacks(stacks, counts.regions[0])
        return Ran(
            transcript,
            instructions=counts.regions[0],
            step_instructions=counts.steps[0],
            total_instructions=counts.executed + 1,  # with the halt's, as other backends count
            stacks=stacks,
        )


def load() -> RenodeBackend:
    """Return the backend; MissingToolError when Renode is not installed."""
    program = find_renode()
    return RenodeBackend(program, renode_version(program))


def _read(path: Path) -> bytes:
    """Return what a file holds; nothing while Renode, which makes it anew, has taken it away."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _enough(folder: Path) -> bool:
    if len(_read(folder / "uart.txt")) > UART_CAPACITY:
        return True
    events = _events(folder)
    return events.markers.halted or events.overflow is not None or bool(events.markers.disorder)


def _events(folder: Path) -> RenodeEvents:
    return read_events(_read(folder / "events.txt").decode("ascii", "replace"))


def _raise_unless_halted(
    image: Image, board: Board, raw: bytes, finished: Finished, events: RenodeEvents, budget: int
) -> None:
    """Raise the error a run that did not reach its verdict stands for."""
    _raise_outside(image, board, finished.messages)
    if events.overflow is not None:
        written, counter = events.overflow
        raise FaultError(
            f"The stack overflowed in {image.locate(counter)}: it wrote 0x{written:08x}, in the "
            "red zone below it."
        )
    raise_fault(raw, image)
    if events.markers.disorder:
        raise order_error(image, image.address(events.markers.disorder))
    if events.markers.halted:
        return
    if match := re.search(r"Python runtime error:[^\n]*", finished.messages):
        raise BrokenRunError(f"A hook failed in Renode {VERSION}: {match[0]}")
    if len(raw) > UART_CAPACITY:
        raise too_much_output()
    if abort := _ABORT.search(finished.messages):
        place = image.locate(int(abort[1], 16))
        raise FaultError(f"The core stopped in {place}: {abort[2]}")
    if finished.ending is Ending.TIMEOUT:
        raise FirmwareTimeoutError(f"Renode did not run {budget} instructions in time.")
    if stopped := _STOPPED_AT.findall(finished.messages):
        raise budget_error(image, budget, int(stopped[-1], 16))
    raise BrokenRunError(
        f"Renode ended with code {finished.code} before the firmware did:\n{finished.tail()}"
    )


def _raise_outside(image: Image, board: Board, messages: str) -> None:
    """Raise FaultError for the first access to what is neither memory nor a register."""
    for counter, kind, address in _OUTSIDE.findall(messages):
        place = int(address, 16)
        if not any(part.origin <= place < part.end for part in board.peripherals):
            what = "read of" if kind == "Read" else "write to"
            raise FaultError(
                f"The core faulted in {image.locate(int(counter, 16))}: {what} unmapped memory "
                f"at 0x{place:08x}."
            )
