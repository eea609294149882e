"""The plan: everything decided for one model on one board."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from types import MappingProxyType

from tinyrig.generator.errors import FitError
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.options import ALL, Options
from tinyrig.generator.planning.arena import ArenaPlan, plan_arena, plan_parts
from tinyrig.generator.planning.board import ARENA_ALIGNMENT, Board
from tinyrig.generator.planning.buffer import Buffer, Overwrites, align
from tinyrig.generator.planning.call import Table
from tinyrig.generator.planning.constants import constants_of, named_tables
from tinyrig.generator.planning.copied import Copying
from tinyrig.generator.planning.demand import demanded
from tinyrig.generator.planning.flash import spare_bytes, weights_region
from tinyrig.generator.planning.hot_code import RamCode, data_size
from tinyrig.generator.planning.hot_tables import RamCopies
from tinyrig.generator.planning.kernels import Kernel
from tinyrig.generator.planning.planned_step import PlannedStep, planned_steps
from tinyrig.generator.planning.resident import Residents, loaded_residents, plan_residents
from tinyrig.generator.planning.search.budget import (
    NO_LIMIT,
    flash_budget,
    flash_bytes,
    flash_needs,
    placed,
)
from tinyrig.generator.planning.search.laid import Laid
from tinyrig.generator.planning.search.selection import Selection, select
from tinyrig.generator.planning.search.space import Space
from tinyrig.generator.planning.stage_choice import staged_blocks
from tinyrig.generator.planning.stages import Stages
from tinyrig.generator.planning.step import Schedule
from tinyrig.generator.planning.streams.ways import Ways
from tinyrig.generator.planning.view import View

GUARD_BYTES = 8


@dataclass(frozen=True, eq=False)
class Plan:
    """Steps, addresses and tables.

    `clean` is the arena of the product; `checked` the arena of the build whose buffers carry
    guards, or `clean` itself when the guards find no room on the board. `tables` maps a content
    digest to its C name and data: equal tables are one. On a cluster `residents` are the blocks
    its constants are copied in. `copies` are the tables that lie in RAM from the start on, `code`
    the kernels.
    `ways` are those of the sites that are not executed as the options state, `cycles` what an
    inference is predicted to take at zero wait states, `waits` what it is predicted to wait for
    weights beside them, where that was weighed, `left` what of the waits copies leave. `spill` are
    the addresses in a cluster's slow memory of storages that its fast memory cannot hold; `buffers`
    are the others. `stages` are the blocks of constants that lie behind slow memory, where it
    cannot hold them.
    """

    graph: Graph
    board: Board
    schedule: Schedule
    steps: tuple[PlannedStep, ...]
    buffers: tuple[Buffer, ...]
    clean: ArenaPlan
    checked: ArenaPlan
    arena_region: str
    weights_region: str
    tables: Mapping[str, tuple[str, Table]]
    options: Options = ALL
    residents: Residents | None = None
    copies: RamCopies | None = None
    code: RamCode | None = None
    ways: Ways = field(default_factory=dict)
    cycles: int = 0
    waits: int = 0
    left: int = 0
    spill: ArenaPlan | None = None
    stages: Stages | None = None

    def table_name(self, table: Table) -> str:
        """Return the C name of a table."""
        return self.tables[table.key()][0]

    @property
    def layers(self) -> tuple[tuple[int, int], ...]:
        """The first step of every layer and one past its last: of a tiled one, of all its parts."""
        parts = [step.part for step in self.steps]
        starts = [n for n, p in enumerate(parts) if n == 0 or p is None or p != parts[n - 1]]
        return tuple(pairwise([*starts, len(self.steps)]))

    def constant(self, view: View) -> Table | None:
        """Return the flash table a view lies in, or None when it lies in the arena."""
        data = self.schedule.storages[view.storage].data
        return None if data is None else Table(data, "weights")

    def is_sum(self, view: View) -> bool:
        """True when a view's elements are int32 sums."""
        return self.schedule.storages[view.storage].item > 1

    @property
    def guarded(self) -> bool:
        """True when the checked build's buffers carry guards."""
        return self.checked is not self.clean

    @property
    def weights_outside(self) -> bool:
        """True when the weights lie in the board's external flash."""
        return self.weights_region != self.board.flash.name

    def constants_of(self, index: int) -> Mapping[str, Table]:
        """Return the tables a step reads, by digest."""
        return constants_of(self.schedule, self.steps[index])

    def is_copied(self, table: Table) -> bool:
        """True for a table that is copied to RAM at start."""
        return self.copies is not None and table.key() in self.copies.tables

    @property
    def kernels(self) -> list[Kernel]:
        """The kernel of every step that calls one."""
        return [step.kernel for step in self.steps if not step.is_read]

    @property
    def streamed(self) -> tuple[str, ...]:
        """The model's inputs that are read band by band and lie in RAM never whole."""
        schedule = self.schedule
        views = schedule.inputs.items()
        return tuple(name for name, view in views if schedule.storages[view.storage].streamed)

    def band_bytes(self, streamed: str) -> int:
        """Bytes of the band in which a streamed input comes."""
        schedule = self.schedule
        pairs = [(s.call.reads[0], s.call.writes[0]) for s in self.steps if s.is_read]
        bands = {y.storage for x, y in pairs if x.storage == streamed}
        return sum(schedule.storages[name].size for name in bands)

    def flash_bytes(self, kind: str) -> int:
        """Bytes of the tables of a kind ("weights" or "tables")."""
        return flash_bytes(self.tables, kind)

    def copied_bytes(self, kind: str) -> int:
        """Bytes of the tables of a kind that are copied to RAM at start, with alignment."""
        copied = (table for _, table in self.tables.values() if self.is_copied(table))
        return sum(align(table.values.nbytes) for table in copied if table.kind == kind)

    def live_bytes(self, index: int) -> int:
        """Arena bytes live while step `index` runs, scratch included; shared bytes count once."""
        offsets = self.clean.offsets
        live = [b for b in self.buffers if b.first <= index <= b.last]
        total = end = 0
        for start, stop in sorted((offsets[b.name], offsets[b.name] + b.aligned) for b in live):
            total += max(0, stop - max(start, end))
            end = max(end, stop)
        return total


