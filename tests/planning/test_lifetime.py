"""From which step to which a storage is needed, in straight code and in loops."""

from __future__ import annotations

from generator.planning.lifetime import lifetimes, loop_ranges
from generator.planning.step import Copy, Schedule, Storage
from generator.planning.view import View

Access = tuple[str, str, tuple[int, ...]]


def schedule(*accesses: Access, inputs: str = "x", outputs: str = "y") -> Schedule:
    """Copies from a storage to another, each in its loops; storages named in upper case advance
    with the loop they are in."""

    def view(name: str, loops: tuple[int, ...]) -> View:
        advances = ((loops[-1], 4),) if name.isupper() and loops else ()
        return View(name, 0, (4,), (1,), advances)

    steps = tuple(
        Copy(name=f"{a}{b}", reads=(view(a, loops),), writes=(view(b, loops),), loops=loops)
        for a, b, loops in accesses
    )
    names = dict.fromkeys(name for a, b, _ in accesses for name in (a, b))
    storages = {name: Storage(name, 16) for name in (*names, *inputs, *outputs)}
    ends = [{name: view(name, ()) for name in group} for group in (inputs, outputs)]
    loops = {loop: 4 for _, _, inside in accesses for loop in inside}
    return Schedule(steps, storages, ends[0], ends[1], loops)


def test_a_chain_lives_from_its_writer_to_its_last_reader() -> None:
    found = lifetimes(schedule(("x", "a", ()), ("a", "b", ()), ("a", "c", ()), ("b", "y", ())))
    assert found == {"x": (0, 0), "a": (0, 2), "b": (1, 3), "c": (2, 2), "y": (3, 4)}


def test_inputs_live_from_the_start_and_outputs_past_the_end() -> None:
    found = lifetimes(schedule(("x", "a", ()), ("a", "y", ()), ("z", "a", ()), inputs="xz"))
    assert found["z"] == (0, 2)
    assert found["y"] == (1, 3)


def test_what_a_loop_reads_lives_as_long_as_the_loop() -> None:
    found = lifetimes(schedule(("x", "a", ()), ("a", "b", (0,)), ("b", "Y", (0,)), outputs="Y"))
    assert found["a"] == (0, 2)  # read again in the next iteration
    assert found["b"] == (1, 2)
    assert found["Y"] == (1, 3)


def test_what_one_iteration_makes_and_uses_up_lives_in_it_alone() -> None:
    found = lifetimes(
        schedule(("X", "a", (0,)), ("a", "b", (0,)), ("b", "Y", (0,)), inputs="X", outputs="Y")
    )
    assert found["a"] == (0, 1)
    assert found["b"] == (1, 2)
    assert found["X"] == (0, 2)


def test_what_is_carried_from_one_iteration_to_the_next_lives_as_long_as_the_loop() -> None:
    found = lifetimes(schedule(("x", "a", ()), ("b", "a", (0,)), ("a", "b", (0,)), ("a", "y", ())))
    assert found["b"] == (1, 2)
    assert found["a"] == (0, 3)


def test_a_storage_that_advances_with_its_loop_is_whole_from_its_start_to_its_end() -> None:
    found = lifetimes(
        schedule(("x", "p", (0,)), ("p", "A", (0,)), ("p", "q", (0,)), ("A", "y", ()))
    )
    assert found["A"] == (0, 3)


def test_inner_loops_come_before_outer_ones() -> None:
    steps = schedule(("x", "a", (0,)), ("a", "b", (0, 1)), ("b", "y", (0, 1)), ("y", "c", (0,)))
    assert list(loop_ranges(steps.steps).items()) == [(1, (1, 2)), (0, (0, 3))]
