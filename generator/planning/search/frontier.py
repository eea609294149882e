"""The candidates: ways of every site and kernels of every step that nothing beats in all respects.

What an inference takes in cycles is a sum over steps and what it takes in RAM a maximum, so under a
limit of RAM each site takes the way that is fastest within it, whatever the others take. Limits
from the least to none give the combinations that can be best; those are laid out as a whole.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np

from tinyrig.generator.options import Options
from tinyrig.generator.planning.kernels import PORTABLE
from tinyrig.generator.planning.search.laid import Laid
from tinyrig.generator.planning.search.selection import Selection, select
from tinyrig.generator.planning.search.space import Space
from tinyrig.generator.planning.streams.ways import WHOLE, Kind, Way, kind_of, permitted_ways

_MOST_COMBINATIONS = 24
"""Combinations that are laid out, evenly over the limits; zoo models have fewer."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A schedule with kernels: predicted cycles, and bytes of RAM and flash before addresses."""

    found: Laid
    selection: Selection

    @property
    def figures(self) -> tuple[int, int, int]:
        """Cycles that are counted, RAM and flash."""
        return self.selection.price, self.selection.ram, self.selection.flash


def candidates(every: Sequence[Laid], flash: int | None) -> list[Candidate]:
    """Return what is best by cycles and RAM with `flash` bytes of constants, fastest first.

    Where nothing has so few, what has more: a limit of RAM may leave one kernel, of wide weights.
    """
    points = [
        (cycles, limit, number)
        for number, found in enumerate(every)
        for limit, cycles in _staircase(found)
    ]
    least = np.inf
    chosen: list[Candidate] = []
    for _, limit, number in _undominated(points):
        selection = select(every[number], limit, flash)
        if selection is not None:
            chosen.append(Candidate(every[number], selection))
    if flash is not None:
        chosen = [one for one in chosen if one.selection.flash <= flash] or chosen
    chosen.sort(key=lambda one: one.figures)
    kept = []
    for one in chosen:
        if one.selection.ram < least:
            kept.append(one)
            least = one.selection.ram
    return kept


def tightened(one: Candidate, size: int, flash: int | None) -> Candidate | None:
    """Return a candidate whose addresses may need less than the `size` bytes those of `one` need.

    Bytes live count an output over its input as shared. Where it cannot lie there, because of what
    is live before or after, its step's scratch comes on top: the same schedule, with less of it.
    None where no step has a kernel of less.
    """
    found = one.found.below(size)
    limit = max(one.selection.ram, found.least_ram)
    selection = select(found, limit, flash) if limit < size else None
    if selection is None or selection.kernels == one.selection.kernels:
        return None
    return Candidate(found, selection)


def _undominated(points: Sequence[tuple[int, int, int]]) -> Iterator[tuple[int, int, int]]:
    least = np.inf
    for point in sorted(points):
        if point[1] < least:
            least = point[1]
            yield point


_Alone = Mapping[str, Mapping[Way, Laid]]
"""Layouts in which one site is executed in another way, by site; the stated way comes first."""


def schedules(space: Space) -> list[Laid]:
    """Return the graph laid out in every way that can be best under some limit of RAM.

    A way whose parts only portable kernels can execute is none: it saves bytes for many cycles.
    """
    base = space.laid({})
    most = _portable_alone(base)
    alone = _alone(space, base, base.schedule.sites, most)
    behind = _behind(space, alone, most)
    ways = [found for each in (alone, behind) for found in each.values()]
    single = {id(found): found for each in ways for found in each.values()}
    grid = _limits(single.values(), alone)
    combined = [
        space.laid(ways)
        for known in ({}, behind)
        for ways in _combinations(base, alone, known, grid)
    ]
    combined += [space.laid(ways) for ways in _whole(space.options)]
    every = {id(found): found for found in (base, *single.values(), *combined)}
    return [found for found in every.values() if _portable_alone(found) <= most]


def _alone(space: Space, start: Laid, sites: Iterable[str], most: int) -> _Alone:
    """Return `start`, and with one of these sites executed otherwise."""
    alone: dict[str, dict[Way, Laid]] = {}
    for site in dict.fromkeys(sites):
        kind = kind_of(site)
        if kind is None:
            continue
        first, *others = permitted_ways(kind, space.options)
        alone[site] = {first: start}
        for way in others:
            found = space.laid({**start.ways, site: way})
            if _portable_alone(found) <= most:
                alone[site][way] = found
    return alone


def _behind(space: Space, alone: _Alone, most: int) -> _Alone:
    """Return the same for sites that are there only where another is executed in some way.

    Behind attention that is not streamed by heads, its output's layer is one of tokens.
    """
    behind: dict[str, Mapping[Way, Laid]] = {}
    for ways in alone.values():
        for found in ways.values():
            new = [one for one in found.schedule.sites if one not in alone and one not in behind]
            behind |= _alone(space, found, new, most)
    return behind


