"""Lives of storages: straight through, in loops, carried around them, from outside and to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tinyrig.generator.planning.lifetime import lifetimes, loop_ranges
from tinyrig.generator.planning.step import Copy, Schedule, Storage
from tinyrig.generator.planning.view import View

Access = tuple[str, tuple[int, ...]]
"""A storage, and the loops its view moves on with."""


def step(read: Access, written: Access, loops: tuple[int, ...] = ()) -> Copy:
    views = [
        View(name, 0, (4,), (1,), tuple((n, 4) for n in moved)) for name, moved in (read, written)
    ]
    return Copy(name=f"{read[0]}>{written[0]}", reads=(views[0],), writes=(views[1],), loops=loops)


def fixed(read: str, written: str, loops: tuple[int, ...] = ()) -> Copy:
    return step((read, ()), (written, ()), loops)


def lives(
    steps: Sequence[Copy], loops: Mapping[int, int] = {}, ends: tuple[str, str] = ("x", "y")
) -> dict[str, tuple[int, int]]:
    names = {view.storage for one in steps for view in (*one.reads, *one.writes)} | set(ends)
    storages = {name: Storage(name, 64) for name in names}
    view = {name: View(name, 0, (4,), (1,)) for name in ends}
    schedule = Schedule(
        tuple(steps), storages, {"in": view[ends[0]]}, {"out": view[ends[1]]}, dict(loops)
    )
    return lifetimes(schedule)


def test_a_storage_lives_from_its_first_writing_to_its_last_reading() -> None:
    found = lives([fixed("x", "a"), fixed("a", "b"), fixed("a", "c"), fixed("b", "y")])
    assert found == {"x": (0, 0), "a": (0, 2), "b": (1, 3), "c": (2, 2), "y": (3, 4)}


def test_inputs_live_from_the_start_and_outputs_past_the_end() -> None:
    found = lives([fixed("a", "b"), fixed("x", "y"), fixed("y", "b")])
    assert found["x"] == (0, 1)
    assert found["y"] == (1, 3)


def test_an_input_nobody_reads_is_written_all_the_same() -> None:
    assert lives([fixed("a", "y")])["x"] == (0, 0)


def test_what_is_made_and_used_up_in_an_iteration_lives_inside_it() -> None:
    steps = [fixed("x", "p"), fixed("p", "a", (0,)), fixed("a", "b", (0,)), fixed("b", "q", (0,)),
             fixed("q", "y")]  # fmt: skip
    found = lives(steps, {0: 3})
    assert found["a"] == (1, 2)
    assert found["b"] == (2, 3)


def test_what_comes_into_a_loop_lives_until_its_end_and_what_goes_out_from_its_start() -> None:
    steps = [fixed("x", "p"), fixed("p", "a", (0,)), fixed("a", "b", (0,)), fixed("b", "q", (0,)),
             fixed("q", "y")]  # fmt: skip
    found = lives(steps, {0: 3})
    assert found["p"] == (0, 3)
    assert found["q"] == (1, 4)


def test_what_an_iteration_reads_before_it_writes_is_carried_along() -> None:
    steps = [fixed("x", "p"), fixed("a", "b", (0,)), fixed("b", "a", (0,)), fixed("p", "y", (0,))]
    assert lives(steps, {0: 2})["a"] == (1, 3)


def test_rows_written_one_an_iteration_live_as_long_as_the_loop() -> None:
    steps = [fixed("x", "p"), fixed("p", "b", (0,)), step(("b", ()), ("a", (0,)), (0,)),
             fixed("b", "b", (0,)), fixed("p", "y")]  # fmt: skip
    assert lives(steps, {0: 2})["a"] == (1, 3)


def test_an_inner_loop_is_left_before_the_outer_one() -> None:
    steps = [fixed("x", "k", (0,)), fixed("k", "r", (0, 1)), step(("r", ()), ("y", (1,)), (0, 1)),
             fixed("k", "k", (0,))]  # fmt: skip
    found = lives(steps, {0: 2, 1: 3})
    assert found["k"] == (0, 3), "made before the inner loop, used behind it, all in the outer"
    assert found["r"] == (1, 2)
    assert found["x"] == (0, 3), "read anew in every outer iteration"
    assert loop_ranges(steps) == {1: (1, 2), 0: (0, 3)}
    assert list(loop_ranges(steps)) == [1, 0]
