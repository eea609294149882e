"""What to copy to RAM where there is no room for all: the exact answer of the knapsack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

import numpy as np

_WORD = 4


class Offer(Protocol):
    """What is read of something that may be copied: its bytes, and the cycles waited for it."""

    @property
    def size(self) -> int:
        """Bytes it takes there, in whole words."""

    @property
    def waits(self) -> float:
        """Cycles that are saved."""


_Offer = TypeVar("_Offer", bound=Offer)


def most_saving(offers: Sequence[_Offer], room: int) -> list[_Offer]:
    """Return the offers that save most in a room of bytes."""
    if sum(offer.size for offer in offers) <= room:
        return list(offers)
    gain = np.zeros(max(0, room) // _WORD + 1)
    choices: list[Any] = []
    for offer in offers:
        words = min(_words(offer), gain.size)
        left = gain[: gain.size - words]
        better = left + offer.waits > gain[words:]
        gain[words:] = np.where(better, left + offer.waits, gain[words:])
        choices.append(better)
    taken: list[_Offer] = []
    free = gain.size - 1
    for offer, better in zip(reversed(offers), reversed(choices), strict=True):
        words = _words(offer)
        if words <= free and better[free - words]:
            taken.append(offer)
            free -= words
    return taken


def _words(offer: Offer) -> int:
    return -(-offer.size // _WORD)
