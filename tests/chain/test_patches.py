"""Patch embedding over its image: tokens take the place of the rows they are made from."""

from __future__ import annotations

import pytest
from chain.boot import prove
from chain.graph_builder import GraphBuilder
from heavy import HEAVY
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Window
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.models.case import resolve
from tinyrig.suite.rig.run import RunOptions, run_case
from tinyrig.suite.toolchain.toolchain import load_toolchain


def patches(seed: int, rows: int, columns: int, size: int, channels: int, width: int) -> Graph:
    """An image as cameras deliver it, channels last, and its patches as tokens."""
    b = GraphBuilder(seed)
    image = b.input((1, rows * size, columns * size, channels))
    window = Window(kernel=(size, size), strides=(size, size))
    maps = b.conv(b.transpose(image, (0, 3, 1, 2)), width, window)
    tokens = b.transpose(b.reshape(maps, (1, width, rows * columns)), (0, 2, 1))
    return b.graph([b.linear(tokens, 3)])


@settings(max_examples=10)
@given(
    seed=st.integers(0, 999),
    rows=st.integers(1, 7),
    columns=st.integers(1, 7),
    size=st.integers(2, 5),
    channels=st.integers(1, 4),
    width=st.integers(1, 40),
)
def test_patches_are_exact_over_their_image(
    seed: int, rows: int, columns: int, size: int, channels: int, width: int
) -> None:
    prove(patches(seed, rows, columns, size, channels, width), "stm32f427")


def test_tokens_need_one_row_beside_the_image() -> None:
    rows = columns = 6
    size, channels, width = 4, 3, 24
    plan = prove(patches(1, rows, columns, size, channels, width), "stm32f427").plan
    image, row = rows * columns * size * size * channels, columns * width
    scratch = plan.steps[0].kernel.scratch_bytes(plan.steps[0].call)
    assert plan.steps[0].kernel.isa == "m4"
    assert plan.clean.size <= image + row + scratch + 32
    assert image + row <= plan.live_bytes(0) <= plan.clean.size


@pytest.mark.skipif(not HEAVY, reason="TINYRIG_HEAVY=1 quantizes and boots vit-240")
@pytest.mark.parametrize("board", ["stm32f427", "stm32f746"])
def test_vit_240_is_exact_in_its_image_and_8_percent(board: str) -> None:
    case = resolve("vit-240", {})
    tools, machine = load_toolchain("zig"), backend("embedded")
    record = run_case(
        case, load_board(board), machine, tools, case.samples(1), RunOptions(), lambda _: None
    ).record
    assert record.check.verdict == "match"
    assert record.memory.arena <= 1.08 * 240 * 240 * 3
    assert record.memory.peak_ram <= record.memory.ram_limit
    assert record.memory.external_flash >= record.model.parameters
