"""Where the frames of a flamegraph lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Stack = tuple[str, ...]


@dataclass(frozen=True)
class Frame:
    """A name and all below it: `left` and `width` are shares of the whole, depth 0 the root's."""

    name: str
    value: int
    left: float
    width: float
    depth: int


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
    for name, inner in ordered:
        value = sum(inner.values())
        width = value / total
        if width >= least:
            yield Frame(name, value, left, width, depth)
            yield from _frames(inner, depth + 1, left, total, least, by_value)
        left += width
