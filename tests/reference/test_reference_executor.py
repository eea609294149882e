"""The executor: order, kept tensors, and what it refuses."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import pytest
from reference_cases import wires

from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Add, Linear, Node, Unary
from tinyrig.generator.graph.requant import Requant
from tinyrig.generator.graph.tensor import Affine, Tensor
from tinyrig.generator.operators.table import operators
from tinyrig.suite.reference.executor import definitions, run_reference

ONE = Affine(1.0, 0)


def tensors(shapes: dict[str, tuple[int, ...]]) -> dict[str, Tensor]:
    return {name: Tensor(name, shape, ONE) for name, shape in shapes.items()}


def residual() -> Graph:
    """y = saturate(x + (-1 - x))"""
    flip = np.arange(127, -129, -1).astype(np.int8)
    nodes = (
        Unary(name="flip", inputs=("x",), outputs=("t",), lut=flip),
        Add(
            name="sum",
            inputs=("x", "t"),
            outputs=("y",),
            a_multiplier=1,
            b_multiplier=1,
            start=0,
            shift=0,
        ),
    )
    return Graph("residual", tensors({"x": (5,), "t": (5,), "y": (5,)}), nodes, ("x",), ("y",))


def test_outputs_only_or_every_tensor() -> None:
    x = np.array([-128, -1, 0, 1, 127], np.int8)
    assert {name: y.tolist() for name, y in run_reference(residual(), {"x": x}).items()} == {
        "y": [-1] * 5
    }
    kept = run_reference(residual(), {"x": x}, keep=True)
    assert list(kept) == ["x", "t", "y"]
    assert kept["t"].tolist() == [127, 0, -1, -2, -128]
    assert all(value.dtype == np.int8 for value in kept.values())


def test_an_output_that_is_an_input_is_a_copy() -> None:
    x = np.array([3], np.int8)
    graph = Graph("pass", tensors({"x": (1,)}), (), ("x",), ("x",))
    given = run_reference(graph, {"x": x})["x"]
    given[0] = 9
    assert x[0] == 3


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({}, "no value for input 'x'"),
        ({"x": np.zeros(4, np.int8)}, r"int8 \(4,\), not int8 \(5,\)"),
        ({"x": np.zeros(5, np.float32)}, "float32"),
    ],
)
def test_wrong_inputs_are_refused(inputs: dict[str, np.ndarray], message: str) -> None:
    with pytest.raises(InputError, match=message):
        run_reference(residual(), inputs)


def test_an_unknown_node_is_refused_by_name() -> None:
    @dataclass(frozen=True, eq=False, kw_only=True)
    class Mystery(Node):
        pass

    node = Mystery(**wires(1))
    graph = Graph("odd", tensors({"x0": (1,), "y": (1,)}), (node,), ("x0",), ("y",))
    with pytest.raises(UnsupportedError, match=r"'n'.*'mystery'"):
        run_reference(graph, {"x0": np.zeros(1, np.int8)})


def test_a_result_of_another_shape_than_the_graph_says_is_refused() -> None:
    node = Unary(lut=np.zeros(256, np.int8), **wires(1))
    graph = Graph("odd", tensors({"x0": (2,), "y": (3,)}), (node,), ("x0",), ("y",))
    with pytest.raises(ValueError, match=r"'n' gives shape \(2,\)"):
        run_reference(graph, {"x0": np.zeros(2, np.int8)})


def test_every_operator_of_the_graph_has_a_definition() -> None:
    assert set(definitions()) == {
        node for node, operator in operators().items() if operator.value is not None
    }


def test_transposed_inputs_are_read_in_logical_order() -> None:
    weight = np.array([[1, 2, 3]], np.int8)
    requant = Requant(np.array([2**30], np.int32), 30, False, 0)
    node = Linear(weight=weight, start=np.zeros(1, np.int32), requant=requant, **wires(1))
    graph = Graph("turned", tensors({"x0": (2, 3), "y": (2, 1)}), (node,), ("x0",), ("y",))
    x = np.array([[1, 4], [2, 5], [3, 6]], np.int8).T
    assert run_reference(graph, {"x0": x})["y"].tolist() == [[14], [32]]


def test_ten_million_macs_take_well_under_a_second() -> None:
    weight = np.ones((256, 256), np.int8)
    requant = Requant(np.array([2**22], np.int32), 32, False, 0)
    nodes = tuple(
        Linear(
            name=f"n{i}",
            inputs=(f"x{i}",),
            outputs=(f"x{i + 1}",),
            weight=weight,
            start=np.zeros(256, np.int32),
            requant=requant,
        )
        for i in range(4)
    )
    shapes = {f"x{i}": (40, 256) for i in range(5)}
    graph = Graph("deep", tensors(shapes), nodes, ("x0",), ("x4",))
    x = {"x0": np.ones((40, 256), np.int8)}
    run_reference(graph, x)
    begin = time.perf_counter()
    run_reference(graph, x)
    assert time.perf_counter() - begin < 1.0
