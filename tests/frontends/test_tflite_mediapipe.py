"""MediaPipe's transposed convolution with a bias, against TFLite's own of the same weights."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from frontends.tflite_files import SAME, VALID, TfliteFile
from numpy.typing import NDArray

from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.generator.frontends import graph_from_model
from tinyrig.generator.frontends.tflite.convert import onnx_of_tflite
from tinyrig.suite.reference.executor import run_reference

_STRIDES = (3, 2)
"""Down and across."""


def model(*, own: bool, padding: int, options: bytes | None = None) -> bytes:
    f = TfliteFile(5)
    x = f.tensor((1, 4, 5, 3), 0.04, -4)
    scales = [float(s) for s in f.rng.uniform(0.004, 0.008, 2)]
    w = f.codes((2, 5, 3, 3), scales)
    steps = [0.04 * s for s in scales]
    bias = f.tensor((2,), steps, kind="INT32", data=np.array([900, -1700]))
    out = (12, 10) if padding == SAME else (14, 11)
    y = f.tensor((1, *out, 2), 0.08, 3)
    down, across = _STRIDES
    if own:
        custom = struct.pack("<3i", 1 + padding, across, down) if options is None else options
        f.operator("Convolution2DTransposeBias", [x, w, bias], [y], "", custom)
    else:
        shape = f.whole([1, *out, 2])
        steps_of = {"StrideH": down, "StrideW": across}
        kind = "TransposeConvOptions"
        f.operator("TRANSPOSE_CONV", [shape, w, x, bias], [y], kind, Padding=padding, **steps_of)
    return f.data([x], [y])


def answer(data: bytes) -> NDArray[np.int8]:
    graph = graph_from_model(onnx_of_tflite(data), "case")
    (x,), (y,) = graph.inputs, graph.outputs
    codes = np.random.default_rng(1).integers(-128, 128, (1, 4, 5, 3)).astype(np.int8)
    return run_reference(graph, {x: codes})[y]


@pytest.mark.parametrize("padding", [SAME, VALID])
def test_it_is_a_transposed_convolution(padding: int) -> None:
    found, wanted = (answer(model(own=own, padding=padding)) for own in (True, False))
    assert len(np.unique(found)) > 50
    assert np.array_equal(found, wanted)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (b"", "0 bytes of options"),
        (struct.pack("<3i", 0, 2, 3), "padding 0"),
        (struct.pack("<3i", 1, 0, 3), r"strides \[3, 0\]"),
        (struct.pack("<3i", 1, 4097, 3), r"strides \[3, 4097\]"),
    ],
)
def test_options_that_say_nothing_are_refused(options: bytes, words: str) -> None:
    with pytest.raises(InputError, match=words):
        onnx_of_tflite(model(own=True, padding=SAME, options=options))


def test_what_samples_by_landmarks_is_refused_with_the_way_out() -> None:
    f = TfliteFile()
    x, y = f.tensor((1, 468, 3)), f.tensor((1, 4, 4))
    f.operator("Landmarks2TransformMatrix", [x], [y])
    with pytest.raises(UnsupportedError, match="landmarks found at run time"):
        onnx_of_tflite(f.data([x], [y]))
