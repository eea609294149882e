"""Random graphs through the whole chain: passes, plan, C, ELF, boot, reference."""

import numpy as np
import pytest
from hypothesis import given, settings

from chain.random_graphs import random_graphs
from generator.graph.graph import Graph
from generator.planning.board import load_board
from suite.backends.registry import backend
from suite.build.toolchain import load_toolchain
from suite.firmware import make_firmware
from suite.reference.executor import run_reference

BOARD = {"m4": "stm32f427", "m7": "stm32h743"}


@pytest.mark.parametrize("core", BOARD)
@settings(max_examples=20)
@given(graph=random_graphs())
def test_firmware_answers_as_the_reference(core: str, graph: Graph) -> None:
    board = load_board(BOARD[core])
    rng = np.random.default_rng(graph.tensors[graph.inputs[0]].elements)
    inputs = {
        name: rng.integers(-128, 128, graph.tensors[name].shape).astype(np.int8)
        for name in graph.inputs
    }
    sample = b"".join(inputs[name].tobytes() for name in graph.inputs)
    firmware = make_firmware(graph, board, load_toolchain("zig"), sample)
    expected = run_reference(firmware.plan.graph, inputs)
    for image in (firmware.clean, firmware.checked):
        boot = backend("embedded").run(image, board)
        assert boot.transcript.ok, boot.transcript.failed_checks()
        for name in graph.outputs:
            got = np.frombuffer(boot.transcript.outputs[name], dtype=np.int8)
            assert np.array_equal(got, expected[name].reshape(-1)), name
