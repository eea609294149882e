"""Steps: what is executed, in order, on which views; and the storages the views lie in."""

from __future__ import annotations

from dataclasses import dataclass, field

from generator.graph.ops import Node
from generator.graph.requant import Int8Array
from generator.planning.view import View


@dataclass(frozen=True, eq=False)
class Storage:
    """A block of int8 elements; `data` is given for constants, which stay in flash."""

    name: str
    size: int
    data: Int8Array | None = field(default=None, repr=False)

    @property
    def in_flash(self) -> bool:
        """True for a constant that needs no RAM."""
        return self.data is not None


@dataclass(frozen=True, eq=False)
class Compute:
    """A node of the graph, executed by one kernel."""

    name: str
    node: Node
    reads: tuple[View, ...]
    writes: tuple[View, ...]


@dataclass(frozen=True, eq=False)
class Copy:
    """A layout operator, or part of one, that no kernel could absorb."""

    name: str
    reads: tuple[View]
    writes: tuple[View]


@dataclass(frozen=True, eq=False)
class Fill:
    """The constant border of a Pad."""

    name: str
    value: int
    writes: tuple[View]
    reads: tuple[View, ...] = ()


Step = Compute | Copy | Fill


@dataclass(frozen=True, eq=False)
class Schedule:
    """Steps in execution order with their storages.

    `inputs` and `outputs` map a tensor's name to its view, row-major and dense.
    """

    steps: tuple[Step, ...]
    storages: dict[str, Storage]
    inputs: dict[str, View]
    outputs: dict[str, View]

    def lifetimes(self) -> dict[str, tuple[int, int]]:
        """Return (first, last) step of every RAM storage; inputs start at 0, outputs never end."""
        last_step = len(self.steps)
        spans: dict[str, tuple[int, int]] = {v.storage: (0, 0) for v in self.inputs.values()}
        for index, step in enumerate(self.steps):
            for view in (*step.reads, *step.writes):
                first, _ = spans.get(view.storage, (index, index))
                spans[view.storage] = (first, index)
        for view in self.outputs.values():
            spans[view.storage] = (spans[view.storage][0], last_step)
        return {name: span for name, span in spans.items() if not self.storages[name].in_flash}
