"""How large a model may be, measured before anything is expanded, inferred or printed."""

from __future__ import annotations

from collections.abc import Iterable

import onnx

from tinyrig.generator.errors import InputError
from tinyrig.generator.frontends.external import tensors_of
from tinyrig.generator.frontends.subgraphs import graphs_of

MAX_NODES = 200_000
MAX_CALL_DEPTH = 100
MAX_RANK = 16
MAX_NAME = 1 << 16
MAX_ATTRIBUTE = 2**20

_Function = tuple[str, str]


def check_budget(model: onnx.ModelProto) -> None:
    """Raise InputError for a model whose parts exceed what any network needs.

    Local functions are counted as often as they are called, without being expanded.
    """
    graphs = tuple(graphs_of(model.graph))
    for graph in graphs:
        _check_names(graph)
    for node in _all_nodes(model):
        for attribute in node.attribute:
            _check_attribute(node, attribute)
    for tensor in tensors_of(model):
        _check_rank(f"tensor {tensor.name!r}", len(tensor.dims))
    shown = (info for one in graphs for info in (*one.input, *one.output, *one.value_info))
    for info in shown:
        _check_rank(f"tensor {info.name!r}", len(info.type.tensor_type.shape.dim))
    _check_expansion(model)


def _all_nodes(model: onnx.ModelProto) -> Iterable[onnx.NodeProto]:
    for graph in graphs_of(model.graph):
        yield from graph.node
    for function in model.functions:
        yield from function.node


def _check_names(graph: onnx.GraphProto) -> None:
    names = [info.name for info in (*graph.input, *graph.output)]
    names += [tensor.name for tensor in graph.initializer]
    for node in graph.node:
        names += [node.name, node.op_type, *node.input, *node.output]
    longest = max(names, key=len, default="")
    if len(longest) > MAX_NAME:
        raise InputError(
            f"The ONNX model has a name of {len(longest)} characters, {longest[:40]!r}...; at most "
            f"{MAX_NAME} are taken."
        )


def _check_attribute(node: onnx.NodeProto, attribute: onnx.AttributeProto) -> None:
    items = max(len(attribute.ints), len(attribute.floats), len(attribute.strings))
    size = max(items, len(attribute.s))
    if size > MAX_ATTRIBUTE:
        raise InputError(
            f"Attribute {attribute.name!r} of {node.op_type} node {node.name!r} has {size} "
            f"elements; at most {MAX_ATTRIBUTE} are taken."
        )


def _check_rank(what: str, rank: int) -> None:
    if rank > MAX_RANK:
        raise InputError(f"The {what} has {rank} axes; at most {MAX_RANK} are taken.")


def _check_expansion(model: onnx.ModelProto) -> None:
    functions = {(f.domain, f.name): f for f in model.functions}
    sizes = _sizes(functions)
    written_out = [node for graph in graphs_of(model.graph) for node in graph.node]
    nodes = sum(sizes.get((n.domain, n.op_type), (1, 0))[0] for n in written_out)
    if nodes > MAX_NODES:
        written = len(written_out)
        raise InputError(
            f"The ONNX graph has {_shown(nodes)} nodes ({written} written, the others in local "
            f"functions); at most {MAX_NODES} are taken."
        )


def _shown(count: int) -> str:
    return str(count) if count < 10**9 else "over 10^9"


def _sizes(functions: dict[_Function, onnx.FunctionProto]) -> dict[_Function, tuple[int, int]]:
    """Return (nodes, depth of calls) of every function, written out; calls without recursion."""
    sizes: dict[_Function, tuple[int, int]] = {}
    for start in functions:
        stack, open_ = [start], set[_Function]()
        while stack:
            key = stack[-1]
            calls = [(n.domain, n.op_type) for n in functions[key].node]
            waiting = [c for c in dict.fromkeys(calls) if c in functions and c not in sizes]
            if key in sizes or not waiting:
                open_.discard(stack.pop())
                sizes.setdefault(key, _size(calls, sizes))
                continue
            open_.add(key)
            recursive = open_.intersection(waiting)
            if recursive:
                raise InputError(f"The model's local function {recursive.pop()[1]!r} calls itself.")
            stack += waiting
    for (_, name), (_, depth) in sizes.items():
        if depth > MAX_CALL_DEPTH:
            raise InputError(
                f"The model's local function {name!r} calls others {depth} deep; at most "
                f"{MAX_CALL_DEPTH} are taken."
            )
    return sizes


def _size(calls: list[_Function], sizes: dict[_Function, tuple[int, int]]) -> tuple[int, int]:
    inner = [sizes.get(call, (1, 0)) for call in calls]
    return sum(nodes for nodes, _ in inner), 1 + max((depth for _, depth in inner), default=0)
