"""Blocks of constants: neighbours never share a byte, and what fits is copied."""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyrig.generator.errors import FitError
from tinyrig.generator.planning.call import Call, Table
from tinyrig.generator.planning.resident import Residents, loaded_residents, plan_residents
from tinyrig.generator.planning.step import Load


@dataclass(frozen=True)
class Step:
    """As much of a planned step as the planner reads."""

    calls: tuple[Call, ...]
    loops: tuple[int, ...] = ()
    block: int | None = None
    shares: int | None = None


def weights(size: int, seed: int) -> Table:
    return Table(np.random.default_rng(seed).integers(-9, 9, size).astype(np.int8), "weights")


def step(tables: list[Table], loops: tuple[int, ...] = ()) -> Step:
    params = {"n": 3, "strides": [1, 2, 3], **{f"t{i}": table for i, table in enumerate(tables)}}
    return Step((Call("linear_s8", params, (), ()),), loops)


def constants(tables: list[Table]) -> dict[str, Table]:
    return {table.key(): table for table in tables}


def place(sizes: list[int], room: int) -> Residents:
    tables = [[weights(size, index)] for index, size in enumerate(sizes)]
    return plan_residents([step(t) for t in tables], [constants(t) for t in tables], room)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 3000), min_size=1, max_size=8), st.integers(100, 5000))
def test_neighbours_are_apart_and_nothing_leaves_the_room(sizes: list[int], room: int) -> None:
    placed = place(sizes, room)
    assert placed.size <= room
    for one in placed.blocks:
        assert one.offset >= 0
        assert one.offset % 8 == one.size % 8 == 0
        assert one.offset + one.size <= placed.size
    neighbours = list(pairwise(placed.blocks))
    if placed.ahead:
        neighbours.append((placed.blocks[-1], placed.blocks[0]))
    for one, two in neighbours:
        assert one.offset + one.size <= two.offset or two.offset + two.size <= one.offset
        assert two.first in (one.last + 1, 0)
    inside = {key for block in placed.blocks for key in block.tables}
    wanted = {weights(size, index).key() for index, size in enumerate(sizes)}
    assert inside | placed.outside.keys() == wanted


def test_all_weights_are_copied_where_two_layers_fit() -> None:
    sizes = [1000, 3000, 1000, 2000]
    placed = place(sizes, 4100)
    assert placed.outside == {}
    assert placed.size <= 4100
    # Parameters: five words and a pointer, rounded up to a multiple of 8.
    assert [block.size for block in placed.blocks] == [1024, 3024, 1024, 2024]


@pytest.mark.parametrize(
    ("sizes", "room", "ahead"),
    [
        ([1000, 3000], 4100, True),
        ([1000, 3000, 1000, 2000], 5100, True),
        ([1000, 3000, 900], 4100, False),
        ([1000, 3000, 900], 5000, True),
        ([1000, 1000, 3000, 1000, 100], 4100, True),
        ([1000], 5000, False),
    ],
)
def test_the_first_is_copied_ahead_where_it_fits_beside_the_last(
    sizes: list[int], room: int, ahead: bool
) -> None:
    placed = place(sizes, room)
    assert placed.ahead == ahead
    assert placed.outside == {}


def test_the_most_bytes_are_copied_where_not_all_fit() -> None:
    """Of two neighbours too large for the room together, the larger one is copied."""
    placed = place([2000, 2500, 400], 3000)
    kept = {key for block in placed.blocks for key in block.tables}
    assert weights(2500, 1).key() in kept
    assert weights(400, 2).key() in kept
    assert list(placed.outside) == [weights(2000, 0).key()]


def test_what_a_copy_cannot_carry_stays() -> None:
    placed = place([(1 << 16) + 8, 16], 1 << 20)
    assert list(placed.outside) == [weights((1 << 16) + 8, 0).key()]


def test_a_loop_is_one_block() -> None:
    tables = [[weights(8, index)] for index in range(4)]
    loops: list[tuple[int, ...]] = [(), (0,), (0, 1), ()]
    steps = [step(t, inside) for t, inside in zip(tables, loops, strict=True)]
    placed = plan_residents(steps, [constants(t) for t in tables], 1000)
    assert [(block.first, block.last) for block in placed.blocks] == [(0, 0), (1, 2), (3, 3)]
    assert [placed.block_of(index) for index in range(4)] == [0, 1, 1, 2]


def test_fields_of_64_bits_are_laid_out_as_a_compiler_does() -> None:
    params = {"a": 1, "eps": 2, "requant": {"multiplier": weights(4, 0), "shift": 1}, "lut": None}
    one = Step((Call("layernorm_s8", params, (), ()), Call("layernorm_s8", params, (), ())))
    placed = plan_residents([one], [{}], 1000)
    # a at 0, eps at 8, requant at 16, lut at 24: 28 bytes, 32 with the padding behind.
    assert placed.blocks[0].size == 64


def test_no_room_for_parameters_is_a_misfit() -> None:
    with pytest.raises(FitError, match="do not fit the 40 bytes"):
        place([100, 100], 40)


def test_the_parts_of_a_layer_are_one_block_and_share_parameters() -> None:
    tables = [[weights(8, 0)], [weights(8, 0)], [weights(8, 1)]]
    steps = [step(t) for t in tables]
    parts = [
        replace(one, block=block, shares=shares)
        for one, block, shares in zip(steps, (0, 0, 1), (None, 0, None), strict=True)
    ]
    apart = plan_residents(steps, [constants(t) for t in tables], 1000)
    placed = plan_residents(parts, [constants(t) for t in tables], 1000)
    assert [(block.first, block.last) for block in placed.blocks] == [(0, 1), (2, 2)]
    assert [block.size for block in placed.blocks] == [apart.blocks[0].size, apart.blocks[2].size]


def loaded(loads: list[Load], loops: list[tuple[int, ...]], size: int = 96) -> Residents:
    tables = [[weights(size, index)] for index in range(len(loads))]
    steps = [
        replace(step(t, inside), block=number)
        for number, (t, inside) in enumerate(zip(tables, loops, strict=True))
    ]
    return loaded_residents(steps, [constants(t) for t in tables], loads)


def test_a_block_lives_from_the_start_of_its_copy_on() -> None:
    late, early = Load(weights=True, early=False), Load(weights=True, early=True)
    placed = loaded([late, early, late, early], [()] * 4)
    assert placed.shared
    assert placed.outside == {}
    lives = [(one.first, one.last) for one in placed.buffers()]
    assert lives == [(0, 0), (0, 1), (2, 2), (2, 3)]
    assert all(one.size % 8 == 0 and one.alignment == 8 for one in placed.buffers())
    assert placed.blocks[0].early  # there is no step before it


def test_a_loop_comes_at_once_and_weights_that_are_too_long_stay() -> None:
    kept, left = Load(weights=True, early=True), Load(weights=False, early=True)
    placed = loaded([kept, kept, left, kept], [(), (0,), (0,), ()])
    assert [(block.first, block.last) for block in placed.blocks] == [(0, 0), (1, 2), (3, 3)]
    assert set(placed.outside) == {weights(96, n).key() for n in (1, 2)}
    assert len(loaded([kept], [()], (1 << 16) + 8).outside) == 1
