"""What the constants of a step take of fast memory while its parts run."""

from __future__ import annotations

from dataclasses import dataclass

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.planning.binding import bind
from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.buffer import align
from tinyrig.generator.planning.call import Call
from tinyrig.generator.planning.constants import constants_of
from tinyrig.generator.planning.expression import evaluate
from tinyrig.generator.planning.kernels import Kernel
from tinyrig.generator.planning.packing import packed
from tinyrig.generator.planning.resident import params_bytes
from tinyrig.generator.planning.step import Schedule, Step
from tinyrig.generator.planning.tiling.shares import TILE_ROWS

DISTINCT_PARAMS = 3
"""Parameters of a tiled layer: of its first part, its last and those between."""

_SLOW_ELEMENT_CYCLES = 4
"""Cycles more for each element of an output for which cores read a weight in slow memory."""


def slow_cycles(call: Call, kernel: Kernel, macs: int, cores: int) -> int:
    """Return about how long cores wait for weights that stay in slow memory, of so many products.

    A word of weights serves sixteen of them where it is loaded for four rows, and takes as many
    cycles to come.
    """
    if call.op != "linear_s8" or not kernel.passes:
        return macs // cores
    rows: int = call.params["m"]  # type: ignore[assignment]
    return macs * TILE_ROWS * evaluate(kernel.passes, call.params) // (rows * cores)


@dataclass(frozen=True)
class Constants:
    """What the largest block of a step takes: parameters and tables, and weights.

    There are `blocks` of them. Weights may stay in slow memory for `slow` cycles more.
    """

    small: int
    weights: int
    slow: int
    blocks: int = 1


@dataclass(frozen=True, eq=False)
class _Bound:
    """As much of a planned step as its constants are found by."""

    calls: tuple[Call, ...]


def constants_held(
    graph: Graph,
    board: Board,
    schedule: Schedule,
    step: Step,
    kernel: Kernel,
    number: tuple[int, int],
) -> Constants:
    """Return the bytes of the constants of one of a step's blocks, as its kernel reads them.

    `number` is that of blocks and of different parameters in one.
    """
    blocks, distinct = number
    calls = tuple(packed(call, kernel.pack) for call in bind(graph, step))
    tables = constants_of(schedule, _Bound(calls)).values()
    weights = sum(align(t.values.nbytes) for t in tables if t.kind == "weights")
    small = sum(align(t.values.nbytes) for t in tables if t.kind != "weights")
    params = distinct * params_bytes(_Bound(calls)) // len(calls)
    if step.loops:
        params = params_bytes(_Bound(calls))
    times = schedule.executions(step)
    macs = sum(call.macs for call in calls) * times // len(calls)
    reads = _SLOW_ELEMENT_CYCLES * calls[0].writes[0].size * times
    slow = max(slow_cycles(calls[0], kernel, macs, board.cores), reads) if weights else 0
    return Constants(align(small + params), weights, blocks * slow, blocks)
