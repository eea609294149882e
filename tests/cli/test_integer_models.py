"""Models whose own inputs and outputs are INT8 or UINT8."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from cli.command import check_refusal, tinyrig
from hypothesis import example, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from tinyrig.generator.frontends import graph_from_model
from tinyrig.suite.reference.executor import run_reference
from tinyrig.suite.rig.verdict import own_outputs, quantized_inputs

SHAPE = (3, 4)


def integer_model(
    given_type: str, shown_type: str, first: float, second: float, zero: int
) -> onnx.ModelProto:
    """Read x twice, moved as codes with the first scale and as it is with the second; add; Q."""
    given_np, shown_np = np.dtype(given_type), np.dtype(shown_type)
    low = np.iinfo(given_np).min
    constants = {
        "s1": np.float32(first),
        "s2": np.float32(second),
        "z1": given_np.type(low + 128 + zero),
        "z2": given_np.type(low + 128 - zero),
        "so": np.float32(first + second),
        "zo": shown_np.type(np.iinfo(shown_np).min + 120),
        "shape": np.array(SHAPE[::-1], dtype=np.int64),
    }
    nodes = [
        helper.make_node("Reshape", ["x", "shape"], ["moved"]),
        helper.make_node("DequantizeLinear", ["moved", "s1", "z1"], ["a"]),
        helper.make_node("Reshape", ["x", "shape"], ["again"]),
        helper.make_node("DequantizeLinear", ["again", "s2", "z2"], ["b"]),
        helper.make_node("Add", ["a", "b"], ["sum"]),
        helper.make_node("QuantizeLinear", ["sum", "so", "zo"], ["y"]),
    ]
    kinds = {"int8": TensorProto.INT8, "uint8": TensorProto.UINT8}
    body = helper.make_graph(
        nodes,
        "integer",
        [helper.make_tensor_value_info("x", kinds[given_type], SHAPE)],
        [helper.make_tensor_value_info("y", kinds[shown_type], SHAPE[::-1])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    return helper.make_model(body, ir_version=8, opset_imports=[helper.make_opsetid("", 17)])


def onnx_runtime(model: onnx.ModelProto, codes: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    (answer,) = session.run(None, {"x": codes})
    return answer


def codes_of(kind: str, seed: int = 0) -> np.ndarray:
    bounds = np.iinfo(kind)
    rng = np.random.default_rng(seed)
    return rng.integers(bounds.min, bounds.max + 1, SHAPE).astype(kind)


@settings(max_examples=40)
@given(
    kinds=st.tuples(st.sampled_from(("int8", "uint8")), st.sampled_from(("int8", "uint8"))),
    first=st.floats(0.001, 2.0),
    second=st.floats(0.001, 2.0),
    zero=st.integers(-127, 127),
    seed=st.integers(0, 99),
)
@example(kinds=("uint8", "uint8"), first=0.02, second=0.02, zero=0, seed=0)
@example(kinds=("uint8", "int8"), first=0.02, second=0.5, zero=-127, seed=0)
@example(kinds=("int8", "uint8"), first=0.5, second=0.02, zero=127, seed=0)
def test_codes_read_with_two_scales(
    kinds: tuple[str, str], first: float, second: float, zero: int, seed: int
) -> None:
    model = integer_model(*kinds, first, second, zero)
    codes = codes_of(kinds[0], seed)
    graph = graph_from_model(model, "integer")
    assert dict(graph.coded) == {"x": kinds[0], "y": kinds[1]}
    answers = own_outputs(graph, run_reference(graph, quantized_inputs(graph, {"x": codes})))
    assert answers["y"].dtype == np.dtype(kinds[1])
    expected = onnx_runtime(model, codes).astype(np.int16)
    assert np.abs(answers["y"].astype(np.int16) - expected).max() <= 1


@pytest.fixture(params=["int8", "uint8"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_run_takes_codes_or_reals_and_gives_codes(tmp_path: Path, kind: str) -> None:
    model = integer_model(kind, kind, 0.05, 0.2, 9)
    path, codes = tmp_path / "m.onnx", codes_of(kind)
    onnx.save(model, path)
    real = (codes.astype(np.float64) - (9 if kind == "int8" else 137)) * np.float32(0.05)
    answers = []
    for name, array in (("codes", codes), ("reals", real)):
        np.savez(tmp_path / f"{name}.npz", x=array)
        options = ("--inputs", tmp_path / f"{name}.npz", "--outputs", tmp_path / "out.npz")
        said = tinyrig("run", path, *options, "--json", tmp_path / "record.json")
        assert said.code == 0, said.err
        assert "arg-max agreement 100.0%" in said.out
        with np.load(tmp_path / "out.npz") as archive:
            answers.append(archive["y"])
    assert answers[0].dtype == np.dtype(kind)
    assert np.array_equal(*answers)
    difference = answers[0].astype(np.int16) - onnx_runtime(model, codes)
    assert np.abs(difference).max() <= 1


def test_a_run_draws_codes_of_the_model_s_type(tmp_path: Path, kind: str) -> None:
    onnx.save(integer_model(kind, "int8", 0.05, 0.2, 9), tmp_path / "m.onnx")
    said = tinyrig("run", tmp_path / "m.onnx", "--samples", "2")
    assert said.code == 0, said.err
    assert "MATCH" in said.out


def test_numbers_that_are_neither_codes_nor_reals_are_refused(tmp_path: Path, kind: str) -> None:
    onnx.save(integer_model(kind, "int8", 0.05, 0.2, 9), tmp_path / "m.onnx")
    other = "uint8" if kind == "int8" else "int8"
    for wrong in (other, "int64"):
        np.savez(tmp_path / "in.npz", x=np.ones(SHAPE, dtype=wrong))
        said = tinyrig("run", tmp_path / "m.onnx", "--inputs", tmp_path / "in.npz")
        check_refusal(said, 2, "'x'", wrong, kind.upper())
