"""Networks of the papers' spaces, whole: they answer right within less than the papers' figures."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from tinyrig.generator.options import ALL, Optimize
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.models.case import resolve
from tinyrig.suite.rig.run import RunOptions, run_case
from tinyrig.suite.toolchain.toolchain import load_toolchain

pytestmark = pytest.mark.end_to_end

_FLASH = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Bytes of RAM, and of the chip's own flash where all must lie there; seconds on the board.

    Plans are those of least RAM where that is told, `tables` the most of weights and tables; the
    image is `streamed` where that is told.
    """

    board: str
    ram: int
    flash: int | None = None
    seconds: float | None = None
    optimize: Optimize = "balanced"
    tables: int = 0
    streamed: bool = False


LIMITS = {
    "tinyformer-300k": Limits("stm32f746", 80_000, _FLASH, 0.30, "ram"),
    # With wide weights, which are as small in RAM, it would move to the external flash.
    "tinyformer-120k": Limits("stm32f746", 50_000, _FLASH, 0.30, "ram", 940_000),
    "mcuformer-f427": Limits("stm32f427", 218_000 * 3 // 4, streamed=True),
    "mcuformer-f746": Limits("stm32f746", 319_000 * 3 // 4),
    "mcuformer-h743": Limits("stm32h743", 505_000 * 3 // 4),
}


@pytest.mark.parametrize("name", LIMITS)
def test_it_matches_within_its_limits(name: str) -> None:
    limits, case = LIMITS[name], resolve(name, {})
    board, tools = load_board(limits.board), load_toolchain("zig")
    options = RunOptions(
        replace(
            ALL,
            optimize=limits.optimize,
            max_flash=limits.tables,
            input_streaming=limits.streamed,
        )
    )
    record = run_case(
        case, board, backend("embedded"), tools, case.samples(1), options, lambda _: None
    ).record
    assert record.check.verdict == "match"
    memory = record.memory
    assert memory.peak_ram <= limits.ram
    if limits.flash is not None:
        assert memory.flash <= limits.flash and not memory.external_flash
    else:
        assert memory.external_flash
    if limits.seconds is not None:
        (cycles,) = (one.value for one in record.cycles if one.column == "modelled, board")
        point = board.operating_point
        assert point is not None
        assert cycles <= limits.seconds * point.clock_mhz * 1e6
