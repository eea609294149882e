"""If without a choice left: the branch that a model's extents and constants decide.

Exporters write If where a shape or a given number decides (torch.jit's `if x.dim() == 2`). With all
extents fixed its condition is a constant, or both branches are the same; one takes its place.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np
import onnx
import onnx.helper
import onnx.numpy_helper
import onnx.shape_inference

from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.generator.frontends.check import check_model, opset_of, short
from tinyrig.generator.frontends.folding import FOLDABLE_OPS, evaluate
from tinyrig.generator.frontends.proto import constant_array, tensor_array
from tinyrig.generator.frontends.source import ConstantArray
from tinyrig.generator.frontends.subgraphs import branches_of, is_choice, subgraphs_of

Shapes = Mapping[str, tuple[int, ...]]
_MOST_NODES = 100_000
_SMALL = 4096
"""Elements of a constant that may tell a shape or a condition."""


def with_branches_taken(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return a model of fixed inputs with a branch in the place of every If; itself without any.

    Raises UnsupportedError for an If that is decided at run time.
    """
    if not any(map(is_choice, model.graph.node)):
        return model
    taken = check_model(model)
    while any(map(is_choice, taken.graph.node)):
        decided = _decided(taken)
        if not decided:
            node = next(filter(is_choice, taken.graph.node))
            raise UnsupportedError(
                f"If node {node.name!r} chooses by {node.input[0]!r}, which is computed at run "
                "time; supported are conditions that follow from extents and constants: an input "
                "that is always the same number is given by --constant INPUT=NUMBER."
            )
        taken = _inlined(taken, decided)
        if len(taken.graph.node) > _MOST_NODES:
            raise InputError(f"The branches of the model have over {_MOST_NODES} nodes.")
    return check_model(taken)


def _decided(model: onnx.ModelProto) -> dict[int, onnx.GraphProto]:
    """Return the branch to take of each If, by its position, where one is known."""
    known = _conditions(model)
    found = {}
    for position, node in enumerate(model.graph.node):
        if not is_choice(node):
            continue
        then, other = branches_of(node)
        value = known.get(node.input[0])
        if value is not None and value.size == 1:
            found[position] = then if value.reshape(-1)[0] else other
        elif _canonical(then) == _canonical(other):
            found[position] = then
    return found


def _conditions(model: onnx.ModelProto) -> dict[str, ConstantArray]:
    """Return the small constants of a model, and all that is computed of them and of shapes.

    What is computed tells further shapes: of a Reshape, a Slice, a Pad.
    """
    small = (one for one in model.graph.initializer if math.prod(one.dims) <= _SMALL)
    known = {one.name: tensor_array(one) for one in small}
    opset, before = opset_of(model), -1
    while before < len(known):
        before, shapes = len(known), _shapes(model, known)
        for node in model.graph.node:
            if not known.keys() >= set(node.output):
                known.update(_computed(node, known, shapes, opset))
    return known


def _computed(
    node: onnx.NodeProto, known: Mapping[str, ConstantArray], shapes: Shapes, opset: int
) -> dict[str, ConstantArray]:
    """Return what a node writes where that is small and known."""
    if any(math.prod(shapes.get(name, (_SMALL,))) > _SMALL for name in node.output):
        return {}
    if node.op_type == "Constant":
        return {node.output[0]: constant_array(node)}
    if node.op_type == "Identity":
        return {node.output[0]: known[node.input[0]]} if node.input[0] in known else {}
    given: list[ConstantArray | None] | None = None
    if node.op_type in ("Shape", "Size") and node.input[0] in shapes:
        given = [np.broadcast_to(np.float32(0), shapes[node.input[0]])]
    elif node.op_type in FOLDABLE_OPS and all(name in known for name in node.input if name):
        given = [known[name] if name else None for name in node.input]
    return (
        {} if given is None else dict(zip(node.output, evaluate(node, given, opset), strict=True))
    )


