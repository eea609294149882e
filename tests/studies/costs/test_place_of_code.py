"""Cycles of a call do not depend on where its code lies in the image."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.kernels import all_kernels
from tinyrig.suite.studies.costs.fit import suits
from tinyrig.suite.studies.costs.machine import Job, KernelMachine
from tinyrig.suite.studies.costs.sweep import samples
from tinyrig.suite.studies.kernels.checking.arguments import held_call
from tinyrig.suite.studies.kernels.checking.image import build_image, link_image
from tinyrig.suite.toolchain.toolchain import load_toolchain

_APART = 138
"""Bytes between two places: they meet the ends of pages, of words and of lines in all ways."""


@pytest.mark.parametrize("toolchain", ["zig", "gcc"])
@pytest.mark.parametrize("name", ["stm32f427", "stm32h743"])
def test_a_call_takes_the_same_wherever_its_code_lies(
    name: str, toolchain: str, tmp_path: Path
) -> None:
    board = load_board(name)
    kernel = next(one for one in all_kernels() if one.name == "tr_maxpool2d_s8__m4")
    drawn = (one for one in samples(kernel.op, 1) if suits(kernel, one))
    small = min(
        (next(drawn) for _ in range(6)),
        key=lambda one: one.storages[one.call.writes[0].storage].size,
    )
    job = Job(kernel, held_call(kernel, small.call), small.storages)
    build_image(tmp_path, board, toolchain, [kernel])
    found = set()
    for place in range(8):
        tools = load_toolchain(toolchain, board.compiler)
        image = link_image(tmp_path, board, tools, place * _APART)
        with closing(KernelMachine(image, board.core)) as machine:
            found.update(machine.cycles([job]))
    assert len(found) == 1
