"""What lies in slow memory, and in how many parts every step runs: the fewest cycles by CP-SAT."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from tinyrig.generator.planning.buffer import align
from tinyrig.generator.planning.lifetime import Span
from tinyrig.generator.planning.step import Storage
from tinyrig.generator.planning.tiling.alike import Alike, alike
from tinyrig.generator.planning.tiling.options import Choice

_BYTES_A_CYCLE = 4
"""What the DMA copies in a cycle, with its waits for slow memory."""

_DETERMINISTIC_SECONDS = 0.4
_LONGER = 0.02
"""What a search may take, and what more for every kind of step."""

_GAP = 0.02
"""How far from the fewest cycles a choice may be."""


@dataclass(frozen=True, eq=False)
class Chosen:
    """Storages in slow memory, every step's choice, whether its weights are copied to fast memory,
    the cycles of all that is weighed, and the bytes of the arena where addresses need no more than
    is live."""

    slow: frozenset[str]
    choices: tuple[Choice, ...]
    copied: tuple[bool, ...]
    cycles: int
    arena: int


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
    first part and last. For steps that are alike the same is chosen.
    """
    from ortools.sat.python import cp_model

    search = _Search(
        cp_model.CpModel(), steps, storages, lives, room, alike(steps, storages, lives)
    )
    search.state()
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.relative_gap_limit = _GAP
    # Conditions hold only if a choice is taken: relaxed they bound nothing and lead astray.
    solver.parameters.linearization_level = 0
    solver.parameters.cp_model_probing_level = 0
    longer = _LONGER * len(search.which)
    solver.parameters.max_deterministic_time = _DETERMINISTIC_SECONDS + longer
    solver.parameters.catch_sigint_signal = False
    if solver.solve(search.model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    return search.chosen(solver)


@dataclass(eq=False)
class _Search:
    """The model: a choice a kind of step, where its weights are read, and where storages lie."""

    model: Any
    steps: Sequence[Sequence[Choice]]
    storages: Mapping[str, Storage]
    lives: Mapping[str, Span]
    room: int
    alike: Alike
    away: dict[int, Any] = field(default_factory=dict)
    which: dict[int, list[Any]] = field(default_factory=dict)
    inside: dict[int, Any] = field(default_factory=dict)
    sizes: dict[int, Any] = field(default_factory=dict)
    timed: dict[Hashable, Any] = field(default_factory=dict)

    def state(self) -> None:
        """Say what must hold, and what is wanted."""
        model = self.model
        self.arena = model.new_int_var(0, self.room, "arena")
        self.blocks = model.new_int_var(0, self.room, "blocks")
        model.add(self.arena + self.blocks <= self.room)
        for name, kind in self.alike.storages.items():
            if self.storages[name].item == 1 and kind not in self.away:
                self.away[kind] = model.new_bool_var(f"away {kind}")
        for kind in dict.fromkeys(self.alike.steps):
            self._kind(kind)
        for one, two in dict.fromkeys(pairwise(self.alike.steps)):
            model.add(self.sizes[one] + self.sizes[two] <= self.blocks)
        stated: set[Hashable] = set()
        costs = []
        for index, kind in enumerate(self.alike.steps):
            operands = tuple(self._place(op.storage) for op in self.steps[index][0].operands)
            live = Counter(
                self.alike.storages[name]
                for name, (first, last) in self.lives.items()
                if first <= index <= last
            )
            key = (kind, operands, tuple(sorted(live.items())))
            if key not in stated:
                stated.add(key)
                self._fits(index, live)
            if (kind, operands) not in self.timed:
                self.timed[kind, operands] = self._cycles(index)
            costs.append(self.timed[kind, operands])
        model.minimize(sum(costs))
        self._hint()

    def _kind(self, kind: int) -> None:
        """One choice of a kind, and the size of its blocks."""
        model, offered = self.model, self.steps[self.alike.first(kind)]
        which = [model.new_bool_var(f"kind {kind} choice {n}") for n in range(len(offered))]
        model.add_exactly_one(which)
        kept = model.new_bool_var(f"weights {kind}")
        size = model.new_int_var(0, self.room, f"size {kind}")
        model.add(size <= self.blocks)
        for one, on in zip(offered, which, strict=True):
            held = one.constants
            model.add(size >= held.small + held.weights * kept).only_enforce_if(on)
            if held.blocks > 1:
                model.add(2 * size <= self.blocks).only_enforce_if(on)
        self.which[kind], self.inside[kind], self.sizes[kind] = which, kept, size

    def _place(self, storage: str) -> int | None:
        kind = self.alike.storages.get(storage)
        return kind if kind in self.away else None

    def _fits(self, index: int, live: Counter[int]) -> None:
        """What is live in a step fits the arena beside its scratch and its parts."""
        sizes = {kind: align(self.storages[n].size) for n, kind in self.alike.storages.items()}
        held = sum(
            sizes[kind] * count * (1 - self.away[kind] if kind in self.away else 1)
            for kind, count in live.items()
        )
        which = self.which[self.alike.steps[index]]
        for one, on in zip(self.steps[index], which, strict=True):
            staged = sum(each.room * away for each, away in self._slow(one))
            self.model.add(held + one.scratch + staged <= self.arena).only_enforce_if(on)

    def _slow(self, choice: Choice) -> list[tuple[Any, Any]]:
        """The operands that may lie in slow memory, with whether they do."""
        placed = [(each, self._place(each.storage)) for each in choice.operands]
        return [(each, self.away[kind]) for each, kind in placed if kind is not None]

    def _cycles(self, index: int) -> Any:
        kind, offered, model = self.alike.steps[index], self.steps[index], self.model
        cycles = model.new_int_var(0, max(_longest(one) for one in offered), f"cycles {index}")
        work = sum(one.cycles * on for one, on in zip(offered, self.which[kind], strict=True))
        model.add(cycles >= work)  # said for all choices at once, it bounds a search
        for one, on in zip(offered, self.which[kind], strict=True):
            operands = self._slow(one)
            direct = sum(each.direct * away for each, away in operands if each.size is None)
            ends = sum(each.waited // _BYTES_A_CYCLE * away for each, away in operands)
            moved = sum(each.moved // _BYTES_A_CYCLE * away for each, away in operands)
            held, kept = one.constants, self.inside[kind]
            slow = held.slow * (1 - kept) if held.weights else 0
            loaded = held.blocks * held.weights // _BYTES_A_CYCLE * kept
            model.add(cycles >= one.cycles + slow + direct + ends).only_enforce_if(on)
            model.add(cycles >= moved + loaded + direct + ends).only_enforce_if(on)
        return cycles

    def _hint(self) -> None:
        """Begin with all tensors and weights in slow memory, in the smallest parts."""
        for kind, which in self.which.items():
            rooms = [_most_room(one) for one in self.steps[self.alike.first(kind)]]
            least = rooms.index(min(rooms))
            for number, on in enumerate(which):
                self.model.add_hint(on, number == least)
            self.model.add_hint(self.inside[kind], False)
        for each in self.away.values():
            self.model.add_hint(each, True)

    def chosen(self, solver: Any) -> Chosen:
        """Return what the solver found."""
        taken = {
            kind: next(number for number, on in enumerate(which) if solver.value(on))
            for kind, which in self.which.items()
        }
        outside = {kind for kind, on in self.away.items() if solver.value(on)}
        picked = tuple(
            offered[taken[kind]] for offered, kind in zip(self.steps, self.alike.steps, strict=True)
        )
        slow = frozenset(name for name, kind in self.alike.storages.items() if kind in outside)
        copied = tuple(bool(solver.value(self.inside[kind])) for kind in self.alike.steps)
        arena = int(solver.value(self.arena))
        return Chosen(slow, picked, copied, int(solver.objective_value), arena)


def _most_room(choice: Choice) -> int:
    return choice.scratch + choice.constants.small + sum(each.room for each in choice.operands)


def _longest(choice: Choice) -> int:
    """Return the most cycles a choice may take, wherever its operands lie."""
    ends = sum(each.direct + each.waited for each in choice.operands)
    held = choice.constants
    weights = held.slow + held.blocks * held.weights
    return choice.cycles + weights + sum(each.moved for each in choice.operands) + ends
