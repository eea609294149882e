"""From the source form back to ONNX: constants folded, shapes static, today's operator forms."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import onnx
import onnx.helper
import onnx.numpy_helper

from tinyrig.generator.frontends.check import INDEXING_OPS
from tinyrig.generator.frontends.source import (
    FLAG_OPS,
    Attribute,
    ConstantArray,
    Source,
    SourceNode,
    Value,
)

OLDEST = 17  # from here on LayerNormalization is one operator and no other one changed its meaning
_RMS_OPSET = 23
_IR_VERSION = 8
_RMS_IR_VERSION = 11

# Attributes that became an input: operator, attribute, input and the version since which.
_MOVED = {
    "Squeeze": ("axes", 1, 13),
    "Unsqueeze": ("axes", 1, 13),
    "Split": ("split", 1, 13),
    "ReduceSum": ("axes", 1, 13),
    "ReduceMean": ("axes", 1, 18),
    "ReduceMax": ("axes", 1, 18),
    "ReduceMin": ("axes", 1, 18),
}


def model_of(source: Source) -> onnx.ModelProto:
    """Return a source graph as an ONNX model with the type of every tensor.

    Opsets before 17 are written as 17. Names of nodes, inputs and outputs are kept; real
    constants are float32.
    """
    return _Writer(source).model()


def _standard(node: SourceNode) -> SourceNode:
    """Return a node of an operator that ONNX took over as ONNX's."""
    if node.op != "com.microsoft.SimplifiedLayerNormalization" or any(node.outputs[1:]):
        return node
    return replace(node, op="RMSNormalization", outputs=node.outputs[:1])


def _kinds_of(node: SourceNode) -> Iterator[tuple[str, int]]:
    """Yield the results of a node that are no reals, with their types: flags and indices."""
    if node.op in FLAG_OPS:
        yield from ((name, onnx.TensorProto.BOOL) for name in node.outputs)
    elif node.op in INDEXING_OPS:
        yield node.outputs[-1], onnx.TensorProto.INT64


