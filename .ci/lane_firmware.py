"""Write a model's firmware, and beside it the CRC-32 of each output of the reference.

usage: python lane_firmware.py MODEL BOARD TOOLCHAIN FILE.elf
"""

from __future__ import annotations

import sys
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tinyrig.generator.planning.board import load_board
from tinyrig.suite.models.case import resolve
from tinyrig.suite.reference.executor import run_reference
from tinyrig.suite.rig.firmware import make_firmware
from tinyrig.suite.rig.verdict import quantized_inputs, sample_bytes
from tinyrig.suite.toolchain.toolchain import load_toolchain


def write_firmware(model: str, board_name: str, toolchain: str, target: Path) -> None:
    """Write `target` and `target`.answer, of the model's first seeded sample."""
    case = resolve(model, {})
    board = load_board(board_name)
    tools = load_toolchain(toolchain, board.compiler)
    sample = case.samples(1)[0]
    firmware = make_firmware(case.graph, board, tools, sample_bytes(case.graph, sample))
    answer = run_reference(firmware.plan.graph, quantized_inputs(case.graph, sample))
    target.write_bytes(firmware.clean.elf)
    crcs = [f"{zlib.crc32(codes.tobytes()):08x}\n" for codes in answer.values()]
    Path(f"{target}.answer").write_text("".join(crcs), encoding="ascii")


if __name__ == "__main__":
    write_firmware(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4]))
