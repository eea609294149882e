"""Steps: what is executed, in order, on which views; and the storages the views lie in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tinyrig.generator.graph.ops import Node
from tinyrig.generator.graph.requant import Int8Array
from tinyrig.generator.planning.view import View


@dataclass(frozen=True, eq=False)
class Storage:
    """A block of `size` bytes, elements of `item` bytes; constants have `data`, in flash.

    A `streamed` one is an input of the model that lies wherever its caller has it.
    A `slow` one lies in a cluster's slow memory, and reaches the cores by copies of its parts.
    """

    name: str
    size: int
    item: int = 1
    data: Int8Array | None = field(default=None, repr=False)
    streamed: bool = False
    slow: bool = False

    @property
    def in_ram(self) -> bool:
        """True for what has bytes in the arena."""
        return self.data is None and not self.streamed


@dataclass(frozen=True, eq=False, kw_only=True)
class Compute:
    """A node, executed by one kernel.

    `nodes` has one entry, or one an iteration of loop `varies`: the same operator and shapes
    with other constants. `loops` are the loops the step stands in, outermost first.
    """

    name: str
    nodes: tuple[Node, ...]
    reads: tuple[View, ...]
    writes: tuple[View, ...]
    loops: tuple[int, ...] = ()
    varies: int | None = None

    @property
    def node(self) -> Node:
        """The node of the first iteration, for everything that does not vary."""
        return self.nodes[0]


@dataclass(frozen=True, eq=False, kw_only=True)
class Copy:
    """A layout operator, or part of one, that no kernel could absorb."""

    name: str
    reads: tuple[View]
    writes: tuple[View]
    loops: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Fill:
    """The constant border of a Pad."""

    name: str
    value: int
    writes: tuple[View]
    reads: tuple[View, ...] = ()
    loops: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Read:
    """A run of bytes of a streamed input, as the caller's reader puts it into a band."""

    name: str
    reads: tuple[View]
    writes: tuple[View]
    loops: tuple[int, ...] = ()


Step = Compute | Copy | Fill | Read


@dataclass(frozen=True)
class Move:
    """A copy by the DMA of `runs` runs of `length` bytes between slow and fast memory.

    In the slow storage runs begin `stride` bytes apart, in the fast one they follow each other.
    Offsets are in the storages. `inward` goes the way to fast memory.
    """

    slow: str
    slow_offset: int
    fast: str
    fast_offset: int
    runs: int
    length: int
    stride: int
    inward: bool

    @property
    def size(self) -> int:
        """All bytes that are copied."""
        return self.runs * self.length

    @property
    def end(self) -> int:
        """One past the last byte in the slow storage."""
        return self.slow_offset + (self.runs - 1) * self.stride + self.length


@dataclass(frozen=True)
class Transfers:
    """What the DMA does before a step, when all that was under way has ended.

    The copies `leaving` fast memory have ended before anything of the step is there. Then the
    copies of a phase are started together. The end of each phase is awaited but for the last one's,
    whose copies go on while the step is executed, up to the next transfers.
    """

    leaving: tuple[Move, ...] = ()
    phases: tuple[tuple[Move, ...], ...] = ()


@dataclass(frozen=True)
class Load:
    """How a block of constants comes to fast memory: with its `weights`, or parameters and tables
    alone; `early`, while the block before is used, or awaited before its own first step."""

    weights: bool
    early: bool


@dataclass(frozen=True, eq=False)
class Schedule:
    """Steps in execution order with their storages.

    `inputs` and `outputs` map a tensor's name to its view, row-major and dense. `loops` maps a
    loop to its count; the steps of a loop stand together. `sites` has the site of every step
    (streams/ways.py), empty for one of none. `transfers` are those before a step, by its index,
    or behind the last one. `parts` has the layer of every step, which several steps in a row make
    where it is tiled; empty where every step is one. `blocks` are then those steps of a layer that
    read the same constants, by a number of their own, and `loads` how each comes to fast memory.
    """

    steps: tuple[Step, ...]
    storages: Mapping[str, Storage]
    inputs: Mapping[str, View]
    outputs: Mapping[str, View]
    loops: Mapping[int, int]
    sites: tuple[str, ...] = ()
    transfers: Mapping[int, Transfers] = field(default_factory=dict)
    parts: tuple[int, ...] = ()
    blocks: tuple[int, ...] = ()
    loads: tuple[Load, ...] = ()

    def executions(self, step: Step) -> int:
        """How often one inference executes a step."""
        count = 1
        for loop in step.loops:
            count *= self.loops[loop]
        return count
