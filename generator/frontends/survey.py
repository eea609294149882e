"""All that stands in a model's way at once, and what reading it folds and fuses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import onnx

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.frontends.bounds import Interval
from tinyrig.generator.frontends.check import QUANTIZATION_OPS, check_model, local_name
from tinyrig.generator.frontends.dialect.fusing import fused, input_affines
from tinyrig.generator.frontends.extents import Extents, open_problems, with_extents
from tinyrig.generator.frontends.fitted import fit_products
from tinyrig.generator.frontends.folding import FOLDABLE_OPS
from tinyrig.generator.frontends.lowering import attempt
from tinyrig.generator.frontends.obstacles import Obstacle, Obstacles
from tinyrig.generator.frontends.patterns import apply_patterns
from tinyrig.generator.frontends.reader import source_of
from tinyrig.generator.frontends.registry import SUPPORTED_OPS
from tinyrig.generator.frontends.source import Source, SourceNode
from tinyrig.generator.frontends.surveying import SurveyingReader
from tinyrig.generator.frontends.wide_pads import pads_apart
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Unary

_FIX_AXES = "Give the axis with --dim or --shape, or export the model with every axis fixed."


@dataclass(frozen=True)
class Fusion:
    """Nodes of the model, as (operator, name), that run as one operator `op` called `node`."""

    op: str
    node: str
    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Survey:
    """What was found of a model without building it.

    `folded` are nodes, as (operator, name), that became constants; `notes` tell what was taken for
    granted. `graph` is the integer graph, None when something stands in the way.
    """

    name: str
    obstacles: tuple[Obstacle, ...]
    folded: tuple[tuple[str, str], ...]
    fused: tuple[Fusion, ...]
    notes: tuple[str, ...]
    graph: Graph | None

    @property
    def runs(self) -> bool:
        """Whether nothing stands in the way."""
        return not self.obstacles


@dataclass(frozen=True)
class Reading:
    """A model read as far as it goes; `source` is None where its nodes could not be read."""

    source: Source | None
    folded: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


def read_leniently(
    model: onnx.ModelProto, name: str, extents: Extents, obstacles: Obstacles
) -> Reading:
    """Return the source form of a model, float or quantized, and keep what stands in its way.

    Where the whole file cannot be used, its operators are looked at by their types alone.
    """
    problems = open_problems(model, extents)
    for problem in problems:
        obstacles.meet("", "", problem, _FIX_AXES)
    checked = model
    notes: tuple[str, ...] = ()
    with obstacles.passing("", "") as met:
        checked = check_model(model)
        if not problems:
            checked, notes = with_extents(checked, extents)
    if met or problems:
        _check_types(model, obstacles)
        return Reading(None, (), ())
    reader = SurveyingReader(checked, SUPPORTED_OPS, obstacles)
    source = source_of(reader, checked, name)
    return Reading(source, tuple(reader.folded), notes)


def survey_source(
    reading: Reading,
    source: Source,
    name: str,
    obstacles: Obstacles,
    seen: Mapping[str, Interval] | None = None,
) -> Survey:
    """Return the survey of a source that was read.

    `seen` are ranges that calibration observed, for what the model leaves in float; with None, its
    scales are not its own, and what leaves their range is no obstacle.
    """
    fused = apply_patterns(source)
    fitted = None if seen is None else fit_products(fused, seen)
    whole = fused if fitted is None else fitted.source
    graph = attempt(whole, obstacles, ranges=seen is not None)
    told = (() if fitted is None else fitted.notes(), () if graph is None else graph.notes)
    made = fusions(reading.source or source, fused)
    notes = (*reading.notes, *chain(*told))
    return Survey(name, obstacles.found, reading.folded, made, notes, graph)


def survey_dialect(
    reading: Reading, name: str, seen: Mapping[str, Interval], obstacles: Obstacles
) -> Survey:
    """Return the survey of a model of the integer dialect, its inputs of the values `seen`."""
    source, graph, notes = reading.source, None, reading.notes
    if source is not None:
        before = source
        with obstacles.passing("", "") as met:
            affines, unsaid = input_affines(source, seen)
            notes = (*notes, *unsaid)
            source = pads_apart(fused(source, affines))
        if not met:
            graph = attempt(source, obstacles)
    made = () if source is None else fusions(before, source)
    return Survey(name, obstacles.found, reading.folded, made, notes, graph)


def fusions(before: Source, after: Source) -> tuple[Fusion, ...]:
    """Return the nodes of `after` that stand for several of `before`."""
    writers, old = before.producers(), set(before.nodes)
    seen = {name for node in after.nodes for name in (*node.inputs, *node.outputs)}
    found = []
    for node in after.nodes:
        parts = () if node in old else _parts(node, writers, seen)
        if len(parts) > 1:
            found.append(Fusion(node.op, node.name, tuple((part.op, part.name) for part in parts)))
    return tuple(found)


def _parts(
    node: SourceNode, writers: Mapping[str, SourceNode], seen: Collection[str]
) -> Sequence[SourceNode]:
    """Return the nodes whose values only a fused node saw, and its last, in execution order."""
    waiting = [name for name in node.outputs if name]
    found: dict[SourceNode, None] = {}
    while waiting:
        writer = writers.get(waiting.pop())
        if writer is not None and writer not in found:
            found[writer] = None
            waiting += [name for name in writer.inputs if name and name not in seen]
    return tuple(found)[::-1]


def table_words(graph: Graph) -> str:
    """Say which functions became tables of 256 bytes, '' when none did."""
    counts = Counter(node.function for node in graph.nodes if isinstance(node, Unary))
    return ", ".join(f"{function} {count}" for function, count in sorted(counts.items()))


def _check_types(model: onnx.ModelProto, obstacles: Obstacles) -> None:
    known = {*SUPPORTED_OPS, *FOLDABLE_OPS, *QUANTIZATION_OPS}
    for node in model.graph.node:
        local = local_name(node)
        if local not in known:
            words = f"{local} node {node.name!r} is not a supported operator."
            obstacles.meet(local, node.name, UnsupportedError(words))
