"""Predicted cycles held against modelled ones: of networks, of layers, and of choices."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.options import Options
from tinyrig.generator.planning.binding import bind
from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.cheapest import cheapest_plan
from tinyrig.generator.planning.costs import STEP_CYCLES, cycles_of
from tinyrig.generator.planning.kernels import PORTABLE, Kernel
from tinyrig.suite.studies.costs.fit import suits
from tinyrig.suite.studies.costs.machine import Job, Spent
from tinyrig.suite.studies.costs.sweep import Sampled, samples, swept_operators

LARGE_LAYER = 10_000
"""Cycles from which on a layer's prediction counts."""

NETWORK_BAND = 3.0
"""Per cent that a network's prediction may be off."""

LAYER_BAND = 10.0
"""Per cent that a large layer's may."""

CHOICE_BAND = 2.0
"""Per cent more cycles than the best kernel has that the one taken may have."""

_PATIENCE = 60
"""Calls of an operator in a row that one kernel alone suits: its kernels then share no calls."""


@dataclass(frozen=True)
class LayerCost:
    """A layer with the cycles of all its executions."""

    name: str
    kernel: str
    predicted: int
    modelled: float

    @property
    def off(self) -> float:
        """Per cent of the modelled cycles."""
        return 100 * (self.predicted / self.modelled - 1)


@dataclass(frozen=True)
class NetworkCost:
    """A network's layers on a board, in the plan that was taken."""

    model: str
    board: str
    layers: tuple[LayerCost, ...]

    @property
    def off(self) -> float:
        """Per cent of the network's modelled cycles."""
        modelled = sum(layer.modelled for layer in self.layers)
        return 100 * (sum(layer.predicted for layer in self.layers) / modelled - 1)

    @property
    def large(self) -> tuple[LayerCost, ...]:
        """The layers whose prediction counts."""
        return tuple(layer for layer in self.layers if layer.modelled >= LARGE_LAYER)

    @property
    def worst(self) -> LayerCost:
        """The large layer that is farthest off, or any where none is large."""
        return max(self.large or self.layers, key=lambda layer: abs(layer.off))


@dataclass(frozen=True)
class Choice:
    """What was taken for a call, and the best that was legal."""

    op: str
    taken: str
    best: str
    cycles: float
    least: float

    @property
    def lost(self) -> float:
        """Per cent more cycles than the best has."""
        return 100 * (self.cycles / self.least - 1)


def misses(networks: Sequence[NetworkCost], found: Sequence[Choice]) -> Iterator[str]:
    """Tell what is outside its band, a line each."""
    for one in networks:
        where = f"{one.model} on {one.board}"
        if abs(one.off) > NETWORK_BAND:
            yield f"{where}: {one.off:+.1f} %, of {NETWORK_BAND:g} % allowed"
        for layer in one.large:
            if abs(layer.off) > LAYER_BAND:
                yield (
                    f"{where}, {layer.name} by {layer.kernel}: {layer.off:+.1f} %, of "
                    f"{LAYER_BAND:g} % allowed"
                )
    for choice in found:
        if choice.lost > CHOICE_BAND:
            yield (
                f"{choice.taken} for {choice.best}: {choice.lost:.1f} % more, of {CHOICE_BAND:g} % "
                "allowed"
            )


Contested = tuple[Sampled, Sequence[Kernel]]
"""A call, and the kernels that are legal for it."""

Timed = Callable[[Sequence[Job]], Sequence[Spent]]
"""What measures calls of kernels, by a machine or from the cache."""


def network_cost(
    model: str, graph: Graph, board: Board, options: Options, timed: Timed
) -> NetworkCost:
    """Plan a network and model each of its calls by itself."""
    plan = cheapest_plan(graph, board, options=options)
    calls = [bind(plan.graph, step)[0] for step in plan.schedule.steps]
    jobs = [
        Job(step.kernel, call, plan.schedule.storages)
        for step, call in zip(plan.steps, calls, strict=True)
    ]
    found = []
    for step, call, placed, once in zip(
        plan.steps, calls, plan.schedule.steps, timed(jobs), strict=True
    ):
        times = plan.schedule.executions(placed)
        predicted = (cycles_of(step.kernel, call, board.core) + STEP_CYCLES) * times
        found.append(
            LayerCost(step.name, step.kernel.name, predicted, (once.cycles + STEP_CYCLES) * times)
        )
    return NetworkCost(model, board.name, tuple(found))


def choices(
    board: Board, kernels: Sequence[Kernel], number: int, timed: Timed, seed: int
) -> Iterator[Choice]:
    """Yield what is taken for random calls of a seed that more than one kernel may execute."""
    own = [kernel for kernel in kernels if kernel.isa != PORTABLE]
    ops = [op for op in swept_operators() if sum(kernel.op == op for kernel in own) > 1]
    for sampled, legal in islice(_in_turn([_contested(op, own, seed) for op in ops]), number):
        jobs = [Job(kernel, sampled.call, sampled.storages) for kernel in legal]
        modelled = {job.kernel.name: one.cycles for job, one in zip(jobs, timed(jobs), strict=True)}
        taken = min(legal, key=lambda kernel: cycles_of(kernel, sampled.call, board.core))
        best = min(modelled, key=lambda name: modelled[name])
        yield Choice(sampled.call.op, taken.name, best, modelled[taken.name], modelled[best])


def _in_turn(streams: Sequence[Iterator[Contested]]) -> Iterator[Contested]:
    """Yield one of each stream in turn; those that end leave the round."""
    waiting = deque(streams)
    while waiting:
        stream = waiting.popleft()
        if (found := next(stream, None)) is not None:
            waiting.append(stream)
            yield found


def _contested(op: str, own: Sequence[Kernel], seed: int) -> Iterator[Contested]:
    """Yield calls that more than one kernel may execute, until `_PATIENCE` in a row are none."""
    others = 0
    for sampled in samples(op, seed):
        fitting = (kernel for kernel in own if kernel.op == op and suits(kernel, sampled))
        legal = [kernel for kernel in fitting if kernel.holds(sampled.call)]
        others = 0 if len(legal) > 1 else others + 1
        if len(legal) > 1:
            yield sampled, legal
        elif others == _PATIENCE:
            return
