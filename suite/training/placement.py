"""Where a PyTorch graph is quantized, so that the kernels find what they need and no more.

A tensor is quantized once, where it is made. What only moves elements keeps the parameters of what
it moves and gets none; a concatenation joins the parameters of what it joins. A Relu, Clip or scale
that alone follows an operator is part of it, and so is what follows of a BatchNorm; steps of a
function of one tensor are part of its table; scores under a mask stay as they are. The frontend
reads graphs by the same rules (`generator/frontends`: targets.py, context.py, masks.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import nn
from torch.fx import GraphModule, Node

from tinyrig.suite.models.exact import MASKED

# Operators that write over their operands have become others by now (functional.py).
_CONVOLUTIONS = ("conv1d", "conv2d", "conv_transpose1d", "conv_transpose2d")
_LIMITS = ("relu", "hardtanh", "relu6", "clamp", "clamp_min")
_UNARY = frozenset(
    {"gelu", "sigmoid", "silu", "tanh", "hardswish", "hardsigmoid", "mish", "elu", "leaky_relu"}
    | {"softplus", "exp", "log", "sqrt", "rsqrt", "reciprocal", "abs", "neg", "erf", "pow", "sin"}
    | {"cos", "floor", "ceil", "round", "selu", "celu", *_LIMITS}
)
_BINARY = frozenset({"add", "sub", "mul", "div"})
_SCALES = ("mul", "div")
_MOVES = frozenset(
    {"view", "reshape", "flatten", "unflatten", "permute", "transpose", "t", "squeeze", "unsqueeze"}
    | {"slice", "select", "split", "split_with_sizes", "chunk", "unbind", "narrow", "index_select"}
    | {"expand", "repeat", "contiguous", "clone", "detach", "alias", "max_pool1d", "max_pool2d"}
    | {"pixel_shuffle", "pixel_unshuffle", "upsample_nearest2d", "pad", "constant_pad_nd"}
    | {"movedim", "swapaxes", "tile", "roll", "flip", "getitem", "adaptive_max_pool2d", "dropout"}
    | {"view_as", "reshape_as", "expand_as", "feature_dropout", "to", "_to_copy", "matrix_H", "mT"}
)
_JOINS = ("cat", "concat", "stack")
_MASKING = ("add", "sub", "masked_fill", "where")


def op_of(node: Node) -> str:
    """Return an operator's plain name: conv2d of aten.conv2d.default; '' of what is none."""
    if node.op != "call_function":
        return ""
    if isinstance(node.target, torch._ops.OpOverload):
        return str(node.target._schema.name).rpartition("::")[2]
    return str(getattr(node.target, "__name__", ""))


def moves(node: Node) -> bool:
    """Whether an operator only moves or joins elements, so that all it reads has one scale."""
    return op_of(node) in _MOVES or op_of(node) in _JOINS


@dataclass(frozen=True)
class Weight:
    """A constant operand that is held per output channel: its place in the arguments, its axis."""

    slot: int
    axis: int


def is_batch_norm(node: Node) -> bool:
    """Whether a node is a BatchNorm."""
    return op_of(node) == "batch_norm"


def tensor_of(model: GraphModule, node: Any) -> torch.Tensor:
    """Return the parameter or buffer that a node of a graph reads."""
    found: Any = model
    for part in str(node.target).split("."):
        found = getattr(found, part)
    tensor: torch.Tensor = found.detach()
    return tensor


def add_constant(model: GraphModule, name: str, data: torch.Tensor) -> Node:
    """Add a parameter that is not trained, and return the node that reads it."""
    model.register_parameter(name, nn.Parameter(data, requires_grad=False))
    return model.graph.get_attr(name)


def is_convolution(node: object) -> bool:
    """Whether a node is a convolution, transposed or not."""
    return isinstance(node, Node) and op_of(node) in _CONVOLUTIONS


def weight_of(node: Node) -> Weight | None:
    """Return which operand of a linear operator is a weight if it is constant."""
    name = op_of(node)
    if name == "linear" or name in _CONVOLUTIONS:
        turned = name.startswith("conv_transpose") and _argument(node, 6, 1) == 1
        return Weight(1, 1 if turned else 0)
    if name in ("matmul", "mm", "bmm"):
        rank = len(_shape(node.args[1]))
        return Weight(1, rank - 1) if rank > 1 else None
    return None


