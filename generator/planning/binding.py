"""Binding: the kernel calls of a step, every field of their parameters decided."""

from __future__ import annotations

from tinyrig.generator.errors import InternalError
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.operators.copies import copy_call, fill_call
from tinyrig.generator.operators.reads import read_call
from tinyrig.generator.operators.table import operator_of
from tinyrig.generator.planning.call import Call
from tinyrig.generator.planning.step import Copy, Fill, Read, Step


def bind(graph: Graph, step: Step) -> tuple[Call, ...]:
    """Return the call that executes a step, or one an iteration of the loop it varies in."""
    if isinstance(step, Copy):
        return (copy_call(step.name, step.reads[0], step.writes[0]),)
    if isinstance(step, Fill):
        return (fill_call(step.name, step.value, step.writes[0]),)
    if isinstance(step, Read):
        return (read_call(step.reads[0], step.writes[0]),)
    tensors = [graph.tensors[name] for name in (*step.node.inputs, *step.node.outputs)]
    binding = operator_of(step.node).bind
    if binding is None:
        raise InternalError(f"Node {step.node.name!r} is of an operator that calls no kernel.")
    return tuple(binding(node, tensors, step.reads, step.writes) for node in step.nodes)
