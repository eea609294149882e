"""All obstacles of a model at once, each with its way out, and what was folded and fused."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from tinyrig.generator.errors import InputError
from tinyrig.generator.frontends import graph_from_model
from tinyrig.generator.frontends.extents import Extents
from tinyrig.suite.models.survey import survey

_OPSET = 21


def _model(
    nodes: list[onnx.NodeProto],
    constants: dict[str, np.ndarray],
    shape: list[int | str],
    output: str = "y",
) -> onnx.ModelProto:
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)
    y = onnx.ValueInfoProto(name=output)
    y.type.tensor_type.elem_type = TensorProto.FLOAT
    tensors = [numpy_helper.from_array(np.asarray(data), key) for key, data in constants.items()]
    graph = helper.make_graph(nodes, "net", [x], [y], tensors)
    imports = [helper.make_opsetid("", _OPSET), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=imports, ir_version=10)


def _pair(value: str, name: str) -> list[onnx.NodeProto]:
    return [
        helper.make_node("QuantizeLinear", [value, "s", "z"], [f"{name}.q"], f"{name}.q"),
        helper.make_node("DequantizeLinear", [f"{name}.q", "s", "z"], [name], f"{name}.dq"),
    ]


_SCALES = {"s": np.float32(0.05), "z": np.int8(0)}


def _many() -> onnx.ModelProto:
    """A refused operator, a wrong attribute behind it, and one more behind both, of no shape."""
    nodes = [
        *_pair("x", "a"),
        helper.make_node("Det", ["a"], ["d"], "first"),
        *_pair("a", "b"),
        helper.make_node("NonZero", ["b"], ["n"], "second"),
        helper.make_node("Cast", ["n"], ["nf"], "behind", to=TensorProto.FLOAT),
        helper.make_node("Hardmax", ["nf"], ["e"], "third"),
        helper.make_node("ReduceSum", ["e"], ["r"], "sum", keepdims=0),
        helper.make_node("Gelu", ["b"], ["g"], "gelu", approximate="never"),
        *_pair("g", "gq"),
        helper.make_node("ReduceSum", ["gq"], ["gs"], "sums", keepdims=0),
        helper.make_node("Sum", ["r", "gs", "d"], ["y"], "end"),
    ]
    return _model(nodes, _SCALES, [1, 4, 4])


def test_every_obstacle_is_told_at_once_with_a_way_out() -> None:
    found = survey(_many(), "many")
    assert not found.runs
    assert found.graph is None
    blamed = [obstacle.node for obstacle in found.obstacles]
    for node in ("first", "second", "third", "gelu"):
        assert blamed.count(node) == 1, blamed
    assert "behind" not in blamed  # its type is known, its shape is not: no fault of its own
    assert all(obstacle.reason and obstacle.way_out for obstacle in found.obstacles)
    (third,) = (o for o in found.obstacles if o.node == "third")
    assert (third.op, "host" in third.way_out) == ("Hardmax", True)


def test_the_first_obstacle_is_what_any_other_command_says() -> None:
    with pytest.raises(InputError) as met:
        graph_from_model(_many(), "many")
    assert str(met.value) == survey(_many(), "many").obstacles[0].reason


def test_a_model_that_runs_has_the_graph_it_runs_as() -> None:
    nodes = [
        *_pair("x", "a"),
        helper.make_node("Shape", ["a"], ["shape"], "shape"),
        helper.make_node("Reshape", ["a", "shape"], ["same"], "reshape"),
        helper.make_node("Mul", ["one", "one"], ["product"], "constant"),
        helper.make_node("Add", ["same", "product"], ["sum"], "sum"),
        helper.make_node("Tanh", ["sum"], ["t"], "tanh"),
        *_pair("t", "y"),
    ]
    model = _model(nodes, {**_SCALES, "one": np.float32(1.0)}, ["N", 3])
    found = survey(model, "good")
    assert found.runs, found.obstacles
    assert found.graph is not None
    expected = graph_from_model(model, "good")
    assert [node.name for node in found.graph.nodes] == [node.name for node in expected.nodes]
    assert found.folded == (("Shape", "shape"), ("Mul", "constant"))
    assert len(found.notes) == 1
    assert "batch" in found.notes[0]


def _norm() -> onnx.ModelProto:
    """A float LayerNorm in parts."""
    nodes = [
        helper.make_node("ReduceMean", ["x", "last"], ["mean"], "mean"),
        helper.make_node("Sub", ["x", "mean"], ["centred"], "centre"),
        helper.make_node("Mul", ["centred", "centred"], ["squared"], "square"),
        helper.make_node("ReduceMean", ["squared", "last"], ["variance"], "variance"),
        helper.make_node("Add", ["variance", "epsilon"], ["power"], "epsilon"),
        helper.make_node("Sqrt", ["power"], ["root"], "root"),
        helper.make_node("Div", ["centred", "root"], ["y"], "divide"),
    ]
    return _model(nodes, {"last": np.array([-1]), "epsilon": np.float32(1e-5)}, [1, 4, 8])


def test_a_float_model_lacks_calibration_and_no_more() -> None:
    found = survey(_norm(), "norm")
    assert len(found.obstacles) == 1
    assert "--calibration" in found.obstacles[0].way_out
    (norm,) = found.fused
    assert norm.op == "LayerNormalization"
    names = ["mean", "centre", "square", "variance", "epsilon", "root", "divide"]
    assert sorted(name for _, name in norm.parts) == sorted(names)


def test_a_float_model_runs_with_calibration() -> None:
    rng = np.random.default_rng(3)
    samples = [{"x": rng.normal(size=(1, 4, 8)).astype(np.float32)} for _ in range(2)]
    found = survey(_norm(), "norm", samples)
    assert found.runs, found.obstacles
    assert found.graph is not None
    assert found.fused[0].op == "LayerNormalization"


def test_calibration_of_the_wrong_shape_is_an_obstacle() -> None:
    found = survey(_norm(), "norm", [{"x": np.zeros((1, 4, 9), np.float32)}])
    assert [obstacle.reason[:11] for obstacle in found.obstacles] == ["Calibration"]


def test_obstacles_of_a_float_model_are_found_without_calibration() -> None:
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"], "conv", auto_pad="ELSEWHERE"),
        helper.make_node("Det", ["c"], ["d"], "det"),
        helper.make_node("Gelu", ["c"], ["y"], "gelu", approximate="never"),
        helper.make_node("Add", ["d", "y"], ["z"], "add"),
    ]
    weight = np.ones((2, 2, 3, 3), np.float32)
    found = survey(_model(nodes, {"w": weight}, [1, 2, 8, 8], output="z"), "float")
    assert {"det", "gelu", ""} <= {obstacle.node for obstacle in found.obstacles}


def test_every_open_axis_is_told_and_operators_by_type() -> None:
    nodes = [helper.make_node("Det", ["x"], ["y"], "det")]
    model = _model(nodes, {}, ["N", "height", "width"])
    found = survey(model, "open")
    reasons = " ".join(obstacle.reason for obstacle in found.obstacles)
    assert "'height'" in reasons
    assert "'width'" in reasons
    assert "Det node 'det'" in reasons
    given = survey(model, "open", extents=Extents({"height": 4, "width": 4}, {}))
    assert "'height'" not in " ".join(obstacle.reason for obstacle in given.obstacles)


def test_control_flow_does_not_hide_other_operators() -> None:
    inner = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["t"])],
        "branch",
        [],
        [helper.make_tensor_value_info("t", TensorProto.FLOAT, [1, 4])],
    )
    nodes = [
        helper.make_node("Loop", ["", "c", "x"], ["i"], "loop", body=inner),
        helper.make_node("Det", ["i"], ["y"], "det"),
    ]
    found = survey(_model(nodes, {"c": np.array(True)}, [1, 4]), "flow")
    assert {"loop", "det"} <= {obstacle.node for obstacle in found.obstacles}


def test_an_if_that_is_decided_at_run_time_is_an_obstacle() -> None:
    nodes = [
        helper.make_node("Cast", ["x"], ["c"], "cast", to=TensorProto.BOOL),
        helper.make_node(
            "If",
            ["c"],
            ["y"],
            "if",
            **{
                f"{word}_branch": helper.make_graph(
                    [helper.make_node(op, ["x"], ["t"])],
                    "branch",
                    [],
                    [helper.make_tensor_value_info("t", TensorProto.FLOAT, [1, 1])],
                )
                for word, op in (("then", "Relu"), ("else", "Neg"))
            },
        ),
    ]
    found = survey(_model(nodes, {}, [1, 1]), "flow")
    reasons = [obstacle.reason for obstacle in found.obstacles if "If node 'if'" in obstacle.reason]
    assert len(reasons) == 1
    assert "computed at run time" in reasons[0]


@pytest.mark.parametrize("zero", [np.int16(0), np.uint16(0)])
def test_a_refused_quantization_does_not_hide_what_is_behind_it(zero: np.generic) -> None:
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "s", "wide"], ["q"], "wide.q"),
        helper.make_node("DequantizeLinear", ["q", "s", "wide"], ["a"], "wide.dq"),
        *_pair("a", "b"),
        helper.make_node("Det", ["b"], ["y"], "det"),
    ]
    found = survey(_model(nodes, {**_SCALES, "wide": zero}, [1, 4, 4]), "wide")
    assert {"wide.q", "det"} <= {obstacle.node for obstacle in found.obstacles}
