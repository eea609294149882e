"""In how many parts a step may run: kernel, cycles and fast memory of every choice."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.planning.binding import bind
from tinyrig.generator.planning.buffer import align
from tinyrig.generator.planning.kernels import Kernel
from tinyrig.generator.planning.search.offer import Offers
from tinyrig.generator.planning.step import Schedule, Step
from tinyrig.generator.planning.tiling.columns import (
    Columns,
    column_parts,
    columns_of,
    kinds_of_columns,
)
from tinyrig.generator.planning.tiling.divide import (
    Division,
    divisions,
    groups,
    kinds_of_parts,
    parts,
)
from tinyrig.generator.planning.tiling.fetched import KEYS, fetching
from tinyrig.generator.planning.tiling.held import DISTINCT_PARAMS, Constants, constants_held
from tinyrig.generator.planning.tiling.operands import Operand, in_place, operands_of, takes_copies
from tinyrig.generator.planning.tiling.overlay import overlaid
from tinyrig.generator.planning.tiling.shares import TILE_ROWS, unevenness

_COUNTS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
"""In how many parts a step may run."""

_FEW_MORE, _SHARE_MORE = 32, 16
"""Bytes, or one part in so many of all, by which choices hardly differ."""

_WAIT_CYCLES = 270
"""Cycles of a wait for copies beside the bytes."""

_SHARED_AMONG = {"attention_s8": 2}
"""How many of an operator's inputs share its products: scores are made of some, sums of others."""

_ALL_AT_ONCE = 4
"""How many times as long a store takes where all cores write to slow memory at once."""


@dataclass(frozen=True, eq=False)
class Cut:
    """A step in parts of `size` rows; without a division, of all. `columns` divide that by the
    output's channels first: every part of these is divided in rows."""

    step: Step
    division: Division | None = None
    size: int = 0
    columns: Columns | None = None

    @property
    def blocks(self) -> list[list[Step]]:
        """All its parts, those by the same columns together: each block has its constants."""
        bases = [self.step] if self.columns is None else column_parts(self.step, self.columns)
        if self.division is None:
            return [[base] for base in bases]
        return [parts(base, self.division, self.size) for base in bases]

    @property
    def groups(self) -> list[Step]:
        """What its parts are taken of one after the other, those of the first block."""
        return [self.step] if self.division is None else groups(self.step, self.division)

    def kinds(self, bases: Sequence[tuple[Step, int]]) -> list[tuple[Step, int]]:
        """A part of each kind, with how many of it there are; `bases` are those by columns."""
        if self.division is None:
            return list(bases)
        return [
            (part, count * columns)
            for base, columns in bases
            for part, count in kinds_of_parts(base, self.division, self.size)
        ]


@dataclass(frozen=True, eq=False)
class Choice:
    """A step as it is `cut`, all parts by one kernel: cycles, scratch, operands, constants.

    So many bytes of its output may lie `over` its first input, where that is not read again.
    """

    cut: Cut
    kernel: Kernel
    cycles: int
    scratch: int
    operands: tuple[Operand, ...]
    constants: Constants
    over: int = 0

    @property
    def copied(self) -> tuple[bool, ...]:
        """Of each operand whether it is copied to fast memory, where it lies in slow memory."""
        return tuple(operand.size is not None for operand in self.operands)

    @property
    def alone(self) -> bool:
        """Whether copies are waited for, so that one part is in fast memory at a time."""
        return any(operand.alone for operand in self.operands)


Weighed = dict[Hashable, list[Choice]]
"""Choices of steps, by what decides them."""


def all_choices(
    graph: Graph, schedule: Schedule, offers: Offers, room: int, weighed: Weighed
) -> tuple[tuple[Choice, ...], ...]:
    """Return the choices of every step for `room` bytes of fast memory, whole first.

    Steps that differ in the entries of tables and in their operands' names alone are weighed once,
    those in `weighed` never again: schedules of one graph for one room may share it.
    """
    found = []
    for step in schedule.steps:
        key = _key(graph, schedule, step, offers)
        if key not in weighed:
            weighed[key] = _choices_of(graph, schedule, step, offers, room)
        found.append(tuple(_of(step, one) for one in weighed[key]))
    return tuple(found)


