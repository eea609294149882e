"""The kernels of a model in one file: what they share, and what that costs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from chain.graph_builder import GraphBuilder
from emit.made_models import BOARD, NEEDS_GCC, boot, made_of

from tinyrig.generator.emit.forms.trial import trial_project
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Window
from tinyrig.generator.options import ALL
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.cheapest import cheapest_plan
from tinyrig.generator.planning.limits import takes
from tinyrig.suite.toolchain.builder import build
from tinyrig.suite.toolchain.toolchain import load_toolchain


def two_convolutions() -> Graph:
    b = GraphBuilder(11)
    window = Window(kernel=(3, 3), strides=(1, 1), pads=(1, 1, 1, 1))
    y = b.conv(b.conv(b.input((1, 3, 6, 6)), 8, window), 16, window)
    return b.graph([b.mean(y, (2, 3), keepdims=False)])


@pytest.mark.parametrize("toolchain", ["zig", "gcc"])
def test_kernels_of_two_forms_ask_nowhere_which_they_are(toolchain: str) -> None:
    """A compiler folds what both have alike, so code may be less; asking takes instructions."""
    if toolchain == "gcc" and NEEDS_GCC:
        pytest.skip("needs arm-none-eabi-gcc: sudo apt-get install gcc-arm-none-eabi")
    tools = load_toolchain(toolchain, load_board(BOARD).compiler)
    graph, whole = two_convolutions(), replace(ALL, conv_streaming=False)
    most = takes(cheapest_plan(graph, load_board(BOARD), options=whole)).flash
    # One of them gets no room for weights of 16 bits.
    one = made_of(graph, tools, options=replace(whole, max_flash=most - 1))
    packs = {step.kernel.pack for step in one.plan.steps if step.kernel.op == "conv2d_s8"}
    assert len(packs) == 2, "of one form there would be nothing to ask"
    project = trial_project([one.library("single", "one")], one.sample)
    image = build(project, load_board(BOARD), tools, checked=False)
    result, own = boot(image), boot(one.own)
    assert result.transcript.outputs == one.expected
    assert result.instructions is not None
    assert own.instructions is not None
    # Asking takes 318 with zig. With gcc what is folded for both is called, not written in line.
    assert abs(result.instructions - own.instructions) <= (24 if toolchain == "zig" else 104)
    assert image.sizes.code - one.own.sizes.code <= 96
