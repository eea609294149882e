"""Weights outside the chip: when they go there, that firmware finds them, that none may write."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from backends.firmware_projects import boot, fake_project
from chain.graph_builder import GraphBuilder

from tinyrig.generator.errors import FaultError, FitError
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.planning.board import Board, load_board
from tinyrig.generator.planning.flash import CODE_RESERVE
from tinyrig.generator.planning.memory_region import MemoryRegion
from tinyrig.generator.planning.plan import make_plan
from tinyrig.generator.planning.search.budget import flash_needs
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.reference.executor import run_reference
from tinyrig.suite.rig.firmware import Firmware, make_firmware, plan_project
from tinyrig.suite.rig.run import RunOptions, memory_of
from tinyrig.suite.toolchain.builder import build
from tinyrig.suite.toolchain.toolchain import load_toolchain

BOARDS = ("stm32f427", "stm32f746", "stm32h743")
SHAPE = (9, 64)


def _graph() -> Graph:
    b = GraphBuilder(5)
    return b.graph([b.linear(b.linear(b.input(SHAPE), 600), 40)])


def _room(board: Board) -> int:
    """Bytes of flash at which the weights just stay in the chip."""
    plan = make_plan(_graph(), _small(board, 0x1_8000))  # where they are 8 bits wide
    needs = flash_needs(plan.graph, plan.tables, plan.steps)
    assert needs.sample == SHAPE[0] * SHAPE[1]
    return needs.weights + needs.inside + CODE_RESERVE


def _small(board: Board, flash: int, outside: int | None = None) -> Board:
    external = board.external_flash
    if external and outside is not None:
        external = replace(external, size=outside)
    return replace(board, flash=replace(board.flash, size=flash), external_flash=external)


def _firmware(board: Board) -> tuple[Firmware, np.ndarray]:
    graph = _graph()
    rng = np.random.default_rng(6)
    x = rng.integers(-128, 128, SHAPE).astype(np.int8)
    firmware = make_firmware(graph, board, load_toolchain("zig"), x.tobytes())
    return firmware, run_reference(firmware.plan.graph, {graph.inputs[0]: x})[graph.outputs[0]]


@pytest.mark.parametrize("name", BOARDS)
def test_weights_move_out_as_soon_as_they_leave_code_no_room(name: str) -> None:
    board = load_board(name)
    room = _room(board)
    assert make_plan(_graph(), _small(board, room)).weights_region == board.flash.name
    moved = make_plan(_graph(), _small(board, room - 1))
    assert board.external_flash is not None
    assert moved.weights_region == board.external_flash.name
    assert moved.weights_outside


@pytest.mark.parametrize("name", BOARDS)
def test_firmware_computes_with_weights_outside(name: str) -> None:
    board = _small(load_board(name), 0x1_8000)
    firmware, expected = _firmware(board)
    assert board.external_flash is not None
    outside = board.external_flash
    for image in (firmware.clean, firmware.checked):
        result = backend("embedded").run(image, board)
        assert result.transcript.ok
        (answer,) = result.transcript.outputs.values()
        assert answer == expected.tobytes()
    segments = [
        part for part in firmware.clean.segments if outside.origin <= part.address < outside.end
    ]
    assert sum(len(part.data) for part in segments) == firmware.clean.sizes.weights
    memory = memory_of(firmware, 0)
    assert memory.external_flash == firmware.plan.flash_bytes("weights")
    assert memory.external_flash_limit == outside.size
    assert memory.flash_weights == 0
    assert memory.flash == memory.flash_code + memory.flash_tables <= memory.flash_limit


def test_weights_inside_are_counted_inside() -> None:
    board = load_board("stm32f427")
    memory = memory_of(_firmware(board)[0], 0)
    assert memory.external_flash == 0
    assert memory.flash_weights > 600 * 64
    assert memory.flash == memory.flash_code + memory.flash_weights + memory.flash_tables


def test_what_overflows_is_named() -> None:
    board = load_board("stm32f746")
    room = _room(board)
    with pytest.raises(FitError, match=r"external flash 'quadspi' \(1000 bytes; \d+ bytes too"):
        make_plan(_graph(), _small(board, room - 1, outside=1000))
    with pytest.raises(FitError, match=r"of tables, \d+ of parameters and 576 of input leave less"):
        make_plan(_graph(), _small(board, CODE_RESERVE))
    with pytest.raises(FitError) as raised:
        make_plan(_graph(), replace(_small(board, 1000), external_flash=None))
    words = str(raised.value)
    weights, tables, parameters, sample, own, over = map(int, re.findall(r" (\d+) ", words))
    assert (sample, own) == (SHAPE[0] * SHAPE[1], 1000)
    assert min(weights - 640 * 64, tables, parameters) >= 0
    assert over == weights + tables + parameters + sample - own


@pytest.mark.parametrize("name", BOARDS)
def test_external_flash_is_read_only(name: str) -> None:
    board = load_board(name)
    assert isinstance(board.external_flash, MemoryRegion)
    origin = board.external_flash.origin
    with pytest.raises(FaultError):
        boot(fake_project(board, f"*(volatile uint32_t *){origin:#x}U = 1U;"), board)


def test_a_boards_own_set_up_runs_only_for_weights_outside() -> None:
    """One that stops the core: the weak, empty one gives way, and nothing else calls it."""
    stop = 'void tr_board_external_flash_init(void) { __asm__ volatile("udf #1"); }\n'
    inside = load_board("stm32f746")
    for board, stops in ((inside, False), (_small(inside, 0x1_8000), True)):
        project = plan_project(_graph(), board, bytes(SHAPE[0] * SHAPE[1]))[1]
        project = replace(
            project,
            files={**project.files, "own.c": stop},
            units=(*project.units, "own.c"),
        )
        image = build(project, board, load_toolchain("zig"), checked=False)
        if stops:
            with pytest.raises(FaultError):
                backend("embedded").run(image, board)
        else:
            assert backend("embedded").run(image, board).transcript.ok


def test_the_budget_follows_the_model_unless_given() -> None:
    machine = backend("embedded")
    assert RunOptions().budget_for(10**6, machine) == machine.capabilities.budget == 2 * 10**9
    assert RunOptions().budget_for(10**9, machine) == 10**11
    assert RunOptions(budget=7).budget_for(10**9, machine) == 7
