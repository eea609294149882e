"""Einsum of two tensors, against ONNX Runtime's own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from qdq_models import Case, QdqModel, compare

from tinyrig.generator.errors import InputError
from tinyrig.generator.frontends import graph_from_model
from tinyrig.generator.options import ALL
from tinyrig.generator.passes.pipeline import run_passes
from tinyrig.suite.models.survey import survey

EXTENTS = {"a": 2, "b": 3, "c": 4, "d": 5, "e": 6, ".": 2}
LETTERS = "abcde"


def einsum(equation: str, constant: int | None = None, seed: int = 0) -> Case:
    m = QdqModel(np.random.default_rng(seed), 17)
    operands = []
    terms, _, result = equation.replace(" ", "").replace("...", "..").partition("->")
    for number, term in enumerate(terms.split(",")):
        shape = tuple(EXTENTS[one] for one in term)
        other = terms.split(",")[1 - number]
        channels = [axis for axis, one in enumerate(term) if one in result and one not in other]
        axis = channels[0] if channels else None
        operands.append(m.weight(shape, axis) if number == constant else m.activation(shape))
    return m.case(m.random_pair(m.node("Einsum", *operands, equation=equation), -6.0, 6.0))


@pytest.mark.parametrize("constant", [None, 0, 1])
@pytest.mark.parametrize(
    "equation",
    [
        *[
            "abcd,aecd->aceb",
            "acbe,abcd -> aecd",
            "abd,dce->abce",
            "abd,dce->acbe",
            "abce,ced->abd",
        ],
        *["ab,bc", "ba,cb", "...ab,...cb->...ac", "a...b,bc->...ac", "ab,ba->", "a,a->", "ab,b->a"],
        *["a,b->ba", "abc,b->cab", "...a,a->...a", "abc,cde->abde", "abcd,dce->eba"],
    ],
)
def test_written_by_hand(equation: str, constant: int | None) -> None:
    assert compare(einsum(equation, constant)).largest <= 1


@st.composite
def equations(draw: st.DrawFn) -> str:
    left, right = (
        draw(st.permutations(LETTERS).map("".join).map(lambda one, n=n: one[:n]))  # type: ignore[misc]
        for n in draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    )
    both = set(left) & set(right)
    kept = [one for one in sorted(both) if draw(st.booleans())]
    result = draw(st.permutations(sorted((set(left) | set(right)) - both) + kept))
    return f"{left},{right}->{''.join(result)}"


@given(equations(), st.sampled_from([None, 0, 1]))
@example("abcd,abcd->", None)
@example("abcd,e->ebdca", 0)
@example("a,a->a", None)
def test_any_equation(equation: str, constant: int | None) -> None:
    assert compare(einsum(equation, constant)).largest <= 1


def test_attention_by_einsum_is_one_kernel() -> None:
    m = QdqModel(np.random.default_rng(1), 17)
    q, k, v = (m.activation((1, 8, 2, 4)) for _ in range(3))
    product = m.random_pair(m.node("Einsum", q, k, equation="bqhd,bkhd->bhqk"), -8.0, 8.0)
    shares = m.pair(m.node("Softmax", product, axis=-1), 1 / 256, -128)
    y = m.node("Einsum", shares, v, equation="bhqk,bkhd->bqhd")
    case = m.case(m.random_pair(y, -3.0, 3.0))
    assert compare(case).largest <= 2
    ops = [node.op for node in run_passes(graph_from_model(case.model, "attention"), ALL).nodes]
    assert "attention" in ops and "matmul" not in ops


@pytest.mark.parametrize(
    ("equation", "reason"),
    [
        ("aa,ab->b", "diagonal"),
        ("abc,cd->bd", "alone along 'a'"),
        ("ab->ba", "takes 1 tensors"),
        ("ab,bc,cd->ad", "takes 3 tensors"),
    ],
)
def test_what_is_no_product_is_refused(equation: str, reason: str) -> None:
    m = QdqModel(np.random.default_rng(0), 17)
    terms = equation.partition("->")[0].split(",")
    operands = [m.activation(tuple(3 for _ in term)) for term in terms]
    case = m.case(m.random_pair(m.node("Einsum", *operands, equation=equation), -6.0, 6.0))
    with pytest.raises(InputError, match=reason):
        graph_from_model(case.model, "refused")
    assert [one.op for one in survey(case.model, "refused").obstacles] == ["Einsum"]
