"""Constants in fast memory while they are used: what a cluster's DMA copies, when and where to.

Steps outside loops stand alone, the steps of a loop, or those parts of a tiled layer that read the
same constants, together: a group. A group's parameters, tables and weights are one block, copied in
one piece while the group before it runs and held until its own last step has ended. Weights for
which there is no room stay in slow memory. Where there is room for it beside the last block, the
first is copied while the last group of the inference before runs.

A tiled plan has its blocks in the arena, among the buffers: each takes room from the step before
which its copy begins to its last one, and one that is not `early` is awaited before its own steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from tinyrig.generator.errors import FitError
from tinyrig.generator.graph.planned_names import numbered, numbers_of
from tinyrig.generator.planning.buffer import Buffer, align
from tinyrig.generator.planning.call import Call, Params, Table
from tinyrig.generator.planning.lifetime import loop_ranges
from tinyrig.generator.planning.step import Load

_WORD = 4
_DOUBLE = 8
_WIDE = ("eps",)
"""Fields of parameter structs that have 64 bits; every other one is a word."""

LONGEST_COPY = 1 << 16
"""Bytes of weights one copy may have; the DMA's length field has one bit more."""


class Calling(Protocol):
    """What is read of a step's calls."""

    @property
    def calls(self) -> tuple[Call, ...]:
        """One call, or one an iteration."""


class Step(Calling, Protocol):
    """What is read of a planned step."""

    @property
    def loops(self) -> tuple[int, ...]:
        """The loops it stands in, outermost first."""

    @property
    def block(self) -> int | None:
        """Which parts of a layer read the constants it does, None where layers are not tiled."""

    @property
    def shares(self) -> int | None:
        """The step whose parameters it shares, None where it has its own."""


@dataclass(frozen=True, eq=False)
class Block:
    """The constants of the steps `first` to `last`: `size` bytes at `offset` of the fast region.

    Its copy begins before the first step of the block before it, or before its own where it is not
    `early`. It holds the parameters of its steps, each at a multiple of 8, then `tables`, each at
    one of 4. Size and offset are multiples of 8.
    """

    first: int
    last: int
    tables: Mapping[str, Table]
    size: int
    offset: int
    early: bool = True


@dataclass(frozen=True, eq=False)
class Residents:
    """Blocks in the order of their steps, the fast region's size, and the tables in no block.

    `ahead` tells whether the first block is copied while the last is used, for the next inference.
    Where the arena is `shared`, blocks have no region of their own and lie there as buffers.
    """

    blocks: tuple[Block, ...]
    size: int
    outside: Mapping[str, Table]
    ahead: bool
    shared: bool = False

    def buffers(self) -> Iterator[Buffer]:
        """Yield the blocks as buffers of the arena: they live from the start of their copy on."""
        for number, block in enumerate(self.blocks):
            ahead = self.blocks[number - 1] if number and block.early else block
            yield Buffer(buffer_name(number), block.size, ahead.first, block.last, _DOUBLE)

    def block_of(self, step: int) -> int:
        """Return the number of the block a step's constants are in."""
        return next(n for n, block in enumerate(self.blocks) if block.first <= step <= block.last)


def buffer_name(number: int) -> str:
    """Return the name of the buffer that a block is in a shared arena."""
    return numbered("block", number)


def is_block(buffer: str) -> bool:
    """True for the name of a block's buffer."""
    return bool(numbers_of(buffer, "block"))


@dataclass(frozen=True, eq=False)
class _Group:
    """A block before it is decided whether its weights are in it."""

    first: int
    last: int
    small: Mapping[str, Table]
    weights: Mapping[str, Table]
    params: int

    def size(self, *, with_weights: bool) -> int:
        tables = [*self.small.values(), *(self.weights.values() if with_weights else ())]
        return align(self.params + sum(align(table.values.nbytes) for table in tables), _DOUBLE)

    @property
    def weight_bytes(self) -> int:
        return self.size(with_weights=True) - self.size(with_weights=False)


def plan_residents(
    steps: Sequence[Step], constants: Sequence[Mapping[str, Table]], room: int
) -> Residents:
    """Place the blocks of all steps in `room` bytes; `constants` are the tables each step reads.

    Keeps as many bytes of weights in fast memory as fit. FitError when not even parameters and
    tables do.
    """
    groups = _groups(steps, constants)
    chosen: Sequence[bool] = [group.weight_bytes <= LONGEST_COPY for group in groups]
    sizes = _sizes(groups, chosen)
    ahead = len(groups) > 1
    offsets = _places(sizes, around=ahead)
    if ahead and _peak(sizes, offsets) > room:
        ahead = False
        offsets = _places(sizes, around=False)
    if _peak(sizes, offsets) > room:
        chosen = _most(groups, chosen, room)
        sizes = _sizes(groups, chosen)
        offsets = _places(sizes, around=False)
    outside: dict[str, Table] = {}
    blocks = []
    for number, (group, inside) in enumerate(zip(groups, chosen, strict=True)):
        tables = {**group.small, **(group.weights if inside else {})}
        outside |= {} if inside else group.weights
        blocks.append(Block(group.first, group.last, tables, sizes[number], offsets[number]))
    return Residents(tuple(blocks), _peak(sizes, offsets), outside, ahead)