def make_plan(
    graph: Graph,
    board: Board,
    *,
    options: Options = ALL,
    ref_only: bool = False,
    ways: Ways = MappingProxyType({}),
    prefer: Collection[str] = (),
    wide: bool = True,
) -> Plan:
    """Plan a graph whose passes have run as the options state, with the fastest kernels.

    `ways` are those of the sites that are executed otherwise; kernels of names in `prefer` are
    taken where they are legal. `wide` lets weights have 16 bits
    where flash has room. Raises FitError when the model cannot fit the board, UnsupportedError
    when no kernel can execute a step.
    """
    space = placed(Space(graph, board, options, ref_only, wide))
    found = space.laid(ways).preferring(prefer)
    selection = select(found, NO_LIMIT, flash_budget(space))
    assert selection is not None  # there is no limit of RAM
    return assemble(space, found, selection)


def assemble(space: Space, found: Laid, selection: Selection) -> Plan:
    """Place the buffers of a schedule with the kernels of a selection.

    Raises FitError when that does not fit the board.
    """
    graph, board, options = space.graph, space.board, space.options
    schedule = found.schedule
    steps = planned_steps(graph, board, schedule, selection.kernels)
    demand = demanded(schedule, [(step.call, step.kernel) for step in steps], board, options)
    constants = [constants_of(schedule, step) for step in steps]
    residents = loaded_residents(steps, constants, schedule.loads) if schedule.loads else None
    buffers = tuple(b for b in demand.buffers if not _is_slow(schedule, b))
    buffers += tuple(residents.buffers()) if residents else ()
    place, place_guarded = _placing(schedule, options)
    most = max(map(board.arena_capacity, board.layout.arena_regions))
    clean = place(buffers, _within(demand.overwrites, buffers), most)
    away = [buffer for buffer in demand.buffers if _is_slow(schedule, buffer)]
    spill = plan_arena(away, {}, "greedy") if away else None
    region = _arena_region(graph, board, clean.size)
    tables = named_tables(schedule, steps)
    room = board.arena_capacity(region)
    if board.cluster is not None and residents is None:
        residents = plan_residents(steps, constants, room - clean.size - ARENA_ALIGNMENT)
        room -= residents.size + ARENA_ALIGNMENT
    needs = flash_needs(graph, tables, steps)
    flash = weights_region(graph.name, board, needs)
    stages = None
    if board.l3 is not None and residents is not None:
        stages = staged_blocks(schedule, steps, residents, board, needs, spill)
    elif spill is not None:
        _check_slow(graph, board, spare_bytes(board, needs) - spill.size)
    copied = Copying(space, found, steps, selection, (region, clean.size), flash).best()
    room -= copied.tables.taken_from(region) if copied.tables else 0
    room -= board.region(region).size - data_size(board, region, copied.code)
    checked = _guarded(buffers, clean, room, place_guarded)
    return Plan(
        graph=graph,
        board=board,
        schedule=schedule,
        steps=steps,
        buffers=buffers,
        clean=clean,
        checked=checked,
        arena_region=region,
        weights_region=flash,
        tables=tables,
        options=options,
        residents=residents,
        copies=copied.tables,
        code=copied.code,
        ways=found.ways,
        cycles=selection.cycles,
        waits=selection.waits,
        left=copied.left,
        spill=spill,
        stages=stages,
    )


