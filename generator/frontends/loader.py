"""From a file to a checked ONNX model, and from there to the integer graph."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError

from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.generator.files import TFLITE_MARK, TFLITE_SUFFIX, read_file
from tinyrig.generator.frontends.bounds import Interval
from tinyrig.generator.frontends.check import check_model, is_quantized
from tinyrig.generator.frontends.dialect.fusing import fused, input_affines
from tinyrig.generator.frontends.dialect.standard import is_dialect, standardised
from tinyrig.generator.frontends.extents import with_extents
from tinyrig.generator.frontends.external import attach_external_data
from tinyrig.generator.frontends.fitted import fit_products
from tinyrig.generator.frontends.lowering import lower
from tinyrig.generator.frontends.narrow import narrow_notes
from tinyrig.generator.frontends.patterns import apply_patterns
from tinyrig.generator.frontends.reader import read_source
from tinyrig.generator.frontends.registry import SUPPORTED_OPS
from tinyrig.generator.frontends.wide_pads import pads_apart
from tinyrig.generator.graph.graph import Graph

DEFAULT_MAX_BYTES = 512 * 2**20
_ONNX_FIRST_BYTE = 0x08  # field 1 (ir_version), a varint: how every exporter begins

NEEDS_CALIBRATION = (
    "The model is a float model: it has no QuantizeLinear or DequantizeLinear node. It must be "
    "quantized to int8 first, which needs calibration data: give --calibration FILE.npz, with "
    "one float array for each model input, its first axis counting the samples."
)


def load_onnx(path: Path, *, max_bytes: int = DEFAULT_MAX_BYTES) -> Graph:
    """Read a quantized model file, ONNX in QDQ form or TensorFlow Lite, as an integer graph.

    `max_bytes` limits the file, and its external data, each. Raises InputError when the file
    cannot be used as given and UnsupportedError when it holds something not supported.
    """
    model, digest = _read_model(path, max_bytes)
    return replace(graph_from_model(model, path.stem), source_sha256=digest)


def read_model(
    path: Path, *, max_bytes: int = DEFAULT_MAX_BYTES, checked: bool = True
) -> onnx.ModelProto:
    """Read and check an ONNX file, float or quantized, with its external data inside.

    A TensorFlow Lite file is read as the ONNX model it says. Without `checked` it is only parsed.
    Raises InputError when the file is missing, too large, neither of both, truncated or invalid.
    """
    model = _read_model(path, max_bytes)[0]
    return check_model(model) if checked else model


def graph_from_model(
    model: onnx.ModelProto, name: str, seen: Mapping[str, Interval] | None = None
) -> Graph:
    """Lower an ONNX QDQ model to the integer graph called `name`.

    `seen` has ranges by tensor name, for products that the model leaves in float (fitted.py), and
    for the inputs of a model of the integer dialect, in standard form or as QuantLib writes it.
    `model` is not changed. Raises InputError when the model is invalid, dynamic or not
    quantized, and UnsupportedError, naming the node, when an operator cannot be lowered.
    """
    checked, _ = with_extents(check_model(standardised(model)))
    if is_dialect(checked):
        return _dialect_graph(checked, name, seen or {})
    if not is_quantized(checked):
        raise InputError(NEEDS_CALIBRATION)
    source = apply_patterns(read_source(checked, name, SUPPORTED_OPS))
    fitted = fit_products(source, seen or {})
    digest = hashlib.sha256(model.SerializeToString(deterministic=True)).hexdigest()
    graph = lower(fitted.source)
    notes = (*fitted.notes(), *narrow_notes(checked), *graph.notes)
    return replace(graph, source_sha256=digest, notes=notes)


def _dialect_graph(model: onnx.ModelProto, name: str, seen: Mapping[str, Interval]) -> Graph:
    if is_quantized(model):
        raise UnsupportedError(
            "The model holds operators of the integer dialect (RequantShift, ...) beside "
            "QuantizeLinear or DequantizeLinear; supported is either."
        )
    source = read_source(model, name, SUPPORTED_OPS)
    affines, notes = input_affines(source, seen)
    digest = hashlib.sha256(model.SerializeToString(deterministic=True)).hexdigest()
    return replace(lower(pads_apart(fused(source, affines))), source_sha256=digest, notes=notes)


def _read_model(path: Path, max_bytes: int) -> tuple[onnx.ModelProto, str]:
    tflite = path.suffix == TFLITE_SUFFIX
    data = read_file(path, "TFLite model" if tflite else "ONNX model", max_bytes)
    if tflite or data[4:8] == TFLITE_MARK:
        # The package that reads these files takes a second to import.
        from tinyrig.generator.frontends.tflite.convert import onnx_of_tflite

        return onnx_of_tflite(data), hashlib.sha256(data).hexdigest()
    model = _parse(path, data)
    chunks = attach_external_data(model, path.parent, max_bytes)
    digest = hashlib.sha256(data)
    for chunk in chunks:
        digest.update(chunk)
    return model, digest.hexdigest()


def _parse(path: Path, data: bytes) -> onnx.ModelProto:
    if not data:
        raise InputError(f"{path} is empty; an ONNX model file is needed.")
    model = onnx.ModelProto()
    try:
        model.ParseFromString(data)
    except DecodeError as error:
        if data[0] == _ONNX_FIRST_BYTE:
            raise InputError(
                f"{path} begins like an ONNX model but cannot be decoded: it is truncated or "
                "damaged. Copy or export it again."
            ) from error
        raise InputError(_not_onnx(path)) from error
    if not model.HasField("graph") and not model.HasField("ir_version"):
        raise InputError(_not_onnx(path))
    if not model.HasField("graph"):
        raise InputError(f"{path} holds no graph: it is truncated, or not an ONNX model.")
    return model


def _not_onnx(path: Path) -> str:
    return f"{path} is not an ONNX model; a file written by an ONNX exporter is needed."
