"""What a planned step makes of what it reads: its call's operator on blocks of numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.errors import InternalError
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Conv, Linear, Node
from tinyrig.generator.planning.call import Call
from tinyrig.generator.planning.partial import FinishLinear, PartialLinear
from tinyrig.generator.planning.step import Compute, Fill, Step
from tinyrig.generator.verify import meaning
from tinyrig.generator.verify.values import Ids, fixed


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
        rule = _RULES.get(call.op)
        if rule is None:
            raise InternalError(f"The verifier has no rule for what {call.op} makes.")
        return rule(self, node, call.params, reads)

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


_Params = Mapping[str, Any]
_Rule = Callable[[Maker, Node, _Params, Sequence[Ids]], Ids]


def _linear(maker: Maker, node: Node, _: _Params, x: Sequence[Ids]) -> Ids:
    return meaning.linear(x[0], maker.channels(node))


def _matmul(maker: Maker, node: Node, _: _Params, x: Sequence[Ids]) -> Ids:
    return meaning.matmul(x[0], x[1], maker.key(node))


def _attention(maker: Maker, node: Node, _: _Params, x: Sequence[Ids]) -> Ids:
    return meaning.attention(x[0], x[1], x[2], maker.key(node))


def _rows(maker: Maker, node: Node, _: _Params, x: Sequence[Ids]) -> Ids:
    return meaning.row_wise(x[0], maker.key(node))


def _masked(maker: Maker, node: Node, p: _Params, x: Sequence[Ids]) -> Ids:
    return meaning.masked_rows(x[0], maker.key(node), _kept(p, x[0].shape))


def _kept(p: _Params, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return which scores take part, by the runs that the kernel is given."""
    first, runs = p["first"].values, p["runs"].values.reshape(-1, 2)
    stride = p["mask_stride"]
    row = np.arange(shape[0])[:, None] * stride[0] + np.arange(shape[1]) * stride[1]
    edges = np.zeros((len(first) - 1, shape[2] + 1), np.int64)
    owner = np.repeat(np.arange(len(first) - 1), np.diff(first))
    used = runs[first[0] : first[-1]]
    np.add.at(edges, (owner, used[:, 0]), 1)
    np.add.at(edges, (owner, used[:, 1]), -1)
    kept: NDArray[np.bool_] = (np.cumsum(edges, axis=1)[:, :-1] > 0)[row]
    return kept


def _unary(maker: Maker, node: Node, _: _Params, x: Sequence[Ids]) -> Ids:
    return meaning.unary(x[0], maker.key(node))


def _binary(maker: Maker, node: Node, _: _Params, x: Sequence[Ids]) -> Ids:
    return meaning.binary(x[0], x[1], maker.key(node))


def _conv(maker: Maker, node: Node, p: _Params, x: Sequence[Ids]) -> Ids:
    return meaning.windows(x[0], p["window"], p["groups"], maker.channels(node))


def _pool(maker: Maker, node: Node, p: _Params, x: Sequence[Ids]) -> Ids:
    channels = x[0].shape[1]
    keys = np.full(channels, maker.key(node), np.uint64)
    return meaning.windows(x[0], p["window"], channels, keys)


def _mean(maker: Maker, node: Node, p: _Params, x: Sequence[Ids]) -> Ids:
    count = int(np.prod(p["reduced"]))
    return meaning.mean(x[0].reshape(-1, count), maker.key(node)).reshape(p["kept"])


def _gather(_: Maker, __: Node, ___: _Params, x: Sequence[Ids]) -> Ids:
    return x[0]


_RULES: Mapping[str, _Rule] = {
    "linear_s8": _linear,
    "matmul_s8": _matmul,
    "attention_s8": _attention,
    "softmax_s8": _rows,
    "softmax_masked_s8": _masked,
    "layernorm_s8": _rows,
    "unary_s8": _unary,
    "add_s8": _binary,
    "mul_s8": _binary,
    "conv2d_s8": _conv,
    "maxpool2d_s8": _pool,
    "avgpool2d_s8": _pool,
    "mean_s8": _mean,
    "gather_s8": _gather,
}
