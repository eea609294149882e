"""Layers that L1 holds in parts, on GVSoC: the DMA copies, and every byte is the reference's."""

from __future__ import annotations

import pytest
from verify.tiled_graphs import L1, graph_of

from tinyrig.generator.errors import MissingToolError
from tinyrig.generator.options import ALL
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.studies.kernels.bench import proven_boot
from tinyrig.suite.toolchain.toolchain import load_toolchain


@pytest.mark.night
@pytest.mark.parametrize("names", [("windows", "rows"), ("heads",)])
def test_a_layer_in_parts_answers_as_the_reference_does(names: tuple[str, ...]) -> None:
    try:
        machine = backend("gvsoc")
    except MissingToolError as error:
        pytest.skip(str(error))
    board, tools = load_board("gap9").with_l1(L1[names[0]]), load_toolchain("zig")
    boot, firmware, _ = proven_boot(graph_of(*names), board, machine, tools, ALL)
    plan = firmware.plan
    assert plan.spill is not None
    assert any(view.storage in plan.spill.offsets for view in plan.schedule.outputs.values())
    assert len(boot.transcript.outputs) == len(names)
