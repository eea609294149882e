"""What lies in slow memory, and in how many parts every step runs: the fewest cycles by CP-SAT."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tinyrig.generator.planning.buffer import align
from tinyrig.generator.planning.lifetime import Span
from tinyrig.generator.planning.step import Storage
from tinyrig.generator.planning.tiling.options import Choice

_BYTES_A_CYCLE = 4
"""What the DMA copies in a cycle, with its waits for slow memory."""

_DETERMINISTIC_SECONDS = 0.3
_LONGER = 0.02
"""What the search may take, and what more for every step."""

_GAP = 0.02
"""How far from the fewest cycles a choice may be."""


@dataclass(frozen=True, eq=False)
class Chosen:
    """Storages in slow memory, every step's choice, and the cycles of all that is weighed."""

    slow: frozenset[str]
    choices: tuple[Choice, ...]
    cycles: int


def choose(
    steps: Sequence[Sequence[Choice]],
    storages: Mapping[str, Storage],
    lives: Mapping[str, Span],
    room: int,
) -> Chosen | None:
    """Choose for `room` bytes of fast memory, arena and constants together; None if none does.

    The arena has the storages of fast memory that live in a step, its scratch, and two parts of
    each operand from slow memory; the constants are those of two blocks in a row. A step takes as
    long as its work or its copies do, weights among them, and what it cannot copy meanwhile: its
    first part and last.
    """
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    away = {name: model.new_bool_var(f"slow {name}") for name in lives if storages[name].item == 1}
    arena = model.new_int_var(0, room, "arena")
    blocks = model.new_int_var(0, room, "blocks")
    model.add(arena + blocks <= room)
    inside = [model.new_bool_var(f"weights {n}") for n in range(len(steps))]
    sizes = [model.new_int_var(0, room, f"size {n}") for n in range(len(steps))]
    for number, size in enumerate(sizes):
        model.add(size + (sizes[number + 1] if number + 1 < len(sizes) else 0) <= blocks)
    costs: list[Any] = []
    taken = []
    for index, offered in enumerate(steps):
        live = sum(
            align(storages[name].size) * (1 - away[name] if name in away else 1)
            for name, (first, last) in lives.items()
            if first <= index <= last
        )
        which = [model.new_bool_var(f"step {index} choice {n}") for n in range(len(offered))]
        model.add_exactly_one(which)
        most = max(_longest(one) for one in offered)
        cycles = model.new_int_var(0, most, f"cycles {index}")
        for one, on in zip(offered, which, strict=True):
            operands = [each for each in one.operands if each.storage in away]
            staged = sum(each.room * away[each.storage] for each in operands)
            model.add(live + one.scratch + staged <= arena).only_enforce_if(on)
            direct = sum(each.direct * away[each.storage] for each in operands if each.size is None)
            ends = sum((each.size or 0) // _BYTES_A_CYCLE * away[each.storage] for each in operands)
            moved = sum(each.moved // _BYTES_A_CYCLE * away[each.storage] for each in operands)
            held, kept = one.constants, inside[index]
            model.add(sizes[index] >= held.small + held.weights * kept).only_enforce_if(on)
            if held.blocks > 1:
                model.add(2 * sizes[index] <= blocks).only_enforce_if(on)
            slow = held.slow * (1 - kept)
            loaded = held.blocks * held.weights // _BYTES_A_CYCLE * kept
            model.add(cycles >= one.cycles + slow + direct + ends).only_enforce_if(on)
            model.add(cycles >= moved + loaded + direct + ends).only_enforce_if(on)
        costs.append(cycles)
        taken.append(which)
    model.minimize(sum(costs))
    _hint(model, steps, taken, [*away.values()], inside)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.relative_gap_limit = _GAP
    solver.parameters.max_deterministic_time = _DETERMINISTIC_SECONDS + _LONGER * len(steps)
    solver.parameters.catch_sigint_signal = False
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    picked = [
        next(one for one, on in zip(offered, which, strict=True) if solver.value(on))
        for offered, which in zip(steps, taken, strict=True)
    ]
    outside = frozenset(name for name, on in away.items() if solver.value(on))
    return Chosen(outside, tuple(picked), int(solver.objective_value))


def _hint(
    model: Any,
    steps: Sequence[Sequence[Choice]],
    taken: Sequence[Sequence[Any]],
    away: Sequence[Any],
    inside: Sequence[Any],
) -> None:
    """Begin the search with all tensors and weights in slow memory, in the smallest parts."""
    for offered, which in zip(steps, taken, strict=True):
        rooms = [_most_room(one) for one in offered]
        least = rooms.index(min(rooms))
        for number, on in enumerate(which):
            model.add_hint(on, number == least)
    for each in away:
        model.add_hint(each, True)
    for each in inside:
        model.add_hint(each, False)


def _most_room(choice: Choice) -> int:
    return choice.scratch + choice.constants.small + sum(each.room for each in choice.operands)


def _longest(choice: Choice) -> int:
    """Return the most cycles a choice may take, wherever its operands lie."""
    ends = sum(each.direct + (each.size or 0) for each in choice.operands)
    held = choice.constants
    weights = held.slow + held.blocks * held.weights
    return choice.cycles + weights + sum(each.moved for each in choice.operands) + ends
