"""Which tables are copied to RAM: the most waited for, as far as the RAM behind the arena goes."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.call import Call, Table
from tinyrig.generator.planning.hot_tables import HotStep, RamCopies, plan_copies
from tinyrig.generator.planning.view import View

F427 = load_board("stm32f427")
H743 = load_board("stm32h743")


def weights(size: int, seed: int = 0) -> Table:
    return Table(np.random.default_rng(seed).integers(-9, 9, size).astype(np.int8), "weights")


def linear(table: Table, executions: int = 1, rows: int = 3, pack: str = "stream8") -> HotStep:
    call = Call("linear_s8", {"weight": table}, (), (), macs=rows * table.values.size)
    return HotStep((call,), pack, executions, (), {table.key(): table})


def lookups(name: str, table: Table, count: int) -> HotStep:
    written = View.contiguous("y", (count,))
    call = Call("unary_s8", {name: table}, (), (written,))
    return HotStep((call,), "rows", 1, (), {table.key(): table})


def copies(
    *steps: HotStep, arena: int = 1000, flash: str = "flash", region: str = "ccm"
) -> RamCopies:
    found = plan_copies(F427, steps, arena=(region, arena), flash=flash)
    return found or RamCopies("", frozenset(), 0, 0, 0)


def test_a_table_read_once_an_inference_is_copied_behind_those_read_more() -> None:
    hot, once = weights(1024, 1), weights(1024, 2)
    steps = [linear(hot, executions=5), linear(once)]
    assert copies(*steps).tables == {hot.key(), once.key()}
    found = plan_copies(F427, steps, arena=("ccm", 1000), flash="flash", most=2047)
    assert found is not None
    assert found.tables == {hot.key()}
    assert found.size == 1024
    # 64 lines of 16 bytes, five wait states each, five times; then 256 words a line at a time.
    assert found.saved == 5 * 64 * 5
    assert found.start == 64 * 5 + 256 * 7


def test_a_tile_of_three_rows_reads_its_weights_once() -> None:
    table = weights(4096)
    assert copies(linear(table, rows=3)).saved == 256 * 5
    assert copies(linear(table, rows=30)).saved == 10 * 256 * 5


def test_a_panel_of_rows_reads_sparse_weights_once() -> None:
    table = weights(4096)
    written = View.contiguous("y", (36, 8))
    call = Call("linear_s8", {"weight": table, "n": 8}, (), (written,))
    for pack, readings in (("sparse4", 6), ("sparse2", 6), ("sparse2x4", 12)):
        step = HotStep((call,), pack, 1, (), {table.key(): table})
        assert copies(step).saved == readings * 256 * 5
    window = Call("conv2d_s8", {"weight": table, "window": {"out_c": 8}}, (), (written,))
    step = HotStep((window,), "sparse4", 1, (), {table.key(): table})
    assert copies(step).saved == 6 * 256 * 5


def test_a_kernel_that_keeps_its_weights_states_that_it_reads_them_once() -> None:
    step = replace(linear(weights(4096), rows=30), readings="1")
    assert copies(step).saved == 256 * 5


def test_readings_of_several_steps_add_up() -> None:
    table = weights(1024)
    assert copies(linear(table), linear(table)).saved == 2 * 64 * 5


def test_lookups_are_waited_for_by_their_number() -> None:
    table = weights(256)
    assert copies(lookups("lut", table, 30)).saved == 30 // 2 * 5
    assert copies(lookups("lut", table, 4000)).saved == 4000 // 2 * 5


def test_what_the_data_cache_holds_is_waited_for_once() -> None:
    small = weights(96)
    loops = replace(linear(small, executions=50), loops=(0,))
    assert copies(loops).saved == 6 * 5
    steps = [replace(linear(weights(4096), executions=50), loops=(0,))]
    held = plan_copies(H743, steps, arena=("dtcm", 0), flash="flash")
    one = plan_copies(H743, [linear(weights(4096))], arena=("dtcm", 0), flash="flash")
    assert held is not None
    assert held == one


def test_an_iterations_own_table_is_read_in_its_iterations() -> None:
    tables = [weights(1024, seed) for seed in range(4)]
    calls = tuple(linear(table).calls[0] for table in tables)
    step = HotStep(calls, "stream8", 8, (), {table.key(): table for table in tables})
    assert copies(step).saved == 4 * 2 * 64 * 5


def test_the_region_that_saves_most_is_taken() -> None:
    table = weights(0x1_8000)
    found = copies(linear(table, executions=2))
    assert found.region == "sram"  # the CCM has 64 KB
    assert copies(linear(weights(1024), executions=2)).region == "ccm"


def test_external_flash_is_waited_for_by_its_own_lines() -> None:
    table = weights(1024)
    found = copies(linear(table, executions=2), flash="nor")
    assert found.saved == 2 * 256 * 30


@pytest.mark.parametrize("name", ["mps2_an386", "gap9"])
def test_a_board_without_an_operating_point_copies_nothing(name: str) -> None:
    board = load_board(name)
    arena = (board.layout.arena_regions[0], 0)
    steps = [linear(weights(1024), executions=9)]
    assert plan_copies(board, steps, arena=arena, flash=board.flash.name) is None


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 40_000), st.integers(1, 9)), min_size=1, max_size=8),
    st.integers(0, 50_000),
)
def test_copies_fit_behind_the_arena(tables: list[tuple[int, int]], arena: int) -> None:
    board = load_board("stm32f746")
    steps = [linear(weights(size, n), executions) for n, (size, executions) in enumerate(tables)]
    found = plan_copies(board, steps, arena=("ram", arena), flash="flash")
    if found is None:
        return
    layout = board.layout
    taken = layout.stack_size + layout.red_zone + layout.static_reserve + arena
    assert taken + found.size <= 0x1_0000  # DTCM, the start of the region
    sizes = {weights(size, n).key(): size for n, (size, _) in enumerate(tables)}
    assert found.size == sum(-(-sizes[key] // 4) * 4 for key in found.tables)


@settings(max_examples=60, deadline=None)
@example([(1_000, 9), (40_000, 8)], 40_000)
@given(
    st.lists(st.tuples(st.integers(200, 40_000), st.integers(1, 9)), min_size=1, max_size=6),
    st.integers(0, 60_000),
)
def test_no_other_copies_in_the_room_save_more(tables: list[tuple[int, int]], most: int) -> None:
    steps = [linear(weights(size, n), executions) for n, (size, executions) in enumerate(tables)]
    found = plan_copies(F427, steps, arena=("ccm", 0), flash="flash", most=most)
    sized = [(-(-size // 4) * 4, -(-size // 16) * 5 * times) for size, times in tables]
    room = min(most, 0xA000)
    best = max(
        sum(waits for _, waits in some)
        for count in range(len(sized) + 1)
        for some in combinations(sized, count)
        if sum(size for size, _ in some) <= room
    )
    assert (found.saved if found else 0) >= best
    assert found is None or found.size <= most
