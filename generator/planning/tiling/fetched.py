"""What it takes to read the keys of an attention in slow memory, once for many queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tinyrig.generator.planning.call import Call
from tinyrig.generator.planning.kernels import Kernel
from tinyrig.generator.planning.tiling.shares import queries_of_round

KEYS = 1
"""The input of attention that has its keys."""

_WORD_CYCLES = 16
"""Cycles of a word that a core reads in slow memory."""


def fetching(calls: Sequence[Call], counts: Sequence[int], kernel: Kernel, cores: int) -> int:
    """Return how long all cores wait for keys, in so many calls of each kind.

    `kernel` reads each once for the queries of a round.
    """
    most = queries_of_round(kernel.round, cores)
    words = 0
    for call, count in zip(calls, counts, strict=True):
        params: Mapping[str, Any] = call.params
        heads, rounds = params["batch0"] * params["batch1"], -(-params["s"] // most)
        words += count * heads * rounds * params["t"] * -(-params["p"] // 4)
    return _WORD_CYCLES * words // cores
