"""Where the frames of a flamegraph lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Stack = tuple[str, ...]


@dataclass(frozen=True)
class Frame:
    """A stack and all below it: `left` and `width` are shares of the whole."""

    stack: Stack
    value: int
    left: float
    width: float

    @property
    def name(self) -> str:
        """What the last call is called."""
        return self.stack[-1]

    @property
    def depth(self) -> int:
        """How many calls it lies under: none for the root."""
        return len(self.stack) - 1


def frames(counts: Mapping[Stack, int], *, least: float, by_value: bool = True) -> Iterator[Frame]:
    """Yield the frames of stacks, a frame before those below it.

    Frames narrower than `least`, a share of the whole, are left out. Frames beside each other
    come in order of value, the largest first, or else in the order of `counts`.
    """
    total = sum(counts.values())
    if total:
        yield from _frames(counts, 0, 0.0, total, least, by_value)


def _frames(
    counts: Mapping[Stack, int],
    depth: int,
    left: float,
    total: int,
    least: float,
    by_value: bool,
) -> Iterator[Frame]:
    groups: dict[str, dict[Stack, int]] = {}
    for stack, count in counts.items():
        if len(stack) > depth:
            groups.setdefault(stack[depth], {})[stack] = count
    ordered = list(groups.items())
    if by_value:
        ordered.sort(key=lambda item: (-sum(item[1].values()), item[0]))
    for _, inner in ordered:
        value = sum(inner.values())
        width = value / total
        if width >= least:
            stack = next(iter(inner))[: depth + 1]
            yield Frame(stack, value, left, width)
            yield from _frames(inner, depth + 1, left, total, least, by_value)
        left += width
