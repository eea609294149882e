"""The nodes of a graph in execution order."""

from __future__ import annotations

import heapq
from collections.abc import Iterable

import onnx

from tinyrig.generator.errors import InputError
from tinyrig.generator.frontends.subgraphs import reads_of


def in_order(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the model with its nodes in execution order; itself where they are already.

    Nodes that may run keep the order they are written in. Raises InputError for a tensor that is
    written twice or never, and for a cycle.
    """
    graph = model.graph
    known = _given(graph)
    writers = _writers(graph, known)
    for node in graph.node:
        for name in node.input:
            if name and name not in known and name not in writers:
                raise InputError(
                    f"{_label(node)} reads tensor {name!r}, which is neither a model input, an "
                    "initialiser nor another node's output: an initialiser is missing."
                )
    for info in graph.output:
        if info.name not in known and info.name not in writers:
            raise InputError(f"The model output {info.name!r} is not computed by any node.")
    order = _sorted(graph, writers)
    if order == list(range(len(graph.node))):
        return model
    changed = onnx.ModelProto()
    changed.CopyFrom(model)
    del changed.graph.node[:]
    changed.graph.node.extend(graph.node[position] for position in order)
    return changed


def _label(node: onnx.NodeProto) -> str:
    return f"{node.op_type} node {node.name!r}"


def _given(graph: onnx.GraphProto) -> set[str]:
    """Return the names of inputs and initialisers; an input may be an initialiser too."""
    for what, entries in (
        ("model input", graph.input),
        ("initialiser", graph.initializer),
        ("model output", graph.output),
    ):
        twice = _repeated(entry.name for entry in entries)
        if twice is not None:
            raise InputError(f"The ONNX graph has two entries for the {what} {twice!r}.")
    return {info.name for info in graph.input} | {tensor.name for tensor in graph.initializer}


def _repeated(names: Iterable[str]) -> str | None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None


def _writers(graph: onnx.GraphProto, known: set[str]) -> dict[str, int]:
    writers: dict[str, int] = {}
    for position, node in enumerate(graph.node):
        for name in filter(None, node.output):
            if name in known or name in writers:
                raise InputError(
                    f"{_label(node)} writes tensor {name!r}, which is a model input, an "
                    "initialiser or another node's output already: a tensor is written once."
                )
            writers[name] = position
    return writers


def _sorted(graph: onnx.GraphProto, writers: dict[str, int]) -> list[int]:
    readers: dict[int, list[int]] = {}
    waiting: list[int] = []
    for position, node in enumerate(graph.node):
        needs = {writers[name] for name in reads_of(node) if name in writers}
        waiting.append(len(needs))
        for need in needs:
            readers.setdefault(need, []).append(position)
    ready = [position for position, count in enumerate(waiting) if not count]
    order: list[int] = []
    while ready:
        position = heapq.heappop(ready)
        order.append(position)
        for reader in readers.get(position, ()):
            waiting[reader] -= 1
            if not waiting[reader]:
                heapq.heappush(ready, reader)
    if len(order) < len(graph.node):
        stuck = next(node for node, count in zip(graph.node, waiting, strict=True) if count)
        raise InputError(
            f"{_label(stuck)} waits for its own result: the graph is cyclic, so no execution order "
            "exists."
        )
    return order
