"""What ONNX and its runtime do not tell of a model's tensors: types behind some operators, and
what lies within those that are read as several.

A norm over an image's channels is a norm of rows and what scales it (channel_norms.py). Where the
model leaves it in float, each of those needs a range of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import onnx
import onnx.helper

from tinyrig.generator.frontends.check import QUANTIZATION_OPS
from tinyrig.generator.frontends.source import FLAG_OPS, Source
from tinyrig.generator.frontends.writer import model_of
from tinyrig.suite.models.sessions import Feed, showing

_REAL = onnx.TensorProto.FLOAT
_NO_REALS = FLAG_OPS | QUANTIZATION_OPS


def typed(model: onnx.ModelProto, source: Source) -> onnx.ModelProto:
    """Return a model with the types of all its real tensors, itself where ONNX tells them.

    `source` is what it was read as: ONNX knows no shape of a GroupNormalization's result, nor of
    what follows.
    """
    known = {info.name for info in _infos(model)}
    unknown = [
        onnx.helper.make_tensor_value_info(name, _REAL, source.values[name].shape)
        for node in model.graph.node
        if node.op_type not in _NO_REALS
        for name in node.output
        if name in source.values and name not in known
    ]
    if not unknown:
        return model
    told = onnx.ModelProto()
    told.CopyFrom(model)
    told.graph.value_info.extend(unknown)
    return told


def parts_alone(
    model: onnx.ModelProto, source: Source, feeds: Sequence[Feed]
) -> tuple[onnx.ModelProto, Sequence[Feed]] | None:
    """Return a model of parts alone, and what a typed model feeds them.

    None where it has none, or some that read codes.
    """
    known = {name for node in model.graph.node for name in node.output}
    parts = tuple(node for node in source.nodes if known.isdisjoint(node.outputs))
    made = tuple(name for node in parts for name in node.outputs)
    operands = dict.fromkeys(name for node in parts for name in node.inputs if name not in made)
    read = tuple(name for name in operands if source.values[name].data is None)
    reals = {i.name for i in _infos(model) if i.type.tensor_type.elem_type == _REAL}
    if not parts or not reals.issuperset(read):
        return None
    outputs = tuple((name, name) for name in made)
    alone = replace(source, nodes=parts, inputs=read, outputs=outputs, coded={})
    given = [name for name in read if name in feeds[0]]
    shown = showing(model, [name for name in read if name not in given], feeds)
    fed = [
        {**inner, **{name: feed[name] for name in given}}
        for feed, inner in zip(feeds, shown, strict=True)
    ]
    return model_of(alone), fed


def _infos(model: onnx.ModelProto) -> tuple[onnx.ValueInfoProto, ...]:
    return (*model.graph.input, *model.graph.value_info, *model.graph.output)
