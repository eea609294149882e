"""Two plans of one arena: which tensors grew, live longer or moved, and who makes the peak."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tinyrig.generator.graph.planned_names import numbers_of
from tinyrig.suite.bench.evidence import Evidence, PlannedBuffer

_ALIGNMENT = 4
Kind = Literal["grew", "new", "lives longer", "moved", "shrank", "lives shorter", "gone"]
_ORDER: tuple[Kind, ...] = ("grew", "new", "lives longer", "moved", "shrank", "lives shorter")


@dataclass(frozen=True)
class TensorChange:
    """What became of one tensor or scratch buffer, and whether it is live at the new peak."""

    name: str
    kind: Kind
    words: str
    at_peak: bool


@dataclass(frozen=True)
class Peak:
    """The layer that needs most bytes of an arena, and what is live then, largest first."""

    layer: str
    live: int
    arena: int
    tensors: tuple[tuple[str, int], ...]


def peak_of(evidence: Evidence) -> Peak:
    """Return the peak of a plan; a plan without a buffer has one of zero bytes."""
    steps = range(len(evidence.layers))
    at = max(steps, key=lambda step: (_used(evidence.buffers, step), -step), default=0)
    live = sorted(_live(evidence.buffers, at), key=lambda buffer: (-buffer.size, buffer.name))
    return Peak(
        layer=evidence.layers[at] if evidence.layers else "",
        live=_used(evidence.buffers, at),
        arena=max((_end(buffer) for buffer in evidence.buffers), default=0),
        tensors=tuple((_name(buffer, evidence), buffer.size) for buffer in live),
    )


def tensor_changes(base: Evidence, head: Evidence) -> tuple[TensorChange, ...]:
    """Return every change of a buffer: those live at the new peak first, then by kind."""
    before = {_name(buffer, base): buffer for buffer in base.buffers}
    after = {_name(buffer, head): buffer for buffer in head.buffers}
    peak = {name for name, _ in peak_of(head).tensors}
    found: list[TensorChange] = []
    for name, buffer in after.items():
        for kind, words in _changes(before.get(name), buffer, base.layers, head.layers):
            found.append(TensorChange(name, kind, words, name in peak))
    found += [
        TensorChange(name, "gone", f"{buffer.size:,} bytes", False)
        for name, buffer in before.items()
        if name not in after
    ]
    order = {kind: rank for rank, kind in enumerate((*_ORDER, "gone"))}
    return tuple(sorted(found, key=lambda change: (not change.at_peak, order[change.kind])))


def _changes(
    base: PlannedBuffer | None,
    head: PlannedBuffer,
    layers: Sequence[str],
    new_layers: Sequence[str],
) -> Iterator[tuple[Kind, str]]:
    if base is None:
        yield "new", f"{head.size:,} bytes at {head.offset:,}"
        return
    if head.size != base.size:
        kind: Kind = "grew" if head.size > base.size else "shrank"
        yield kind, f"{base.size:,} -> {head.size:,} bytes"
    old, new = _lifetime(base, layers), _lifetime(head, new_layers)
    if old != new:
        longer = head.last - head.first >= base.last - base.first
        yield "lives longer" if longer else "lives shorter", f"{old}, now {new}"
    if head.offset != base.offset:
        yield "moved", f"{head.size:,} bytes from {base.offset:,} to {head.offset:,}"


def _lifetime(buffer: PlannedBuffer, layers: Sequence[str]) -> str:
    first, last = layers[buffer.first], layers[buffer.last]
    return f"in {first}" if first == last else f"from {first} to {last}"


def _name(buffer: PlannedBuffer, evidence: Evidence) -> str:
    """Return a buffer's name; scratch is numbered by its layer, whose name stays the same."""
    numbers = numbers_of(buffer.name, "scratch")
    if len(numbers) == 1 and numbers[0] < len(evidence.layers):
        return f"scratch of {evidence.layers[numbers[0]]}"
    return buffer.name


def _live(buffers: Sequence[PlannedBuffer], step: int) -> list[PlannedBuffer]:
    return [buffer for buffer in buffers if buffer.first <= step <= buffer.last]


def _end(buffer: PlannedBuffer) -> int:
    return buffer.offset + -(-buffer.size // _ALIGNMENT) * _ALIGNMENT


def _used(buffers: Sequence[PlannedBuffer], step: int) -> int:
    """Return the bytes taken while a step runs; shared bytes count once."""
    total = end = 0
    for start, stop in sorted((buffer.offset, _end(buffer)) for buffer in _live(buffers, step)):
        total += max(0, stop - max(start, end))
        end = max(end, stop)
    return total
