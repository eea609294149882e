"""The plan to build: of all that the switches permit, the one that is asked for.

No plan is taken that another one beats in cycles, RAM and flash at once. Candidates are compared by
predicted cycles and by the bytes live at once; the one taken gets addresses, which may need more.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from tinyrig.generator.errors import FitError, InputError
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.options import ALL, Optimize, Options
from tinyrig.generator.passes.pipeline import run_passes
from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.cluster_plan import cluster_plan
from tinyrig.generator.planning.costs import has_small_cache
from tinyrig.generator.planning.hot_tables import rooms_beside
from tinyrig.generator.planning.limits import Takes, broken, limit_error, takes
from tinyrig.generator.planning.plan import Plan, assemble, make_plan
from tinyrig.generator.planning.search.budget import flash_budget, is_too_large, placed
from tinyrig.generator.planning.search.doubt import doubt
from tinyrig.generator.planning.search.dry import dry_candidates, unwaiting_candidates
from tinyrig.generator.planning.search.frontier import (
    Candidate,
    candidates,
    schedules,
    tightened,
)
from tinyrig.generator.planning.search.laid import Laid
from tinyrig.generator.planning.search.space import Space

_NEAR_FASTEST = 1.03
"""How many times the cycles of the fastest plan a balanced one may take."""

_MORE_RAM = 1.01
"""How many times the RAM of the plan for the board's flash the other may then need."""

_MOST_ADDRESSED = 12
"""Candidates whose addresses are searched, where addresses need more than the bytes live."""

_Price = Callable[[Candidate], int]
_Rank = Callable[[Candidate], tuple[int, ...]]


def permits(board: Board, options: Options) -> bool:
    """False for options that a board cannot have."""
    return board.cluster is None or not options.input_streaming


def cheapest_plan(
    graph: Graph,
    board: Board,
    *,
    options: Options = ALL,
    ref_only: bool = False,
    wide: bool = True,
) -> Plan:
    """Run the passes and take a plan; see `make_plan` for `wide` and for what is raised.

    FitError, with the nearest plan, where none keeps the options' limits; InputError where a board
    of several cores is asked to stream its input.
    """
    if not permits(board, options):
        raise InputError(
            f"On {board.name} every core of a cluster runs the model, and each would ask the "
            "caller for the input's rows: leave out input-streaming, or name a board of one core."
        )
    passed = run_passes(graph, options)
    space = placed(Space(passed, board, options, ref_only, wide))
    if options.optimize == "none":
        return _as_stated(space)
    if board.cluster is not None:
        return cluster_plan(space)
    budget = 0 if options.optimize == "flash" else flash_budget(space)
    every = schedules(space)
    found = candidates(every, budget)
    if budget is None and any(is_too_large(space, one.found, one.selection) for one in found):
        budget = flash_budget(space, tight=True)
        found = candidates(every, budget)
    if space.lines is None or options.optimize not in ("balanced", "cycles"):
        return _taken(space, found, budget)
    # Waits for code are weighed where a small cache has it, waits for tables everywhere.
    if options.weights_in_ram or (options.code_in_ram and has_small_cache(board)):
        return _beside_copies(space, every, found, budget)
    return _taken(space, found, budget, dry_candidates(every, budget))


def _beside_copies(
    space: Space, every: Sequence[Laid], found: Sequence[Candidate], flash: int | None
) -> Plan:
    """Return the plan asked for of those that are taken one way and another, copies counted.

    One that spares the flash may take the RAM that copies need, one that does not may wait for
    what they leave there; the fastest may be one with constants that all have room there.
    """
    made: list[Plan] = []
    misfit: FitError | None = None
    for ways in (found, unwaiting_candidates(every, flash)):
        try:
            made.append(_taken(space, ways, flash))
        except FitError as error:
            misfit = misfit or error
    if not made:
        assert misfit is not None
        raise misfit
    if space.options.optimize == "cycles":
        best = min(made, key=_cycles_beside_copies)
        return min(best, _all_copied(space, every, best) or best, key=_cycles_beside_copies)
    most = _NEAR_FASTEST * min(map(_cycles_beside_copies, made))
    near = [plan for plan in made if _cycles_beside_copies(plan) <= most]
    return min(near, key=lambda plan: (takes(plan).ram, _cycles_beside_copies(plan)))


def _all_copied(space: Space, every: Sequence[Laid], best: Plan) -> Plan | None:
    """Return the fastest plan with constants as small as RAM for copies is beside the best one.

    None where all of that one's are copied, or where no plan's are so small.
    """
    rooms = rooms_beside(space.board, (best.arena_region, best.clean.size))
    room = max((one.size for one in rooms), default=0)
    tables = best.flash_bytes("weights") + best.flash_bytes("tables")
    if not space.options.weights_in_ram or tables <= room:
        return None
    ways = [one for one in unwaiting_candidates(every, room) if one.selection.flash <= room]
    try:
        return _taken(space, ways, room) if ways else None
    except FitError:
        return None


def _cycles_beside_copies(plan: Plan) -> int:
    """Return the cycles predicted with what is still waited for."""
    return plan.cycles + plan.left


