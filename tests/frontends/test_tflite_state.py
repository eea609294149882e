"""State of TFLite files as inputs and outputs, and constants that are stored as float16."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from frontends.qdq_models import Case, run_onnx
from frontends.tflite_files import TfliteFile

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.frontends import graph_from_model
from tinyrig.generator.frontends.tflite.convert import onnx_of_tflite
from tinyrig.suite.reference.executor import run_reference


def streaming(*, again: bool = False, before: bool = False, beginning: int | None = None) -> bytes:
    """Four rows of which each call adds one, as a streaming convolution keeps them."""
    f = TfliteFile(3)
    x = f.tensor((1, 1, 5), 0.05, -3, name="x")
    handle = f.tensor((), kind="RESOURCE", name="ring")
    held, joined, kept = (f.tensor((1, rows, 5), 0.05, -3) for rows in (3, 4, 3))
    f.operator("CALL_ONCE", [], [], "CallOnceOptions", InitSubgraphIndex=1)
    f.operator("VAR_HANDLE", [], [handle])
    if before:
        f.operator("ASSIGN_VARIABLE", [handle, x], [])
    f.operator("READ_VARIABLE", [handle], [held])
    f.operator("CONCATENATION", [held, x], [joined], "ConcatenationOptions", Axis=1)
    f.operator("SLICE", [joined, f.whole([0, 1, 0]), f.whole([1, 3, 5])], [kept], "SliceOptions")
    if not before:
        f.operator("ASSIGN_VARIABLE", [handle, kept], [])
    if again:
        f.operator("ASSIGN_VARIABLE", [handle, held], [])
    if beginning is None:
        return f.data([x], [joined])
    once = TfliteFile()
    own = once.tensor((), kind="RESOURCE", name="ring")
    first = once.tensor((1, 3, 5), 0.05, -3, data=np.full((1, 3, 5), beginning))
    once.operator("VAR_HANDLE", [], [own])
    once.operator("ASSIGN_VARIABLE", [own, first], [])
    return f.data([x], [joined], once)


def test_a_variable_becomes_an_input_and_an_output() -> None:
    graph = graph_from_model(onnx_of_tflite(streaming()), "ring")
    (x, state), (joined, kept) = graph.inputs, graph.outputs
    held = np.zeros((1, 3, 5), np.int8)
    seen = []
    for call in range(4):
        row = np.full((1, 1, 5), call + 1, np.int8)
        found = run_reference(graph, {x: row, state: held})
        held = found[kept]
        seen.append(found[joined][0, :, 0].tolist())
    assert seen == [[0, 0, 0, 1], [0, 0, 1, 2], [0, 1, 2, 3], [1, 2, 3, 4]]


@pytest.mark.parametrize("how", [{"again": True}, {"before": True}])
def test_a_variable_that_changes_within_a_call_is_refused(how: dict[str, bool]) -> None:
    with pytest.raises(UnsupportedError, match="read once, and written once behind that"):
        onnx_of_tflite(streaming(**how))


def test_a_variable_begins_with_real_zeros() -> None:
    assert len(onnx_of_tflite(streaming(beginning=-3)).graph.input) == 2
    with pytest.raises(UnsupportedError, match="variables that begin with constant zeros"):
        onnx_of_tflite(streaming(beginning=0))


def test_weights_stored_as_float16_are_constants() -> None:
    f = TfliteFile(3)
    x = f.tensor((2, 4), kind="FLOAT32", name="x")
    data = f.rng.normal(0, 1, (3, 4)).astype(np.float16)
    stored = f.tensor((3, 4), kind="FLOAT16", data=data)
    weights, y = f.tensor((3, 4), kind="FLOAT32"), f.tensor((2, 3), kind="FLOAT32")
    f.operator("DEQUANTIZE", [stored], [weights], "DequantizeOptions")
    f.operator("FULLY_CONNECTED", [x, weights], [y], "FullyConnectedOptions")
    model: onnx.ModelProto = onnx_of_tflite(f.data([x], [y]))
    feed = f.rng.normal(0, 1, (2, 4)).astype(np.float32)
    (found,) = run_onnx(Case(model, {model.graph.input[0].name: feed}))
    assert np.allclose(found, feed @ data.astype(np.float32).T, atol=1e-5)
