"""Which binding serves which operator: an operator is one function and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import (
    Add,
    Attention,
    AvgPool,
    Conv,
    Gather,
    LayerNorm,
    Linear,
    MatMul,
    MaxPool,
    Mean,
    Mul,
    Node,
    Softmax,
    Unary,
)
from tinyrig.generator.graph.tensor import Tensor
from tinyrig.generator.planning.binding.elementwise import (
    bind_add,
    bind_copy,
    bind_fill,
    bind_gather,
    bind_mul,
    bind_unary,
)
from tinyrig.generator.planning.binding.products import (
    bind_attention,
    bind_finish_linear,
    bind_linear,
    bind_matmul,
    bind_partial_linear,
)
from tinyrig.generator.planning.binding.rows import bind_layernorm, bind_softmax
from tinyrig.generator.planning.binding.windows import (
    bind_avgpool,
    bind_conv,
    bind_maxpool,
    bind_mean,
)
from tinyrig.generator.planning.call import Call
from tinyrig.generator.planning.partial import FinishLinear, PartialLinear
from tinyrig.generator.planning.step import Copy, Fill, Step
from tinyrig.generator.planning.view import View

Binding = Callable[[Any, Sequence[Tensor], Sequence[View], Sequence[View]], Call]

_BINDINGS: Mapping[type[Node], Binding] = {
    Linear: bind_linear,
    PartialLinear: bind_partial_linear,
    FinishLinear: bind_finish_linear,
    MatMul: bind_matmul,
    Attention: bind_attention,
    Softmax: bind_softmax,
    LayerNorm: bind_layernorm,
    Unary: bind_unary,
    Add: bind_add,
    Mul: bind_mul,
    Gather: bind_gather,
    Conv: bind_conv,
    MaxPool: bind_maxpool,
    AvgPool: bind_avgpool,
    Mean: bind_mean,
}


def bind(graph: Graph, step: Step) -> tuple[Call, ...]:
    """Return the call that executes a step, or one an iteration of the loop it varies in."""
    if isinstance(step, Copy):
        return (bind_copy(step.name, step.reads[0], step.writes[0]),)
    if isinstance(step, Fill):
        return (bind_fill(step.name, step.value, step.writes[0]),)
    tensors = [graph.tensors[name] for name in (*step.node.inputs, *step.node.outputs)]
    binding = _BINDINGS[type(step.node)]
    return tuple(binding(node, tensors, step.reads, step.writes) for node in step.nodes)
