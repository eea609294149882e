"""When answers are too far from the oracle's, and which layer is to blame."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from cli.command import tinyrig
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.tensor import Affine, Tensor
from tinyrig.suite.models.case import resolve
from tinyrig.suite.records.record import Doubt, Fall, load_record
from tinyrig.suite.rig.accuracy import Accuracy, assess
from tinyrig.suite.rig.fall import first_fall

STEP = 0.1


def accuracy(*pairs: tuple[list[float], list[float]]) -> Accuracy:
    """Assess one sample of as many outputs as there are pairs of oracle and answer."""
    names = tuple(f"y{index}" for index in range(len(pairs)))
    tensors = {name: Tensor(name, (1,), Affine(STEP, 0)) for name in names}
    graph = Graph("one", tensors, (), (), names, source_names={"y0": "own/y"})
    oracle, got = ([np.array([pair[side]], dtype=np.float32) for pair in pairs] for side in (0, 1))
    return assess(graph, [oracle], [got])


def kind(found: Accuracy) -> str | None:
    return None if found.doubt is None else found.doubt.kind


@pytest.mark.parametrize(
    ("noise", "doubtful"), [(0.31, False), (0.317, True)], ids=["above 10 dB", "below 10 dB"]
)
def test_the_edge_is_10_db(noise: float, doubtful: bool) -> None:
    found = accuracy(([0.0, 1.0], [0.0, 1.0 - noise]))
    assert kind(found) == ("sqnr" if doubtful else None)
    if found.doubt is not None:
        assert found.doubt.output == "own/y"
        assert found.doubt.sqnr_db == pytest.approx(-20 * np.log10(noise), abs=0.01)


def test_one_output_of_several_is_enough() -> None:
    found = accuracy(([100.0, 1.0], [100.0, 1.0]), ([0.2, 0.4], [0.4, 0.2]))
    assert found.sqnr_db is not None
    assert found.sqnr_db > 40
    assert found.doubt is not None
    assert found.doubt.output == "y1"


def test_another_arg_max_is_doubtful_whatever_the_sqnr() -> None:
    found = accuracy(([5.0, 5.1, 0.0], [5.1, 5.0, 0.0]))
    assert found.argmax_agreement == 0.0
    assert kind(found) == "argmax"


def test_half_of_the_rows_is_enough() -> None:
    rows = np.array([[5.0, 5.1], [5.0, 5.1]], dtype=np.float32)
    graph = Graph("g", {"y": Tensor("y", (2, 2), Affine(STEP, 0))}, (), (), ("y",))
    half = np.array([[5.0, 5.1], [5.1, 5.0]], dtype=np.float32)
    found = assess(graph, [[rows]], [[half]])
    assert found.argmax_agreement == 0.5
    assert found.doubt is None


@pytest.mark.parametrize(
    ("oracle", "got", "agreement"),
    [
        ([3.0], [3.1], None),
        ([2.0, 2.0], [2.0, 2.1], None),
        ([2.0, 1.0, 2.0], [1.9, 1.0, 2.0], 1.0),
    ],
    ids=["one element", "constant", "two are largest"],
)
def test_where_an_arg_max_means_nothing(
    oracle: list[float], got: list[float], agreement: float | None
) -> None:
    found = accuracy((oracle, got))
    assert found.argmax_agreement == agreement
    assert found.doubt is None


def test_a_signal_of_zeros_may_be_a_step_off() -> None:
    assert accuracy(([0.0, 0.0], [0.0, STEP])) == Accuracy(None, None, None)
    found = accuracy(([0.0, 0.0], [0.0, 2 * STEP]))
    assert found.doubt == Doubt(kind="sqnr", output="own/y", sqnr_db=None, fall=None)


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_an_oracle_without_numbers_is_said(odd: float) -> None:
    found = accuracy(([odd, 1.0], [0.0, 1.0]))
    assert (found.sqnr_db, found.argmax_agreement) == (None, None)
    assert kind(found) == "oracle"


def two_layers(folder: Path, root: str = "") -> Path:
    """x -> Gemm (a difference) -> Tanh, or Sqrt -> Gemm -> y, float."""
    rng = np.random.default_rng(3)
    constants = {
        "a": np.array([[1.0, -1.0], [-1.0, 1.0]], dtype=np.float32),
        "b": rng.normal(0, 1, (2, 4)).astype(np.float32),
    }
    nodes = [
        helper.make_node("MatMul", ["x", "a"], ["difference"], name="first"),
        helper.make_node(root or "Tanh", ["difference"], ["bent"], name="bend"),
        helper.make_node("MatMul", ["bent", "b"], ["y"], name="second"),
    ]
    body = helper.make_graph(
        nodes,
        "two",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 4])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(body, ir_version=8, opset_imports=[helper.make_opsetid("", 17)])
    onnx.save(model, folder / "two.onnx")
    return folder / "two.onnx"


def fall_of(
    path: Path, calibration: list[list[float]], x: list[float], *, largest: bool = False
) -> Fall | None:
    def reals(row: list[float]) -> NDArray[np.float32]:
        return np.array([row], dtype=np.float32)

    case = resolve(str(path), {}, [{"x": reals(row)} for row in calibration])
    return first_fall(case, case.graph, {case.graph.inputs[0]: reals(x)}, largest=largest)


def test_the_layer_whose_range_ends_too_early_is_named(tmp_path: Path) -> None:
    """The calibration's inputs are large, their differences small."""
    small = [[2.0, 1.95], [-2.0, -1.95], [1.0, 1.03]]
    fall = fall_of(two_layers(tmp_path), small, [2.0, -2.0])
    assert fall is not None
    assert (fall.layer, fall.tensor) == ("first", "difference")
    assert fall.before_db is not None
    assert fall.before_db > 30
    assert fall.behind_db is not None
    assert fall.behind_db < 10