def _as_stated(space: Space) -> Plan:
    """Plan as the options say; where large scratch does not fit, without it."""
    for options in (space.options, replace(space.options, large_scratch=False)):
        try:
            return make_plan(
                space.graph,
                space.board,
                options=options,
                ref_only=space.ref_only,
                wide=space.wide,
            )
        except FitError:
            if not options.large_scratch:
                raise
    raise AssertionError("the second try returns or raises")


def _taken(
    space: Space,
    every: Sequence[Candidate],
    flash: int | None,
    dry: Sequence[Candidate] = (),
) -> Plan:
    """Return the plan asked for; where addresses need more than is live, the best of a few.

    Bytes live are the least that addresses can need, so candidates with more of them than a plan
    needs are not placed. One whose addresses need more leaves one of smaller scratch behind, in
    `flash` bytes of constants. `dry` are candidates at zero wait states: the one asked for of them
    is taken where it is not surely worse, waits included.
    """
    options = space.options
    kept, others = _fitting(space, every)
    made: list[Plan] = []
    figures = [_takes(one, options) for one in others]
    misfit: FitError | None = None
    waiting, rank = _surer(kept, _fitting(space, dry)[0], space)
    tries = 0
    while waiting and not (made and tries >= _MOST_ADDRESSED):
        one = waiting.pop(0)
        if made and not _may_be_better(one, min(map(_figures, made)), rank, options.optimize):
            break
        tries += 1
        size = _room(space) + 1
        try:
            plan = assemble(space, one.found, one.selection)
        except FitError as error:
            misfit = misfit or error
        else:
            size = plan.clean.size
            if any(True for _ in broken(takes(plan), options)):
                figures.append(takes(plan))
            else:
                made.append(plan)
        if size > one.selection.ram and (tighter := tightened(one, size, flash)) is not None:
            insort(waiting, tighter, key=rank)
    if made:
        return min(made, key=_figures)
    raise misfit or limit_error(space, figures)


def _figures(plan: Plan) -> tuple[int, int]:
    """Return the bytes of a plan's arena and its cycles that are counted."""
    return plan.clean.size, plan.cycles + plan.waits


def _may_be_better(one: Candidate, best: tuple[int, int], rank: _Rank, optimize: Optimize) -> bool:
    """False for what is behind the best plan whatever its addresses.

    The first is the fastest and the one of least flash; balanced ones are near the fastest.
    """
    if optimize in ("cycles", "flash") or (optimize == "balanced" and rank(one)[0]):
        return False
    return (one.selection.ram, one.selection.price) < best


def _room(space: Space) -> int:
    """Return the most bytes that an arena may have."""
    return max(space.board.arena_capacity(name) for name in space.board.layout.arena_regions)


def _fitting(space: Space, every: Sequence[Candidate]) -> tuple[list[Candidate], list[Candidate]]:
    """Return the candidates that fit and keep the limits, and those that fit alone."""
    options = space.options
    fitting = [one for one in every if one.selection.ram <= _room(space)]
    if not fitting and every:
        fitting = [min(every, key=lambda one: one.selection.ram)]
    kept = [one for one in fitting if not any(True for _ in broken(_takes(one, options), options))]
    return kept, [one for one in fitting if one not in kept]


def _takes(one: Candidate, options: Options) -> Takes:
    """Return what a candidate takes at least: copies may leave it nothing to wait for."""
    by = one.selection
    return Takes(by.ram, by.flash, by.cycles if options.copies else by.price)


def _surer(
    board: Sequence[Candidate], dry: Sequence[Candidate], space: Space
) -> tuple[list[Candidate], _Rank]:
    """Return the candidates for the board's flash, or those for none where no worse is sure.

    They come in the order of what is returned beside them: by cycles with waits, or without. What
    a plan for the board's flash saves must be more than its prediction may be off.
    """
    rank = _ranking(board, space.options.optimize, lambda one: one.selection.price)
    ordered = sorted(board, key=rank)
    if not dry or not board:
        return ordered, rank
    dry_rank = _ranking(dry, space.options.optimize, lambda one: one.selection.cycles)
    plain = sorted(dry, key=dry_rank)
    one, other = plain[0], ordered[0]
    saved = one.selection.price - other.selection.price
    alike = saved < doubt(one, other, space.board.core)
    if alike and one.selection.ram <= _MORE_RAM * other.selection.ram:
        return plain, dry_rank
    return ordered, rank


def _ranking(every: Sequence[Candidate], optimize: Optimize, price: _Price) -> _Rank:
    """Return what candidates are ordered by, by their price.

    Balanced ones near the fastest of `every` come first, the one of least RAM before the others.
    """
    most = int(_NEAR_FASTEST * min(map(price, every), default=0))

    def balanced(one: Candidate) -> tuple[int, ...]:
        by = one.selection
        if price(one) <= most:
            return 0, by.ram, price(one), by.flash
        return 1, price(one), by.ram, by.flash

    ranks: Mapping[Optimize, _Rank] = {
        "balanced": balanced,
        "ram": lambda one: (one.selection.ram, price(one)),
        "flash": lambda one: (one.selection.flash, price(one), one.selection.ram),
        "cycles": lambda one: (price(one), one.selection.ram, one.selection.flash),
    }
    return ranks[optimize]
