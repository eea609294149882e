"""Constants behind slow memory: what is copied from there, when, and where to.

A block (resident.py) that slow memory has no room for lies in a memory that no core reads. It is
copied to slow memory some blocks before it is used, in the order of use, and its place is another's
once it has been copied on to fast memory, or once its own steps have ended where cores read some of
its weights in slow memory themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tinyrig.generator.planning.arena import plan_arena
from tinyrig.generator.planning.buffer import Buffer, align
from tinyrig.generator.planning.call import Table
from tinyrig.generator.planning.memory_region import CopiedMemory
from tinyrig.generator.planning.resident import Residents

_AHEAD = (6, 3, 1, 0)
"""How many blocks a copy may begin before it must have ended; at most as many are under way."""

_ALIGNMENT = 16

_CYCLES = 256
"""The unit in which the solver counts cycles."""

_DETERMINISTIC_SECONDS = 1.0
_GAP = 0.01
_TRIES = 4


@dataclass(frozen=True, eq=False)
class Stage:
    """A block that is copied to slow memory: `size` bytes at `offset` of what is kept for such.

    `tables` are those of its steps that cores read there. Its copy begins when block `start` does,
    and has ended before block `block` - 1 begins.
    """

    block: int
    tables: Mapping[str, Table]
    size: int
    offset: int
    start: int

    @property
    def last(self) -> int:
        """The last block while whose steps run its bytes are read."""
        return self.block if self.tables else self.block - 1


@dataclass(frozen=True, eq=False)
class Stages:
    """All such blocks in the order of their use, and the bytes of slow memory kept for them."""

    stages: tuple[Stage, ...]
    size: int

    @property
    def behind(self) -> int:
        """The bytes that lie behind slow memory."""
        return sum(stage.size for stage in self.stages)

    def of(self, block: int) -> Stage | None:
        """Return a block's, None for one that lies in slow memory."""
        return next((stage for stage in self.stages if stage.block == block), None)

    def starting(self, block: int) -> tuple[Stage, ...]:
        """Return those whose copies begin when a block does."""
        return tuple(stage for stage in self.stages if stage.start == block)

    def under_way(self, stage: Stage) -> int:
        """Return how many copies are under way behind a stage's when that is awaited."""
        return sum(one.block > stage.block and one.start < stage.block for one in self.stages)


def stage_sizes(residents: Residents, outside: Sequence[Mapping[str, Table]]) -> list[int]:
    """Return the bytes of every block with the tables of its steps that are in none."""
    return [
        align(block.size + sum(align(t.values.nbytes) for t in tables.values()), _ALIGNMENT)
        for block, tables in zip(residents.blocks, outside, strict=True)
    ]


def plan_stages(
    residents: Residents,
    outside: Sequence[Mapping[str, Table]],
    cycles: Sequence[int],
    memory: CopiedMemory,
    room: int,
) -> Stages | None:
    """Choose by CP-SAT which blocks lie in `memory`, by the fewest cycles waited for them.

    `outside` are every block's tables that cores read in slow memory, `cycles` what its steps
    take. The other blocks and all places must have `room` bytes together; None where no choice does
    that, or the memory is too small.
    """
    sizes = stage_sizes(residents, outside)
    enough = (1 + _GAP) * sum(-(-one // _CYCLES) for one in cycles)
    for share in range(_TRIES):
        least = room - share * max(sizes) // 2
        best: tuple[int, Stages] | None = None
        for ahead in _AHEAD:
            if best is not None and best[0] <= enough:
                break
            found = _choose(sizes, outside, cycles, memory, least, ahead)
            if found is None:
                continue
            waited, chosen = found
            stages = _placed(sizes, outside, chosen, ahead)
            held = sum(sizes) - stages.behind + stages.size
            fits = held <= room and stages.behind <= memory.size
            if fits and (best is None or waited < best[0]):
                best = waited, stages
        if best is not None:
            return best[1]
    return None


def _start(block: int, ahead: int) -> int:
    return max(0, block - 1 - ahead)


def _placed(
    sizes: Sequence[int],
    outside: Sequence[Mapping[str, Table]],
    chosen: Sequence[int],
    ahead: int,
) -> Stages:
    first = [Stage(n, outside[n], sizes[n], 0, _start(n, ahead)) for n in chosen]
    buffers = [Buffer(str(one.block), one.size, one.start, one.last) for one in first]
    arena = plan_arena(buffers, {}, "greedy")
    placed = tuple(
        Stage(one.block, one.tables, one.size, arena.offsets[str(one.block)], one.start)
        for one in first
    )
    return Stages(placed, arena.size)


def _choose(
    sizes: Sequence[int],
    outside: Sequence[Mapping[str, Table]],
    cycles: Sequence[int],
    memory: CopiedMemory,
    room: int,
    ahead: int,
) -> tuple[int, list[int]] | None:
    """Return the cycles of an inference and the blocks in `memory`, None where nothing fits.

    Copies run one behind the other. One begins not before block `start` does, and block - 1 waits
    for its end. The first block is copied ahead of the inference: it lies in slow memory.
    """
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    count = len(sizes)
    work = [-(-one // _CYCLES) for one in cycles]
    copying = [
        -(-round(memory.copy_cycles + memory.byte_cycles * size) // _CYCLES) for size in sizes
    ]
    most = sum(work) + sum(copying)
    away = [model.new_bool_var(f"away {n}") for n in range(count)]
    model.add(away[0] == 0)
    places = model.new_int_var(0, max(0, room), "places")
    for number in range(count):
        live = [
            sizes[n] * away[n]
            for n in range(count)
            if _start(n, ahead) <= number <= (n if outside[n] else n - 1)
        ]
        model.add(sum(live) <= places)
    behind = sum(size * each for size, each in zip(sizes, away, strict=True))
    model.add(sum(sizes) - behind + places <= max(0, room))
    model.add(behind <= memory.size)
    reached: list[Any] = [0]
    began = [model.new_int_var(0, most, f"began {n}") for n in range(count)]
    ended = [model.new_int_var(0, most, f"ended {n}") for n in range(count)]
    for number in range(1, count):
        reached.append(began[number - 1] + work[number - 1])
        model.add(ended[number] >= ended[number - 1] + copying[number] * away[number])
        start = reached[min(_start(number, ahead), number - 1)]
        model.add(ended[number] >= start + copying[number]).only_enforce_if(away[number])
        model.add(began[number - 1] >= ended[number]).only_enforce_if(away[number])
    for number in range(count):
        model.add(began[number] >= reached[number])
    model.minimize(began[count - 1] + work[count - 1])
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.relative_gap_limit = _GAP
    solver.parameters.max_deterministic_time = _DETERMINISTIC_SECONDS
    solver.parameters.catch_sigint_signal = False
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    chosen = [n for n in range(count) if solver.value(away[n])]
    return int(solver.objective_value), chosen
