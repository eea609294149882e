"""What it takes to read the keys of an attention in slow memory, once for many queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tinyrig.generator.planning.call import Call

KEYS = 1
"""The input of attention that has its keys."""

QUERIES_FETCHED_FOR = {"tr_attention_s8_fetched__xpulp": 2}
"""Kernels that read a key once for a round of queries, so many for every core."""

_FEWEST_QUERIES = 4
"""Queries of a round where cores are few."""

_WORD_CYCLES = 16
"""Cycles of a word that a core reads in slow memory."""


def fetching(calls: Sequence[Call], counts: Sequence[int], kernel: str, cores: int) -> int:
    """Return how long all cores of a kernel wait for keys, in so many calls of each kind.

    `kernel` is one of `QUERIES_FETCHED_FOR`.
    """
    most = max(_FEWEST_QUERIES, QUERIES_FETCHED_FOR[kernel] * cores)
    words = 0
    for call, count in zip(calls, counts, strict=True):
        params: Mapping[str, Any] = call.params
        heads, rounds = params["batch0"] * params["batch1"], -(-params["s"] // most)
        words += count * heads * rounds * params["t"] * -(-params["p"] // 4)
    return _WORD_CYCLES * words // cores
