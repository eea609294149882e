"""QDQ models with something between a mask and its Softmax that is not quantized."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from qdq_models import Array, Case, QdqModel, compare

from tinyrig.generator.errors import UnsupportedError

SIZE = 8
VISIBLE = np.tril(np.ones((SIZE, SIZE), bool))
LAST = np.arange(SIZE) < SIZE - 1
FLOOR = float(np.finfo(np.float32).min)

FORMS: dict[str, Callable[[QdqModel, str, Array, float], str]] = {
    "two masks": lambda m, x, low, _: m.node("Add", m.node("Add", x, m.floats(low)), _padding(m)),
    "chosen": lambda m, x, _, least: m.node(
        "Add", m.node("Where", m.constant(VISIBLE), x, m.floats(least)), _padding(m)
    ),
    "divided": lambda m, x, low, _: m.node("Div", m.node("Add", x, m.floats(low)), m.floats(2.0)),
    "scaled": lambda m, x, low, _: m.node("Mul", m.floats(0.3), m.node("Add", x, m.floats(low))),
    "floored": lambda m, x, low, _: m.node("Max", m.node("Add", x, m.floats(low)), m.floats(FLOOR)),
    "reshaped": lambda m, x, low, _: m.node(
        "Reshape", m.node("Add", x, m.floats(low)), m.ints([2, SIZE, SIZE])
    ),
}


def _padding(m: QdqModel) -> str:
    return m.floats(np.where(LAST, 0.0, -1e4))


def masked(form: str, least: float) -> Case:
    m = QdqModel(np.random.default_rng(2), 17)
    low = np.where(VISIBLE, 0.0, least)
    scores = FORMS[form](m, m.activation((1, 2, SIZE, SIZE)), low, least)
    return m.case(m.pair(m.node("Softmax", scores, axis=-1), 1 / 256, -128))


@pytest.mark.parametrize("least", [-1e4, -1e9, FLOOR, -np.inf])
@pytest.mark.parametrize("form", FORMS)
def test_the_mask_goes_behind_it(form: str, least: float) -> None:
    assert compare(masked(form, least)).largest <= 1


def test_a_bias_between_that_nothing_quantizes_is_refused() -> None:
    m = QdqModel(np.random.default_rng(2), 17)
    bias = np.where(VISIBLE, -0.1, -1e9)
    scores = m.node("Add", m.activation((1, 2, SIZE, SIZE)), m.floats(bias))
    with pytest.raises(UnsupportedError, match="stays float"):
        compare(m.case(m.pair(m.node("Softmax", scores, axis=-1), 1 / 256, -128)))
