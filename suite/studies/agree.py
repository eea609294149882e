"""One model on every lane: the same answers everywhere, the same count for the same ELF."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from tinyrig.generator.errors import BrokenRunError, FitError, InputError, MissingToolError
from tinyrig.generator.options import ALL
from tinyrig.generator.passes.pipeline import run_passes
from tinyrig.generator.planning.board import Board, load_board
from tinyrig.suite.backends.interface import BootResult
from tinyrig.suite.backends.registry import backend, backend_names, capabilities
from tinyrig.suite.cycles import model_cycles
from tinyrig.suite.models.case import Case
from tinyrig.suite.rig.firmware import Firmware, make_firmware
from tinyrig.suite.rig.measuring import Progress
from tinyrig.suite.rig.on_host import host_answers
from tinyrig.suite.rig.verdict import quantized_inputs, sample_bytes
from tinyrig.suite.toolchain.toolchain import Toolchain, load_toolchain

REFERENCE = "pytorch"
HOST = "host"

Outputs = Mapping[str, bytes]
"""The quantized bytes of every output, by name."""


class Status(enum.Enum):
    """How a lane did."""

    SAME = "same"
    DIFFERS = "differs"
    BROKE = "broke"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Cell:
    """One lane of one model; `reason` says why it is not the same.

    `cycles` are what the lane counted, or modelled ones of its profile: then `error_percent` is
    their band.
    """

    lane: str
    status: Status
    instructions: int | None = None
    reason: str = ""
    cycles: int | None = None
    error_percent: float | None = None


@dataclass(frozen=True)
class Row:
    """One model on all lanes. `counts_agree` is of the lanes that ran the one ELF and count."""

    model: str
    cells: tuple[Cell, ...]

    @property
    def timed(self) -> Cell | None:
        """The first lane that has cycles; None when none has."""
        return next((cell for cell in self.cells if cell.cycles is not None), None)

    @property
    def counts_agree(self) -> bool:
        """Whether every lane that counts gives the same number."""
        counts = {cell.instructions for cell in self.cells if cell.instructions is not None}
        return len(counts) <= 1

    @property
    def agrees(self) -> bool:
        """Whether no lane that ran differs from another."""
        bad = (Status.DIFFERS, Status.BROKE)
        return self.counts_agree and not any(cell.status in bad for cell in self.cells)


def lane_names() -> tuple[str, ...]:
    """Return every lane: the reference, the host and the backends."""
    return (REFERENCE, HOST, *backend_names())


def check_lanes(lanes: Sequence[str]) -> None:
    """Raise InputError for a lane that does not exist."""
    for lane in lanes:
        if lane not in lane_names():
            raise InputError(f"Unknown lane {lane!r}. Known lanes: {', '.join(lane_names())}.")


def compare_lanes(
    case: Case,
    board: Board,
    toolchain: Toolchain,
    lanes: Sequence[str],
    samples: int,
    progress: Progress,
) -> Row:
    """Run seeded samples of a case on each lane; the reference always runs.

    A lane that is not installed, or has no such board, is skipped with the reason. A backend of
    its own board runs the case there, whatever the others run: only the answers are compared.
    """
    from tinyrig.suite.reference.executor import run_reference

    case = case.rewritten(ALL)
    drawn = case.samples(samples)
    graph = run_passes(case.graph, ALL)
    raw = [sample_bytes(graph, sample) for sample in drawn]
    progress(f"{case.name}: reference")
    expected: list[Outputs] = [
        {name: codes.tobytes() for name, codes in run_reference(graph, inputs).items()}
        for inputs in (quantized_inputs(graph, sample) for sample in drawn)
    ]
    firmware, unfit = _firmware(case, board, toolchain, raw[0])
    cells = [Cell(REFERENCE, Status.SAME)]
    for lane in lanes:
        if lane == REFERENCE:
            continue
        progress(f"{case.name}: {lane}")
        if lane == HOST:
            cells.append(_guarded(lane, lambda: _on_host(case, board, raw, expected)))
        elif capabilities(lane).own_board and not capabilities(lane).runs(board):
            cells.append(_guarded(lane, _own_booter(lane, case, toolchain, raw, expected)))
        elif firmware is None:
            cells.append(Cell(lane, Status.SKIPPED, reason=unfit))
        else:
            cells.append(_guarded(lane, _booter(lane, firmware, raw, expected)))
    return Row(case.name, tuple(cells))


def _firmware(
    case: Case, board: Board, toolchain: Toolchain, sample: bytes
) -> tuple[Firmware | None, str]:
    try:
        return make_firmware(case.graph, board, toolchain, sample), ""
    except FitError as error:
        return None, str(error)


def _guarded(lane: str, run: Callable[[], Cell]) -> Cell:
    """Run a lane; what keeps it from running skips it, what breaks it is told."""
    try:
        return run()
    except (MissingToolError, InputError, FitError) as error:
        return Cell(lane, Status.SKIPPED, reason=str(error))
    except BrokenRunError as error:
        return Cell(lane, Status.BROKE, reason=str(error))


def _on_host(case: Case, board: Board, raw: Sequence[bytes], expected: Sequence[Outputs]) -> Cell:
    return _judged(HOST, host_answers(case.graph, board, raw), expected, None)


def _own_booter(
    lane: str,
    case: Case,
    toolchain: Toolchain,
    raw: Sequence[bytes],
    expected: Sequence[Outputs],
) -> Callable[[], Cell]:
    """Boot on the lane's own board; another ELF, so its count stands beside nobody's."""

    def boot() -> Cell:
        backend(lane)  # before anything is compiled for it
        board = load_board(capabilities(lane).boards()[0])
        # The board's own compiler of that name: another core than the other lanes'.
        own = load_toolchain(toolchain.name, board.compiler)
        firmware = make_firmware(case.graph, board, own, raw[0])
        # Cycles of another core stand beside nobody's milliseconds either.
        cell = _booter(lane, firmware, raw, expected)()
        return replace(cell, instructions=None, cycles=None, error_percent=None)

    return boot


def _booter(
    lane: str, firmware: Firmware, raw: Sequence[bytes], expected: Sequence[Outputs]
) -> Callable[[], Cell]:
    def boot() -> Cell:
        machine = backend(lane)
        board = firmware.plan.board
        profiles = capabilities(lane).profile
        boots = [
            machine.run(firmware.clean, board, sample=sample, profile=profiles and index == 0)
            for index, sample in enumerate(raw)
        ]
        for result in boots:
            if not result.transcript.ok:
                failed = ", ".join(check.name for check in result.transcript.failed_checks())
                raise BrokenRunError(f"The firmware failed its own checks: {failed}.")
        got = [result.transcript.outputs for result in boots]
        cell = _judged(lane, got, expected, boots[0].instructions)
        cycles, band = _cycles(boots[0], firmware)
        return replace(cell, cycles=cycles, error_percent=band)

    return boot


def _cycles(boot: BootResult, firmware: Firmware) -> tuple[int | None, float | None]:
    """Return counted cycles, or modelled ones with their band; None where there are none."""
    if boot.cycles is not None:
        return boot.cycles.total, None
    if boot.profile is None:
        return None, None
    try:
        found = model_cycles(boot.profile, firmware.clean, firmware.plan.board.core)
    except InputError:
        return None, None
    return found.total, found.error_percent


def _judged(
    lane: str, got: Sequence[Outputs], expected: Sequence[Outputs], instructions: int | None
) -> Cell:
    for index, (mine, wanted) in enumerate(zip(got, expected, strict=True)):
        for name, data in wanted.items():
            if mine.get(name) != data:
                reason = f"Output {name!r} of sample {index} is not the reference's."
                return Cell(lane, Status.DIFFERS, instructions, reason)
    return Cell(lane, Status.SAME, instructions)
