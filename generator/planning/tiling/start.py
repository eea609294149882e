"""Where the search for tiles begins: the best choice of a step whose tensors are in slow memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from tinyrig.generator.planning.resident import LONGEST_COPY
from tinyrig.generator.planning.tiling.options import Choice

BYTES_A_CYCLE = 8
"""What the DMA copies in a cycle."""

LOAD_BYTES = 2160
"""Bytes that the DMA copies while the start of a block's copy and the wait for its end take."""


@dataclass(frozen=True)
class Start:
    """The number of a choice, whether its weights are in fast memory, and whether its blocks but
    the first come there early."""

    choice: int
    weights: bool
    early: bool


def best_start(
    offered: Sequence[Choice], slow: Collection[str], held: int, room: int
) -> Start | None:
    """Return what takes a step the fewest cycles with its operands of `slow` storages there.

    It fits `room` bytes beside the `held` ones of other storages, and its blocks are waited for:
    so it does with any choice of other steps. None where nothing fits.
    """
    found = (
        (cycles_from(offered[start.choice], start, slow), number, start)
        for number, start in enumerate(_starts(offered))
        if held + _taken(offered[start.choice], start, slow) <= room
    )
    best = min(found, default=None)
    return best[2] if best is not None else None


def _starts(offered: Sequence[Choice]) -> Iterator[Start]:
    for number, one in enumerate(offered):
        block = one.constants
        kept = (False, True) if 0 < block.weights <= LONGEST_COPY else (False,)
        early = (False, True) if block.blocks > 1 else (False,)
        for weights, others in product(kept, early):
            yield Start(number, weights, others)


def _taken(choice: Choice, start: Start, slow: Collection[str]) -> int:
    """Return the bytes of fast memory of its scratch, its parts and its blocks."""
    rooms = sum(each.room for each in choice.operands if each.storage in slow)
    return choice.scratch - choice.over + rooms + _block(choice, start) * (1 + start.early)


def _block(choice: Choice, start: Start) -> int:
    return choice.constants.small + choice.constants.weights * start.weights


def cycles_from(choice: Choice, start: Start, slow: Collection[str]) -> int:
    """Return the cycles of a step that begins so, with those for which it waits for its blocks."""
    block = choice.constants
    away = [each for each in choice.operands if each.storage in slow]
    edges = sum(each.direct for each in away if each.size is None)
    edges += sum(each.waited // BYTES_A_CYCLE for each in away)
    copied = sum(each.moved // BYTES_A_CYCLE for each in away)
    if start.early and start.weights:
        copied += block.blocks * block.weights // BYTES_A_CYCLE
    work = choice.cycles + block.slow * (not start.weights)
    waits = (_block(choice, start) + LOAD_BYTES) // BYTES_A_CYCLE
    return max(work, copied) + edges + waits * (1 if start.early else block.blocks)
