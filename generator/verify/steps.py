"""What a planned step makes of what it reads: its call's operator on blocks of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tinyrig.generator.errors import InternalError
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Conv, Linear, Node
from tinyrig.generator.operators import meaning
from tinyrig.generator.operators.table import call_of
from tinyrig.generator.operators.values import Ids, fixed
from tinyrig.generator.planning.call import Call
from tinyrig.generator.planning.partial import FinishLinear, PartialLinear
from tinyrig.generator.planning.step import Compute, Fill, Step


@dataclass(eq=False)
class Maker:
    """Makes the numbers of steps' outputs; keys of operators are made once."""

    graph: Graph
    layers: Mapping[str, Linear] = field(init=False)
    _channels: dict[int, Ids] = field(default_factory=dict)
    _keys: dict[int, np.uint64] = field(default_factory=dict)
    _firsts: dict[tuple[int, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        nodes = self.graph.nodes
        self.layers = {n.outputs[0]: n for n in nodes if isinstance(n, Linear)}

    def make(
        self, step: Step, turn: int, call: Call, reads: Sequence[Ids], before: Ids | None
    ) -> Ids:
        """Return the written block of turn `turn` of a step; `before` are sums it adds to."""
        if isinstance(step, Fill):
            return fixed(np.array([step.value], np.int8))
        if not isinstance(step, Compute):
            return reads[0]
        node = step.nodes[turn]
        if isinstance(node, PartialLinear):
            return self._part(step, turn, node, reads[0], before)
        if isinstance(node, FinishLinear):
            sums = meaning.from_lanes(reads[0])
            return meaning.finished(sums, self._channels_of(self._layer(node)))
        makes = call_of(call.op).makes
        if makes is None:
            raise InternalError(f"Nothing declares what {call.op} makes.")
        return makes(self, node, call.params, reads)

    def key(self, node: Node) -> np.uint64:
        """Return an operator's number."""
        if id(node) not in self._keys:
            self._keys[id(node)] = meaning.key_of(node)
        return self._keys[id(node)]

    def channels(self, node: Node) -> Ids:
        """Return the numbers of a layer's output channels."""
        assert isinstance(node, Linear | Conv)
        return self._channels_of(node)

    def _channels_of(self, node: Linear | Conv) -> Ids:
        if id(node) not in self._channels:
            self._channels[id(node)] = meaning.channel_keys(node)
        return self._channels[id(node)]

    def _layer(self, node: Node) -> Linear:
        layer = self.layers.get(node.outputs[0])
        if layer is None:
            raise InternalError(f"{node.name!r} is a part of no linear layer of the graph.")
        return layer

    def _part(
        self, step: Compute, turn: int, node: PartialLinear, x: Ids, before: Ids | None
    ) -> Ids:
        first = self._first_column(step, turn, node)
        sums = None if before is None else meaning.from_lanes(before)
        if (sums is None) != (first == 0):
            raise InternalError(f"{node.name!r} starts its sums at column {first}.")
        made = meaning.partial_sums(x, first, node.weight.shape[0], sums)
        return meaning.as_lanes(np.broadcast_to(made, (len(x), node.weight.shape[0])))

    def _first_column(self, step: Compute, turn: int, node: PartialLinear) -> int:
        """Columns of the parts before; the part's weights must be the layer's from there on."""
        if (id(step), turn) not in self._firsts:
            before = (one for one in step.nodes[:turn] if isinstance(one, PartialLinear))
            first = sum(one.weight.shape[1] for one in before)
            whole = self._layer(node).weight[:, first : first + node.weight.shape[1]]
            if not np.array_equal(whole, node.weight):
                raise InternalError(f"Part {turn} of {node.name!r} has other columns' weights.")
            self._firsts[id(step), turn] = first
        return self._firsts[id(step), turn]