def _shapes(model: onnx.ModelProto, known: Mapping[str, ConstantArray]) -> Shapes:
    """Return the shapes that ONNX infers where what is known is no longer computed."""
    folded = onnx.ModelProto()
    folded.CopyFrom(model)
    graph = folded.graph
    del graph.node[:]
    graph.node.extend(n for n in model.graph.node if not known.keys() >= set(n.output))
    made = {name for node in model.graph.node for name in node.output} & known.keys()
    made -= {name for node in graph.node for name in node.output}
    graph.initializer.extend(onnx.numpy_helper.from_array(known[name], name) for name in made)
    try:
        inferred = onnx.shape_inference.infer_shapes(folded, data_prop=True).graph
    except (RuntimeError, ValueError, onnx.shape_inference.InferenceError) as error:
        raise InputError(f"The shapes of the model cannot be told: {short(error)}") from error
    found = {one.name: tuple(one.dims) for one in inferred.initializer}
    for info in (*inferred.input, *inferred.value_info):
        dims = info.type.tensor_type.shape.dim
        fixed = info.type.tensor_type.HasField("shape")
        if fixed and all(dim.HasField("dim_value") and dim.dim_value >= 0 for dim in dims):
            found.setdefault(info.name, tuple(dim.dim_value for dim in dims))
    return found


def _inlined(model: onnx.ModelProto, decided: Mapping[int, onnx.GraphProto]) -> onnx.ModelProto:
    """Return the model with the branches of some If in their place, names made free."""
    made = onnx.ModelProto()
    made.CopyFrom(model)
    graph = made.graph
    taken = {tensor.name for tensor in graph.initializer} | {info.name for info in graph.input}
    taken.update(name for node in graph.node for name in node.output)
    nodes = []
    for position, node in enumerate(model.graph.node):
        if position not in decided:
            nodes.append(node)
            continue
        branch = onnx.GraphProto()
        branch.CopyFrom(decided[position])
        label = node.name or node.output[0]
        own = [tensor.name for tensor in branch.initializer]
        own += [name for inner in branch.node for name in inner.output if name]
        names = {name: _free(name, label, taken) for name in own}
        _rename(branch, names)
        graph.initializer.extend(branch.initializer)
        nodes += branch.node
        nodes += [
            onnx.helper.make_node("Identity", [inner.name], [outer], name=f"{label}:{outer}")
            for inner, outer in zip(branch.output, node.output, strict=False)
            if outer
        ]
    del graph.node[:], graph.value_info[:]
    graph.node.extend(nodes)
    return made


def _free(name: str, label: str, taken: set[str]) -> str:
    found, count = name, 1
    while found in taken:
        found, count = f"{label}:{name}:{count}", count + 1
    taken.add(found)
    return found


def _rename(graph: onnx.GraphProto, names: Mapping[str, str]) -> None:
    """Give what a graph and those within read and write other names."""
    for tensor in graph.initializer:
        tensor.name = names.get(tensor.name, tensor.name)
    for info in graph.output:
        info.name = names.get(info.name, info.name)
    for node in graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
        for inner in subgraphs_of(node):
            _rename(inner, names)
    del graph.value_info[:]


def _canonical(graph: onnx.GraphProto) -> bytes:
    """Return a graph's bytes without what it calls things."""
    copy = onnx.GraphProto()
    copy.CopyFrom(graph)
    own = {name: f"{n}" for n, name in enumerate(_written(copy))}
    _rename(copy, own)
    _unlabel(copy)
    return copy.SerializeToString(deterministic=True)


def _written(graph: onnx.GraphProto) -> Iterator[str]:
    yield from (tensor.name for tensor in graph.initializer)
    for node in graph.node:
        yield from filter(None, node.output)
        for inner in subgraphs_of(node):
            yield from _written(inner)


def _unlabel(graph: onnx.GraphProto) -> None:
    graph.name = graph.doc_string = ""
    for info in graph.output:
        info.ClearField("type")
    for node in graph.node:
        node.name = node.doc_string = ""
        del node.metadata_props[:]
        for inner in subgraphs_of(node):
            _unlabel(inner)
