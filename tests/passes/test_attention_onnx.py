"""Attention of QDQ models, fused, against ONNX Runtime on the same inputs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from frontends.qdq_models import Case, QdqModel
from fuzz.lowered import lowered, values
from fuzz.nodewise import compare_nodes
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.graph.ops import Attention
from tinyrig.generator.passes.pipeline import run_passes
from tinyrig.suite.reference.boundary import quantize_input
from tinyrig.suite.reference.executor import run_reference


class Rows(NamedTuple):
    """What rows of scores are like: how many keys, how wide logits spread, where values lie."""

    keys: int
    spread: float
    mean: float


def attention(rows: Rows, end: float, seed: int) -> Case:
    """Queries, keys and values of a normal distribution; probabilities whose code ends at `end`
    times the largest there is."""
    m = QdqModel(np.random.default_rng(seed))
    width, columns = (int(m.rng.choice(choice)) for choice in ((1, 2, 8, 16), (1, 4, 16)))
    each = rows.spread**0.5 / width**0.25
    q, k = (_normal(m, (1, n, width), each, 0.0) for n in (6, rows.keys))
    v = _normal(m, (1, rows.keys, columns), 1.0, rows.mean)
    scores = m.node("MatMul", q, m.node("Transpose", k, perm=[0, 2, 1]))
    weights = m.node("Softmax", m.quantised(scores), axis=-1)
    zero_point = int(m.rng.choice([-128, -128, -127, 0, 100, 126]))
    largest = float(m.measured(weights).max())
    step = max(end * largest / (127 - zero_point), 2.0**-14)
    p = m.pair(weights, float(np.float32(step)), zero_point, bool(m.rng.random() < 0.4))
    return m.case(m.quantised(m.node("MatMul", p, v)))


def _normal(m: QdqModel, shape: tuple[int, ...], deviation: float, mean: float) -> str:
    name = m.name("x")
    m._inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
    found = m.rng.normal(mean, deviation, shape).astype(np.float32)
    m.feeds[name] = found
    return m.random_pair(name, float(found.min()), float(found.max()))


ROWS = st.builds(
    Rows,
    st.sampled_from([1, 2, 3, 4, 6, 8, 16, 31, 64, 81, 128, 257, 512, 1024]),
    st.sampled_from([0.02, 0.3, 1.0, 3.0, 8.0, 20.0]),
    st.sampled_from([0.0, 0.0, 1.0, -1.0, 3.0, -10.0]),
)


@settings(max_examples=40, deadline=None)
@given(ROWS, st.sampled_from([1.0, 1.0, 0.5, 0.8, 1.5]), st.integers(0, 2**32 - 1))
@example(Rows(1024, 20.0, 0.0), 1.0, 1)
@example(Rows(1024, 0.02, 3.0), 1.0, 2)
@example(Rows(6, 1.0, 0.0), 1.0, 3)
@example(Rows(4, 8.0, -10.0), 0.5, 4)
@example(Rows(12, 3.0, 0.0), 0.52, 5)
def test_every_node_is_near_onnx_runtime(rows: Rows, end: float, seed: int) -> None:
    """Without rounding, two steps from what ONNX Runtime makes of the same queries, keys and
    values. With it, the bytes of the three operators, of which each is within one step."""
    case = attention(rows, end, seed)
    try:
        low = lowered(case.model, "attention")
    except UnsupportedError:
        assume(False)
        return
    planned = run_passes(low.graph)
    fused = [node for node in planned.nodes if isinstance(node, Attention)]
    names = low.graph.source_names
    codes = {
        name: quantize_input(case.feeds[names[name]], low.graph.tensors[name].affine)
        for name in low.graph.inputs
    }
    deferred = bool(fused) and fused[0].rounding is None
    graph = planned if deferred else low.graph
    found = compare_nodes(case.model, case.feeds, low, graph, values(low, graph, codes))
    assert not found.apart, "; ".join(map(str, found.apart))
    if not deferred:
        (y,) = low.graph.outputs
        plain, rounded = (run_reference(one, codes)[y] for one in (low.graph, planned))
        np.testing.assert_array_equal(rounded, plain)
