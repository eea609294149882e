"""ONNX models on feeds, in ONNX Runtime as it computes what the graph says."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from tinyrig.generator.errors import InputError
from tinyrig.generator.frontends.check import QUANTIZATION_OPS, opset_of
from tinyrig.generator.frontends.parts import CONTRIBUTED_DOMAIN
from tinyrig.suite.models.said_pads import with_pads_said

Feed = Mapping[str, NDArray[np.float32]]
_NARROW = (onnx.TensorProto.INT4, onnx.TensorProto.UINT4)
_NARROW_OPSET = 21


def float_session(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    """Return a session without graph optimisations, on one thread.

    With the extended ones, a QDQ graph runs on ONNX Runtime's int8 kernels, and on a processor
    without VNNI the SQNR of TR-Former fell from 17.2 to 5.6 dB; without them ONNX Runtime computes
    what the graph says. Raises InputError when it refuses the model.
    """
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(
            with_pads_said(_typed(model)).SerializeToString(),
            options,
            providers=["CPUExecutionProvider"],
        )
    except Exception as error:
        raise InputError(f"ONNX Runtime cannot run the model: {error}") from error


def answers(
    session: onnxruntime.InferenceSession, names: Sequence[str] | None, feed: Feed
) -> list[NDArray[Any]]:
    """Return the outputs of these names, None for all. Raises InputError where it does not run."""
    try:
        found: list[NDArray[Any]] = session.run(names, dict(feed))
    except Exception as error:
        raise InputError(f"ONNX Runtime cannot run the model: {error}") from error
    return found


def _typed(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the model with quantizers that take its codes: of 4 bits, those of ONNX Runtime's own
    do in every opset, ONNX's since 21.
    """
    narrow = {tensor.name for tensor in model.graph.initializer if tensor.data_type in _NARROW}
    if opset_of(model) >= _NARROW_OPSET or not narrow:
        return model
    typed = onnx.ModelProto()
    typed.CopyFrom(model)
    for node in typed.graph.node:
        if node.op_type in QUANTIZATION_OPS and narrow.intersection(node.input):
            node.domain = CONTRIBUTED_DOMAIN
    if all(imported.domain != CONTRIBUTED_DOMAIN for imported in typed.opset_import):
        typed.opset_import.add(domain=CONTRIBUTED_DOMAIN, version=1)
    return typed


def showing(
    model: onnx.ModelProto, names: Collection[str], feeds: Sequence[Feed]
) -> Iterator[dict[str, NDArray[np.float32]]]:
    """Yield the float tensors of these names, for one feed after the other.

    Raises InputError as `checked_feed` does, and where a tensor is not finite.
    """
    shown = onnx.ModelProto()
    shown.CopyFrom(model)
    present = {output.name for output in shown.graph.output}
    shown.graph.output.extend(
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)
        for name in names
        if name not in present
    )
    session = float_session(shown)
    for feed in feeds:
        fed = checked_feed(model.graph, feed)
        found = answers(session, list(names), fed) if names else []  # no name asks for all
        for name, value in zip(names, found, strict=True):
            require_finite(name, value)
        yield dict(zip(names, found, strict=True))


def require_finite(name: str, value: NDArray[np.float32]) -> None:
    """Raise InputError where a tensor that calibration gives is not finite."""
    if not np.isfinite(value).all():
        raise InputError(f"Calibration gives values that are not finite in {name!r}.")


def checked_feed(graph: onnx.GraphProto, feed: Feed) -> Feed:
    """Return a feed of the model's inputs; the batch axis of one may be left out.

    Raises InputError for one of other names or shapes.
    """
    constants = {tensor.name for tensor in graph.initializer}
    wanted = {
        value.name: tuple(d.dim_value for d in value.type.tensor_type.shape.dim)
        for value in graph.input
        if value.name not in constants
    }
    given = {name: tuple(np.shape(value)) for name, value in feed.items()}
    whole = {
        name: value[None] if (1, *given[name]) == wanted.get(name) else value
        for name, value in feed.items()
    }
    if {name: tuple(np.shape(value)) for name, value in whole.items()} != wanted:
        raise InputError(f"Calibration inputs are {given}; the model takes {wanted}.")
    return whole
