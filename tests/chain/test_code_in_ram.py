"""`code-in-ram`: kernels run where start copies them, answer alike, and wait for no line there."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from chain.boot import prove
from chain.graph_builder import GraphBuilder

from tinyrig.generator.errors import FitError, MissingToolError
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.options import ALL, NONE, Options, parse_options
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.cheapest import cheapest_plan
from tinyrig.generator.planning.code_costs import code_costs
from tinyrig.generator.planning.hot_code import FREE_START, data_size
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.cycles.program import Program
from tinyrig.suite.report.copies_words import code_words
from tinyrig.suite.rig.firmware import Firmware, make_firmware
from tinyrig.suite.rig.run import memory_of
from tinyrig.suite.studies.costs.code import code_bytes
from tinyrig.suite.studies.memory.compare import compare
from tinyrig.suite.studies.memory.observe import observe
from tinyrig.suite.toolchain.image import Image
from tinyrig.suite.toolchain.toolchain import load_toolchain, toolchain_names

BOARDS = ("stm32f746", "stm32h743", "stm32l4r5:dual-bank")
L4R5 = BOARDS[2]
ON = replace(ALL, code_in_ram=True)
APART = replace(ON, token_overwriting=False)


def graph() -> Graph:
    b = GraphBuilder(7)
    return b.graph([b.linear(b.linear(b.input((20, 64)), 96), 64)])


@cache
def proven(board: str, options: Options) -> Firmware:
    return prove(graph(), board, options)


def test_the_switch_is_off_unless_asked_for() -> None:
    assert not ALL.code_in_ram
    assert not NONE.code_in_ram
    assert parse_options(["code-in-ram"], ()) == ON
    assert "code-in-ram" in ON.words()
    assert not any("code-in-ram" in word for word in ALL.words())
    assert proven("stm32f746", ALL).clean.sizes.copied_code == 0


@pytest.mark.parametrize("name", BOARDS)
def test_kernels_lie_in_the_ram_for_code_and_wait_for_nothing_there(name: str) -> None:
    firmware = proven(name, ON)
    board, code, image = firmware.plan.board, firmware.plan.code, firmware.clean
    assert code is not None
    place = code.place
    for kernel in {step.kernel.name for step in firmware.plan.steps}:
        inside = place.origin <= image.symbols[kernel].address < place.end
        assert inside == (kernel in code.kernels), kernel
    profile = backend("embedded").run(image, board, profile=True).profile
    assert profile is not None
    program = Program(image)
    every = [flow for found in profile.flows.values() for flow in found]
    flows = [flow for flow in every if place.origin <= flow.to.address < place.end]
    assert {program.function(flow.to) for flow in flows}.intersection(code.kernels)
    assert not any(flow.misses.jumped or flow.misses.next for flow in flows)
    assert all(program.code(flow.to) for flow in flows)


@pytest.mark.parametrize("name", BOARDS)
def test_only_the_veneers_of_calls_are_more_instructions(name: str) -> None:
    on, off = (
        backend("embedded").run(proven(name, options).clean, load_board(name)).instructions
        for options in (ON, ALL)
    )
    assert on is not None
    assert off is not None
    steps = len(proven(name, ON).plan.steps)
    assert 0 < on - off <= 8 * steps


@pytest.mark.parametrize("name", BOARDS)
def test_copied_code_counts_in_ram_and_stays_in_flash(name: str) -> None:
    on, off = (memory_of(proven(name, options), 0) for options in (ON, ALL))
    code = proven(name, ON).plan.code
    assert code is not None
    assert 0 < on.copied_code <= code.size
    assert on.copied_code == on.static - off.static == on.peak_ram - off.peak_ram
    assert on.flash_code == pytest.approx(off.flash_code, abs=128)  # veneers
    assert on.copy_cycles == code.start > on.copied_code // 4
    more = {"stm32f746": 0x4000, "stm32h743": 0x1_0000}
    assert on.ram_limit == off.ram_limit + more.get(name, 0)  # an alias is no RAM of its own


def rows(count: int) -> Graph:
    b = GraphBuilder(8)
    return b.graph([b.linear(b.input((count, 64)), 64)])


def test_data_may_reach_into_ram_that_code_is_an_alias_of() -> None:
    """Behind 192 KB it has what code leaves; a boot has the bytes of both once."""
    firmware = prove(rows(1650), L4R5, APART)
    plan, image = firmware.plan, firmware.clean
    assert plan.code is not None
    sram2 = plan.board.region("sram2")
    arena_end = image.arena.address + plan.clean.size
    assert sram2.alias < arena_end
    code = image.address("tr_ld_code_start")
    assert arena_end <= sram2.alias + code - sram2.origin
    assert code == plan.code.place.origin
    end = plan.board.region("sram").origin + data_size(plan.board, "sram", plan.code)
    assert end - sram2.alias == code - sram2.origin


def test_tables_that_have_no_room_before_the_code_lie_behind_it() -> None:
    b = GraphBuilder(9)
    wide = b.graph([b.linear(b.input((4, 256)), 512)])
    firmware = prove(wide, L4R5, replace(ON, weights_in_ram=True, optimize="cycles"))
    plan, image = firmware.plan, firmware.clean
    assert plan.code is not None
    assert plan.copies is not None
    assert plan.copies.size > 240 * 1024
    sram2 = plan.board.region("sram2")
    assert image.address("tr_ld_copied_start") == sram2.alias + sram2.size
    assert image.sizes.copied == plan.copies.size
    assert image.sizes.copied_code > 0
    for seen in observe(plan, backend("embedded"), load_toolchain("zig"), bytes(1024)):
        assert compare(plan, seen).findings == ()


def test_data_that_needs_all_of_the_alias_leaves_code_in_flash() -> None:
    plan = cheapest_plan(rows(2050), load_board(L4R5), options=APART)
    assert plan.clean.size + 10_000 > 256 * 1024
    assert plan.code is None
    assert data_size(plan.board, "sram", None) == 640 * 1024


def test_least_ram_and_a_limit_copy_no_code() -> None:
    for options in (replace(ON, optimize="ram"), replace(ON, max_ram=3000)):
        firmware = make_firmware(
            graph(), load_board("stm32f746"), load_toolchain("zig"), bytes(1280), options=options
        )
        assert firmware.plan.code is None
        assert firmware.clean.sizes.copied_code == 0


def linked(toolchain: str, board_name: str = "stm32f746") -> Image:
    board = load_board(board_name)
    try:
        tools = load_toolchain(toolchain, board.compiler)
    except MissingToolError as error:
        pytest.skip(str(error))
    return make_firmware(graph(), board, tools, bytes(1280), options=ON).clean


@pytest.mark.parametrize("toolchain", toolchain_names())
def test_all_of_it_is_copied_with_the_veneers_to_flash(toolchain: str) -> None:
    image = linked(toolchain)
    (part,) = [part for part in image.segments if part.runs < 0x4000]
    assert part.runs == image.address("tr_ld_code_start") == FREE_START
    assert part.address == image.address("tr_ld_code_load")
    assert image.address("tr_ld_code_end") == part.runs + len(part.data)
    result = backend("embedded").run(image, load_board("stm32f746"))
    assert result.transcript.ok


def test_code_that_is_larger_than_its_kept_size_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    board = load_board("stm32f746")
    ram = tuple(replace(r, size=0x400) if r.name == "itcm" else r for r in board.ram)
    small = replace(board, ram=ram)
    kept = {name: replace(one, bytes=8) for name, one in code_costs(board.core).items()}
    monkeypatch.setattr("tinyrig.generator.planning.hot_code.code_costs", lambda _: kept)
    with pytest.raises(FitError, match=r"copied to 'itcm' are \d+ bytes larger"):
        make_firmware(graph(), small, load_toolchain("zig"), bytes(1280), options=ON)


def test_watching_takes_code_in_ram_as_it_is() -> None:
    firmware = proven("stm32f746", ON)
    for seen in observe(firmware.plan, backend("embedded"), load_toolchain("zig"), bytes(1280)):
        assert seen.strays == 0
        assert compare(firmware.plan, seen).findings == ()


def test_words_name_the_kernels_and_the_cost_of_the_copy() -> None:
    from rich.console import Console

    plan = proven("stm32f746", ON).plan
    assert plan.code is not None
    console = Console(record=True, width=250)
    console.print(code_words(plan), code_words(proven("stm32f746", ALL).plan))
    text = console.export_text()
    assert all(kernel in text for kernel in plan.code.kernels)
    assert f"about {plan.code.start:,} cycles, once after a reset" in text
    assert "code-in-ram: no code is copied" in text


@pytest.mark.parametrize("toolchain", toolchain_names())
def test_kept_sizes_hold_what_compilers_make(toolchain: str) -> None:
    from tinyrig.generator.planning.kernels import all_kernels
    from tinyrig.suite.studies.costs.code import compiled

    board = load_board("stm32h743")
    try:
        tools = load_toolchain(toolchain, board.compiler)
    except MissingToolError as error:
        pytest.skip(str(error))
    names = {"tr_attention_s8_3x2__m7", "tr_linear_s8_w16_2x4__m7", "tr_layernorm_s8__m7"}
    for kernel in (kernel for kernel in all_kernels() if kernel.name in names):
        size = code_bytes(compiled(tools, board, kernel))
        assert 0 < size <= code_costs(board.core)[kernel.name].bytes, kernel.name
