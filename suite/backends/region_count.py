"""One run of a program from its begin marker to its end marker, counted and recorded."""

from __future__ import annotations

from dataclasses import dataclass, field

from tinyrig.generator.errors import BrokenRunError, InputError
from tinyrig.generator.planning.board import Board
from tinyrig.suite.backends.caches import board_caches
from tinyrig.suite.backends.code_map import code_map
from tinyrig.suite.backends.counter import Stop
from tinyrig.suite.backends.embedded import CAPABILITIES
from tinyrig.suite.backends.outcome import budget_error, need_uart
from tinyrig.suite.backends.recorder import Recorder
from tinyrig.suite.records.profile import BlockProfile
from tinyrig.suite.toolchain.image import Image


@dataclass(frozen=True)
class RegionCount:
    """Instructions from the begin marker's return to the end marker's entry, and their blocks."""

    instructions: int
    profile: BlockProfile = field(repr=False)


def count_region(image: Image, board: Board, budget: int) -> RegionCount:
    """Run a program on a board's core and return its first marked region.

    What it does behind the region is of no account. InputError when it never passes the begin
    marker; FirmwareTimeoutError or FaultError when it does not come to the end marker.
    """
    from tinyrig.suite.backends.faults import fault_error
    from tinyrig.suite.backends.machine import Machine  # needs Unicorn

    CAPABILITIES.need(board)
    need_uart(board)
    recorder = Recorder(code_map(board, image), accesses=False, caches=board_caches(board, image))
    with Machine(
        image, board, sample=None, watch=False, budget=budget, recorder=recorder
    ) as machine:
        machine.start()
        counter, profile = machine.counter, machine.profile()
        stop = Stop(counter.stop)
        if counter.regions_ended and profile is not None:
            return RegionCount(counter.region[0], profile)
        if stop is Stop.BUDGET_SPENT:
            raise budget_error(image, budget, counter.stop_address)
        if stop is Stop.PROFILE_FULL:
            raise BrokenRunError("The region has more block transitions than a profile can hold.")
        if stop in (Stop.HALTED, Stop.MARKERS_OUT_OF_ORDER):
            raise InputError("The program ends without a region: begin marker, then end marker.")
        raise fault_error(machine, image)