def _limits(single: Collection[Laid], alone: _Alone) -> Any:
    """Return the limits of RAM at which something changes, from the least that all may keep.

    That may be below what any layout keeps in which one site alone is executed otherwise.
    """
    found = {limit for laid in single for limit, _ in _staircase(laid)}
    sites = [min(_least(laid, site) for laid in ways.values()) for site, ways in alone.items()]
    least = max(sites, default=0)
    needs = {min(one.ram for one in choices) for laid in single for choices in laid.steps}
    found |= {ram for ram in needs if least <= ram < min(found, default=0)}
    return np.unique(list(found))


def _least(found: Laid, site: str) -> int:
    """Return the bytes without which a step of a site runs no kernel at all."""
    return max(
        min(one.ram for one in choices)
        for choices, own in zip(found.steps, found.schedule.sites, strict=True)
        if own == site
    )


def _portable_alone(found: Laid) -> int:
    """Return how many steps have no kernel but a portable one."""
    return sum(all(one.kernel.isa == PORTABLE for one in choices) for choices in found.steps)


def _combinations(base: Laid, alone: _Alone, behind: _Alone, grid: Any) -> list[dict[str, Way]]:
    """Return the ways of all sites together that are best at each limit of a grid.

    Sites that are only there because of another's way take their best one of `behind`, or the
    stated one.
    """
    if grid.size == 0:
        return []
    gained = {
        site: _best(ways, next(iter(ways.values())), grid, site, {})
        for site, ways in behind.items()
    }
    best = {site: _best(ways, base, grid, site, gained) for site, ways in alone.items()}
    found = dict[tuple[tuple[str, Way], ...], None]()
    for at in range(grid.size):
        chosen = {site: one.ways[int(one.places[at])] for site, one in best.items()}
        new = {
            one: gained[one].ways[int(gained[one].places[at])]
            for site, way in chosen.items()
            for one in alone[site][way].schedule.sites
            if one in gained
        }
        found[(*chosen.items(), *new.items())] = None
    every = [dict(ways) for ways in found]
    if len(every) > _MOST_COMBINATIONS:
        places = np.linspace(0, len(every) - 1, _MOST_COMBINATIONS).round().astype(int)
        every = [every[place] for place in places]
    return every


@dataclass(frozen=True, eq=False)
class _Best:
    """Ways of a site; at each limit the place of the best one, and its cycles beside a layout's."""

    ways: Sequence[Way]
    places: Any
    cycles: Any


def _best(
    ways: Mapping[Way, Laid], start: Laid, grid: Any, site: str, gained: Mapping[str, _Best]
) -> _Best:
    """Return the best way of a site at each limit; sites that it brings take their best, too."""
    least = _costs(start, grid, "")
    costs = np.array(
        [
            _costs(found, grid, site)
            - least
            + sum(gained[one].cycles for one in set(found.schedule.sites) if one in gained)
            for found in ways.values()
        ]
    )
    places = np.argmin(costs, axis=0)
    return _Best(list(ways), places, costs.min(axis=0))


def _whole(options: Options) -> Iterator[dict[str, Way]]:
    """Yield every kind of site executed whole, and every one but attention.

    By kinds, for where attention is whole there are sites that are none otherwise.
    """
    kinds = [kind for kind in get_args(Kind) if WHOLE in permitted_ways(kind, options)]
    yield dict.fromkeys(kinds, WHOLE)
    yield dict.fromkeys((kind for kind in kinds if kind != "attention"), WHOLE)


_UNFIT = 1e15
"""What a site that has no kernel within a limit adds to the cost: more than any inference takes."""


def _costs(found: Laid, grid: Any, site: str) -> Any:
    """Return the cycles at each limit; where the site does not keep it, by how much on top.

    Steps of other sites that do not keep the limit take what they can.
    """
    total = np.zeros(grid.size)
    for choices, own in zip(found.steps, found.schedule.sites, strict=True):
        rams, cycles = _stairs(choices)
        at = np.searchsorted(rams, grid, side="right") - 1
        total += cycles[np.maximum(at, 0)]
        if own == site and site:
            total += (at < 0) * (_UNFIT + 1e6 * np.maximum(rams[0] - grid, 0))
    return total


def _stairs(choices: Sequence[Any]) -> tuple[Any, Any]:
    """Return the RAM from which on fewer cycles are possible, rising, and those cycles."""
    rams, cycles = list[int](), list[int]()
    for one in sorted(choices, key=lambda one: (one.ram, one.price)):
        if not cycles or one.price < cycles[-1]:
            if rams and rams[-1] == one.ram:
                continue
            rams.append(one.ram)
            cycles.append(one.price)
    return np.array(rams), np.array(cycles)


def _staircase(found: Laid) -> list[tuple[int, int]]:
    """Return the limits of RAM at which a schedule gets faster, with its cycles there."""
    least = found.least_ram
    stairs = [_stairs(choices) for choices in found.steps]
    grid = np.unique([least, *(ram for rams, _ in stairs for ram in rams if ram > least)])
    total = np.zeros(grid.size, np.int64)
    for rams, cycles in stairs:
        total += cycles[np.searchsorted(rams, grid, side="right") - 1]
    return [
        (int(limit), int(cycles))
        for at, (limit, cycles) in enumerate(zip(grid, total, strict=True))
        if at == 0 or cycles < total[at - 1]
    ]
