"""Values that a quantizer cuts off for one reader, and that another reads without it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from qdq_models import Case, QdqModel, compare

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.frontends import graph_from_model
from tinyrig.suite.models.quantize import observe_quantized

Readers = Callable[[QdqModel, str, float], tuple[str, ...]]


def narrow(m: QdqModel, value: str, step: float) -> str:
    return m.pair(value, step, 0)


def coded(m: QdqModel, value: str) -> str:
    return m.pair(m.node("Sigmoid", value), 1 / 256, -128)


def split(m: QdqModel, x: str, step: float) -> tuple[str, ...]:
    first, second = m.nodes("Split", x, outputs=2, axis=1, num_outputs=2)
    return narrow(m, first, step), second


READERS: dict[str, Readers] = {
    "Split": split,
    "Reshape": lambda m, x, step: (
        narrow(m, m.node("Reshape", x, m.ints([8, 1])), step),
        coded(m, x),
    ),
    "Reshape and output": lambda m, x, step: (
        narrow(m, m.node("Reshape", x, m.ints([8, 1])), step),
        x,
    ),
    "Concat": lambda m, x, step: (
        narrow(m, m.node("Concat", x, m.activation((1, 2)), axis=1), step),
        coded(m, x),
    ),
    "Pad": lambda m, x, step: (
        narrow(m, m.node("Pad", x, m.ints([0, -6, 0, 0])), step),
        coded(m, x),
    ),
    "Mul": lambda m, x, step: (narrow(m, m.node("Mul", x, m.floats(0.9)), step), coded(m, x)),
    "pair": lambda m, x, step: (narrow(m, x, step), coded(m, x)),
    "pair and output": lambda m, x, step: (narrow(m, x, step), x),
    "two pairs": lambda m, x, step: (narrow(m, x, step), narrow(m, x, 0.04)),
    "two pairs, the wide one first": lambda m, x, step: (narrow(m, x, 0.04), narrow(m, x, step)),
}


def case_of(readers: Readers, step: float) -> Case:
    m = QdqModel(np.random.default_rng(3))
    return m.case(*readers(m, product(m), step))


def product(m: QdqModel) -> str:
    x = m.activation((1, 8))
    codes = m.rng.integers(-127, 128, (8, 8)).astype(np.int8)
    weight = m.node("DequantizeLinear", m.constant(codes), m.floats(1.0 / 16))
    return m.node("MatMul", x, weight)


@pytest.mark.parametrize("readers", READERS)
def test_what_a_quantizer_cuts_off_is_not_cut_off_for_others(readers: str) -> None:
    case = case_of(READERS[readers], 0.001)
    try:
        assert compare(case).largest <= 2
    except UnsupportedError as error:
        assert "its readers give it different ones" in str(error)


@pytest.mark.parametrize("readers", READERS)
def test_a_quantizer_that_covers_a_value_serves_all_its_readers(readers: str) -> None:
    assert compare(case_of(READERS[readers], 0.05)).largest <= 2


@pytest.mark.parametrize("readers", ["Reshape", "Concat", "pair", "pair and output"])
def test_calibration_tells_that_a_quantizer_covers_a_value(readers: str) -> None:
    case = case_of(READERS[readers], 0.0112)
    with pytest.raises(UnsupportedError, match="its readers give it different ones"):
        graph_from_model(case.model, "case")
    seen = observe_quantized(case.model, [case.feeds])
    assert compare(case, seen).largest <= 2
    assert any(
        "nothing beyond its range" in n for n in graph_from_model(case.model, "c", seen).notes
    )


@pytest.mark.parametrize("steps", [(0.02, 0.03), (0.03, 0.02), (0.02, 0.02)])
def test_an_input_takes_the_wider_of_two_pairs(steps: tuple[float, float]) -> None:
    m = QdqModel(np.random.default_rng(3))
    assert compare(of_input(m, *steps)).largest <= 2


def test_an_input_of_two_pairs_far_apart_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="quantizers far apart"):
        compare(of_input(QdqModel(np.random.default_rng(3)), 0.1, 0.002))


def of_input(m: QdqModel, first: float, second: float) -> Case:
    m.activation((1, 8))
    (x,) = m.feeds
    m.feeds[x] = np.linspace(-4, 4, 8, dtype=np.float32).reshape(1, 8)
    return m.case(m.pair(x, first, 0), m.pair(x, second, 0))


@pytest.mark.parametrize("zero_point", [-128, 0, 127])
@pytest.mark.parametrize("step", [0.005, 0.02])
def test_a_pair_before_a_bias_stays_where_it_clips(zero_point: int, step: float) -> None:
    m = QdqModel(np.random.default_rng(3))
    paired = m.pair(product(m), step, zero_point)
    biased = m.node("Add", paired, m.floats(m.rng.normal(0, 0.2, 8)))
    assert compare(m.case(m.pair(biased, 0.03, 0))).largest <= 2


def test_a_pair_before_a_bias_stays_where_one_channel_would_show_what_it_clips() -> None:
    """Moved by its bias, a channel's clipped end is inside the output's range."""
    m = QdqModel(np.random.default_rng(3))
    paired = m.pair(product(m), 0.008, 0)
    biased = m.node("Add", paired, m.floats(np.linspace(-0.7, 0.7, 8)))
    assert compare(m.case(m.pair(biased, 0.012, 0))).largest <= 2


JOINED: dict[str, Callable[[QdqModel, str], str]] = {
    "Pad": lambda m, x: m.node("Pad", x, m.ints([0, 1, 0, 1]), m.floats(-1.0)),
    "Concat": lambda m, x: m.node("Concat", x, m.floats([[-1.0, 0.3]]), axis=1),
}


@pytest.mark.parametrize("joined", JOINED)
@pytest.mark.parametrize("step", [0.02, 0.0001])
def test_constants_beside_codes_are_not_cut_off(joined: str, step: float) -> None:
    m = QdqModel(np.random.default_rng(3))
    m.activation((1, 6))
    (x,) = m.feeds
    m.feeds[x] = np.linspace(0, 250 * step, 6, dtype=np.float32).reshape(1, 6)
    x = m.pair(x, step, -128)
    product = m.node("MatMul", JOINED[joined](m, x), m.weight((8, 3)))
    case = m.case(m.quantised(product))
    if step < 0.02:
        with pytest.raises(UnsupportedError, match="constants of up to 1 beside codes"):
            graph_from_model(case.model, "case")
    else:
        assert compare(case).largest <= 2


def test_a_pad_of_no_largest_cell_keeps_its_steps() -> None:
    m = QdqModel(np.random.default_rng(3))
    x = m.activation((1, 2, 4, 4))
    fill = m.floats(-np.inf)
    padded = m.node("Pad", x, m.ints([0, 0, 1, 1, 0, 0, 1, 1]), fill)
    assert compare(m.case(m.node("MaxPool", padded, kernel_shape=[3, 3]))).largest == 0


@pytest.mark.parametrize("inner", [0.05, 0.06, 0.002])
def test_a_pair_behind_a_guarded_quotient_stays_where_it_clips(inner: float) -> None:
    m = QdqModel(np.random.default_rng(3))
    a, b = m.same_range((1, 16), -2.0, 3.0), m.same_range((1, 16), 0.0, 3.0)
    zero, quotient = m.floats(0.0), m.pair(m.node("Div", a, b), inner, 0)
    chosen = m.node("Where", m.node("Equal", b, zero), zero, quotient)
    assert compare(m.case(m.pair(chosen, 0.05, 0))).largest <= 2
