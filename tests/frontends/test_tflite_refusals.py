"""TFLite files that do not run: one clear paragraph each, whatever was done to the bytes."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from frontends.tflite_cases import CASES
from frontends.tflite_files import TANH, TfliteFile

from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.generator.frontends import graph_from_model, load_onnx, read_model
from tinyrig.generator.frontends.tflite import file as tflite_file
from tinyrig.generator.frontends.tflite.convert import onnx_of_tflite
from tinyrig.generator.frontends.tflite.file import read_tflite
from tinyrig.generator.frontends.tflite.rules import rules, ways_out

_CUTS, _FLIPS = 40, 50


def made(name: str) -> bytes:
    f = TfliteFile(3)
    return f.data(*CASES[name](f))


def refused(data: bytes, kind: type[InputError], *words: str) -> None:
    with pytest.raises(kind) as caught:
        graph_from_model(onnx_of_tflite(data), "bad")
    text = str(caught.value)
    assert "\n" not in text
    for word in words:
        assert word in text


def one(
    kind: str,
    options: str = "",
    /,
    *,
    change: Callable[[TfliteFile], None] | None = None,
    **values: int,
) -> bytes:
    """A file of one operator on x and y."""
    f = TfliteFile()
    x, y = f.tensor((1, 4, 4, 2)), f.tensor((1, 4, 4, 2))
    f.operator(kind, [x], [y], options, **values)
    if change is not None:
        change(f)
    return f.data([x], [y])


# Operators


@pytest.mark.parametrize(
    ("kind", "way_out"),
    [
        ("UNIDIRECTIONAL_SEQUENCE_LSTM", "one step a call"),
        ("DENSIFY", "without sparse tensors"),
        ("WHILE", "without control flow"),
        ("TFLite_Detection_PostProcess", "Cut it off"),
        ("CUMSUM", "Run it outside the model"),
    ],
)
def test_an_operator_that_does_not_run(kind: str, way_out: str) -> None:
    refused(one(kind), UnsupportedError, f"{kind} (0)", way_out, "Supported are", "CONV_2D")


def test_all_operators_that_do_not_run_are_named() -> None:
    f = TfliteFile()
    x, y, z = (f.tensor((2, 3)) for _ in range(3))
    f.operator("DENSIFY", [x], [y])
    f.operator("CUMSUM", [y], [z])
    refused(f.data([x], [z]), UnsupportedError, "DENSIFY (0)", "Nor are CUMSUM")


def test_what_reaches_no_output_may_be_anything() -> None:
    f = TfliteFile()
    x, y, z = f.tensor((2, 3)), f.tensor((2, 3)), f.tensor((3, 2))
    f.operator("SHAPE", [x], [y])
    f.operator("RESHAPE", [x, y], [z], "ReshapeOptions")
    assert graph_from_model(onnx_of_tflite(f.data([x], [z])), "good").outputs


def test_no_way_out_is_of_an_operator_that_runs() -> None:
    assert not rules().keys() & ways_out().keys()
    custom = {name for name in ways_out() if not name.isupper()}
    known = {*tflite_file.OPERATORS.values(), *custom}
    assert rules().keys() <= known
    assert ways_out().keys() - {"NON_MAX_SUPPRESSION_V4", "NON_MAX_SUPPRESSION_V5"} <= known


# Types and options


def test_a_fused_activation_that_does_not_run() -> None:
    f = TfliteFile(1)
    x = f.tensor((1, 4, 4, 2))
    y = f.convolution(x, (1, 1), 3, activation=TANH)
    refused(f.data([x], [y]), UnsupportedError, "CONV_2D (0)", "fused activation", "RELU6")


def test_weights_with_a_zero_point() -> None:
    f = TfliteFile(1)
    x = f.tensor((1, 8), 0.04, 128, kind="UINT8")
    w = f.tensor((3, 8), 0.01, 117, kind="UINT8", data=f.rng.integers(0, 256, (3, 8)))
    y = f.tensor((1, 3), 0.1, 120, kind="UINT8")
    f.operator("FULLY_CONNECTED", [x, w], [y], "FullyConnectedOptions")
    refused(f.data([x], [y]), UnsupportedError, "UINT8 with zero point 117", "to int8")


def test_activations_of_16_bits() -> None:
    f = TfliteFile()
    x, y, z = f.tensor((2, 3)), f.tensor((2, 3), kind="INT16"), f.tensor((2, 3))
    f.operator("QUANTIZE", [x], [y], "QuantizeOptions")
    f.operator("QUANTIZE", [y], [z], "QuantizeOptions")
    refused(f.data([x], [z]), UnsupportedError, "QUANTIZE (0)", "'t1' of type INT16")
    refused(f.data([x], [y]), UnsupportedError, "input or output 't1' has type INT16")


def test_a_variable() -> None:
    f = TfliteFile()
    x, y = f.tensor((2, 3)), f.tensor((2, 3), variable=True, name="state")
    f.operator("RELU", [x], [y])
    refused(f.data([x], [y]), UnsupportedError, "'state'", "an input and an output")


def test_a_float_model_asks_for_calibration(tmp_path: Path) -> None:
    f = TfliteFile()
    x, y = f.tensor((1, 8), kind="FLOAT32"), f.tensor((1, 3), kind="FLOAT32")
    w = f.tensor((3, 8), kind="FLOAT32", data=f.rng.normal(size=(3, 8)))
    f.operator("FULLY_CONNECTED", [x, w], [y], "FullyConnectedOptions")
    refused(f.data([x], [y]), InputError, "--calibration")


def test_dynamic_range_weights_are_a_float_model() -> None:
    f = TfliteFile()
    x, y = f.tensor((1, 8), kind="FLOAT32"), f.tensor((1, 3), kind="FLOAT32")
    w = f.codes((3, 8), [0.01, 0.02, 0.03])
    f.operator("FULLY_CONNECTED", [x, w], [y], "FullyConnectedOptions")
    refused(f.data([x], [y]), InputError, "--calibration")


# Damage


def test_indices_that_lead_nowhere() -> None:
    def far(f: TfliteFile) -> None:
        f.operator("RELU", [1], [77])

    refused(one("RELU", change=far), InputError, "a tensor that it does not have")


def test_what_nothing_writes() -> None:
    f = TfliteFile()
    x, y, z = (f.tensor((2, 3)) for _ in range(3))
    f.operator("RELU", [y], [z])
    refused(f.data([x], [z]), InputError, "RELU (0)", "no operator before it writes")
    refused(f.data([x], [y]), InputError, "writes its output")


def test_data_of_another_size() -> None:
    f = TfliteFile(1)
    x = f.tensor((1, 8))
    y = f.dense(x, 3)
    w = f.operators[0].inputs[1]
    object.__setattr__(f.tensors[w], "data", np.zeros((3, 7), np.int8))
    refused(f.data([x], [y]), InputError, "damaged", "21 bytes")


def test_a_stride_of_nothing() -> None:
    data = one("MAX_POOL_2D", "Pool2DOptions", StrideH=0, StrideW=1, FilterHeight=2, FilterWidth=2)
    refused(data, InputError, "strides [0, 1]")


def test_a_shape_that_is_not_so() -> None:
    def wrong(f: TfliteFile) -> None:
        object.__setattr__(f.tensors[1], "shape", (1, 4, 4, 3))

    refused(one("RELU", change=wrong), InputError, "t1")


def test_a_shared_list_is_counted_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    data = made("ds_cnn")
    assert read_tflite(data).operators
    monkeypatch.setattr(tflite_file, "_MAX_LISTED", 100)
    refused(data, InputError, "over 100 entries")


def test_too_many_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tflite_file, "_MAX_PARTS", 5)
    refused(made("ds_cnn"), InputError, "at most 5 are taken")


def test_files_that_are_none(tmp_path: Path) -> None:
    path = tmp_path / "model.tflite"
    for content in (b"", b"TFL3", b"\x08\x07" * 40):
        path.write_bytes(content)
        with pytest.raises(InputError, match="not a TFLite model"):
            read_model(path)
    with pytest.raises(InputError, match="Cannot read TFLite model"):
        read_model(tmp_path / "none.tflite")


def test_a_file_of_another_name_is_read_by_its_mark(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(made("ds_cnn"))
    assert load_onnx(path).outputs


@pytest.mark.parametrize("name", ["conv", "strided_slice", "split"])
def test_truncated_files(name: str) -> None:
    data = made(name)
    for end in np.linspace(8, len(data) - 1, _CUTS).astype(int):
        _survives(data[:end])


@pytest.mark.parametrize("name", ["conv", "pad_conv", "dense", "split_by", "product_turned"])
def test_damaged_files(name: str) -> None:
    data, rng = made(name), np.random.default_rng(5)
    for _ in range(_FLIPS):
        changed = bytearray(data)
        place = int(rng.integers(0, len(data) - 4))
        if rng.integers(2):
            changed[place] = int(rng.integers(256))
        else:
            aligned = place & ~3
            changed[aligned : aligned + 4] = struct.pack("<i", int(rng.choice(_ODD)))
        _survives(bytes(changed))


_ODD = (-(2**31), -1, 0, 1, 2**31 - 1, 2**20, 2**28)


def _survives(data: bytes) -> None:
    """Read, or refused in one paragraph."""
    try:
        graph_from_model(onnx_of_tflite(data), "damaged")
    except InputError as error:
        assert "\n" not in str(error)
