"""What a graph's plan would take, without making it: no constants are packed, none are named.

A search of networks asks this thousands of times. Layers that were weighed once, for any graph,
are not weighed again, nor are equal buffers placed again.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace

from tinyrig.generator.errors import FitError
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.options import Options
from tinyrig.generator.passes.pipeline import run_passes
from tinyrig.generator.planning.arena import live_bound, plan_arena
from tinyrig.generator.planning.arena_heuristics import greedy_by_peak
from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.buffer import peak
from tinyrig.generator.planning.demand import Demand, demanded
from tinyrig.generator.planning.search.budget import NO_LIMIT, flash_budget, placed
from tinyrig.generator.planning.search.offer import Weighings
from tinyrig.generator.planning.search.selection import select
from tinyrig.generator.planning.search.space import Space


@dataclass(frozen=True)
class Estimate:
    """Bytes of the arena and of all constants, and predicted cycles of one inference."""

    ram: int
    flash: int
    cycles: int


class Estimator:
    """Tells what `cheapest_plan` would take of a board with `optimize` none."""

    def __init__(self, board: Board, options: Options) -> None:
        self._board, self._options = board, options
        self._room = max(board.arena_capacity(name) for name in board.layout.arena_regions)
        self._weighed: Weighings = {}
        self._arenas: dict[Hashable, int] = {}

    def estimate(self, graph: Graph) -> Estimate:
        """Return it for a graph; FitError where its arena fits no region of RAM."""
        passed = run_passes(graph, self._options)
        for options in (self._options, replace(self._options, large_scratch=False)):
            found = self._planned(passed, options)
            if found.ram <= self._room:
                return found
        raise FitError(
            f"Model {graph.name!r} does not fit board {self._board.name!r}: its arena needs "
            f"{found.ram} bytes of RAM, and there are {self._room}."
        )

    def _planned(self, graph: Graph, options: Options) -> Estimate:
        space = placed(Space(graph, self._board, options, weighed=self._weighed))
        found = space.laid({})
        selection = select(found, NO_LIMIT, flash_budget(space))
        assert selection is not None  # there is no limit of RAM
        steps = list(zip(found.calls, selection.kernels, strict=True))
        demand = demanded(found.schedule, steps, self._board, options)
        held = (storage.data for storage in found.schedule.storages.values())
        flash = selection.flash + sum(data.nbytes for data in held if data is not None)
        return Estimate(self._size(demand, options.arena), flash, selection.cycles)

    def _size(self, demand: Demand, planner: str) -> int:
        number = {buffer.name: at for at, buffer in enumerate(demand.buffers)}
        key = (
            planner,
            tuple((b.size, b.first, b.last) for b in demand.buffers),
            tuple((number[y], number[x], by) for (y, x), by in demand.overwrites.items()),
        )
        if key not in self._arenas:
            self._arenas[key] = _arena_size(demand, planner, self._room)
        return self._arenas[key]


def _arena_size(demand: Demand, planner: str, room: int) -> int:
    """Return the size `plan_arena` finds, often where that would search, without a search.

    Of what is too large for the room, the least it needs.
    """
    buffers, overwrites = demand.buffers, demand.overwrites
    if planner == "optimal":
        bound = live_bound(buffers, overwrites)
        if bound > room or peak(buffers, greedy_by_peak(buffers, overwrites)) <= bound:
            return bound
    return plan_arena(buffers, overwrites, planner).size
