"""Hyperram behind L2, on GVSoC: what is copied from there arrives, in the cycles of board.toml."""

from __future__ import annotations

from dataclasses import replace

import pytest
from backends.firmware_projects import fake_project
from verify.test_staged_plans import L1, L2, layers

from tinyrig.generator.errors import MissingToolError
from tinyrig.generator.options import ALL
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.interface import Backend
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.studies.kernels.bench import proven_boot
from tinyrig.suite.toolchain.builder import build
from tinyrig.suite.toolchain.toolchain import load_toolchain

GAP9 = load_board("gap9")
BEFORE = """\
#include "tinyrig/cluster.h"
#include "tr_l3.h"
#include "tr_pulp.h"
__attribute__((section(".tr_stage"), aligned(16))) uint8_t tr_stage[{size}];
__attribute__((section(".rodata.tr_l3_data"), aligned(16)))
const uint8_t tr_l3_data[{size}] = {{1, 2, 3, [{size} - 1] = 9}};
"""
BODY = """\
    static volatile uint32_t took;
    uint32_t before, after;
    TR_READ_CSR(TR_CSR_CYCLES, before);
    tr_l3_start(tr_stage, tr_l3_data, sizeof tr_l3_data);
    tr_l3_wait(0U);
    TR_READ_CSR(TR_CSR_CYCLES, after);
    const uint32_t core = tr_cluster_core();
    if (core == 0U) took = after - before;
    tr_cluster_barrier();
    const uint8_t found[4] = {tr_stage[0], tr_stage[1], tr_stage[2], tr_stage[sizeof tr_stage - 1]};
    arena[16U + core] = core < 4U ? (uint8_t)(took >> 8U * core) : found[core - 4U];
    tr_cluster_barrier();
"""


def gvsoc() -> Backend:
    try:
        return backend("gvsoc")
    except MissingToolError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("size", [16, 16384])
def test_a_copy_arrives_and_takes_what_the_planner_counts_on(size: int) -> None:
    machine, memory = gvsoc(), GAP9.l3
    assert memory is not None
    project = fake_project(GAP9, BODY, before=BEFORE.format(size=size))
    image = build(project, GAP9, load_toolchain("zig"), checked=False)
    assert image.sizes.l3 == size
    found = machine.run(image, GAP9).transcript.outputs["y"]
    assert list(found[4:]) == [1, 2, 3, 9]
    planned = memory.copy_cycles + memory.byte_cycles * size
    assert abs(int.from_bytes(found[:4], "little") - planned) < 0.1 * planned


@pytest.mark.night
@pytest.mark.parametrize("l1", [0, L1])
@pytest.mark.parametrize("compiler", ["zig", "gcc"])
def test_weights_from_behind_answer_as_the_reference_does(l1: int, compiler: str) -> None:
    machine = gvsoc()
    board = replace(GAP9, flash=replace(GAP9.flash, size=L2))
    board = board.with_l1(l1) if l1 else board
    tools = load_toolchain(compiler, board.compiler)
    boot, firmware, _ = proven_boot(layers(), board, machine, tools, ALL)
    assert firmware.plan.stages is not None
    assert firmware.clean.sizes.l3 == firmware.plan.stages.behind
    assert len(boot.transcript.outputs) == 2