def _key(graph: Graph, schedule: Schedule, step: Step, offers: Offers) -> Hashable:
    """Return what decides the choices of a step."""
    views = [(view, schedule.storages[view.storage]) for view in (*step.reads, *step.writes)]
    names = [view.storage for view, _ in views]
    return (
        tuple(offers.key(call) for call in bind(graph, step)),
        schedule.executions(step),
        bool(step.loops),
        tuple(
            (replace(view, storage=str(names.index(view.storage))), s.size, s.item, s.in_ram)
            for view, s in views
        ),
    )


def _of(step: Step, choice: Choice) -> Choice:
    """Return a choice of a step that is alike as one of this."""
    if choice.cut.step is step:
        return choice
    views = (*step.reads, *step.writes)
    operands = tuple(
        replace(operand, storage=view.storage)
        for operand, view in zip(choice.operands, views, strict=True)
    )
    return replace(choice, cut=replace(choice.cut, step=step), operands=operands)


def _choices_of(
    graph: Graph, schedule: Schedule, step: Step, offers: Offers, room: int
) -> list[Choice]:
    """Return a step's choices. No number of parts is less work than the whole."""
    divided = [
        (division, size)
        for division in divisions(step)
        for size in _sizes(division, offers.board.cores)
        if size < division.extent
    ]
    found: list[Choice] = []
    for columns in (None, *columns_of(step, room)):
        made = _Made(graph, schedule, offers, step, columns)
        for cut in (Cut(step, None, 0, columns), *(Cut(step, *by, columns) for by in divided)):
            found += _choices(made, cut, found[0].cycles if found else 0, room)
    return _unbeaten(found)


def _unbeaten(every: Sequence[Choice]) -> list[Choice]:
    """Leave out choices than which another takes hardly more memory and no more cycles, wherever
    operands lie, and those slower than the first, the whole, with all it has in slow memory."""
    whole = every[0]
    most = whole.cycles + whole.constants.slow + sum(each.direct for each in whole.operands)
    kept: list[int] = []
    for number in sorted(range(len(every)), key=lambda n: (every[n].cycles, _room(every[n]))):
        one = every[number]
        if one.cycles <= most and not any(_beats(every[other], one) for other in kept):
            kept.append(number)
    return [every[number] for number in sorted(kept)]


def _room(choice: Choice) -> int:
    """Return the bytes of fast memory it takes with all operands in slow memory."""
    held = choice.constants
    operands = sum(each.room for each in choice.operands)
    return choice.scratch + held.small + held.weights + operands - choice.over


