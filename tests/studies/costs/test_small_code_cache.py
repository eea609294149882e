"""Loops of kernels that a code cache of 1 KB holds from one pass to the next."""

from __future__ import annotations

from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest

from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.kernels import all_kernels
from tinyrig.suite.studies.costs.fit import suits
from tinyrig.suite.studies.costs.machine import Job, KernelMachine
from tinyrig.suite.studies.costs.sweep import samples
from tinyrig.suite.studies.kernels.checking.arguments import held_call
from tinyrig.suite.studies.kernels.checking.image import build_image

_BOARD = load_board("stm32l4r5:dual-bank")


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("tr_linear_s8_w16_3x2__m4", 0.02),
        ("tr_attention_s8_w16_2x4__m4", 0.12),
        ("tr_attention_s8_pairs_kept__m4", 0.05),
    ],
)
def test_large_calls_hardly_wait_for_their_code(name: str, most: float, tmp_path: Path) -> None:
    """A loop of a few bytes more loses every line of them before it comes round."""
    kernel = next(one for one in all_kernels() if one.name == name)
    drawn = [one for one in islice(samples(kernel.op, 1), 150) if suits(kernel, one)]
    large = sorted(drawn, key=lambda one: one.call.macs)[-4:]
    assert large
    jobs = [Job(kernel, held_call(kernel, one.call), one.storages) for one in large]
    image = build_image(tmp_path, _BOARD, "zig", [kernel])
    with closing(KernelMachine(image, _BOARD.core, _BOARD.operating_point)) as machine:
        spent = machine.spent(jobs)
    assert sum(one.waits for one in spent) < most * sum(one.cycles for one in spent)
