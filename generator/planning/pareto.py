"""Every plan that no other one beats in cycles, RAM and flash at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tinyrig.generator.errors import FitError, InputError
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.options import Options
from tinyrig.generator.passes.pipeline import run_passes
from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.limits import takes
from tinyrig.generator.planning.plan import Plan, assemble
from tinyrig.generator.planning.search.budget import NO_LIMIT, flash_budget, placed
from tinyrig.generator.planning.search.dry import unwaiting_candidates
from tinyrig.generator.planning.search.frontier import Candidate, candidates, schedules
from tinyrig.generator.planning.search.laid import Laid
from tinyrig.generator.planning.search.space import Space

_STEPS = 4
"""Budgets of flash between the smallest weights and those that need no more, both included."""


def pareto_plans(
    graph: Graph, board: Board, options: Options, most: int, *, ref_only: bool = False
) -> list[Plan]:
    """Return at most `most` plans of the frontier, fastest first, evenly over it.

    Where copies to RAM are permitted, half of them copy nothing, and the others go by cycles
    without waits. FitError when none fits the board, InputError for a cluster, which has no such
    frontier.
    """
    if board.cluster is not None:
        raise InputError(f"Board {board.name} is a cluster, whose plans have no frontier.")
    space = placed(Space(run_passes(graph, options), board, options, ref_only))
    every = schedules(space)
    budgets = _budgets(every, flash_budget(space))
    priced = [one for budget in budgets for one in candidates(every, budget)]
    if options.copies and most > 1:
        bare = replace(space, options=replace(options, weights_in_ram=False, code_in_ram=False))
        dry = [one for budget in budgets for one in unwaiting_candidates(every, budget)]
        plans = _assembled(((bare, priced), (space, dry)), most // 2)
    else:
        plans = _assembled(((space, priced),), most)
    figures = [takes(plan) for plan in plans]
    return [plans[at] for at in front([(one.cycles, one.ram, one.flash) for one in figures])]


def _assembled(offered: Sequence[tuple[Space, Sequence[Candidate]]], most: int) -> list[Plan]:
    """Return plans of candidates, at most so many of each space; FitError where none fits."""
    plans: list[Plan] = []
    misfit: FitError | None = None
    for space, found in offered:
        names = space.board.layout.arena_regions
        room = max(space.board.arena_capacity(name) for name in names)
        fitting = [one for one in found if one.selection.ram <= room]
        best = front([one.figures for one in fitting])
        for one in _spread([fitting[at] for at in best], most) or found[-1:]:
            try:
                plans.append(assemble(space, one.found, one.selection))
            except FitError as error:
                misfit = misfit or error
    if not plans and misfit is not None:
        raise misfit
    return plans


def _budgets(every: Sequence[Laid], limit: int | None) -> list[int | None]:
    """Return bytes of constants from the least to what the fastest plans within `limit` take."""
    smallest = candidates(every, 0)[0].selection.flash
    largest = candidates(every, limit)[0].selection.flash
    between = np.linspace(smallest, max(smallest, largest), _STEPS)[1:-1]
    return [0, *(round(float(budget)) for budget in between), NO_LIMIT if limit is None else limit]


def front(figures: Sequence[tuple[int, int, int]]) -> list[int]:
    """Return the places of what nothing beats, the fastest first; equal ones once."""
    order = sorted(range(len(figures)), key=lambda index: figures[index])
    kept: list[int] = []
    for index in order:
        mine = figures[index]
        if not any(
            all(a <= b for a, b in zip(figures[other], mine, strict=True)) for other in kept
        ):
            kept.append(index)
    return kept


def _spread(frontier: Sequence[Candidate], most: int) -> list[Candidate]:
    """Return at most `most`, each as far from those before as can be; the extremes come first."""
    if len(frontier) <= most:
        return list(frontier)
    logs = np.log([one.figures for one in frontier])
    width = logs.max(axis=0) - logs.min(axis=0)
    places = (logs - logs.min(axis=0)) / np.where(width > 0, width, 1.0)
    chosen = list(dict.fromkeys(int(at) for at in places.argmin(axis=0)))[:most]
    while len(chosen) < most:
        away = np.min([((places - places[at]) ** 2).sum(axis=1) for at in chosen], axis=0)
        chosen.append(int(away.argmax()))
    return [frontier[at] for at in sorted(set(chosen))]
