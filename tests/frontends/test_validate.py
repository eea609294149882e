"""Graphs that no runtime could run are refused in one paragraph that names the node."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper
from qdq_models import Case, QdqModel, compare

from tinyrig.generator.errors import InputError
from tinyrig.generator.frontends import graph_from_model
from tinyrig.generator.frontends.validate import budget

HUGE = 2**40
LARGEST = 2**63 - 1


def fresh(opset: int = 21) -> QdqModel:
    return QdqModel(np.random.default_rng(3), opset)


def ended(m: QdqModel, *values: str) -> onnx.ModelProto:
    """Return the model of these values, quantized, without running it."""
    return m.model([m.pair(value, 0.1, 0) for value in values])


def refusal(model: onnx.ModelProto) -> str:
    with pytest.raises(InputError) as caught:
        graph_from_model(model, "bad")
    text = str(caught.value)
    assert "\n" not in text
    assert len(text) < 1000
    return text


def conv(weight: Sequence[int] = (8, 2, 3, 3), **attributes: Any) -> onnx.ModelProto:
    m = fresh()
    x = m.activation((1, 4, 8, 8))
    return ended(m, m.node("Conv", x, m.weight(tuple(weight)), **attributes))


def layout(op: str, *constants: Any, opset: int = 21, outputs: int = 1, **rest: Any) -> str:
    """Return the refusal of one operator on a tensor of 1 x 4 x 8 x 8."""
    m = fresh(opset)
    x = m.activation((1, 4, 8, 8))
    read = [m.constant(np.asarray(constant)) for constant in constants]
    return refusal(ended(m, *m.nodes(op, x, *read, outputs=outputs, **rest)))


@given(st.integers(-9, 9), st.sampled_from([1, 2, 3, 4]), st.sampled_from([4, 6, 8]))
@settings(max_examples=60, deadline=None)
def test_a_group_is_taken_only_where_it_divides_inputs_and_outputs(
    group: int, inner: int, out: int
) -> None:
    model = conv((out, inner, 3, 3), group=group)
    if group > 0 and 4 % group == 0 and out % group == 0 and inner * group == 4:
        assert graph_from_model(model, "good").nodes
    else:
        assert f"group {group}" in refusal(model)


@pytest.mark.parametrize("group", [0, -1, -2, 3, 4, 8, HUGE, -HUGE, LARGEST, -LARGEST - 1])
def test_a_group_that_does_not_fit_is_refused(group: int) -> None:
    text = refusal(conv(group=group))
    assert "Conv" in text
    assert f"group {group} with 4 input channels" in text


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *[("strides", v) for v in ([1], [1, 1, 1], [0, 1], [-1, 1], [HUGE, 1], [LARGEST] * 2)],
        *[("dilations", v) for v in ([1], [1, 1, 1], [0, 1], [-1, 1], [HUGE, 1])],
        *[("kernel_shape", v) for v in ([3], [3, 3, 3], [2, 3], [0, 3], [-3, 3], [HUGE, 3])],
        *[("pads", v) for v in ([1, 1], [1] * 5, [-1, 0, 0, 0], [HUGE, 0, 0, 0], [LARGEST] * 4)],
    ],
)
def test_a_window_that_does_not_fit_its_image_is_refused(key: str, value: list[int]) -> None:
    assert key in refusal(conv(group=2, **{key: value}))
    if key != "kernel_shape":
        pooled = layout("MaxPool", kernel_shape=[2, 2], **{key: value})
        assert key in pooled


@pytest.mark.parametrize("opset", [11, 13, 21])
@pytest.mark.parametrize(
    "shape", [[1, 4, 63], [-2, 4], [2**32, 2**32], [0, 0], [-1, 7], [2**62, 2]]
)
def test_a_reshape_of_another_count_is_refused(shape: list[int], opset: int) -> None:
    assert "Reshape" in layout("Reshape", np.array(shape, np.int64), opset=opset)


@pytest.mark.parametrize("parts", [[1, 2], [-1, 5], [1, 1, 2], [2**62, 4 - 2**62]])
def test_parts_that_are_not_the_axis_are_refused(parts: list[int]) -> None:
    assert "Split" in layout("Split", np.array(parts, np.int64), opset=17, outputs=2, axis=1)
    assert "Split" in layout("Split", opset=11, outputs=2, axis=1, split=parts)


@pytest.mark.parametrize("parts", [1, 3, HUGE, -1])
def test_a_number_of_parts_that_is_not_that_of_the_outputs_is_refused(parts: int) -> None:
    text = layout("Split", opset=18, outputs=2, axis=1, num_outputs=parts)
    assert "Split" in text
    assert "num_outputs" in text


@pytest.mark.parametrize(
    ("op", "constants", "attributes"),
    [
        ("Transpose", (), {"perm": [0, 1]}),
        ("Transpose", (), {"perm": [0, 0, 1, 2]}),
        ("Transpose", (), {"perm": [0, 1, 2, 9]}),
        ("Gather", (np.int64(4),), {"axis": 1}),
        ("Gather", (np.int64(-5),), {"axis": 1}),
        ("Gather", (np.int64(0),), {"axis": 4}),
        ("Softmax", (), {"axis": HUGE}),
        ("Softmax", (), {"axis": -5}),
        ("Concat", (), {"axis": -HUGE}),
        ("Flatten", (), {"axis": HUGE}),
        ("Squeeze", (np.array([1]),), {}),
        ("Squeeze", (np.array([0, 0]),), {}),
        ("Unsqueeze", (np.array([9]),), {}),
        ("Unsqueeze", (np.array([1, 1]),), {}),
        ("ReduceMean", (np.array([1, 1]),), {}),
        ("ReduceMean", (np.array([7]),), {}),
        ("Expand", (np.array([1, 3, 8, 8]),), {}),
        ("Expand", (np.array([1, 0, 8, 8]),), {}),
        ("Tile", (np.array([1, 0, 1, 1]),), {}),
        ("Tile", (np.array([2]),), {}),
        ("Pad", (np.array([1, 1]),), {}),
        ("Pad", (np.array([0, HUGE, 0, 0, 0, 0, 0, 0]),), {}),
        ("Slice", (np.array([0, 0]), np.array([2, 2]), np.array([1, 1])), {}),
        ("Slice", (np.array([0]), np.array([2]), np.array([1]), np.array([0])), {}),
        ("Slice", (np.array([0]), np.array([1, 2]), np.array([1])), {}),
        ("Clip", (np.float32([0, 1]),), {}),
        ("Mul", (np.float32(np.nan),), {}),
        ("Elu", (), {"alpha": float("inf")}),
    ],
)
def test_operands_that_do_not_fit_are_refused(
    op: str, constants: tuple[Any, ...], attributes: dict[str, Any]
) -> None:
    assert op in layout(op, *constants, **attributes)


@pytest.mark.parametrize(
    ("left", "right"), [((1, 2, 6), (6, 4)), ((2, 6), (1, 6, 4)), ((6,), (6, 4)), ((2, 6), (6,))]
)
@pytest.mark.parametrize("constant", [True, False])
def test_a_gemm_of_anything_but_matrices_is_refused(
    left: tuple[int, ...], right: tuple[int, ...], constant: bool
) -> None:
    m = fresh()
    b = m.weight(right) if constant else m.activation(right)
    text = refusal(ended(m, m.node("Gemm", m.activation(left), b)))
    assert "Gemm" in text


def test_nodes_in_any_order_are_sorted() -> None:
    m = fresh()
    x = m.activation((2, 6))
    hidden = m.quantised(m.node("Gemm", x, m.weight((6, 4), 1)))
    case = m.case(m.quantised(m.node("MatMul", hidden, m.weight((4, 3), 1))))
    rng = np.random.default_rng(0)
    for _ in range(5):
        mixed = onnx.ModelProto()
        mixed.CopyFrom(case.model)
        del mixed.graph.node[:]
        order = rng.permutation(len(case.model.graph.node))
        mixed.graph.node.extend(case.model.graph.node[int(i)] for i in order)
        assert compare(Case(mixed, case.feeds)).largest <= 1


def changed(change: Callable[[onnx.GraphProto], object]) -> onnx.ModelProto:
    m = fresh()
    model = ended(m, m.node("Relu", m.activation((2, 6))))
    change(model.graph)
    return model


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda g: g.output.add().CopyFrom(g.output[0]), "two entries"),
        (lambda g: g.input.add().CopyFrom(g.input[0]), "two entries"),
        (lambda g: g.initializer.add().CopyFrom(g.initializer[0]), "two entries"),
        (lambda g: g.node.add().CopyFrom(g.node[0]), "written once"),
        (lambda g: g.node[0].input.__setitem__(0, g.node[-1].output[0]), "cyclic"),
        (lambda g: g.node.add(op_type="Relu", input=["a"], output=["a"]), "cyclic"),
        (lambda g: g.node[0].input.__setitem__(0, "nowhere"), "missing"),
        (lambda g: setattr(g.output[0], "name", "nowhere"), "not computed"),
        (lambda g: setattr(g.node[2], "domain", "foo.bar"), "foo.bar"),
        (lambda g: setattr(g.node[2], "name", "9" * 70_000), "characters"),
        (lambda g: setattr(g.initializer[0], "raw_data", b"x"), "c2"),
    ],
)
def test_graphs_that_hang_together_badly_are_refused(
    change: Callable[[onnx.GraphProto], object], word: str
) -> None:
    assert word in refusal(changed(change))


@pytest.mark.parametrize("shape", [[2, 7], [2], [2, 6, 1], []])
def test_a_declared_shape_that_the_nodes_do_not_give_is_refused(shape: list[int]) -> None:
    def declare(graph: onnx.GraphProto) -> None:
        name = graph.node[2].output[0]
        graph.value_info.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    assert "declared with shape" in refusal(changed(declare))


def test_a_declared_type_that_the_nodes_do_not_give_is_refused() -> None:
    text = refusal(changed(lambda g: setattr(g.output[0].type.tensor_type, "elem_type", 7)))
    assert "INT64" in text


def doubling(depth: int) -> onnx.ModelProto:
    """A model of `depth` local functions, each of which calls the one below twice."""
    m = fresh()
    model = ended(m, m.node("Relu", m.activation((2, 6))))
    imports = [helper.make_opsetid("", 21), helper.make_opsetid("own", 1)]
    model.opset_import.append(imports[1])
    for level in range(depth):
        op, domain = ("Relu", "") if level == 0 else (f"f{level - 1}", "own")
        calls = [helper.make_node(op, [a], [b], domain=domain) for a, b in ("ab", "bc")]
        model.functions.append(
            helper.make_function("own", f"f{level}", ["a"], ["c"], calls, imports)
        )
    relu = next(node for node in model.graph.node if node.op_type == "Relu")
    relu.op_type, relu.domain = f"f{depth - 1}", "own"
    return model


def test_local_functions_are_counted_before_they_are_expanded() -> None:
    assert graph_from_model(doubling(6), "good").nodes
    assert "at most 200000" in refusal(doubling(40))
    assert "deep" in refusal(doubling(budget.MAX_CALL_DEPTH + 2))


def test_a_local_function_that_calls_itself_is_refused() -> None:
    model = doubling(3)
    model.functions[0].node[0].op_type, model.functions[0].node[0].domain = "f2", "own"
    assert "calls itself" in refusal(model)


def test_a_long_chain_of_functions_is_one_table() -> None:
    m = fresh()
    value = m.activation((2, 6))
    for _ in range(3000):
        value = m.node("Relu", value)
    assert len(graph_from_model(ended(m, value), "long").nodes) == 1