def loaded_residents(
    steps: Sequence[Step], constants: Sequence[Mapping[str, Table]], loads: Sequence[Load]
) -> Residents:
    """Return the blocks of a tiled plan, which share the arena; `loads` are those of every block.

    Steps in a loop are one block, with the weights of all or of none.
    """
    outside: dict[str, Table] = {}
    blocks: list[Block] = []
    for group in _groups(steps, constants):
        numbers = (one.block for one in steps[group.first : group.last + 1])
        of_steps = [loads[number] for number in numbers if number is not None]
        inside = group.weight_bytes <= LONGEST_COPY and all(load.weights for load in of_steps)
        tables = {**group.small, **(group.weights if inside else {})}
        outside |= {} if inside else group.weights
        size = group.size(with_weights=inside)
        early = not blocks or of_steps[0].early  # the first is copied before all steps
        blocks.append(Block(group.first, group.last, tables, size, 0, early))
    return Residents(tuple(blocks), 0, outside, ahead=False, shared=True)


def _groups(steps: Sequence[Step], constants: Sequence[Mapping[str, Table]]) -> list[_Group]:
    ranges = loop_ranges(steps)
    groups: list[_Group] = []
    for index, step in enumerate(steps):
        first, last = ranges[step.loops[0]] if step.loops else (index, index)
        if groups and index <= groups[-1].last:
            continue
        if step.block is not None:
            last = max(last, *(n for n, one in enumerate(steps) if one.block == step.block))
        tables: dict[str, Table] = {}
        for each in constants[first : last + 1]:
            tables |= each
        small = {key: table for key, table in tables.items() if table.kind != "weights"}
        weights = {key: table for key, table in tables.items() if table.kind == "weights"}
        params = 0
        for one in steps[first : last + 1]:
            if one.shares is None:
                params = align(params, _DOUBLE) + params_bytes(one)
        groups.append(_Group(first, last, small, weights, params))
    return groups


def params_bytes(step: Calling) -> int:
    """Return the bytes of a step's parameter structs, as a 32-bit core's compiler lays them out."""
    return sum(_extent(call.params)[0] for call in step.calls)


def _extent(params: Params) -> tuple[int, int]:
    """Bytes and alignment of a parameter struct as a 32-bit core's compiler lays it out."""
    size, most = 0, _WORD
    for name, value in params.items():
        match value:
            case Mapping():
                length, alignment = _extent(value)
            case None | int() | Table():
                length = alignment = _DOUBLE if name in _WIDE else _WORD
            case _:
                length, alignment = _WORD * len(value), _WORD
        size = align(size, alignment) + length
        most = max(most, alignment)
    return align(size, most), most


def _places(sizes: Sequence[int], *, around: bool) -> list[int]:
    """Addresses of all blocks: neighbours apart, in as little memory as possible.

    Blocks lie at the bottom and at the top by turns. With `around` the last and the first are
    neighbours too; where that makes an odd circle, one block lies between its neighbours.
    """
    count = len(sizes)
    circle = [(n, (n + 1) % count) for n in range(count if around else count - 1)]
    peak = max([*sizes, *(sizes[one] + sizes[two] for one, two in circle)], default=0)
    if not around or count % 2 == 0:
        return [peak - size if n % 2 else 0 for n, size in enumerate(sizes)]
    trios = [sizes[n - 1] + sizes[n] + sizes[(n + 1) % count] for n in range(count)]
    middle = trios.index(min(trios))
    peak = max(peak, trios[middle])
    offsets = [0] * count
    for turn in range(1, count):
        n = (middle + turn) % count
        offsets[n] = 0 if turn % 2 else peak - sizes[n]
    offsets[middle] = sizes[(middle + 1) % count]
    return offsets


def _sizes(groups: Sequence[_Group], chosen: Sequence[bool]) -> list[int]:
    return [group.size(with_weights=inside) for group, inside in zip(groups, chosen, strict=True)]


def _peak(sizes: Sequence[int], offsets: Sequence[int]) -> int:
    return max((at + size for at, size in zip(offsets, sizes, strict=True)), default=0)


def _most(groups: Sequence[_Group], allowed: Sequence[bool], room: int) -> list[bool]:
    """Choose whose weights are copied: the most bytes.

    Only neighbours are live together: what is best up to a block depends on what it has alone.
    """
    before: dict[bool, int] = {}
    best: dict[bool, int] = {}
    came: list[dict[bool, bool]] = []
    for number, (group, may) in enumerate(zip(groups, allowed, strict=True)):
        sizes = {inside: group.size(with_weights=inside) for inside in (False, True)[: 1 + may]}
        found: dict[bool, tuple[int, bool]] = {}
        for inside, size in sizes.items():
            ways = [one for one in best if before[one] + size <= room] if number else [False]
            if ways and size <= room:
                way = max(ways, key=lambda one: best.get(one, 0))
                found[inside] = best.get(way, 0) + inside * group.weight_bytes, way
        before, best = sizes, {inside: most for inside, (most, _) in found.items()}
        came.append({inside: way for inside, (_, way) in found.items()})
        if not best:
            raise _too_small(groups, room)
    inside = max(best, key=lambda one: best[one])
    chosen = []
    for earlier in reversed(came):
        chosen.append(inside)
        inside = earlier[inside]
    return chosen[::-1]


def _too_small(groups: Sequence[_Group], room: int) -> FitError:
    least = max(group.size(with_weights=False) for group in groups)
    return FitError(
        f"The parameters and tables of two layers at a time do not fit the {room} bytes that "
        f"the arena and the stacks leave of the cores' memory; one layer alone has {least}."
    )