class _Writer:
    def __init__(self, given: Source) -> None:
        source = replace(given, nodes=tuple(map(_standard, given.nodes)))
        self._source = source
        self._kinds = {n: kind for node in source.nodes for n, kind in _kinds_of(node)}
        rms = any(node.op == "RMSNormalization" for node in source.nodes)
        self._opset = max(source.opset, _RMS_OPSET if rms else OLDEST)
        self._ir_version = _RMS_IR_VERSION if rms else _IR_VERSION
        self._names = self._output_names()
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}
        self._added: list[onnx.ValueInfoProto] = []

    def model(self) -> onnx.ModelProto:
        source = self._source
        for node in source.nodes:
            self._node(node)
        for shown, value in source.outputs:
            data = source.values[value].data
            if data is not None:  # as data of its own: what reads it may take it as it is
                held = self._constant(f"{shown}:shown", data)
                self._nodes.append(onnx.helper.make_node("Identity", [held], [shown]))
            elif self._name(value) != shown:
                self._read(value)
                self._nodes.append(onnx.helper.make_node("Identity", [self._name(value)], [shown]))
        outputs = {shown for shown, _ in source.outputs}
        written = [name for node in source.nodes for name in node.outputs if name]
        inner = [name for name in written if self._name(name) not in outputs]
        graph = onnx.helper.make_graph(
            self._nodes,
            source.name,
            [self._info(name, source.values[name]) for name in source.inputs],
            [self._info(shown, source.values[value]) for shown, value in source.outputs],
            list(self._constants.values()),
            value_info=[
                *(self._info(self._name(name), source.values[name]) for name in inner),
                *self._added,
            ],
        )
        domains = {node.domain for node in self._nodes if node.domain}
        opsets = [onnx.helper.make_opsetid("", self._opset)]
        opsets += [onnx.helper.make_opsetid(domain, 1) for domain in sorted(domains)]
        newest = onnx.helper.find_min_ir_version_for(opsets, ignore_unknown=True)
        ir_version = max(newest, self._ir_version)
        return onnx.helper.make_model(graph, opset_imports=opsets, ir_version=ir_version)

    def _output_names(self) -> dict[str, str]:
        """Let the node behind a model output write it under the output's own name.

        A constant that is an output goes by another name where it is read.
        """
        written = {name for node in self._source.nodes for name in node.outputs}
        names: dict[str, str] = {}
        for shown, value in self._source.outputs:
            if value in written:
                names.setdefault(value, shown)
            elif self._source.values[value].data is not None:
                names.setdefault(value, f"{value}:constant")
        return names

    def _name(self, value: str) -> str:
        return self._names.get(value, value)

    def _info(self, name: str, value: Value) -> onnx.ValueInfoProto:
        kind = self._kinds.get(value.name, onnx.TensorProto.FLOAT)
        if value.data is not None and value.data.dtype.kind != "f":
            kind = onnx.helper.np_dtype_to_tensor_dtype(value.data.dtype)
        return onnx.helper.make_tensor_value_info(name, kind, value.shape)

    def _read(self, name: str) -> str:
        """Return the ONNX name of an operand, a constant written before its first reader."""
        data = self._source.values[name].data if name else None
        return self._name(name) if data is None else self._constant(self._name(name), data)

    def _constant(self, name: str, data: ConstantArray) -> str:
        if name not in self._constants:
            with np.errstate(over="ignore"):
                stored = data.astype(np.float32) if data.dtype.kind == "f" else data
            self._constants[name] = onnx.numpy_helper.from_array(np.asarray(stored), name)
        return name

    def _node(self, node: SourceNode) -> None:
        inputs = [self._read(name) for name in node.inputs]
        outputs = [self._name(name) for name in node.outputs]
        attributes = dict(node.attributes)
        if node.op in ("Softmax", "LogSoftmax") and self._source.opset < 13:
            self._softmax(node, inputs, outputs, attributes)
            return
        self._move_attribute(node, inputs, attributes)
        domain, _, op = node.op.rpartition(".")
        self._append(op, inputs, outputs, node.name, attributes, domain)

    def _move_attribute(
        self, node: SourceNode, inputs: list[str], attributes: dict[str, Attribute]
    ) -> None:
        name, slot, since = _MOVED.get(node.op, ("", 0, 0))
        if name in attributes and self._opset >= since:
            values = np.asarray(attributes.pop(name), dtype=np.int64)
            inputs += [""] * (slot - len(inputs))
            inputs.append(self._constant(f"{node.outputs[0]}:{name}", values))
        if node.op == "Split" and self._source.opset < 18 <= self._opset and len(inputs) == 1:
            attributes["num_outputs"] = len(node.outputs)

    def _softmax(
        self,
        node: SourceNode,
        inputs: list[str],
        outputs: list[str],
        attributes: dict[str, Attribute],
    ) -> None:
        """Before opset 13, all axes from `axis` on are one row."""
        shape = self._source.values[node.inputs[0]].shape
        axis = node.integer("axis", 1) % len(shape)
        row = math.prod(shape[axis:])
        if row == shape[-1]:
            self._append(node.op, inputs, outputs, node.name, {**attributes, "axis": -1})
            return
        flat, soft = (f"{node.outputs[0]}:{part}" for part in ("flat", "rows"))
        rows = Value(flat, (math.prod(shape[:axis]), row))
        self._added += [self._info(flat, rows), self._info(soft, rows)]
        there = self._constant(f"{flat}_shape", np.asarray([-1, row], dtype=np.int64))
        back = self._constant(f"{soft}_shape", np.asarray(shape, dtype=np.int64))
        self._append("Reshape", [*inputs, there], [flat], f"{node.name}.flat", {})
        self._append(node.op, [flat], [soft], node.name, {"axis": -1})
        self._append("Reshape", [soft, back], outputs, f"{node.name}.back", {})

    def _append(
        self,
        op: str,
        inputs: Sequence[str],
        outputs: Sequence[str],
        name: str,
        attributes: dict[str, Attribute],
        domain: str = "",
    ) -> None:
        # An empty list is what an absent attribute means, and has no type of its own.
        given = {key: value for key, value in attributes.items() if value != ()}
        made = onnx.helper.make_node(op, inputs, outputs, name=name, domain=domain)
        made.attribute.extend(
            onnx.helper.make_attribute(key, list(value) if isinstance(value, tuple) else value)
            for key, value in sorted(given.items())
        )
        self._nodes.append(made)
