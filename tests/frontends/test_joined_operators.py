"""What ONNX Runtime's graph optimisations join, read in parts: the parts answer as it does."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import onnx
import pytest
from qdq_models import Case, QdqModel, compare, run_onnx

from tinyrig.generator.frontends.parts import in_parts

CONTRIBUTED = "com.microsoft"


def joined(m: QdqModel, op: str, *inputs: str, **said: Any) -> str:
    return m.node(op, *inputs, domain=CONTRIBUTED, **said)


def real(m: QdqModel, *shape: int) -> str:
    return m.floats(m.rng.normal(0, 1, shape))


def norm(m: QdqModel, op: str) -> str:
    x, y = m.activation((2, 3, 8)), m.activation((2, 3, 8))
    rows = [real(m, 8) for _ in range(3 if op == "SkipLayerNormalization" else 2)]
    return joined(m, op, x, y, *rows, epsilon=0.01)


def conv(m: QdqModel, activation: str, *params: float, added: bool = False) -> str:
    x, w, b = m.activation((1, 3, 6, 6)), real(m, 4, 3, 3, 3), real(m, 4)
    z = [m.activation((1, 4, 4, 4))] if added else []
    said: dict[str, Any] = {"activation_params": params} if params else {}
    return joined(m, "FusedConv", x, w, b, *z, activation=activation, **said)


def gemm(m: QdqModel, activation: str, **said: Any) -> str:
    return joined(
        m, "FusedGemm", m.activation((3, 8)), real(m, 5, 8), real(m, 5),
        transB=1, alpha=0.5, activation=activation, **said,
    )  # fmt: skip


CASES: dict[str, Callable[[QdqModel], str]] = {
    "BiasGelu": lambda m: joined(m, "BiasGelu", m.activation((3, 8)), real(m, 8)),
    "FastGelu of a sum": lambda m: joined(m, "FastGelu", m.activation((3, 8)), real(m, 8)),
    "FastGelu": lambda m: joined(m, "FastGelu", m.activation((3, 8))),
    "FusedConv": lambda m: conv(m, "Relu"),
    "FusedConv, added": lambda m: conv(m, "Relu", added=True),
    "FusedConv, slope": lambda m: conv(m, "LeakyRelu", 0.2),
    "FusedConv, limits": lambda m: conv(m, "Clip", -0.5, 2.0),
    "FusedConv, line": lambda m: conv(m, "HardSigmoid", 0.3, 0.4),
    "FusedGemm": lambda m: gemm(m, "Tanh"),
    "FusedGemm, slope": lambda m: gemm(m, "LeakyRelu", activation_alpha=0.2),
    "SkipLayerNormalization": lambda m: norm(m, "SkipLayerNormalization"),
    "SkipSimplifiedLayerNormalization": lambda m: norm(m, "SkipSimplifiedLayerNormalization"),
}


def answers_alike(case: Case) -> bool:
    """Whether no contributed operator is left but functions, and ONNX Runtime answers alike."""
    made = in_parts(case.model)
    left = {n.op_type for n in made.graph.node if n.domain} - {"Gelu", "FastGelu"}
    pairs = zip(run_onnx(Case(made, case.feeds)), run_onnx(case), strict=True)
    return not left and all(np.allclose(a, b, atol=1e-4, rtol=1e-4) for a, b in pairs)


@pytest.mark.parametrize("name", CASES)
def test_a_joined_operator_is_its_parts(name: str) -> None:
    m = QdqModel(np.random.default_rng(5), 17)
    assert answers_alike(m.case(CASES[name](m)))


@pytest.mark.parametrize("name", ["BiasGelu", "FusedConv", "FusedGemm"])
def test_a_joined_operator_runs(name: str) -> None:
    m = QdqModel(np.random.default_rng(5), 17)
    assert compare(m.case(m.quantised(CASES[name](m)))).largest <= 2


@pytest.mark.parametrize("op", ["SkipLayerNormalization", "SkipSimplifiedLayerNormalization"])
def test_the_sum_before_a_norm_is_shown(op: str) -> None:
    m = QdqModel(np.random.default_rng(5), 17)
    case = m.case(norm(m, op))
    case.model.graph.node[-1].output.extend(["", "", "sum"])
    case.model.graph.output.add().CopyFrom(case.model.graph.output[0])
    case.model.graph.output[1].name = "sum"
    assert answers_alike(case)


@pytest.mark.parametrize(("rank", "opset"), [(2, 17), (3, 17), (4, 14)])
def test_a_product_is_transposed_as_it_says(rank: int, opset: int) -> None:
    for flags in product((0, 1), repeat=4):
        if rank == 2 and any(flags[2:]):
            continue
        m = QdqModel(np.random.default_rng(5), opset)
        names = ("transA", "transB", "transBatchA", "transBatchB")
        said = dict(zip(names, flags, strict=True))
        whole = (2, 3)[: rank - 2]
        a = _stored((*whole, 4, 5), flags[0], flags[2])
        b = _stored((*whole, 5, 6), flags[1], flags[3])
        y = joined(m, "FusedMatMul", m.activation(a), m.activation(b), alpha=0.5, **said)
        assert answers_alike(m.case(y)), flags


def _stored(shape: tuple[int, ...], transposed: int, rows_first: int) -> tuple[int, ...]:
    """Return the shape of an operand that is transposed to one of this shape."""
    *whole, rows, columns = shape
    if transposed:
        return (columns, *whole, rows) if rows_first else (*whole, columns, rows)
    return (rows, *whole, columns) if rows_first else shape


@pytest.mark.parametrize("axis", [-1, 1])
def test_a_layer_norm_before_opset_17_is_written_out(axis: int) -> None:
    m = QdqModel(np.random.default_rng(5), 14)
    shape = (8,) if axis == -1 else (3, 8)
    x = m.activation((2, 3, 8))
    y = m.node("LayerNormalization", x, real(m, *shape), real(m, *shape), axis=axis, epsilon=0.01)
    case = m.case(m.quantised(y))
    assert "LayerNormalization" not in {n.op_type for n in in_parts(case.model).graph.node}
    assert compare(case).largest <= 2


def test_names_of_nodes_differ() -> None:
    m = QdqModel(np.random.default_rng(5), 17)
    made: onnx.ModelProto = in_parts(m.case(CASES["SkipLayerNormalization"](m)).model)
    names = [n.name for n in made.graph.node]
    assert len(set(names)) == len(names)
