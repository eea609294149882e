"""What lies in slow memory, and in how many parts every step runs: the fewest cycles by CP-SAT."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from tinyrig.generator.planning.buffer import align
from tinyrig.generator.planning.lifetime import Span, loop_ranges
from tinyrig.generator.planning.resident import LONGEST_COPY
from tinyrig.generator.planning.step import Load, Storage
from tinyrig.generator.planning.tiling.alike import Alike, alike
from tinyrig.generator.planning.tiling.options import Choice
from tinyrig.generator.planning.tiling.start import BYTES_A_CYCLE, LOAD_BYTES, Start, best_start

_DETERMINISTIC_SECONDS = 0.4
_LONGER = 0.02
"""What a search may take, and what more for every kind of step."""

_GAP = 0.02
"""How far from the fewest cycles a choice may be."""


@dataclass(frozen=True)
class Loads:
    """How the blocks of a step come to fast memory: its first one, and those behind it."""

    first: Load
    others: Load

    def of(self, blocks: int) -> list[Load]:
        """Return that of every block of so many."""
        return [self.first, *[self.others] * (blocks - 1)]


@dataclass(frozen=True, eq=False)
class Chosen:
    """Storages in slow memory, every step's choice, how its constants are copied to fast memory,
    and the cycles of all that is weighed."""

    slow: frozenset[str]
    choices: tuple[Choice, ...]
    loads: tuple[Loads, ...]
    cycles: int


def choose(
    steps: Sequence[Sequence[Choice]],
    storages: Mapping[str, Storage],
    lives: Mapping[str, Span],
    room: int,
) -> Chosen | None:
    """Choose for `room` bytes of fast memory; None if nothing fits.

    A step needs the storages of fast memory that live in it, its scratch, two parts of each operand
    from slow memory, its block of constants, and the next block where that is copied meanwhile. It
    takes as long as its work or its copies do, weights among them, and what it cannot copy
    meanwhile: its first part and last, and blocks that it waits for. For steps that are alike the
    same is chosen.
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
    solver.parameters.cp_model_presolve = False  # takes the time that the search then lacks
    solver.parameters.linearization_level = 2
    longer = _LONGER * len(search.which)
    solver.parameters.max_deterministic_time = _DETERMINISTIC_SECONDS + longer
    solver.parameters.catch_sigint_signal = False
    if solver.solve(search.model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    return search.chosen(solver)


@dataclass(eq=False)
class _Search:
    """The model: a choice a kind of step, how its constants come, and where storages lie.

    By kind: `sizes` has the bytes of a block, `ahead` those that the step before has of it, and
    `doubled` those of the next block that each but the last has.
    """

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
    early: dict[int, tuple[Any, Any]] = field(default_factory=dict)
    ahead: dict[int, Any] = field(default_factory=dict)
    doubled: dict[int, Any] = field(default_factory=dict)
    waits: dict[int, Any] = field(default_factory=dict)
    timed: dict[Hashable, Any] = field(default_factory=dict)

    def state(self) -> None:
        """Say what must hold, and what is wanted."""
        model = self.model
        for name, kind in self.alike.storages.items():
            if self.storages[name].item == 1 and kind not in self.away:
                self.away[kind] = model.new_bool_var(f"away {kind}")
        for kind in dict.fromkeys(self.alike.steps):
            self._kind(kind)
        together = self._together()
        stated: set[Hashable] = set()
        costs = []
        for index, kind in enumerate(self.alike.steps):
            operands = tuple(self._place(op.storage) for op in self.steps[index][0].operands)
            live = Counter(
                self.alike.storages[name]
                for name, (first, last) in self.lives.items()
                if first <= index <= last
            )
            own, following = together[index]
            key = (kind, operands, tuple(sorted(live.items())), own, following, self._ends(index))
            if key not in stated:
                stated.add(key)
                self._fits(index, live, own, following)
            if (kind, operands) not in self.timed:
                self.timed[kind, operands] = self._cycles(index)
            costs += [self.timed[kind, operands], self.waits[kind]]
        model.minimize(sum(costs) + self._begin())
        self._hint()

    def _kind(self, kind: int) -> None:
        """One choice of a kind, and the size of its blocks."""
        model, offered = self.model, self.steps[self.alike.first(kind)]
        which = [model.new_bool_var(f"kind {kind} choice {n}") for n in range(len(offered))]
        model.add_exactly_one(which)
        kept = model.new_bool_var(f"weights {kind}")
        size = model.new_int_var(0, self.room, f"size {kind}")
        for one, on in zip(offered, which, strict=True):
            held = one.constants
            model.add(size >= held.small + held.weights * kept).only_enforce_if(on)
            if held.weights > LONGEST_COPY:
                model.add(kept == 0).only_enforce_if(on)
        small = _sum(offered, which, lambda one: one.constants.small)
        weights = _sum(offered, which, lambda one: one.constants.weights)
        heaviest = max(one.constants.weights for one in offered)
        model.add(size >= small)  # these two are said for all at once, which bounds a search
        model.add(size >= small + weights - heaviest * (1 - kept))
        self.which[kind], self.inside[kind], self.sizes[kind] = which, kept, size
        self._loads(kind)

    def _loads(self, kind: int) -> None:
        """What is held of a kind's blocks before their steps, and what is waited for the others."""
        model, offered, size = self.model, self.steps[self.alike.first(kind)], self.sizes[kind]
        most = max(one.constants.blocks for one in offered) * (self.room + LOAD_BYTES)
        first, others = (model.new_bool_var(f"early {what} {kind}") for what in ("first", "others"))
        ahead = model.new_int_var(0, self.room, f"ahead {kind}")
        doubled = model.new_int_var(0, self.room, f"doubled {kind}")
        bytes_waited = model.new_int_var(0, most, f"waited {kind}")
        cycles = model.new_int_var(0, most, f"cycles {kind}")
        model.add(ahead >= size).only_enforce_if(first)
        model.add(doubled >= size).only_enforce_if(others)
        model.add(bytes_waited >= size + LOAD_BYTES).only_enforce_if(~first)
        model.add(ahead + bytes_waited >= size)  # follows, and bounds a search
        model.add(BYTES_A_CYCLE * cycles >= bytes_waited)
        for one, on in zip(offered, self.which[kind], strict=True):
            blocks = one.constants.blocks
            if blocks > 1:
                behind = (blocks - 1) * (size + LOAD_BYTES)
                every = behind + size + LOAD_BYTES
                model.add(bytes_waited >= behind).only_enforce_if(on, ~others)
                model.add(bytes_waited >= every).only_enforce_if(on, ~first, ~others)
        self.early[kind] = first, others
        self.ahead[kind], self.doubled[kind], self.waits[kind] = ahead, doubled, cycles

    def _begin(self) -> Any:
        """The cycles of a wait for the first block, which no step is ahead of."""
        kind = self.alike.steps[0]
        most = self.room + LOAD_BYTES
        cycles = self.model.new_int_var(0, most, "begin")
        waited = BYTES_A_CYCLE * cycles >= self.sizes[kind] + LOAD_BYTES
        self.model.add(waited).only_enforce_if(self.early[kind][0])
        return cycles

    def _together(self) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
        """Return for every step the kinds whose constants are in its block, those of its loop or
        its own, and the kinds of the next block."""
        bare = [offered[0].cut.step for offered in self.steps]
        ranges = loop_ranges(bare)
        spans = [ranges[one.loops[0]] if one.loops else (n, n) for n, one in enumerate(bare)]
        kinds = [self.alike.steps[first : last + 1] for first, last in spans]
        for own in kinds:
            for one, two in pairwise(own):
                self.model.add(self.inside[one] == self.inside[two])
                self.model.add(self.early[one][0] == self.early[two][0])
        after = [kinds[last + 1] if last + 1 < len(kinds) else () for _, last in spans]
        return list(zip(kinds, after, strict=True))

    def _place(self, storage: str) -> int | None:
        kind = self.alike.storages.get(storage)
        return kind if kind in self.away else None

    def _fits(
        self, index: int, live: Counter[int], own: Sequence[int], following: Sequence[int]
    ) -> None:
        """What is live in a step fits beside its scratch, its parts and its constants."""
        sizes = {kind: align(self.storages[n].size) for n, kind in self.alike.storages.items()}
        held = sum(
            sizes[kind] * count * (1 - self.away[kind] if kind in self.away else 1)
            for kind, count in live.items()
        )
        held += sum(self.sizes[kind] for kind in own)
        ahead = sum(self.ahead[kind] for kind in following)
        kind = self.alike.steps[index]
        scratch = _sum(self.steps[index], self.which[kind], lambda one: one.scratch - one.over)
        self.model.add(held + ahead + scratch <= self.room)
        for one, on in zip(self.steps[index], self.which[kind], strict=True):
            staged = sum(each.room * away for each, away in self._slow(one))
            taken = held + one.scratch + staged - one.over * self._overlays(index)
            self.model.add(taken + ahead <= self.room).only_enforce_if(on)
            if one.constants.blocks > 1:
                self.model.add(taken + self.doubled[kind] <= self.room).only_enforce_if(on)

    def _ends(self, index: int) -> tuple[bool, bool]:
        """Whether a step's first input is not read again, and its output's storage not written
        before."""
        operands = self.steps[index][0].operands
        if not any(one.over for one in self.steps[index]):
            return False, False
        first, output = (self.lives.get(op.storage) for op in (operands[0], operands[-1]))
        return first is not None and first[1] == index, output is not None and output[0] == index

    def _overlays(self, index: int) -> Any:
        """1 where the output of a step may lie over its first input: a part of a storage does not
        while it lies in fast memory."""
        dies, born = self._ends(index)
        if not dies or born:
            return int(dies)
        kind = self._place(self.steps[index][0].operands[-1].storage)
        return 0 if kind is None else self.away[kind]

    def _slow(self, choice: Choice) -> list[tuple[Any, Any]]:
        """The operands that may lie in slow memory, with whether they do."""
        placed = [(each, self._place(each.storage)) for each in choice.operands]
        return [(each, self.away[kind]) for each, kind in placed if kind is not None]

    def _cycles(self, index: int) -> Any:
        kind, offered, model = self.alike.steps[index], self.steps[index], self.model
        cycles = model.new_int_var(0, max(_longest(one) for one in offered), f"cycles {index}")
        which, kept = self.which[kind], self.inside[kind]
        work = _sum(offered, which, lambda one: one.cycles)
        slow = _sum(offered, which, lambda one: one.constants.slow)
        slowest = max(one.constants.slow for one in offered)
        model.add(cycles >= work)  # said for all choices at once, it bounds a search
        model.add(cycles >= work + slow - slowest * kept)
        for one, on in zip(offered, which, strict=True):
            operands = self._slow(one)
            direct = sum(each.direct * away for each, away in operands if each.size is None)
            ends = sum(each.waited // BYTES_A_CYCLE * away for each, away in operands)
            moved = sum(each.moved // BYTES_A_CYCLE * away for each, away in operands)
            held, (_, others) = one.constants, self.early[kind]
            copied = moved + direct + ends
            loaded = held.blocks * held.weights // BYTES_A_CYCLE * kept
            apart = one.cycles + held.slow * (1 - kept) + direct + ends
            model.add(cycles >= apart).only_enforce_if(on)
            model.add(cycles >= copied).only_enforce_if(on)
            if held.weights:
                model.add(cycles >= copied + loaded).only_enforce_if(on, others)
        return cycles

    def _hint(self) -> None:
        """Begin with all tensors in slow memory, where every kind of step may have what is best for
        it alone. Steps in loops, which share a block, begin with the smallest parts, and steps of
        which none fits: what they read elsewhere is left to the search."""
        for kind, which in self.which.items():
            offered = self.steps[self.alike.first(kind)]
            start = self._start(kind) or Start(_smallest(offered), weights=False, early=False)
            for number, on in enumerate(which):
                self.model.add_hint(on, number == start.choice)
            self.model.add_hint(self.inside[kind], start.weights)
            first, others = self.early[kind]
            self.model.add_hint(first, False)
            self.model.add_hint(others, start.early)
        for kind in self.away.values():
            self.model.add_hint(kind, True)

    def _start(self, kind: int) -> Start | None:
        """Return what is best for a kind of step alone, beside the storages that stay."""
        index = self.alike.first(kind)
        offered = self.steps[index]
        if offered[0].cut.step.loops:
            return None
        slow = {name for name, each in self.alike.storages.items() if each in self.away}
        held = sum(
            align(self.storages[name].size)
            for name, (first, last) in self.lives.items()
            if first <= index <= last and name not in slow
        )
        return best_start(offered, slow, held, self.room)

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
        loads = {}
        for kind, kept in self.inside.items():
            inside = bool(solver.value(kept))
            first, others = (bool(solver.value(each)) for each in self.early[kind])
            loads[kind] = Loads(Load(inside, first), Load(inside, others))
        every = tuple(loads[kind] for kind in self.alike.steps)
        return Chosen(slow, picked, every, int(solver.objective_value))


def _sum(offered: Sequence[Choice], which: Sequence[Any], of: Callable[[Choice], int]) -> Any:
    """Return what the choice has that is taken."""
    return sum(of(one) * on for one, on in zip(offered, which, strict=True))


def _smallest(offered: Sequence[Choice]) -> int:
    """Return the number of the choice that takes the least fast memory, without its weights."""
    rooms = [
        one.scratch + one.constants.small + sum(each.room for each in one.operands)
        for one in offered
    ]
    return rooms.index(min(rooms))


def _longest(choice: Choice) -> int:
    """Return the most cycles a choice may take, wherever its operands lie."""
    ends = sum(each.direct + each.waited for each in choice.operands)
    held = choice.constants
    weights = held.slow + held.blocks * held.weights
    return choice.cycles + weights + sum(each.moved for each in choice.operands) + ends
