"""What a study of one boot begins with: the firmware, its first sample, and its budget."""

from __future__ import annotations

from dataclasses import dataclass

from tinyrig.generator.planning.board import Board
from tinyrig.suite.backends.interface import Backend
from tinyrig.suite.models.case import Case
from tinyrig.suite.rig.firmware import Firmware
from tinyrig.suite.rig.measuring import Progress
from tinyrig.suite.rig.run import RunOptions, firmware_of
from tinyrig.suite.rig.verdict import sample_bytes
from tinyrig.suite.toolchain.toolchain import Toolchain


@dataclass(frozen=True)
class OneBoot:
    """A case's firmware, the bytes of its first sample, and the instructions a boot may take."""

    firmware: Firmware
    sample: bytes
    budget: int


def one_boot(
    case: Case,
    board: Board,
    backend: Backend,
    toolchain: Toolchain,
    options: RunOptions,
    progress: Progress,
) -> OneBoot:
    """Generate and build a case for one boot; see `firmware_of` for what is raised."""
    progress("generating and compiling")
    firmware = firmware_of(case, board, toolchain, options)
    sample = sample_bytes(firmware.plan.graph, case.samples(1)[0])
    return OneBoot(firmware, sample, options.budget_for(firmware.plan.graph.macs(), backend))
