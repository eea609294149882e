"""Which kernels are copied to RAM for code: those that are waited for most, while they fit."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyrig.generator.planning.board import Board, load_board
from tinyrig.generator.planning.code_costs import CodeCost, code_costs
from tinyrig.generator.planning.hot_code import (
    FREE_START,
    KernelUse,
    code_place,
    data_size,
    plan_code,
)
from tinyrig.generator.planning.kernels import Kernel, all_kernels

F746 = load_board("stm32f746")
L4R5 = load_board("stm32l4r5")
ROOM = 0x4000 - FREE_START
COSTS = code_costs("cortex-m7")
KERNELS = {kernel.name: kernel for kernel in all_kernels() if kernel.isa in F746.isa}
HOT, COLD = KERNELS["tr_attention_s8_3x2__m7"], KERNELS["tr_linear_s8_3x2__m7"]


def kernels(*uses: KernelUse, board: Board = F746, most: int | None = None) -> tuple[str, ...]:
    found = plan_code(board, uses, most=most)
    return found.kernels if found else ()


def use(kernel: Kernel, cycles: int = 100_000, calls: int = 1) -> KernelUse:
    return KernelUse(kernel, calls, cycles)


def test_a_call_waits_for_its_entry_and_for_what_its_loops_do_not_keep() -> None:
    assert CodeCost(1000, 50.0, 0.1).waits(3, 2000) == 3 * 50 + 200


def test_what_is_waited_for_most_comes_first() -> None:
    assert kernels(use(COLD), use(HOT)) == (HOT.name, COLD.name)
    assert kernels(use(COLD, calls=10_000), use(HOT)) == (COLD.name, HOT.name)


def test_uses_of_one_kernel_add_up() -> None:
    several = [use(COLD, calls=1000)] * 10
    assert kernels(*several, use(HOT)) == kernels(use(COLD, 1_000_000, 10_000), use(HOT))


def test_a_limit_of_ram_leaves_out_what_does_not_fit() -> None:
    size = COSTS[HOT.name].bytes
    assert kernels(use(HOT), most=size) == (HOT.name,)
    assert kernels(use(HOT), most=size - 1) == ()
    assert kernels(use(HOT), use(COLD), most=COSTS[COLD.name].bytes) == (COLD.name,)


def test_several_small_kernels_are_taken_where_they_save_more_than_a_large_one() -> None:
    small = [KERNELS[name] for name in ("tr_linear_s8_few__m7", "tr_unary_s8__m7")]
    room = sum(COSTS[kernel.name].bytes for kernel in small)
    large = KERNELS["tr_linear_s8_s32_3x2__m7"]
    assert COSTS[small[0].name].bytes < COSTS[large.name].bytes
    most = max(room, COSTS[large.name].bytes)
    assert large.name not in kernels(use(large, 30_000), *map(use, small), most=most)


def test_a_kernel_of_no_known_size_stays_in_flash() -> None:
    assert kernels(use(replace(HOT, name="tr_mine__m7"))) == ()


@pytest.mark.parametrize("name", ["stm32f427", "mps2_an500", "gap9"])
def test_a_board_without_ram_for_code_copies_none(name: str) -> None:
    board = load_board(name)
    assert code_place(board) is None
    assert kernels(use(HOT), board=board) == ()


def test_address_0_stays_free() -> None:
    place = code_place(F746)
    assert place is not None
    assert (place.origin, place.end) == (FREE_START, 0x4000)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(KERNELS)), st.integers(1, 10**6)), max_size=12))
def test_copies_fit_the_region(drawn: list[tuple[str, int]]) -> None:
    found = plan_code(F746, [use(KERNELS[name], cycles) for name, cycles in drawn])
    if found is not None:
        assert found.size == sum(COSTS[name].bytes for name in found.kernels) <= ROOM
        assert len(set(found.kernels)) == len(found.kernels)
        assert found.start > found.size // 4


def test_every_kernel_of_the_boards_has_a_size() -> None:
    assert set(COSTS) == set(KERNELS)
    for_m4 = {kernel.name for kernel in all_kernels() if kernel.isa in L4R5.isa}
    assert set(code_costs("cortex-m4")) == for_m4


def test_a_small_cache_is_waited_for_as_fitted() -> None:
    """Then neither calls nor cycles tell, and of the core's code only sizes are kept."""
    for_m4 = {kernel.name: kernel for kernel in all_kernels() if kernel.isa == "m4"}
    hot, cold = for_m4["tr_attention_s8_3x2__m4"], for_m4["tr_linear_s8_3x2__m4"]
    found = plan_code(L4R5, [KernelUse(hot, 1, 10**6, 1), KernelUse(cold, 1, 10**6, 0)])
    assert found is not None
    assert (found.kernels, found.saved) == ((hot.name,), 1)
    assert code_costs("cortex-m4")[hot.name].waits(9, 10**6) == 0


def test_an_alias_is_taken_from_its_end_in_whole_kilobytes() -> None:
    kernel = next(kernel for kernel in all_kernels() if kernel.name == "tr_attention_s8_3x2__m4")
    size = code_costs("cortex-m4")[kernel.name].bytes
    found = plan_code(L4R5, [KernelUse(kernel, 1, 1, 1)])
    assert found is not None
    taken = -(-size // 1024) * 1024
    assert (found.place.origin, found.place.size) == (0x1001_0000 - taken, taken)
    assert data_size(L4R5, "sram", found) == 256 * 1024 - taken
    assert data_size(L4R5, "sram", None) == 640 * 1024
    room = 256 * 1024 - taken
    for data, fits in ((room, True), (room + 1, False), (640 * 1024, False)):
        assert (plan_code(L4R5, [KernelUse(kernel, 1, 1, 1)], data=data) is not None) == fits


def test_ram_of_its_own_takes_nothing_of_data() -> None:
    found = plan_code(F746, [use(HOT)])
    assert data_size(F746, "ram", found) == F746.region("ram").size
