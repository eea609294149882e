"""If that extents, constants and given numbers decide, against ONNX Runtime's choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import GraphProto, NodeProto, TensorProto, helper, numpy_helper

from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.generator.frontends.check import check_model
from tinyrig.generator.frontends.extents import Extents, with_extents
from tinyrig.suite.models.case import case_of
from tinyrig.suite.models.extents import parse_extents
from tinyrig.suite.models.sessions import float_session

N = helper.make_node


def real(name: str, shape: Sequence[int | str]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def branch(*nodes: NodeProto, gives: str, constants: Mapping[str, Any] | None = None) -> GraphProto:
    held = [numpy_helper.from_array(np.asarray(v), k) for k, v in (constants or {}).items()]
    out = [onnx.ValueInfoProto(name=gives)]
    out[0].type.tensor_type.elem_type = TensorProto.FLOAT
    return helper.make_graph(list(nodes), "branch", [], out, held)


def choice(
    name: str, by: str, out: str, then: GraphProto, other: GraphProto | None = None
) -> NodeProto:
    return N("If", [by], [out], name, then_branch=then, else_branch=other or then)


def model(
    nodes: Sequence[NodeProto],
    constants: Mapping[str, Any] | None = None,
    shape: Sequence[int | str] = (1, 4),
    more: Sequence[onnx.ValueInfoProto] = (),
) -> onnx.ModelProto:
    held = [numpy_helper.from_array(np.asarray(v), k) for k, v in (constants or {}).items()]
    out = [onnx.ValueInfoProto(name="y")]
    out[0].type.tensor_type.elem_type = TensorProto.FLOAT
    graph = helper.make_graph(list(nodes), "g", [real("x", shape), *more], out, held)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def taken(given: onnx.ModelProto, extents: Extents, x: np.ndarray, **more: Any) -> onnx.ModelProto:
    """Return the model without If, which gives what the one with it gives."""
    found, _ = with_extents(check_model(given), extents)
    assert "If" not in {node.op_type for node in found.graph.node}
    (wanted,) = float_session(given).run(None, {"x": x, **more})
    (got,) = float_session(found).run(None, {"x": x})
    assert np.array_equal(got, wanted)
    return found


X = np.float32([[1, -2, 3, -4]])
NONE = Extents({}, {})


def by_rank(extent: int) -> list[NodeProto]:
    """Of one row a Relu, of more the negative; what decides is computed behind a Slice."""
    return [
        N("Relu", ["x"], ["a"]),
        N("Slice", ["a", "from", "to", "zero"], ["s"]),
        N("Shape", ["s"], ["shape"]),
        N("Gather", ["shape", "zero_"], ["rows"]),
        N("Equal", ["rows", "many"], ["c"]),
        choice("if", "c", "y", branch(N("Abs", ["a"], ["t"]), gives="t"), negative()),
    ]


def negative() -> GraphProto:
    return branch(N("Neg", ["a"], ["t"]), gives="t")


SLICED = {"from": np.int64([1]), "to": np.int64([9]), "zero": np.int64([0]), "zero_": np.int64(0)}


@pytest.mark.parametrize(("rows", "op"), [(3, "Abs"), (2, "Neg")])
def test_extents_decide(rows: int, op: str) -> None:
    given = model(by_rank(rows), {**SLICED, "many": np.int64(2)}, ("n", 4))
    found = taken(given, Extents({"n": rows}, {}), np.repeat(X, rows, 0))
    assert op in {node.op_type for node in found.graph.node}


def by_rate() -> onnx.ModelProto:
    """A branch within a branch, both with a constant of the same name as one outside."""
    rate = helper.make_tensor_value_info("rate", TensorProto.INT64, [])
    inner = choice(
        "inner",
        "low",
        "t",
        branch(N("Add", ["x", "k"], ["u"]), gives="u", constants={"k": np.float32(5)}),
        branch(N("Sub", ["x", "k"], ["u"]), gives="u", constants={"k": np.float32(7)}),
    )
    outer = branch(
        N("Less", ["rate", "limit"], ["low"]),
        inner,
        N("Mul", ["t", "k"], ["v"]),
        gives="v",
        constants={"limit": np.int64(9000), "k": np.float32(2)},
    )
    nodes = [
        N("Equal", ["rate", "known"], ["c"]),
        choice("outer", "c", "w", branch(N("Neg", ["x"], ["v"]), gives="v"), outer),
        N("Mul", ["w", "k"], ["y"]),
    ]
    return model(nodes, {"k": np.float32(3), "known": np.int64(16000)}, more=[rate])


@pytest.mark.parametrize(
    ("rate", "wanted"), [(16000, -X * 3), (8000, (X + 5) * 6), (11025, (X - 7) * 6)]
)
def test_a_number_given_for_an_input_decides(rate: int, wanted: np.ndarray) -> None:
    extents = Extents({}, {}, {"rate": rate})
    found = taken(by_rate(), extents, X, rate=np.array(rate, np.int64))
    assert [info.name for info in found.graph.input] == ["x"]
    (got,) = float_session(found).run(None, {"x": X})
    assert np.array_equal(got, wanted)


def test_such_a_model_runs() -> None:
    samples = [{"x": X * n} for n in (-1.0, 0.5, 1.0)]
    case = case_of(by_rate(), "rate", samples, Extents({}, {}, {"rate": 8000}))
    assert case.input_names == ("x",)
    assert {node.op for node in case.graph.nodes} == {"unary"}


def test_what_an_if_reads_only_within_is_computed_before_it() -> None:
    nodes = [
        choice("if", "c", "y", branch(N("Neg", ["a"], ["t"]), gives="t")),
        N("Relu", ["x"], ["a"]),
    ]
    found, _ = with_extents(check_model(model(nodes, {"c": np.array(True)})))
    assert [node.op_type for node in found.graph.node] == ["Relu", "Neg", "Identity"]


def test_branches_that_are_the_same_need_no_condition() -> None:
    nodes = [
        N("ReduceMax", ["x"], ["m"], keepdims=0),
        N("Cast", ["m"], ["c"], to=TensorProto.BOOL),
        choice(
            "if",
            "c",
            "y",
            branch(N("Neg", ["x"], ["t"]), N("Relu", ["t"], ["u"]), gives="u"),
            branch(N("Neg", ["x"], ["p"]), N("Relu", ["p"], ["t"]), gives="t"),
        ),
    ]
    taken(model(nodes), NONE, X)


@pytest.mark.parametrize(
    "other",
    [
        branch(N("Neg", ["x"], ["p"]), N("Relu", ["x"], ["t"]), gives="t"),
        branch(N("Neg", ["x"], ["p"]), N("Abs", ["p"], ["t"]), gives="t"),
        branch(N("Neg", ["x"], ["p"]), N("Relu", ["p"], ["t"]), gives="p"),
    ],
)
def test_a_choice_at_run_time_is_refused(other: GraphProto) -> None:
    then = branch(N("Neg", ["x"], ["t"]), N("Relu", ["t"], ["u"]), gives="u")
    nodes = [
        N("ReduceMax", ["x"], ["m"], keepdims=0),
        N("Cast", ["m"], ["c"], to=TensorProto.BOOL),
        choice("if", "c", "y", then, other),
    ]
    with pytest.raises(UnsupportedError, match=r"If node 'if' chooses by 'c'.*--constant"):
        with_extents(check_model(model(nodes)))


@pytest.mark.parametrize(
    ("constants", "words"),
    [
        ({"pace": 1.0}, "no input called 'pace'; its inputs: 'x', 'rate'"),
        ({"rate": 0.5}, "0.5 is no int64"),
    ],
)
def test_a_number_that_no_input_is_is_refused(constants: dict[str, float], words: str) -> None:
    with pytest.raises(InputError, match=words):
        with_extents(by_rate(), Extents({}, {}, constants))


def test_numbers_are_words() -> None:
    assert parse_extents((), (), ("a=b=16000", "c=-0.5")).constants == {"a=b": 16000.0, "c": -0.5}
    for wrong in ("rate", "rate=", "=3", "rate=inf", "rate=fast"):
        with pytest.raises(InputError, match="--constant INPUT=NUMBER"):
            parse_extents((), (), (wrong,))
