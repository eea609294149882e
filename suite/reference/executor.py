"""The executor: a graph's nodes in order, each through its one definition."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray

from tinyrig.generator.discovery import modules_below
from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Node
from tinyrig.generator.graph.tensor import Tensor
from tinyrig.suite.reference.call import DEFINITIONS, Call, Definition, Operand
from tinyrig.suite.reference.threads import one_thread

Int8Array = NDArray[np.int8]


@cache
def definitions() -> Mapping[type[Node], Definition]:
    """Return what the modules of this package define."""
    for _ in modules_below("tinyrig.suite.reference"):
        pass
    return DEFINITIONS


def run_reference(
    graph: Graph, inputs: Mapping[str, Int8Array], keep: bool = False
) -> dict[str, Int8Array]:
    """Return the graph's outputs by name; with `keep` every tensor, inputs included.

    `inputs` are int8 arrays of the tensors' logical shapes, one for each of the graph's inputs.
    Raises InputError for a missing input or one of another shape or type, UnsupportedError for
    a node type without a definition, RangeError for an accumulator outside int32, ValueError
    for a node whose result has not the shape the graph gives it.
    """
    values = {name: _input(graph.tensors[name], inputs) for name in graph.inputs}
    with one_thread(), torch.inference_mode():
        for node in graph.nodes:
            written = graph.tensors[node.outputs[0]]
            operands = (Operand(values[name], graph.tensors[name].affine) for name in node.inputs)
            values[written.name] = run_node(Call(node, tuple(operands), written))
    names = values if keep else graph.outputs
    return {name: np.array(values[name].numpy()) for name in names}


def run_node(call: Call[Node]) -> torch.Tensor:
    """Return one node's int8 output in its logical shape."""
    node = call.node
    operator = definitions().get(type(node))
    if operator is None:
        raise UnsupportedError(f"node {node.name!r}: the reference does not define {node.op!r}")
    result = operator(call)
    shape = tuple(result.shape)
    if shape != call.output.shape:
        raise ValueError(
            f"node {node.name!r} gives shape {shape}, the graph says {call.output.shape}"
        )
    return result


def _input(tensor: Tensor, inputs: Mapping[str, Int8Array]) -> torch.Tensor:
    given = inputs.get(tensor.name)
    if given is None:
        raise InputError(f"no value for input {tensor.name!r}")
    if given.dtype != np.int8 or given.shape != tensor.shape:
        raise InputError(
            f"input {tensor.name!r} is {given.dtype} {given.shape}, not int8 {tensor.shape}"
        )
    return torch.tensor(given)
