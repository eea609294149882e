"""The plan of a model that fast memory holds in parts alone: what lies where, and the tiles."""

from __future__ import annotations

from dataclasses import dataclass

from tinyrig.generator.errors import FitError
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.planning.binding import bind
from tinyrig.generator.planning.board import ARENA_ALIGNMENT, Board
from tinyrig.generator.planning.buffer import align
from tinyrig.generator.planning.call import Call
from tinyrig.generator.planning.constants import constants_of
from tinyrig.generator.planning.lifetime import lifetimes
from tinyrig.generator.planning.packing import packed
from tinyrig.generator.planning.plan import Plan, assemble
from tinyrig.generator.planning.resident import params_bytes
from tinyrig.generator.planning.search.laid import Laid
from tinyrig.generator.planning.search.selection import Selection
from tinyrig.generator.planning.search.space import Space
from tinyrig.generator.planning.step import Schedule, Step
from tinyrig.generator.planning.streams.ways import Ways
from tinyrig.generator.planning.tiling.choose import Chosen, Constants, choose
from tinyrig.generator.planning.tiling.options import Choice, choices
from tinyrig.generator.planning.tiling.rewrite import tiled_schedule

_TRIES = 6
_DISTINCT_PARAMS = 3
"""Parameters of a tiled layer: of its first part, its last and those between."""


@dataclass(frozen=True, eq=False)
class Tiling:
    """A schedule with the choices of its steps; what was chosen for all the room there is."""

    space: Space
    ways: Ways
    schedule: Schedule
    steps: tuple[tuple[Choice, ...], ...]
    constants: tuple[Constants, ...]
    room: int
    chosen: Chosen

    @property
    def cycles(self) -> int:
        """About how long an inference takes, without what every call costs beside its work."""
        return self.chosen.cycles


def tiling(space: Space, ways: Ways) -> Tiling | None:
    """Return the choice of least cycles for a space; None where none fits its fast memory."""
    schedule = space.laid(ways).schedule
    offers = space.offers
    steps = tuple(tuple(choices(space.graph, schedule, s, offers)) for s in schedule.steps)
    pairs = zip(schedule.steps, steps, strict=True)
    constants = tuple(
        _constants(space.graph, space.board, schedule, step, offered[0]) for step, offered in pairs
    )
    region = space.board.layout.arena_regions[0]
    room = space.board.arena_capacity(region) - ARENA_ALIGNMENT
    chosen = choose(steps, constants, schedule.storages, lifetimes(schedule), room)
    if chosen is None:
        return None
    return Tiling(space, ways, schedule, steps, constants, room, chosen)


def tiled_plan(tiling: Tiling) -> Plan:
    """Place everything. Where addresses need more than is live, less is asked for.

    FitError when that does not help.
    """
    chosen: Chosen | None = tiling.chosen
    room = tiling.room
    misfit: FitError | None = None
    for _ in range(_TRIES):
        if chosen is None:
            break
        try:
            return _placed(tiling, chosen)
        except FitError as error:
            misfit = error
        room -= tiling.room // 16
        lives = lifetimes(tiling.schedule)
        chosen = choose(tiling.steps, tiling.constants, tiling.schedule.storages, lives, room)
    assert misfit is not None  # the first try was chosen
    raise misfit


def _placed(tiling: Tiling, chosen: Chosen) -> Plan:
    schedule, kernels = tiled_schedule(tiling.schedule, chosen)
    found = Laid(tiling.ways, schedule, (), (), ())
    selection = Selection(kernels, cycles=chosen.cycles, ram=0, flash=0)
    return assemble(tiling.space, found, selection)


@dataclass(frozen=True, eq=False)
class _Bound:
    """As much of a planned step as its constants are found by."""

    calls: tuple[Call, ...]


def _constants(
    graph: Graph, board: Board, schedule: Schedule, step: Step, choice: Choice
) -> Constants:
    """Return the bytes of a step's constants as its kernel reads them."""
    calls = tuple(packed(call, choice.kernel.pack) for call in bind(graph, step))
    tables = constants_of(schedule, _Bound(calls)).values()
    weights = sum(align(t.values.nbytes) for t in tables if t.kind == "weights")
    small = sum(align(t.values.nbytes) for t in tables if t.kind != "weights")
    params = _DISTINCT_PARAMS * params_bytes(_Bound(calls)) // len(calls)
    if step.loops:
        params = params_bytes(_Bound(calls))
    macs = sum(call.macs for call in calls) * schedule.executions(step) // len(calls)
    return Constants(align(small + params), weights, macs // board.cores)
