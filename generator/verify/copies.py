"""Copies by the DMA while cores compute: nothing is read, and nothing written, too early."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.errors import InternalError
from tinyrig.generator.operators.values import Ids, named
from tinyrig.generator.planning.step import Move, Storage
from tinyrig.generator.verify.memory import Arena

_FLYING = named("copied, and not there yet")
_TORN = named("changed while it was copied")


@dataclass(frozen=True, eq=False)
class _Ends:
    """In one memory the bytes that a copy reads, and those it writes."""

    source: Ids
    read: NDArray[np.int64]
    target: Ids
    written: NDArray[np.int64]


@dataclass(eq=False)
class Copies:
    """The copies under way, in the storages' own memories and in the arenas.

    A byte that is copied to holds nothing until the end is awaited. One whose source changed
    meanwhile holds nothing that a step may read.
    """

    storages: Mapping[str, Storage]
    own: Mapping[str, Ids]
    arenas: Sequence[Arena]
    under_way: list[tuple[Move, list[tuple[_Ends, Ids]]]] = field(default_factory=list)

    def start(self, moves: Sequence[Move], writer: int) -> None:
        """Start the copies before step `writer`; InternalError for one outside its storages."""
        for move in moves:
            self._check(move)
            ends = list(self._ends(move))
            self.under_way.append((move, [(each, each.source[each.read]) for each in ends]))
            for each in ends:
                each.target[each.written] = _FLYING
            for arena, each in zip(self.arenas, ends[1:], strict=True):
                arena.writers[each.written] = writer

    def end(self) -> None:
        """Await the end of all; InternalError where something was written to their targets."""
        for move, ends in self.under_way:
            for each, before in ends:
                if (each.target[each.written] != _FLYING).any():
                    raise InternalError(
                        f"The plan is not sound: something writes where {move.slow!r} and "
                        f"{move.fast!r} are copied to before the copy has ended."
                    )
                same = each.source[each.read] == before
                each.target[each.written] = np.where(same, before, _TORN)
        self.under_way.clear()

    def _ends(self, move: Move) -> Iterator[_Ends]:
        """The bytes in the storages' own memories, then in each arena."""
        runs = np.arange(move.runs, dtype=np.int64)[:, None]
        bytes_of = np.arange(move.length, dtype=np.int64)
        slow = (move.slow_offset + runs * move.stride + bytes_of).ravel()
        fast = (move.fast_offset + runs * move.length + bytes_of).ravel()
        memories = [(self.own[move.slow], self.own[move.fast], 0, 0)]
        memories += [
            (arena.values, arena.values, arena.offsets[move.slow], arena.offsets[move.fast])
            for arena in self.arenas
        ]
        for outer, inner, at, into in memories:
            if move.inward:
                yield _Ends(outer, slow + at, inner, fast + into)
            else:
                yield _Ends(inner, fast + into, outer, slow + at)

    def _check(self, move: Move) -> None:
        slow, fast = self.storages.get(move.slow), self.storages.get(move.fast)
        end = move.fast_offset + move.size
        if (
            slow is None
            or fast is None
            or not slow.slow
            or fast.slow
            or min(move.runs, move.length, move.slow_offset + 1, move.fast_offset + 1) < 1
            or (move.runs > 1 and move.stride < move.length)
            or move.end > slow.size
            or end > fast.size
        ):
            raise InternalError(
                f"The plan is not sound: {move.size} bytes are copied between {move.slow!r} at "
                f"{move.slow_offset} and {move.fast!r} at {move.fast_offset}, outside of one."
            )
