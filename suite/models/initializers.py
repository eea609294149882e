"""Turns an ONNX graph's Constant nodes into initializers, the form quantization expects."""

from __future__ import annotations

import onnx


def constants_to_initializers(graph: onnx.GraphProto) -> None:
    """Move the tensors of Constant nodes to initializers in place, each value once.

    Constants that are graph outputs, or that are not plain tensors, stay nodes.
    """
    outputs = {value.name for value in graph.output}
    kept = []
    by_content: dict[bytes, str] = {}
    renamed: dict[str, str] = {}
    for node in graph.node:
        plain = node.op_type == "Constant" and node.attribute[0].name == "value"
        if not plain or node.output[0] in outputs:
            kept.append(node)
            continue
        tensor = onnx.TensorProto()
        tensor.CopyFrom(node.attribute[0].t)
        value = onnx.numpy_helper.to_array(tensor)
        content = repr((value.dtype.str, value.shape)).encode() + value.tobytes()
        first = by_content.setdefault(content, node.output[0])
        renamed[node.output[0]] = first
        if first == node.output[0]:
            tensor.name = first
            graph.initializer.append(tensor)
    del graph.node[:]
    graph.node.extend(kept)
    for node in graph.node:
        for i, read in enumerate(node.input):
            node.input[i] = renamed.get(read, read)
