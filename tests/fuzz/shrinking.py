"""The smallest network of a seed that still fails."""

from __future__ import annotations

from collections.abc import Callable

from fuzz.graphs import Recipe


def shrunk(whole: Recipe, fails: Callable[[Recipe], bool]) -> Recipe:
    """Drop blocks of a failing recipe, one at a time, while what is left fails."""
    at = whole
    for block in reversed(whole.blocks):
        smaller = at.without(block)
        if smaller.blocks and fails(smaller):
            at = smaller
    return at