def test_an_input_whose_range_ends_too_early_is_named(tmp_path: Path) -> None:
    fall = fall_of(two_layers(tmp_path), [[0.1, -0.1], [-0.1, 0.1]], [2.0, -2.0])
    assert fall is not None
    assert (fall.layer, fall.op, fall.before_db) == ("x", "input", None)


def test_the_layer_that_makes_nan_of_the_oracle_is_named(tmp_path: Path) -> None:
    path = two_layers(tmp_path, "Sqrt")
    np.savez(tmp_path / "good.npz", x=np.zeros((2, 1, 2), dtype=np.float32))
    np.savez(tmp_path / "bad.npz", x=np.float32([[1.0, 0.0]]))
    files = ("--calibration", tmp_path / "good.npz", "--inputs", tmp_path / "bad.npz")
    said = tinyrig("run", path, *files, "--json", tmp_path / "record.json")
    assert said.code == 0, said.err
    (line,) = (line for line in said.out.splitlines() if "INACCURATE" in line)
    assert "the float model gives NaN or infinity for output 'y'" in line
    assert "--calibration-method" not in line
    check = load_record(tmp_path / "record.json").check
    assert check.sqnr_db is None
    assert check.doubt is not None
    assert check.doubt.fall is not None
    assert check.doubt.fall.tensor == "bent"


def test_where_the_reference_is_near_no_layer_is_to_blame(tmp_path: Path) -> None:
    path, rows = two_layers(tmp_path), [[2.0, -2.0], [-2.0, 2.0], [1.0, 0.0]]
    assert fall_of(path, rows, [1.0, -1.5]) is None
    fall = fall_of(path, rows, [1.0, -1.5], largest=True)
    assert fall is not None
    assert fall.behind_db is not None
    assert fall.behind_db > 10


def test_a_run_says_it_in_one_line(tmp_path: Path) -> None:
    small = np.float32([[2.0, 1.95], [-2.0, -1.95], [1.0, 1.03]])[:, None]
    np.savez(tmp_path / "calibration.npz", x=small)
    np.savez(tmp_path / "in.npz", x=np.float32([[2.0, -2.0]]))
    path, given = two_layers(tmp_path), ("--inputs", tmp_path / "in.npz")
    said = tinyrig("run", path, "--calibration", tmp_path / "calibration.npz", *given)
    assert said.code == 0, said.err
    (line,) = (line for line in said.out.splitlines() if "INACCURATE" in line)
    words = ("'y'", "the float model", "below 10 dB", "'first'", "'difference'")
    for word in (*words, "--calibration-method best"):
        assert word in line
    good = tinyrig("run", path, "--calibration", tmp_path / "calibration.npz")
    assert good.code == 0, good.err
