"""The executor over many samples at once: every tensor has a first axis that counts them.

The definitions are those of one sample; a node's axes are counted one on, and images that are
[1, C, H, W] become [samples, C, H, W] while a window moves over them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tinyrig.generator.errors import InputError
from tinyrig.generator.graph import ops
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.tensor import Tensor
from tinyrig.generator.operators.argmax import ArgMax
from tinyrig.generator.operators.reduce import Reduce
from tinyrig.generator.operators.resize import Resize
from tinyrig.generator.operators.shift_conv import ShiftConv
from tinyrig.suite.reference.call import Call, Operand
from tinyrig.suite.reference.executor import run_node
from tinyrig.suite.reference.threads import one_thread

Int8Array = NDArray[np.int8]
_WINDOWS = (ops.Conv, ops.MaxPool, ops.AvgPool, ShiftConv, Resize)


def run_batch(graph: Graph, inputs: Mapping[str, Int8Array]) -> dict[str, Int8Array]:
    """Return what `run_reference` gives for each sample, [samples, *shape] by output name.

    `inputs` are int8 arrays [samples, *shape], the same number for each of the graph's inputs.
    Raises what `run_reference` does.
    """
    count = len(inputs[graph.inputs[0]])
    values = {name: _input(graph.tensors[name], inputs, count) for name in graph.inputs}
    with one_thread(), torch.inference_mode():
        for node, dying in _with_last_uses(graph):
            values[node.outputs[0]] = _run(graph, node, values, count)
            for name in dying:
                del values[name]
    return {name: np.array(values[name].numpy()) for name in graph.outputs}


def _input(tensor: Tensor, inputs: Mapping[str, Int8Array], count: int) -> torch.Tensor:
    given = inputs[tensor.name]
    if given.dtype != np.int8 or given.shape != (count, *tensor.shape):
        raise InputError(
            f"input {tensor.name!r} is {given.dtype} {given.shape}, not int8 "
            f"{(count, *tensor.shape)}"
        )
    return torch.tensor(given)


def _with_last_uses(graph: Graph) -> Iterator[tuple[ops.Node, list[str]]]:
    """Yield the nodes, each with the tensors that nothing reads after it."""
    last = {name: node.name for node in graph.nodes for name in node.inputs}
    for node in graph.nodes:
        read = dict.fromkeys(node.inputs)
        yield node, [n for n in read if last[n] == node.name and n not in graph.outputs]


def _run(
    graph: Graph, node: ops.Node, values: Mapping[str, torch.Tensor], count: int
) -> torch.Tensor:
    written = graph.tensors[node.outputs[0]]
    operands = [(values[name], graph.tensors[name]) for name in node.inputs]
    shape = (count, *written.shape)
    if isinstance(node, _WINDOWS):
        ((codes, read),) = operands
        images = Operand(codes.flatten(0, 1), read.affine)
        whole = (count * written.shape[0], *written.shape[1:])
        return run_node(Call(node, (images,), replace(written, shape=whole))).reshape(shape)
    axes = len(written.shape) if len(operands) > 1 else 0
    called = tuple(Operand(_aligned(codes, axes), read.affine) for codes, read in operands)
    return run_node(Call(_shifted(node, count), called, replace(written, shape=shape)))


def _aligned(codes: torch.Tensor, axes: int) -> torch.Tensor:
    """Return [samples, *shape] with axes of extent 1 before its shape, up to so many of it."""
    missing = axes + 1 - codes.dim()
    return codes if missing <= 0 else codes.reshape(len(codes), *[1] * missing, *codes.shape[1:])


def _shifted(node: ops.Node, count: int) -> ops.Node:
    """Return a node whose axes are counted behind that of the samples."""
    changes: dict[str, Any] = {}
    match node:
        case ops.Softmax():
            kept = None if node.kept is None else node.kept[None]
            changes = {"axis": node.axis + 1, "kept": kept}
        case ops.Mean() | Reduce():
            changes = {"axes": tuple(axis + 1 for axis in node.axes)}
        case ops.Transpose():
            changes = {"perm": (0, *(axis + 1 for axis in node.perm))}
        case ops.Slice():
            changes = {"starts": (0, *node.starts), "steps": (1, *node.steps)}
        case ops.Concat() | ops.Gather() | ArgMax():
            changes = {"axis": node.axis + 1}
        case ops.Pad():
            changes = {"before": (0, *node.before), "after": (0, *node.after)}
        case ops.Constant():
            changes = {"data": np.broadcast_to(node.data, (count, *node.data.shape))}
    return replace(node, **changes)
