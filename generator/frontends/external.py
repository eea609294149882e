"""External tensor data, read only from the model's own folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import onnx

from tinyrig.generator.errors import InputError

_MAX_DIGITS = 18


def attach_external_data(model: onnx.ModelProto, folder: Path, max_bytes: int) -> list[bytes]:
    """Read every external tensor into the model, and return the bytes in the order read.

    Raises InputError when a file is outside `folder` (also through a link), is missing, is
    shorter than the tensor says, or when all of it together exceeds `max_bytes`.
    """
    chunks: list[bytes] = []
    budget = max_bytes
    for tensor in tensors_of(model):
        if tensor.data_location != onnx.TensorProto.EXTERNAL:
            continue
        chunk = _read(tensor, folder, budget)
        budget -= len(chunk)
        chunks.append(chunk)
        tensor.raw_data = chunk
        tensor.ClearField("external_data")
        tensor.data_location = onnx.TensorProto.DEFAULT
    return chunks


def _read(tensor: onnx.TensorProto, folder: Path, budget: int) -> bytes:
    # A name that is not UTF-8 comes as bytes; as text it names no file.
    entries = {str(entry.key): str(entry.value) for entry in tensor.external_data}
    location = entries.get("location", "")
    what = f"The data of tensor {tensor.name!r} is in the external file {location!r}"
    if not location or "\0" in location:
        raise InputError(f"{what}, which is not a file name.")
    root = folder.resolve()
    file = (root / location).resolve()
    if Path(location).is_absolute() or not file.is_relative_to(root):
        raise InputError(
            f"{what}, which is outside the model's folder. External data must lie in the folder "
            "of the model file or below it."
        )
    if not file.is_file():
        raise InputError(f"{what}, which does not exist beside the model.")
    size = file.stat().st_size
    offset = _number(entries, "offset", 0, what)
    length = _number(entries, "length", max(size - offset, 0), what)
    if offset + length > size:
        raise InputError(
            f"{what}, at bytes {offset} to {offset + length}, but the file has only {size} bytes."
        )
    if length > budget:
        raise InputError(f"{what}; with it the model exceeds the size limit.")
    try:
        with file.open("rb") as stream:
            stream.seek(offset)
            return stream.read(length)
    except OSError as error:
        raise InputError(f"{what}, which cannot be read: {error.strerror}.") from error


def _number(entries: dict[str, str], key: str, default: int, what: str) -> int:
    text = entries.get(key, "")
    if not text:
        return default
    if not text.isascii() or not text.isdecimal() or len(text) > _MAX_DIGITS:
        raise InputError(f"{what}, whose {key} is {text[:40]!r} instead of a number of bytes.")
    return int(text)


def tensors_of(model: onnx.ModelProto) -> Iterator[onnx.TensorProto]:
    """Yield every tensor a model stores: initialisers and attributes, also in its subgraphs."""
    yield from _graph_tensors(model.graph)
    for function in model.functions:
        for node in function.node:
            yield from _node_tensors(node)


def _graph_tensors(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    yield from graph.initializer
    for node in graph.node:
        yield from _node_tensors(node)


def _node_tensors(node: onnx.NodeProto) -> Iterator[onnx.TensorProto]:
    for attribute in node.attribute:
        if attribute.HasField("t"):
            yield attribute.t
        yield from attribute.tensors
        if attribute.HasField("g"):
            yield from _graph_tensors(attribute.g)
        for graph in attribute.graphs:
            yield from _graph_tensors(graph)
