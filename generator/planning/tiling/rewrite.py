"""The schedule of a tiled model: parts of steps, and the copies between them.

While a part is computed, the next one's operands are copied to fast memory and the last one's
output from there; where fast memory has room for one part alone, between parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tinyrig.generator.graph.planned_names import numbered
from tinyrig.generator.planning.kernels import Kernel
from tinyrig.generator.planning.step import Load, Move, Schedule, Step, Storage, Transfers
from tinyrig.generator.planning.tiling.choose import Chosen
from tinyrig.generator.planning.tiling.options import Choice
from tinyrig.generator.planning.tiling.staging import copy_of
from tinyrig.generator.planning.view import View


def tiled_schedule(schedule: Schedule, chosen: Chosen) -> tuple[Schedule, tuple[Kernel, ...]]:
    """Return a schedule with what was chosen for its steps, and the kernel of every part."""
    storages = {
        name: replace(storage, slow=name in chosen.slow)
        for name, storage in schedule.storages.items()
    }
    writer = _Writer(storages)
    kernels: list[Kernel] = []
    sites = []
    for number, choice in enumerate(chosen.choices):
        before = len(writer.steps)
        writer.layer(number, choice)
        writer.loads += chosen.loads[number].of(choice.constants.blocks)
        kernels += [choice.kernel] * (len(writer.steps) - before)
        sites += [schedule.sites[number]] * (len(writer.steps) - before)
    writer.close()
    made = replace(
        schedule,
        steps=tuple(writer.steps),
        storages=writer.storages,
        sites=tuple(sites),
        transfers=writer.transfers,
        parts=tuple(writer.parts),
        blocks=tuple(writer.blocks),
        loads=tuple(writer.loads),
    )
    return made, tuple(kernels)


@dataclass(frozen=True, eq=False)
class _Part:
    """A part on its fast operands, with the copies before it and behind it."""

    step: Step
    before: tuple[Move, ...]
    after: tuple[Move, ...]


@dataclass(eq=False)
class _Writer:
    storages: dict[str, Storage]
    steps: list[Step] = field(default_factory=list)
    transfers: dict[int, Transfers] = field(default_factory=dict)
    parts: list[int] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)
    loads: list[Load] = field(default_factory=list)
    made: list[Move] = field(default_factory=list)
    under_way: bool = False

    def layer(self, number: int, choice: Choice) -> None:
        """Append the parts of a layer."""
        blocks = choice.cut.blocks
        tiles = [tile for block in blocks for tile in block]
        first = self.blocks[-1] + 1 if self.blocks else 0
        self.blocks += [first + n for n, block in enumerate(blocks) for _ in block]
        own = [
            self._part(number, tile, turns, choice)
            for tile, turns in zip(tiles, _copied_at(tiles), strict=True)
        ]
        for turn, part in enumerate(own):
            following = own[turn + 1].before if turn + 1 < len(own) else ()
            if choice.alone and (choice.operands[-1].alone or turn == 0):
                self._transfer(tuple(self.made), [part.before, ()])
            elif choice.alone:
                self._transfer((), [(*self.made, *part.before), ()])
            elif turn == 0:
                self._transfer(tuple(self.made), [part.before, following])
            else:
                self._transfer((), [(*self.made, *following)])
            self.steps.append(part.step)
            self.parts.append(number)
            self.made = list(part.after)

    def close(self) -> None:
        """Append what remains to be copied behind the last step."""
        self._transfer(tuple(self.made), [()])

    def _transfer(self, leaving: tuple[Move, ...], phases: Sequence[tuple[Move, ...]]) -> None:
        """Note what is copied before the next step; empty phases at the front are none."""
        kept = [moves for moves in phases[:-1] if moves]
        if leaving or kept or phases[-1] or self.under_way:
            self.transfers[len(self.steps)] = Transfers(leaving, (*kept, phases[-1]))
            self.under_way = bool(phases[-1])

    def _part(self, number: int, tile: Step, turns: Sequence[int], choice: Choice) -> _Part:
        before: list[Move] = []
        after: list[Move] = []
        views: list[View] = []
        for place, view in enumerate((*tile.reads, *tile.writes)):
            inward = place < len(tile.reads)
            storage = self.storages[view.storage]
            name = numbered("tile", number, place, turns[place])
            wanted = storage.slow and choice.copied[place]
            copied = copy_of(tile, place, storage, name) if wanted else None
            if copied is None:
                views.append(view)
                continue
            views.append(copied.view)
            if name not in self.storages:
                self.storages[name] = Storage(name, copied.size)
                (before if inward else after).append(copied.move)
        reads, writes = views[: len(tile.reads)], views[len(tile.reads) :]
        step = replace(tile, reads=tuple(reads), writes=tuple(writes))  # type: ignore[arg-type]
        return _Part(step, tuple(before), tuple(after))


def _copied_at(tiles: Sequence[Step]) -> list[list[int]]:
    """Return for each operand of every tile the tile before which it is copied: one that the tile
    before reads too is there already."""
    found: list[list[int]] = []
    for turn, tile in enumerate(tiles):
        own = [turn] * (len(tile.reads) + len(tile.writes))
        for place, view in enumerate(tile.reads):
            if turn and view == tiles[turn - 1].reads[place]:
                own[place] = found[-1][place]
        found.append(own)
    return found
