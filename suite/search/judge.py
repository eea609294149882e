"""What a candidate takes of a board: its sketch is laid out and planned, nothing is packed."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from tinyrig.generator.errors import FitError
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Linear
from tinyrig.generator.graph.requant import Int8Array
from tinyrig.generator.options import ALL, Options
from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.estimate import Estimator
from tinyrig.suite.search.space import Config, Space

_RAM_BESIDE = 1536
"""Stack and static data of the zoo's firmwares, rounded up; the last boot tells them exactly."""

_CODE = 56 * 1024
"""Code and constants of their C, rounded up likewise."""


@dataclass(frozen=True)
class Limits:
    """The most a network may take; None is the board's own, and for cycles no limit."""

    ram: int | None = None
    flash: int | None = None
    cycles: int | None = None


@dataclass(frozen=True)
class Resources:
    """What a network takes: bytes, fitted cycles of one inference, and weights that are stored.

    `paper_ram` is by MCUFormer's rule (eq. 5), which counts a layer's weights in RAM.
    """

    ram: int
    flash: int
    cycles: int
    weights: int
    paper_ram: int

    def excess(self, limits: Limits, *, paper: bool = False) -> float:
        """Return how far the worst is above its limit, as a share of it; 0 or less fits."""
        ram = self.paper_ram if paper else self.ram
        pairs = ((ram, limits.ram), (self.flash, limits.flash), (self.cycles, limits.cycles))
        shares = [used / most - 1.0 for used, most in pairs if most is not None]
        return max(shares, default=0.0)

    def document(self) -> dict[str, int]:
        """Return the figures by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


UNFIT = 1 << 40
"""Stands for what no plan was found for."""


def planned(limits: Limits) -> Options:
    """Return how candidates are planned and the chosen one is built.

    As the switches say: a search of plans takes seconds each. Weights have 16 bits, for speed,
    while the limit of flash leaves room for them.
    """
    room = max(1, limits.flash - _CODE) if limits.flash else 0
    return replace(ALL, optimize="none", max_flash=room)


class Judge:
    """Resources of candidates on one board, each judged once."""

    def __init__(self, space: Space, board: Board, limits: Limits) -> None:
        self._space = space
        self.limits = Limits(
            limits.ram or board.ram_size, limits.flash or board.flash.size, limits.cycles
        )
        self.options = planned(limits)
        self._estimator = Estimator(board, self.options)
        self._known: dict[str, Resources] = {}

    def resources(self, config: Config) -> Resources:
        """Return what a candidate takes."""
        key = repr(sorted(config.items()))
        if key not in self._known:
            self._known[key] = judge_graph(self._space.graph(config), self._estimator)
        return self._known[key]


def judge_graph(graph: Graph, estimator: Estimator) -> Resources:
    """Return what a graph takes of the board of an estimator."""
    weights = sum(int(np.count_nonzero(w)) for w in _weights(graph))
    paper = paper_ram(graph)
    try:
        found = estimator.estimate(graph)
    except FitError:
        return Resources(UNFIT, UNFIT, UNFIT, weights, paper)
    return Resources(found.ram + _RAM_BESIDE, found.flash + _CODE, found.cycles, weights, paper)


def _weights(graph: Graph) -> list[Int8Array]:
    return [node.weight for node in graph.nodes if hasattr(node, "weight")]


def paper_ram(graph: Graph) -> int:
    """Return MCUFormer's eq. 5: a linear layer's weights, and the larger of its input and output.

    The largest of all layers, in bytes.
    """
    tensors = graph.tensors
    found = [
        node.weight.size + max(tensors[node.inputs[0]].elements, tensors[node.outputs[0]].elements)
        for node in graph.nodes
        if isinstance(node, Linear)
    ]
    return max(found, default=0)
