"""Which layer takes the answers away from the oracle: both computed, tensor by tensor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Constant, Node
from tinyrig.suite.models.case import Case
from tinyrig.suite.models.signals import Sample
from tinyrig.suite.records.record import Fall
from tinyrig.suite.reference.boundary import dequantize_output, int8_codes, real_values
from tinyrig.suite.reference.compare import sqnr_db
from tinyrig.suite.rig.accuracy import LEAST_SQNR_DB
from tinyrig.suite.rig.oracle import case_tensors

_CLEAR_DB = 60.0
"""Above this no drop is of interest; a tensor of codes is infinitely far above."""


@dataclass(frozen=True)
class _Step:
    """A node whose tensor the oracle has too, with the SQNR in dB before and behind it."""

    node: Node
    before: float
    behind: float


@dataclass(frozen=True)
class Drop:
    """A layer, and the SQNR in dB before and behind it, none above 60."""

    layer: str
    op: str
    before_db: float
    behind_db: float


def drops(case: Case, graph: Graph, sample: Sample) -> list[Drop]:
    """Return the layers of the integer reference that the oracle has too, in their order."""
    levels, _ = _levels(case, graph, sample)
    return [
        Drop(step.node.name, step.node.op, min(step.before, _CLEAR_DB), min(step.behind, _CLEAR_DB))
        for step in _steps(graph, levels)
    ]


def first_fall(case: Case, graph: Graph, sample: Sample, *, largest: bool = False) -> Fall | None:
    """Return the layer of the integer reference where the SQNR of a sample falls.

    That is the first one, or the input whose range ends too early, below 10 dB from which it stays
    below to an output. If no output is below, it is with `largest` the layer with the largest
    drop, else None: the reference is not to blame. Where the oracle itself is not finite, it is
    the first layer whose tensor is not. Only tensors that the oracle has under the same name, in
    the same shape, are compared.
    """
    levels, broken = _levels(case, graph, sample)
    if broken is not None:
        return _fall(graph, broken, (np.nan, np.nan))
    return _named(graph, levels, largest)


def _levels(case: Case, graph: Graph, sample: Sample) -> tuple[dict[str, float], Node | None]:
    """Return the SQNR in dB of every tensor that can be compared, inputs included.

    Where the oracle is not finite, also the first node whose tensor is not; none after it then.
    """
    from tinyrig.suite.reference.executor import run_reference

    codes = {name: int8_codes(sample[name], graph.tensors[name].affine) for name in graph.inputs}
    reference = run_reference(graph, codes, keep=True)
    known = case_tensors(case, sample, set(graph.source_names.values()))
    levels = {
        name: sqnr_db(real_values(sample[name], graph.tensors[name].affine), real)
        for name in graph.inputs
        if (real := dequantize_output(codes[name], graph.tensors[name].affine)).any()
    }
    for node in graph.nodes:
        name = node.outputs[0]
        wanted = known.get(graph.source_names.get(name, ""))
        if wanted is None or wanted.shape != graph.tensors[name].shape:
            continue
        if not np.isfinite(wanted).all():
            return levels, node
        level = _level(graph, name, wanted, reference[name])
        if level is not None:
            levels[name] = level
    return levels, None


def _level(graph: Graph, name: str, wanted: NDArray[Any], codes: NDArray[np.int8]) -> float | None:
    """Return a tensor's SQNR in dB, None when the oracle has zeros alone."""
    affine = graph.tensors[name].affine
    real = real_values(wanted, affine)
    return sqnr_db(real, dequantize_output(codes, affine)) if real.any() else None


def _named(graph: Graph, levels: Mapping[str, float], largest: bool) -> Fall | None:
    steps = _steps(graph, levels)
    bad = _leading_down(graph, levels)
    for name in graph.inputs:
        if name in bad:
            return _fall(graph, name, (np.inf, levels[name]))
    below = [step for step in steps if step.node.outputs[0] in bad]
    if below:
        found = below[0]
    elif steps and largest:
        found = max(steps, key=lambda step: min(step.before, _CLEAR_DB) - step.behind)
        if found.behind >= min(found.before, _CLEAR_DB):
            return None
    else:
        return None
    return _fall(graph, found.node, (found.before, found.behind))


def _steps(graph: Graph, levels: Mapping[str, float]) -> list[_Step]:
    """Return the nodes with a known tensor; before it is the worst of what it is made from."""
    reach = {name: levels.get(name, np.inf) for name in graph.inputs}
    steps = []
    for node in graph.nodes:
        before = min((reach[name] for name in node.inputs), default=np.inf)
        name = node.outputs[0]
        reach[name] = before
        if name in levels and not isinstance(node, Constant):
            reach[name] = levels[name]
            steps.append(_Step(node, before, levels[name]))
    return steps


def _leading_down(graph: Graph, levels: Mapping[str, float]) -> set[str]:
    """Return the tensors below 10 dB from which all known ones down to a bad output are below."""
    producers = graph.producers()
    found: set[str] = set()
    todo = [name for name in graph.outputs if levels.get(name, np.inf) < LEAST_SQNR_DB]
    seen = set(todo)
    while todo:
        name = todo.pop()
        if name in levels:
            found.add(name)
        for read in producers[name].inputs if name in producers else ():
            if read not in seen and levels.get(read, -np.inf) < LEAST_SQNR_DB:
                seen.add(read)
                todo.append(read)
    return found


def _fall(graph: Graph, node: Node | str, levels: tuple[float, float]) -> Fall:
    """Return the fall at a node, or at a graph input; levels that are not finite are unknown."""
    name = node if isinstance(node, str) else node.outputs[0]
    before, behind = (level if np.isfinite(level) else None for level in levels)
    return Fall(
        layer=name if isinstance(node, str) else node.name,
        op="input" if isinstance(node, str) else node.op,
        tensor=graph.source_names.get(name, name),
        before_db=before,
        behind_db=behind,
    )
