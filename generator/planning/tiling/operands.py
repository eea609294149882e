"""What the parts of a step take of each of its operands, and what copies them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.planning.binding import bind
from tinyrig.generator.planning.buffer import align
from tinyrig.generator.planning.kernels import Kernel
from tinyrig.generator.planning.step import Schedule, Step
from tinyrig.generator.planning.tiling.staging import copy_of

_WIDTHS = {"attention_s8": 4}
"""How many bytes of its output an operator's cores write at once, none while others do."""

_SLOW_BYTE_CYCLES = 2
"""Cycles more for each byte that cores read from slow memory, or write there, themselves."""


@dataclass(frozen=True)
class Operand:
    """What a step takes of an operand in `storage`.

    The largest part has `size` bytes in fast memory, None for one that no copy makes; all parts
    have `moved` bytes to be copied. A `still` one is the same for all parts, a `common` one for all
    of a group. `direct` are the cycles more where it is not copied. Where it is `alone` one part is
    there at a time, and every copy is waited for.
    """

    storage: str
    size: int | None
    moved: int
    still: bool
    direct: int
    common: bool = False
    alone: bool = False

    @property
    def room(self) -> int:
        """Bytes of fast memory while it lies in slow memory: of two parts, unless it is still."""
        return 0 if self.size is None else self.size * (1 if self.still or self.alone else 2)

    @property
    def waited(self) -> int:
        """Bytes whose copy is waited for: of the first part or the last, or of all."""
        return self.moved if self.alone else self.size or 0


def operands_of(
    schedule: Schedule,
    kinds: Sequence[tuple[Step, int]],
    times: int,
    again: int,
    groups: Sequence[Step],
    op: str,
) -> Iterator[Operand]:
    """Yield the operands of parts, of which `kinds` has one of each kind with how many there are.

    They execute `op`, each `times` times. `again` are the cycles of an input for being read as
    often as its products need, where cores read it in slow memory. What is the same for all parts
    of one of `groups` is copied once for it, or for all that have the same.
    """
    first, width = kinds[0][0], _WIDTHS.get(op, 1)
    for place in range(len(first.reads) + len(first.writes)):
        inward = place < len(first.reads)
        views = [(*tile.reads, *tile.writes)[place] for tile, _ in kinds]
        storage = schedule.storages[views[0].storage]
        same = all(view == views[0] for view in views)
        group_views = [(*one.reads, *one.writes)[place] for one in groups]
        runs = len(groups) if group_views[0] != group_views[-1] else 1
        copies = [copy_of(tile, place, storage) for tile, _ in kinds]
        made = [copy for copy in copies if copy is not None]
        moved = sum(
            copy.move.size * count
            for copy, (_, count) in zip(copies, kinds, strict=True)
            if copy is not None
        )
        size = sum(view.size * count for view, (_, count) in zip(views, kinds, strict=True))
        touched = size * times * _SLOW_BYTE_CYCLES
        yield Operand(
            storage=storage.name,
            size=max(align(copy.size) for copy in made) if len(made) == len(copies) else None,
            moved=made[0].move.size * runs if same and made else moved,
            still=same and runs == 1,
            common=same,
            direct=touched + again if inward else touched // width,
        )


def in_place(operand: Operand) -> Operand:
    """Return an operand of which the cores themselves reach slow memory."""
    return replace(operand, size=None)


def takes_copies(
    kernel: Kernel, graph: Graph, schedule: Schedule, kinds: Sequence[tuple[Step, int]], place: int
) -> bool:
    """Whether a kernel takes the copies of operand `place` of parts: gaps that its rows have in
    slow memory, a copy may not have."""
    for tile, _ in kinds:
        views = (*tile.reads, *tile.writes)
        copied = copy_of(tile, place, schedule.storages[views[place].storage])
        if copied is None or copied.view.strides == views[place].strides:
            continue
        moved = (*views[:place], copied.view, *views[place + 1 :])
        reads, writes = moved[: len(tile.reads)], moved[len(tile.reads) :]
        if not kernel.accepts(bind(graph, replace(tile, reads=reads, writes=writes))[0]):  # type: ignore[arg-type]
            return False
    return True
