"""A graph all the way to answers, and the comparison with the reference."""

from __future__ import annotations

import numpy as np

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.options import ALL, Options
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.reference.executor import run_reference
from tinyrig.suite.rig.firmware import Firmware, make_firmware
from tinyrig.suite.toolchain.toolchain import load_toolchain


def prove(graph: Graph, board_name: str, options: Options = ALL) -> Firmware:
    """Build and boot both builds; every output byte must be the reference's."""
    board = load_board(board_name)
    rng = np.random.default_rng(graph.tensors[graph.inputs[0]].elements)
    inputs = {
        name: rng.integers(-128, 128, graph.tensors[name].shape).astype(np.int8)
        for name in graph.inputs
    }
    sample = b"".join(inputs[name].tobytes() for name in graph.inputs)
    firmware = make_firmware(graph, board, load_toolchain("zig"), sample, options=options)
    expected = run_reference(firmware.plan.graph, inputs)
    for image in (firmware.clean, firmware.checked):
        boot = backend("embedded").run(image, board)
        assert boot.transcript.ok, boot.transcript.failed_checks()
        for name in graph.outputs:
            got = np.frombuffer(boot.transcript.outputs[name], dtype=np.int8)
            assert np.array_equal(got, expected[name].reshape(-1)), name
    return firmware
