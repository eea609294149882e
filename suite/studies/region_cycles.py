"""Any Cortex-M program's marked region through the counters and the cycle models."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tinyrig.generator.files import read_file
from tinyrig.generator.planning.board import Board
from tinyrig.suite.backends.region_count import count_region
from tinyrig.suite.cycles import ModelledCycles, model_cycles, with_board_memory
from tinyrig.suite.toolchain.foreign_image import Marks, read_foreign

_MOST_BYTES = 1 << 28


@dataclass(frozen=True)
class RegionCycles:
    """Exact instructions, and modelled cycles: of the core, then with the board's memory."""

    program: str
    sha256: str
    board: str
    instructions: int
    cycles: tuple[ModelledCycles, ...]


def region_cycles(path: Path, board: Board, marks: Marks, budget: int) -> RegionCycles:
    """Run an ELF to the end of its first region and model it; see `count_region` for errors."""
    image = read_foreign(read_file(path, "ELF", _MOST_BYTES), path.name, board, marks)
    counted = count_region(image, board, budget)
    core = model_cycles(counted.profile, image, board.core)
    found = [core]
    if board.operating_point is not None:
        point = board.operating_point
        found.append(with_board_memory(core, counted.profile, board.full_name, point))
    return RegionCycles(
        path.name, image.sha256, board.full_name, counted.instructions, tuple(found)
    )
