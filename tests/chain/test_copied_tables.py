"""`weights-in-ram`: copied tables lie where they should, answer alike, are waited for no more."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from chain.boot import prove
from chain.graph_builder import GraphBuilder
from chain.test_external_flash import SHAPE, _firmware, _small

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.options import ALL, NONE, Options, parse_options
from tinyrig.generator.planning.board import Board, load_board
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.cycles import ModelledCycles, model_cycles, with_board_memory
from tinyrig.suite.report.copies_words import copies_words
from tinyrig.suite.rig.firmware import Firmware, make_firmware
from tinyrig.suite.rig.run import memory_of
from tinyrig.suite.studies.memory.compare import compare
from tinyrig.suite.studies.memory.observe import observe
from tinyrig.suite.toolchain.toolchain import load_toolchain

BOARDS = ("netduinoplus2", "stm32f427", "stm32f746", "stm32h743")
ON = replace(ALL, weights_in_ram=True)
OFF = replace(ALL, cycles="0ws")
"""The same plan without the copies, for those are found as if nothing waited."""


def graph() -> Graph:
    b = GraphBuilder(7)
    return b.graph([b.linear(b.linear(b.input((60, 64)), 160), 64)])


@cache
def proven(board: str, options: Options) -> Firmware:
    return prove(graph(), board, options)


def cycles(firmware: Firmware) -> tuple[ModelledCycles, ModelledCycles]:
    board = firmware.plan.board
    profile = backend("embedded").run(firmware.clean, board, profile=True).profile
    assert profile is not None
    assert board.operating_point is not None
    zero = model_cycles(profile, firmware.clean, board.core)
    return zero, with_board_memory(zero, profile, board.name, board.operating_point)


def fast_bytes(board: Board, region: str) -> range:
    assert board.operating_point is not None
    size = next(fast.size for fast in board.operating_point.fast_ram if fast.region == region)
    origin = board.region(region).origin
    return range(origin, origin + size)


def test_the_switch_is_off_unless_asked_for() -> None:
    assert not ALL.weights_in_ram
    assert not NONE.weights_in_ram
    assert parse_options(["weights-in-ram"], ()) == ON
    assert "weights-in-ram" in ON.words()
    assert proven("stm32f427", ALL).clean.sizes.copied == 0


@pytest.mark.parametrize("name", BOARDS)
def test_copied_tables_lie_in_fast_ram(name: str) -> None:
    firmware = proven(name, ON)
    copies = firmware.plan.copies
    assert copies is not None
    place = fast_bytes(firmware.plan.board, copies.region)
    for key, (table_name, table) in firmware.plan.tables.items():
        symbol = firmware.clean.symbols[table_name]
        inside = symbol.address in place and symbol.address + symbol.size - 1 in place
        assert inside == (key in copies.tables), table_name
        assert symbol.size == table.values.nbytes


@pytest.mark.parametrize("name", BOARDS)
def test_copies_count_in_ram_and_stay_in_flash(name: str) -> None:
    with_copies, without = (memory_of(proven(name, options), 0) for options in (ON, OFF))
    assert with_copies.copied == with_copies.static - without.static > 0
    assert with_copies.peak_ram == without.peak_ram + with_copies.copied
    assert with_copies.flash_weights == pytest.approx(without.flash_weights, abs=64)
    assert with_copies.flash_tables == pytest.approx(without.flash_tables, abs=64)
    parts = with_copies.flash_code + with_copies.flash_weights + with_copies.flash_tables
    assert with_copies.flash == parts
    assert with_copies.copy_cycles > with_copies.copied // 4
    assert without.copied == without.copy_cycles == 0


@pytest.mark.parametrize("name", BOARDS)
def test_an_inference_waits_about_as_much_less_as_was_planned(name: str) -> None:
    firmware = proven(name, ON)
    waits = []
    for one in (proven(name, OFF), firmware):
        zero, whole = cycles(one)
        waits.append(whole.total - zero.total)
    assert firmware.plan.copies is not None
    saved = waits[0] - waits[1]
    assert saved > 0
    assert firmware.plan.copies.saved == pytest.approx(saved, rel=0.5)


def test_weights_outside_are_copied_from_there() -> None:
    board = _small(load_board("stm32f427"), 0x1_8000)
    plain, expected = _firmware(board)
    raw = np.random.default_rng(6).integers(-128, 128, SHAPE).astype(np.int8).tobytes()
    without, firmware = (
        make_firmware(plain.plan.graph, board, load_toolchain("zig"), raw, options=options)
        for options in (OFF, ON)
    )
    assert firmware.plan.weights_outside
    result = backend("embedded").run(firmware.clean, board)
    assert result.transcript.ok
    (answer,) = result.transcript.outputs.values()
    assert answer == expected.tobytes()
    memory = memory_of(firmware, 0)
    assert memory.copied > 0
    assert memory.flash_weights == 0
    assert memory.external_flash == pytest.approx(memory_of(without, 0).external_flash, abs=256)


def test_watching_counts_copied_tables_as_planned_for() -> None:
    firmware = proven("stm32f746", ON)
    sample = bytes(60 * 64)
    for seen in observe(firmware.plan, backend("embedded"), load_toolchain("zig"), sample):
        assert seen.strays == 0
        assert compare(firmware.plan, seen).findings == ()


def test_words_tell_the_gain_and_the_cost_of_the_copy_apart() -> None:
    from rich.console import Console

    firmware = proven("stm32h743", ON)
    console = Console(record=True, width=250)
    console.print(copies_words(firmware.plan))
    text = console.export_text()
    assert firmware.plan.copies is not None
    assert f"{firmware.plan.copies.saved:,} cycles less" in text
    assert f"about {firmware.plan.copies.start:,} cycles, once after a reset" in text
