"""In how many parts a step may run: kernel, cycles and fast memory of every choice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.planning.binding import bind
from tinyrig.generator.planning.buffer import align
from tinyrig.generator.planning.kernels import Kernel
from tinyrig.generator.planning.search.offer import Offers
from tinyrig.generator.planning.step import Schedule, Step, Storage
from tinyrig.generator.planning.tiling.divide import divisions, parts
from tinyrig.generator.planning.tiling.staging import Staged, staged

_COUNTS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
"""In how many parts a step may run."""

_PART_CYCLES = 250
"""Cycles of one more part beside its work: arguments, a barrier, and the DMA's commands."""

_SLOW_BYTE_CYCLES = 2
"""Cycles more for each byte that cores read from slow memory, or write there, themselves."""


@dataclass(frozen=True)
class Operand:
    """What a step takes of an operand in `storage`.

    The largest part has `size` bytes in fast memory, None for one that no copy makes; all parts
    have `moved` bytes to be copied. A `still` one is the same for all parts. `direct` are the
    cycles more where it is not copied.
    """

    storage: str
    size: int | None
    moved: int
    still: bool
    direct: int

    @property
    def room(self) -> int:
        """Bytes of fast memory while it lies in slow memory: of two parts, unless it is still."""
        return 0 if self.size is None else self.size * (1 if self.still else 2)


@dataclass(frozen=True, eq=False)
class Choice:
    """A step in `tiles`, all by one kernel: `cycles` in all, `scratch` bytes, its operands."""

    tiles: tuple[Step, ...]
    kernel: Kernel
    cycles: int
    scratch: int
    operands: tuple[Operand, ...]

    @property
    def copied(self) -> tuple[bool, ...]:
        """Of each operand whether it is copied to fast memory, where it lies in slow memory."""
        return tuple(operand.size is not None for operand in self.operands)


def choices(graph: Graph, schedule: Schedule, step: Step, offers: Offers) -> list[Choice]:
    """Return a step's choices, whole first."""
    found = list(_choices(graph, schedule, [step], offers))
    for division in divisions(step):
        sizes = dict.fromkeys(-(-division.extent // count) for count in _COUNTS)
        for size in sizes:
            if size < division.extent:
                tiles = parts(graph, step, division, size)
                found += _choices(graph, schedule, tiles, offers)
    return found


def _choices(
    graph: Graph, schedule: Schedule, tiles: Sequence[Step], offers: Offers
) -> Iterator[Choice]:
    """Yield parts by every kernel that can execute all of them, but for one that takes more
    scratch and more cycles than another."""
    offered = [{offer.kernel.name: offer for offer in offers.of(bind(graph, t)[0])} for t in tiles]
    names = [name for name in offered[0] if all(name in each for each in offered)]
    total = {name: sum(each[name].cycles for each in offered) for name in names}
    times = schedule.executions(tiles[0])
    operands = tuple(_operands(schedule, tiles, times))
    least = None
    for name in sorted(names, key=lambda name: total[name]):
        scratch = max(align(each[name].scratch) for each in offered)
        if least is not None and scratch >= least:
            continue
        least = scratch
        for taken in dict.fromkeys((operands, _read_in_place(operands))):
            yield Choice(
                tiles=tuple(tiles),
                kernel=offered[0][name].kernel,
                cycles=(total[name] + (len(tiles) - 1) * _PART_CYCLES) * times,
                scratch=scratch,
                operands=taken,
            )


def _read_in_place(operands: tuple[Operand, ...]) -> tuple[Operand, ...]:
    """Return operands of which the cores themselves reach those that are the same for all parts."""
    return tuple(replace(each, size=None) if each.still else each for each in operands)


def _operands(schedule: Schedule, tiles: Sequence[Step], times: int) -> Iterator[Operand]:
    reads = len(tiles[0].reads)
    for place in range(reads + len(tiles[0].writes)):
        views = [(*tile.reads, *tile.writes)[place] for tile in tiles]
        storage = schedule.storages[views[0].storage]
        still = all(view == views[0] for view in views)
        copies = [copy_of(tile, place, storage) for tile in tiles]
        made = [copy for copy in copies if copy is not None]
        whole = len(made) == len(copies)
        yield Operand(
            storage=storage.name,
            size=max(align(copy.size) for copy in made) if whole else None,
            moved=sum(copy.move.size for copy in (made[:1] if still else made)),
            still=still,
            direct=sum(view.size for view in views) * times * _SLOW_BYTE_CYCLES,
        )


def copy_of(tile: Step, place: int, storage: Storage, name: str = "") -> Staged | None:
    """Return operand `place` of a part, the output last, as its copy in a fast storage `name`.

    None where one copy cannot make it, and in loops, around which nothing is copied.
    """
    views = (*tile.reads, *tile.writes)
    if tile.loops or storage.in_flash:
        return None
    return staged(views[place], storage, name, inward=place < len(tile.reads))
