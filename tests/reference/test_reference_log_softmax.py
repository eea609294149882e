"""LogSoftmax against float64: every code within one step, and nearly all the nearest one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from reference_cases import Codes, Quantized, Real, assert_close, run_one, wires

from tinyrig.generator.graph.logarithms import log_constants
from tinyrig.generator.graph.tensor import Affine
from tinyrig.generator.operators.log_softmax import LogSoftmax

SEEDS = st.integers(0, 2**32 - 1)


def float_log_softmax(x: Real) -> Real:
    below = x - x.max(axis=-1, keepdims=True)
    result: Real = below - np.log(np.exp(below).sum(axis=-1, keepdims=True))
    return result


def codes_of(x: Quantized, to: Affine) -> Codes:
    constants = log_constants(x.affine.scale, x.codes.shape[-1], to)
    return run_one(LogSoftmax(**vars(constants), **wires(1)), [x], x.codes.shape, to)


@settings(max_examples=60)
@given(st.integers(1, 300), st.floats(1e-4, 20.0), st.floats(2e-3, 20.0), SEEDS)
@example(length=1, scale=0.1, step=1e-7, seed=0)
@example(length=2, scale=1e-9, step=3e-3, seed=0)
@example(length=10, scale=1e6, step=1e-3, seed=0)
@example(length=300, scale=2.0, step=1e8, seed=0)
def test_it_rounds_like_float64(length: int, scale: float, step: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = Quantized(rng.integers(-128, 128, (3, length), dtype=np.int8), Affine(scale, 17))
    x.codes[0] = x.codes[0, 0]
    x.codes[1] = np.minimum(x.codes[1], int(rng.integers(-128, 128)))
    to = Affine(step, int(rng.integers(-128, 128)))
    assert_close(codes_of(x, to), float_log_softmax(x.real), to, 0.02)


@pytest.mark.parametrize("length", [1, 2, 3, 128, 129, 4096])
def test_equal_scores_have_the_logarithm_of_their_number(length: int) -> None:
    to = Affine(0.05, 127)
    x = Quantized(np.full((1, length), 5, np.int8), Affine(0.1, 0))
    assert np.all(codes_of(x, to) == 127 - round(np.log(length) / 0.05))


def test_the_only_score_of_a_row_has_probability_one() -> None:
    x = Quantized(np.arange(-128, 128, dtype=np.int8)[:, np.newaxis], Affine(0.1, 0))
    assert np.all(codes_of(x, Affine(1e-9, 3)) == 3)
