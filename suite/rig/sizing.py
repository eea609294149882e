"""What a model needs, whatever a board has: planned on a board without limits."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tinyrig.generator.errors import FitError
from tinyrig.generator.options import ALL, Options
from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.cheapest import cheapest_plan
from tinyrig.generator.planning.flash import FlashNeeds
from tinyrig.generator.planning.plan import Plan
from tinyrig.generator.planning.search.budget import flash_needs
from tinyrig.suite.models.case import Case
from tinyrig.suite.rig.arena_map import map_arena

_ROOM = 1 << 30


@dataclass(frozen=True)
class Needs:
    """Bytes a plan needs: its arena in RAM; weights and tables in flash, before any code.

    `parameters` are the kernels', in flash beside the tables, and what aligns those. `inputs` are
    those of the sample the rig's firmware carries in flash. `copied` are bytes of weights and
    tables that go to free RAM of the board at start, `copied_code` those of kernels' code.
    `beside_input` is the most of the arena that a step takes but for the model's inputs.
    """

    arena: int
    lower_bound: int
    planner: str
    weights: int
    tables: int
    inputs: int = 0
    copied: int = 0
    copied_code: int = 0
    parameters: int = 0
    beside_input: int = 0

    @property
    def flash(self) -> FlashNeeds:
        """What lies in flash before any code."""
        return FlashNeeds(self.weights, self.tables, self.inputs, self.parameters)

    @property
    def data(self) -> int:
        """Bytes of flash before any code."""
        return self.weights + self.tables + self.parameters


def roomy_plan(case: Case, board: Board, *, options: Options = ALL, ref_only: bool = False) -> Plan:
    """Plan for a board's kernels as if its memories had no end, with the smallest weights."""
    endless = replace(
        board,
        flash=replace(board.flash, size=_ROOM),
        ram=tuple(replace(region, size=_ROOM) for region in board.ram),
    )
    return cheapest_plan(
        case.rewritten(options).graph, endless, options=options, ref_only=ref_only, wide=False
    )


def needs_of(plan: Plan) -> Needs:
    """Return what a plan needs."""
    flash = flash_needs(plan.graph, plan.tables, plan.steps)
    return Needs(
        arena=plan.clean.size,
        lower_bound=plan.clean.lower_bound,
        planner=plan.clean.planner,
        weights=flash.weights,
        tables=flash.tables,
        inputs=flash.sample,
        copied=plan.copies.size if plan.copies else 0,
        copied_code=plan.code.size if plan.code else 0,
        parameters=flash.parameters,
        beside_input=map_arena(plan, plan.clean).beside_input,
    )


def board_needs(case: Case, board: Board, options: Options, *, ref_only: bool) -> Needs | None:
    """Return what a run on a board takes, wide weights where it has room; None if it cannot."""
    try:
        graph = case.rewritten(options).graph
        return needs_of(cheapest_plan(graph, board, options=options, ref_only=ref_only))
    except FitError:
        return None


@dataclass(frozen=True, eq=False)
class Planner:
    """Plans one case, once for an instruction set, or for a board where tables are copied."""

    case: Case
    made: dict[tuple[str, tuple[str, ...], Options, bool], Needs] = field(default_factory=dict)

    def needs(self, board: Board, options: Options, *, ref_only: bool = False) -> Needs:
        """Return what the case needs on a board's core; on a cluster that holds it, what it takes.

        There a model may be tiled, which depends on the memory that there is.
        """
        own = board.name if options.copies or board.cluster else ""
        key = (own, board.isa, options, ref_only)
        if key not in self.made:
            found = None
            if board.cluster is not None:
                found = board_needs(self.case, board, options, ref_only=ref_only)
            if found is None:
                plan = roomy_plan(self.case, board, options=options, ref_only=ref_only)
                found = needs_of(plan)
            self.made[key] = found
        return self.made[key]
