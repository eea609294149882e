"""The smallest arena by constraint programming (OR-Tools CP-SAT), with a proven lower bound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from tinyrig.generator.planning.buffer import ALIGNMENT, Buffer, Offsets, Overwrites, peak

_DETERMINISTIC_SECONDS = 20.0


@dataclass(frozen=True)
class Optimum:
    """The best offsets found, and a size no offsets can beat."""

    offsets: Mapping[str, int]
    lower_bound: int


def optimal(
    buffers: Sequence[Buffer],
    overwrites: Overwrites,
    hint: Offsets,
    bound: int,
    seconds: float = _DETERMINISTIC_SECONDS,
) -> Optimum:
    """Search from `hint`; `bound` is a size known to be needed, or one that is small enough.

    One worker and a deterministic limit: the same buffers give the same offsets everywhere.
    """
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    most = peak(buffers, hint) // ALIGNMENT
    top = model.new_int_var(bound // ALIGNMENT, most, "top")
    places = {}
    for buffer in buffers:
        size = buffer.aligned // ALIGNMENT
        places[buffer.name] = model.new_int_var(0, most - size, buffer.name)
        model.add(places[buffer.name] + size <= top)
        if buffer.alignment > ALIGNMENT:
            model.add_modulo_equality(0, places[buffer.name], buffer.alignment // ALIGNMENT)
        model.add_hint(places[buffer.name], hint[buffer.name] // ALIGNMENT)
    for one, two in combinations(buffers, 2):
        if one.meets(two):
            _separate(model, places, one, two, overwrites)
    model.minimize(top)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = seconds
    # Its own handler would stay behind as the default one, and an interrupt would kill the process.
    solver.parameters.catch_sigint_signal = False
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Optimum(hint, bound)
    offsets = {name: int(solver.value(place)) * ALIGNMENT for name, place in places.items()}
    return Optimum(offsets, max(bound, round(solver.best_objective_bound) * ALIGNMENT))


def _separate(
    model: Any, places: Mapping[str, Any], one: Buffer, two: Buffer, overwrites: Overwrites
) -> None:
    """One below the other, the other below the one, or over it as far as allowed."""
    ways = []
    for low, high in ((one, two), (two, one)):
        distance = low.aligned
        allowed = overwrites.get((low.name, high.name))
        if allowed is not None:
            distance = min(distance, allowed)
        way = model.new_bool_var(f"{low.name} under {high.name}")
        gap = distance // ALIGNMENT
        model.add(places[low.name] + gap <= places[high.name]).only_enforce_if(way)
        ways.append(way)
    model.add_bool_or(ways)