class Placement:
    """What of a graph is quantized, and what shares its parameters."""

    def __init__(self, model: GraphModule) -> None:
        self.model = model
        self.order = {node: place for place, node in enumerate(model.graph.nodes)}

    def tensors(self) -> list[Node]:
        """Return what is quantized where it is made, in the graph's order."""
        return [node for node in self.order if self._is_made(node) and not self._is_inner(node)]

    def operands(self) -> Iterator[tuple[Node, Node, Weight | None]]:
        """Yield (constant, reader, how): a weight where `how` says so, else data as activations."""
        for node in self.order:
            if not self.is_active(node) or op_of(node) in _MOVES:
                continue
            weight = weight_of(node)
            for slot, name in enumerate(_nodes_of(node)):
                if self.is_active(name) or not _is_float(name):
                    continue
                if weight is not None and slot == weight.slot:
                    yield name, node, weight
                elif self._is_data(node, name):
                    yield name, node, None

    def origin(self, node: Node) -> Node:
        """Return what made the elements that a node moves; the node itself if it makes its own."""
        while op_of(node) in _MOVES and self.is_active(node):
            node = next(one for one in node.all_input_nodes if self.is_active(one))
        return node

    def joined(self) -> list[list[Node | tuple[Node, Node]]]:
        """Return what every concatenation joins: tensors by what made them, constants as edges."""
        found = []
        for node in self.order:
            if op_of(node) in _JOINS and self.is_active(node):
                parts = [p for p in node.all_input_nodes if _is_float(p)]
                found.append([self.source_of(part, node) for part in parts])
        return found

    def source_of(self, node: Node, reader: Node) -> Node | tuple[Node, Node]:
        """Return where the parameters of a tensor that a node reads are said."""
        if not self.is_active(node):
            return (node, reader)
        origin = self.origin(node)
        if op_of(origin) in _JOINS:
            return self.source_of(next(iter(origin.all_input_nodes)), origin)
        return origin

    def place(self, where: Node | tuple[Node, Node]) -> tuple[int, int]:
        """Return a place's rank in the graph's order: operands come before the result."""
        return (self.order[where], 1) if isinstance(where, Node) else (self.order[where[1]], 0)

    def is_active(self, node: Node) -> bool:
        """Whether a node's value depends on the input's numbers."""
        return node in self._active

    @cached_property
    def _active(self) -> frozenset[Node]:
        found: set[Node] = set()
        for node in self.order:
            given = node.op == "placeholder" or any(one in found for one in node.all_input_nodes)
            if given and (_is_float(node) or isinstance(node.meta.get("val"), list | tuple)):
                found.add(node)
        return frozenset(found)

    def _is_made(self, node: Node) -> bool:
        name = op_of(node)
        makes = node.op in ("placeholder", "call_function") and self.is_active(node)
        return makes and name not in _MOVES and name not in _JOINS and _is_float(node)

    def _is_inner(self, node: Node) -> bool:
        """Whether a value is a step on the way to the one that is quantized, or read by none."""
        users = list(node.users)
        if not users or self._is_masked(node):
            return True
        if len(users) == 1 and node.op != "placeholder":
            if is_batch_norm(users[0]) and is_convolution(node):
                return True
            if self._takes_in(users[0], node):
                return True
        root = self._root(node)
        return root is not node and all(self._root(user) is root for user in users)

    def _takes_in(self, user: Node, node: Node) -> bool:
        """Whether a Relu, Clip or scale is the end of the operator before it."""
        ends = op_of(user) in _LIMITS or (op_of(user) in _SCALES and _factor(user, node) > 0.0)
        return ends and self._root(node) is node

    def _root(self, node: Node) -> Node:
        """Return the one tensor whose elements alone decide a node's."""
        name = op_of(node)
        if (name not in _UNARY and name not in _BINARY) or not self.is_active(node):
            return node
        operands = list(dict.fromkeys(one for one in node.all_input_nodes if _is_float(one)))
        active = [one for one in operands if self.is_active(one)]
        if any(_size(one) != 1 for one in operands if one not in active):
            return node
        if len(active) == 1 and len(active[0].users) == 1 and active[0].op != "placeholder":
            limits = name in _LIMITS or (name in _SCALES and _factor(node, active[0]) > 0.0)
            own = op_of(active[0])
            if limits and self.origin(active[0]) is active[0] and own not in _UNARY | _BINARY:
                return node
        roots = {self._root(one) for one in active}
        same = all(_shape(one) == _shape(node) for one in active)
        return roots.pop() if len(roots) == 1 and same else node

    def _is_masked(self, node: Node) -> bool:
        """Whether scores are hidden here before a softmax."""
        if op_of(node) not in _MASKING or not self._ends_in_softmax(node):
            return False
        if any(op_of(one) in _MASKING and self._is_masked(one) for one in node.all_input_nodes):
            return True
        numbers = [arg for arg in node.args if isinstance(arg, int | float)]
        if any(number <= MASKED for number in numbers):
            return True
        constants = [self._constant(one) for one in node.all_input_nodes]
        return any(one is not None and bool((one <= MASKED).any()) for one in constants)

    def _ends_in_softmax(self, node: Node) -> bool:
        return bool(node.users) and all(
            op_of(user) in ("softmax", "_softmax")
            or (op_of(user) in _MASKING and self._ends_in_softmax(user))
            for user in node.users
        )

    def _constant(self, node: Node) -> torch.Tensor | None:
        return tensor_of(self.model, node) if node.op == "get_attr" else None

    def _is_data(self, node: Node, constant: Node) -> bool:
        """Whether a constant is data beside the activations, not a parameter of the operator."""
        name = op_of(node)
        data = name in _BINARY or name in _JOINS or name in ("matmul", "mm", "bmm", "maximum")
        return data and (_size(constant) > 1 or name in _JOINS) and not self._is_masked(node)


def _nodes_of(node: Node) -> list[Node]:
    flat: list[Node] = []
    for arg in node.args:
        flat += [arg] if isinstance(arg, Node) else []
        flat += (
            [one for one in arg if isinstance(one, Node)] if isinstance(arg, list | tuple) else []
        )
    return flat


def _factor(user: Node, node: Node) -> float:
    """Return the number by which a Mul or Div scales a node, 0 where it is none."""
    other = user.args[1] if user.args[0] is node else user.args[0]
    if not isinstance(other, int | float) or (
        op_of(user).startswith("div") and other is user.args[0]
    ):
        return 0.0
    return float(other)


def _argument(node: Node, slot: int, default: int) -> object:
    return node.args[slot] if len(node.args) > slot else default


def _is_float(node: Node) -> bool:
    value = node.meta.get("val")
    return isinstance(value, torch.Tensor) and value.is_floating_point()


def _shape(node: Any) -> tuple[int, ...]:
    value = node.meta.get("val")
    return tuple(value.shape) if isinstance(value, torch.Tensor) else ()


def _size(node: Node) -> int:
    value = node.meta.get("val")
    return int(value.numel()) if isinstance(value, torch.Tensor) else 0
