"""Softmax takes the same way through its code, and the same cycles, whatever the data are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.options import ALL
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.cycles import model_cycles
from tinyrig.suite.models.case import resolve
from tinyrig.suite.rig.firmware import make_firmware
from tinyrig.suite.studies.kernels import graphs as kernel_graphs
from tinyrig.suite.toolchain.toolchain import load_toolchain


def _block(length: int = 21) -> Graph:
    return resolve("mhsa", {"S": length, "E": 32, "P": 32, "H": 2}).graph


_GRAPHS: dict[str, Callable[[], Graph]] = {
    "tr_softmax_s8__": lambda: kernel_graphs.softmax(9, 81),
    "tr_attention_s8_3x2__": _block,
    "tr_attention_s8_w16_3x2__": _block,
    "tr_attention_s8_w16_2x4__": lambda: _block(33),
    "tr_attention_s8_pairs__": lambda: resolve("ecgformer-mhsa", {}).rewritten(ALL).graph,
    "tr_attention_s8_pairs_kept__": lambda: resolve("ecgformer-mhsa", {}).rewritten(ALL).graph,
    "tr_attention_s8_few__": lambda: resolve("trformer-mhsa", {}).rewritten(ALL).graph,
}
"""By kernel: a materialised softmax, and the ways attention has one."""

_OPTIONS = {
    "tr_attention_s8_3x2__": replace(ALL, optimize="ram"),
    "tr_attention_s8_w16_3x2__": replace(ALL, optimize="cycles"),
    "tr_attention_s8_w16_2x4__": replace(ALL, optimize="cycles"),
    "tr_attention_s8_pairs__": replace(ALL, large_scratch=False),
}
"""What makes the planner take a kernel, where the defaults may not."""


def _samples(size: int) -> dict[str, bytes]:
    """Inputs that send a softmax that looks at its data on different ways."""
    rng = np.random.default_rng(5)
    at = np.arange(size)
    found = {
        "random": rng.integers(-128, 128, size),
        "smallest": np.full(size, -128),
        "largest": np.full(size, 127),
        "rising": at % 256 - 128,
        "falling": 127 - at % 256,
        "one peak a row": np.where(at % 81 == 40, 127, -128),
        "nearly flat": rng.integers(-2, 2, size),
    }
    return {name: codes.astype(np.int8).tobytes() for name, codes in found.items()}


@pytest.mark.parametrize("board", ["stm32f427", pytest.param("stm32h743", marks=pytest.mark.night)])
@pytest.mark.parametrize("kernel", _GRAPHS)
def test_softmax_does_not_look_at_its_data(kernel: str, board: str) -> None:
    graph, target, machine = _GRAPHS[kernel](), load_board(board), backend("embedded")
    size = sum(graph.tensors[tensor].elements for tensor in graph.inputs)
    samples = _samples(size)
    options = _OPTIONS.get(kernel, ALL)
    firmware = make_firmware(
        graph, target, load_toolchain("zig"), samples["random"], options=options
    )
    image = firmware.clean
    assert any(step.kernel.name.startswith(kernel) for step in firmware.plan.steps)
    ways, cycles = {}, {}
    for kind, raw in samples.items():
        boot = machine.run(image, target, sample=raw, profile=True)
        assert boot.transcript.ok and boot.profile is not None
        ways[kind] = {
            step: {(flow.origin, flow.to): flow.count for flow in flows}
            for step, flows in boot.profile.flows.items()
        }
        cycles[kind] = model_cycles(boot.profile, image, target.core).total
    assert len(set(cycles.values())) == 1, cycles
    assert all(way == ways["random"] for way in ways.values())
