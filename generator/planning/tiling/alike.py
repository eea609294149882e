"""Steps and storages that are alike, as in layers that repeat: one choice is for all."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from tinyrig.generator.planning.lifetime import Span
from tinyrig.generator.planning.step import Storage
from tinyrig.generator.planning.tiling.options import Choice


@dataclass(frozen=True)
class Alike:
    """The kind of every step, by a number, and of every storage that lives."""

    steps: tuple[int, ...]
    storages: Mapping[str, int]

    def first(self, kind: int) -> int:
        """Return the first step of a kind."""
        return self.steps.index(kind)


def alike(
    steps: Sequence[Sequence[Choice]], storages: Mapping[str, Storage], lives: Mapping[str, Span]
) -> Alike:
    """Return what is alike.

    Steps are that may run in the same ways for the same figures, storages of one size that are
    operands of such steps in the same places.
    """
    numbers: dict[Hashable, int] = {}
    kinds = tuple(numbers.setdefault(_figures(offered), len(numbers)) for offered in steps)
    places: dict[str, list[tuple[int, int]]] = {name: [] for name in lives}
    for kind, offered in zip(kinds, steps, strict=True):
        for place, operand in enumerate(offered[0].operands):
            if operand.storage in places:
                places[operand.storage].append((kind, place))
    found: dict[Hashable, int] = {}
    named = {}
    for name, (first, last) in lives.items():
        storage = storages[name]
        key = (storage.size, storage.item, last - first, tuple(places[name]))
        named[name] = found.setdefault(key, len(found))
    return Alike(kinds, named)


def _figures(offered: Sequence[Choice]) -> Hashable:
    return tuple(
        (
            one.kernel.name,
            one.cycles,
            one.scratch,
            one.constants,
            one.over,
            tuple((o.size, o.moved, o.still, o.direct, o.alone) for o in one.operands),
        )
        for one in offered
    )