def _beats(one: Choice, other: Choice) -> bool:
    """True where a choice takes hardly more memory than another, wherever operands lie."""
    figures = [
        (
            mine.scratch - mine.over,
            mine.constants.small + mine.constants.weights,
            *(op.room for op in mine.operands),
            *map(_edge, mine.operands),
        )
        for mine in (one, other)
    ]
    return all(a <= b + max(_FEW_MORE, b // _SHARE_MORE) for a, b in zip(*figures, strict=True))


def _edge(operand: Operand) -> int:
    """Return cycles that grow with what is copied at the ends, or read in place."""
    return operand.direct if operand.size is None else operand.waited


def _sizes(division: Division, cores: int) -> Sequence[int]:
    """Rows of a part: such that all cores have as many, where there are enough."""
    step = cores * (TILE_ROWS if division.kind in ("rows", "queries") else 1)
    found = [-(-division.extent // count) for count in _COUNTS]
    return list(dict.fromkeys(-(-size // step) * step if size > step else size for size in found))


@dataclass(frozen=True, eq=False)
class _Made:
    """A step with its parts by columns: one of each kind and how many there are."""

    graph: Graph
    schedule: Schedule
    offers: Offers
    step: Step
    columns: Columns | None
    held: dict[tuple[str, int], Constants] = field(default_factory=dict)

    @cached_property
    def bases(self) -> list[tuple[Step, int]]:
        if self.columns is None:
            return [(self.step, 1)]
        return kinds_of_columns(self.step, self.columns)

    def constants(self, kernel: Kernel, cut: Cut) -> Constants:
        """Return what the constants of the largest part take for a kernel, of three parts but where
        an output is to lie over an input."""
        whole = cut.division is None and kernel.overwrite == "queries"
        distinct = 1 if whole else DISTINCT_PARAMS
        if (kernel.name, distinct) not in self.held:
            first, count = self.bases[0][0], sum(number for _, number in self.bases)
            context = self.graph, self.offers.board, self.schedule
            found = constants_held(*context, first, kernel, (count, distinct))
            self.held[kernel.name, distinct] = found
        return self.held[kernel.name, distinct]


def _choices(made: _Made, cut: Cut, whole: int, room: int) -> Iterator[Choice]:
    """Yield parts by every kernel that can execute all of them, but for one that takes more
    scratch and more cycles than another, and one that is for an output over its input in parts."""
    offers, schedule = made.offers, made.schedule
    cores = offers.board.cores
    kinds = cut.kinds(made.bases)
    calls = [bind(made.graph, tile)[0] for tile, _ in kinds]
    counts = [count for _, count in kinds]
    offered = [{offer.kernel.name: offer for offer in offers.of(call)} for call in calls]
    names = [
        name
        for name, first in offered[0].items()
        if all(name in each for each in offered)
        and (sum(counts) == 1 or first.kernel.overwrite != "queries")
    ]
    total = {
        name: round(
            sum(
                each[name].cycles * count * unevenness(call, each[name].kernel, cores)
                for each, call, count in zip(offered, calls, counts, strict=True)
            )
        )
        for name in names
    }
    times = schedule.executions(cut.step)
    products = sum(call.macs * n for call, n in zip(calls, counts, strict=True)) * times
    again = products // (cores * _SHARED_AMONG.get(calls[0].op, 1))
    every = tuple(operands_of(schedule, kinds, times, again, cut.groups, calls[0].op))
    least = None
    for name in sorted(names, key=lambda name: total[name]):
        scratch = max(align(each[name].scratch) for each in offered)
        if least is not None and scratch >= least:
            continue
        least = scratch
        kernel = offered[0][name].kernel
        held = made.constants(kernel, cut)
        division = cut.division
        operands = tuple(
            each if takes_copies(kernel, made.graph, schedule, kinds, place) else in_place(each)
            for place, each in enumerate(every)
        )
        several = division is not None and (division.kind != "queries" or division.across > 0)
        least_room = scratch + held.small + sum(each.room for each in operands)
        takings = _taken(cut, operands, singly=several and 2 * least_room > room)
        if kernel.fetches:
            cycles = times * fetching(calls, counts, kernel, cores)
            keys = replace(in_place(operands[KEYS]), direct=cycles)
            takings += [(*taken[:KEYS], keys, *taken[KEYS + 1 :]) for taken in takings]
        for taken in takings:
            yield Choice(
                cut=cut,
                kernel=kernel,
                cycles=max(whole, total[name] * times) + _between(kernel, sum(counts), taken),
                scratch=scratch,
                operands=taken,
                constants=held,
                over=overlaid(kinds[0][0], calls[0], kernel) if sum(counts) == 1 else 0,
            )


def _between(kernel: Kernel, count: int, operands: tuple[Operand, ...]) -> int:
    """Return the cycles of so many parts of a kernel beside their work."""
    alone = any(each.alone for each in operands)
    waits = _WAIT_CYCLES * count * (alone + operands[-1].alone)
    return (count - 1) * kernel.part + waits


def _taken(cut: Cut, operands: tuple[Operand, ...], *, singly: bool) -> list[tuple[Operand, ...]]:
    """Return the operands as they may be taken: copied ahead, some in place, or one at a time where
    two parts take half of the room. Then, or of long windows, what is written may be in place."""
    found = [operands, _read_in_place(operands)]
    if cut.columns is not None and cut.columns.long:
        written = replace(operands[-1], size=None, direct=_ALL_AT_ONCE * operands[-1].direct)
        found += [(*taken[:-1], written) for taken in found]
    if singly:
        single = [tuple(replace(each, alone=True) for each in taken) for taken in found]
        written = in_place(operands[-1])
        for taken in single:
            found += [taken, (*taken[:-1], operands[-1]), (*taken[:-1], written)]
    return list(dict.fromkeys(found))


def _read_in_place(operands: tuple[Operand, ...]) -> tuple[Operand, ...]:
    """Return operands of which the cores themselves reach those that parts have in common."""
    return tuple(in_place(each) if each.common else each for each in operands)
