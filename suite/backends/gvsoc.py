"""GVSoC, on its open targets of PULP's shape: cycles of a cluster of cores, simulated.

The firmware reads the cores' performance counters itself and reports them; what is simulated is
`pulp-open` or `siracusa`, never silicon.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from tinyrig.generator.errors import BrokenRunError, FaultError, FirmwareTimeoutError
from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.board_tools import Gvsoc
from tinyrig.suite.backends.boot import Booting, Order, Ran
from tinyrig.suite.backends.capabilities import Capabilities
from tinyrig.suite.backends.gvsoc_install import (
    BINARY,
    CONFIGURATION,
    INSTALL,
    check_install,
    configuration,
    find_gvsoc,
    gvsoc_version,
    launch,
)
from tinyrig.suite.backends.gvsoc_memory import flash_file, with_l1
from tinyrig.suite.backends.outcome import (
    REGIONS,
    UART_CAPACITY,
    check_counts,
    raise_fault,
    read_transcript,
    too_much_output,
)
from tinyrig.suite.backends.process import Ending, Finished
from tinyrig.suite.backends.sample import elf_with_sample, section_bytes
from tinyrig.suite.backends.transcript import Stalls, Transcript, Work
from tinyrig.suite.records.cycle_split import CycleSplit
from tinyrig.suite.records.profile import CountedCycles
from tinyrig.suite.toolchain import Image


def _need_target(board: Board) -> None:
    if board.gvsoc is not None:
        configuration(find_gvsoc(), board.gvsoc.target)


CAPABILITIES = Capabilities(
    name="gvsoc",
    purpose="--backend gvsoc",
    install=INSTALL,
    runs=lambda board: board.gvsoc is not None,
    splits=True,
    cycles="simulated",
    own_board=True,
    budget=400_000_000,
    ready=_need_target,
)
_START_SECONDS = 60.0
_SLOWEST = 5_000_000
"""Instructions a second GVSoC surely reaches, whatever else the machine does."""

_START_BUSY_SECONDS = 10.0
_SLOWEST_BUSY = 15_000_000
"""The same of processor time, which only GVSoC itself takes."""

_SLOWEST_BYTES = 200_000
"""Bytes of processor time that it surely copies from its flash to L3 in a second, and behind that
to L2 twice."""

_SPREAD_PERCENT = 6.0
"""How far cycles of different releases were apart."""

_OUTSIDE = re.compile(r"[^\n]*[Ii]nvalid (?:access|fetch)[^\n]*")


@dataclass(frozen=True)
class GvsocBackend(Booting):
    """Runs an image in GVSoC; counts are what the firmware read from the cores' counters."""

    program: Path
    version: str
    name: str = CAPABILITIES.name
    capabilities: Capabilities = CAPABILITIES

    def boot(self, order: Order) -> Ran:
        """Run until GVSoC ends.

        GVSoC knows no number of instructions to stop at: the budget becomes a processor time, and
        what was counted is held against it.
        """
        image, board, budget, target = order.image, order.board, order.budget, order.board.gvsoc
        assert target is not None
        text = configuration(self.program, target.target)
        l1 = board.region(board.layout.stack_region)
        with tempfile.TemporaryDirectory(prefix="tinyrig-gvsoc-") as name:
            folder = Path(name)
            (folder / BINARY).write_bytes(elf_with_sample(image, order.sample))
            (folder / CONFIGURATION).write_text(with_l1(text, l1.size), encoding="utf-8")
            if image.sizes.l3:
                behind = section_bytes(image.elf, ".tr_l3")
                (folder / flash_file(text)).write_bytes(behind)
            loading = image.sizes.l3 / _SLOWEST_BYTES
            finished = launch(
                self.program,
                folder,
                _START_SECONDS + 3 * loading + budget / _SLOWEST,
                _START_BUSY_SECONDS + loading + budget / _SLOWEST_BUSY,
                UART_CAPACITY,
            )
        raw = _own_lines(finished.messages)
        _raise_unless_ended(image, raw, finished, budget)
        transcript = read_transcript(raw, image)
        counted = sum(region.work.instructions for region in transcript.regions)
        if counted > budget:
            raise FirmwareTimeoutError(
                f"The firmware took {counted:,} instructions; the budget of a boot is {budget:,}."
            )
        return self._ran(transcript, target, board.cores)

    def _ran(self, transcript: Transcript, target: Gvsoc, cores: int) -> Ran:
        regions = transcript.regions
        steps = [tuple(step.instructions for step in region.steps) for region in regions]
        counts = [region.work.instructions for region in regions]
        if len(regions) != REGIONS:
            raise BrokenRunError(f"The firmware counted {len(regions)} inferences, not {REGIONS}.")
        check_counts(transcript, len(regions), counts, steps)
        first = regions[0]
        return Ran(
            transcript,
            instructions=first.work.instructions,
            step_instructions=steps[0],
            cycles=CountedCycles(
                source="simulated",
                model=f"GVSoC {target.target} {self.version}",
                total=first.work.cycles,
                by_step=tuple(step.cycles for step in first.steps),
                error_percent=_SPREAD_PERCENT,
                memory="board",
                splits=tuple(
                    _split(step, step.stalls, cores) for step in first.steps if step.stalls
                ),
            ),
        )


def load() -> GvsocBackend:
    """Return the backend; MissingToolError when GVSoC is not installed or runs no target."""
    program = find_gvsoc()
    check_install(program)
    return GvsocBackend(program, gvsoc_version(program))


def _split(work: Work, stalls: Stalls, cores: int) -> CycleSplit:
    """Return a step's cycles by cause; every instruction takes one."""
    known = {"compute": work.instructions, **asdict(stalls)}
    return CycleSplit.of(cores, work.cycles, known)


def _own_lines(messages: str) -> bytes:
    """Return what the firmware said, without what GVSoC says on the same stream."""
    lines = messages.split("\n")
    own = [line for line in lines if line.startswith("TR1 ")]
    whole = not own or own[-1] is not lines[-1]
    return ("\n".join(own) + ("\n" if own and whole else "")).encode("utf-8", "replace")


def _raise_unless_ended(image: Image, raw: bytes, finished: Finished, budget: int) -> None:
    """Raise the error a run that did not end by itself, and well, stands for."""
    raise_fault(raw, image)
    if finished.ending is Ending.DONE:
        raise too_much_output()
    if finished.ending is Ending.TIMEOUT:
        raise FirmwareTimeoutError(
            f"The firmware did not end in the time GVSoC has for {budget} instructions."
        )
    if outside := _OUTSIDE.search(finished.messages):
        raise FaultError(f"A core reached outside every memory: {outside[0].strip()}")
    if finished.code != 0:
        raise BrokenRunError(
            f"GVSoC ended with code {finished.code} before the firmware did:\n{finished.tail()}"
        )