def _is_slow(schedule: Schedule, buffer: Buffer) -> bool:
    storage = schedule.storages.get(buffer.name)
    return storage is not None and storage.slow


def _within(overwrites: Overwrites, buffers: Sequence[Buffer]) -> Overwrites:
    """Return the pairs of buffers that may overlap of which both are in one arena."""
    names = {buffer.name for buffer in buffers}
    return {pair: at for pair, at in overwrites.items() if names.issuperset(pair)}


def _check_slow(graph: Graph, board: Board, left: int) -> None:
    if left < 0:
        raise FitError(
            f"Model {graph.name!r} does not fit board {board.name!r}: its weights, its tables and "
            f"the tensors that L1 cannot hold need {-left} bytes more than {board.flash.name!r} "
            "has."
        )


_Placing = Callable[[Sequence[Buffer], Overwrites, int], ArenaPlan]
"""Places buffers, of which some may overlap, in so many bytes where it can."""


def _placing(schedule: Schedule, options: Options) -> tuple[_Placing, _Placing]:
    """Return what places buffers, and what places them with guards: for these it never searches."""
    if schedule.parts and options.arena == "optimal":
        return plan_parts, plan_parts
    guarded = "greedy" if options.arena == "optimal" else options.arena
    return _lowest(options.arena), _lowest(guarded)


def _lowest(planner: str) -> _Placing:
    """A planner of arenas, which places as low as it can whatever room there is."""
    return lambda buffers, overwrites, _: plan_arena(buffers, overwrites, planner)


def _guarded(buffers: Sequence[Buffer], clean: ArenaPlan, room: int, place: _Placing) -> ArenaPlan:
    """Addresses for buffers with a guard behind each; guarded buffers never overlap."""
    padded = [replace(b, size=b.aligned + GUARD_BYTES) for b in buffers]
    plan = place(padded, {}, room)
    return plan if plan.size <= room else clean


def _arena_region(graph: Graph, board: Board, size: int) -> str:
    rooms = {name: board.arena_capacity(name) for name in board.layout.arena_regions}
    for name, room in rooms.items():
        if size <= room:
            return name
    best = max(rooms, key=lambda name: rooms[name])
    raise FitError(
        f"Model {graph.name!r} does not fit board {board.name!r}: its arena needs {size} bytes of "
        f"RAM, and the largest region for it, {best!r}, has {rooms[best]} bytes left beside the "
        f"stack and static data; {size - rooms[best]} bytes too many."
    )
