"""The integer dialect: its graphs, lowered, give what the file says, integer for integer."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import onnx
import pytest
from frontends.dialect_graphs import DialectGraph, Ints, network
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.generator.frontends.dialect.standard import Division, standardised
from tinyrig.generator.frontends.loader import graph_from_model
from tinyrig.generator.graph.graph import Graph
from tinyrig.suite.models.survey import survey
from tinyrig.suite.reference.executor import run_reference
from tinyrig.suite.rig.integer_oracle import DialectEvaluator
from tinyrig.suite.rig.verdict import own_outputs, quantized_inputs

_SEEDS = st.integers(0, 2**32 - 1)
_SETTINGS = settings(max_examples=25, deadline=None)


def _graph(
    model: onnx.ModelProto, inputs: Mapping[str, Ints], division: Division = "floor"
) -> Graph:
    seen = {name: (float(x.min()), float(x.max())) for name, x in inputs.items()}
    return graph_from_model(standardised(model, division), "dialect", seen)


def _answers(graph: Graph, inputs: Mapping[str, Ints]) -> list[Ints]:
    sample = dict(zip(graph.inputs, (x.astype(np.float32) for x in inputs.values()), strict=True))
    found = own_outputs(graph, run_reference(graph, quantized_inputs(graph, sample)))
    return [found[name].astype(np.int64) for name in graph.outputs]


def _same(
    model: onnx.ModelProto, inputs: Mapping[str, Ints], division: Division = "floor"
) -> Graph:
    """Compare with the evaluation of the file, operator by operator; return the graph."""
    graph = _graph(model, inputs, division)
    sample = {name: x.astype(np.float32) for name, x in inputs.items()}
    wanted = DialectEvaluator(standardised(model, division)).outputs(sample)
    for got, want in zip(_answers(graph, inputs), wanted, strict=True):
        np.testing.assert_array_equal(got, want)
    return graph


def _ops(graph: Graph) -> list[str]:
    return [node.op for node in graph.nodes]


def _signed(rng: np.random.Generator, *shape: int) -> Ints:
    return rng.integers(-128, 128, shape)


@_SETTINGS
@given(_SEEDS)
def test_a_whole_network(seed: int) -> None:
    _same(*network(np.random.default_rng(seed)))


@_SETTINGS
@given(_SEEDS, st.booleans(), st.booleans(), st.integers(1, 3))
def test_convolutions_of_any_requantisation(
    seed: int, channels: bool, unsigned: bool, groups: int
) -> None:
    rng = np.random.default_rng(seed)
    g = DialectGraph()
    made = groups * 2
    weight = g.constant(_signed(rng, made, 2, 3, 2))
    x = g.add("Conv", g.input("x", (1, 2 * groups, 6, 5)), weight, group=groups, strides=[2, 1])
    shape = (made, 1, 1) if channels else ()
    mul, add = rng.integers(1, 90, shape), rng.integers(-90000, 90000, shape)
    model = g.model(g.shift(x, mul, add, div=4096, signed=int(not unsigned)))
    graph = _same(model, {"x": _signed(rng, 1, 2 * groups, 6, 5)})
    assert channels or _ops(graph) == ["conv"]  # one factor for all always fits the fast kernels


def test_channels_that_no_accumulator_start_can_round_have_their_own_kernel() -> None:
    rng = np.random.default_rng(5)
    g = DialectGraph()
    x = g.add("MatMul", g.input("x", (7, 9)), g.constant(_signed(rng, 9, 3)))
    model = g.model(g.shift(x, [3, 0, -7], [100, 1, 2], div=1024))
    assert "shiftconv" in _ops(_same(model, {"x": _signed(rng, 7, 9)}))


@_SETTINGS
@given(_SEEDS, st.integers(1, 7), st.booleans())
def test_norms(seed: int, length: int, centred: bool) -> None:
    rng = np.random.default_rng(seed)
    g = DialectGraph()
    x, weight = g.input("x", (2, 5, length)), g.constant(rng.integers(-4000, 4000, length))
    if centred:
        bias = g.constant(rng.integers(-9000, 9000, length))
        y = g.own("iLayerNorm", x, weight, bias, D=256, n_levels=256)
    else:
        y = g.own("iRMSNorm", x, weight, D=64, n_levels=256)
    _same(g.model(y), {"x": rng.integers(0, 256, (2, 5, length))})


def test_a_norm_cuts_towards_zero() -> None:
    g = DialectGraph()
    x = g.input("x", (1, 2))
    y = g.own("iLayerNorm", x, g.constant([3, 3]), g.constant([0, 0]), D=1, n_levels=256)
    # The mean of -4 and 1 is cut to -1; (9 + 4) / 2 + 1 = 7, whose root is 2; -9 / 2 is cut to -4.
    assert _answers(_graph(g.model(y), {"x": np.array([[-4, 1]])}), {"x": np.array([[-4, 1]])})[
        0
    ].tolist() == [[-4, 3]]


@_SETTINGS
@given(_SEEDS, st.sampled_from([(1, 4), (4, 4), (3, 12)]))
def test_softmaxes_of_shifts(seed: int, groups: tuple[int, int]) -> None:
    rng = np.random.default_rng(seed)
    width, length = groups
    g = DialectGraph()
    x = g.input("x", (1, 3, length))
    whole = g.own("ITAMax", x, n_levels=256)
    parts = g.add("ITAPartialMax", x, group_width=width, n_levels=256)
    _same(g.model(whole, parts), {"x": _signed(rng, 1, 3, length)})


def test_a_partial_sum_is_halved_where_the_maximum_moves() -> None:
    g = DialectGraph()
    x = g.input("x", (1, 4))
    inputs = {"x": np.array([[0, 0, 100, 0]])}
    model = g.model(g.add("ITAPartialMax", x, group_width=2, n_levels=256))
    # 512 of the first group is shifted by (100 + 16) >> 5 = 3 to 64; 256 + 32 come to it: 352.
    # 127 * 256 / 352 = 92, and 92 >> 3 = 11.
    assert _answers(_graph(model, inputs), inputs)[0].tolist() == [[11, 11, 92, 11]]


@pytest.mark.parametrize(("division", "wanted"), [("floor", [-2, 1]), ("rounded", [-2, 2])])
def test_both_roundings_of_a_quotient_by_a_number(division: Division, wanted: list[int]) -> None:
    g = DialectGraph()
    x = g.input("x", (1, 2))
    y = g.add("TrueIntegerDiv", x, y=2, Delta=1, eps=0, eta=1)
    model = g.model(g.shift(y, 1, 0, div=1))
    inputs = {"x": np.array([[-3, 3]])}
    graph = _same(model, inputs, division)
    assert _ops(graph) == ["unary"]
    assert _answers(graph, inputs)[0].tolist() == [wanted]


@_SETTINGS
@given(_SEEDS, st.sampled_from(["floor", "rounded"]))
def test_quotients_of_two_tensors(seed: int, division: Division) -> None:
    rng = np.random.default_rng(seed)
    g = DialectGraph()
    a, b = g.input("a", (1, 4, 3)), g.input("b", (1, 1, 3))
    y = g.add("IntegerDiv", a, b, Delta=int(rng.integers(1, 99)), eps=2, eta=3)
    inputs = {"a": _signed(rng, 1, 4, 3), "b": np.array([[[0, 200, 77]]])}
    graph = _same(g.model(g.shift(y, 5, -9, div=64)), inputs, division)
    assert _ops(graph) == ["integerdivide"]


@_SETTINGS
@given(_SEEDS, st.integers(2, 5), st.booleans())
def test_sums_and_products_of_tensors(seed: int, operands: int, unsigned: bool) -> None:
    rng = np.random.default_rng(seed)
    g = DialectGraph()
    names = [f"x{i}" for i in range(operands)]
    total = g.input(names[0], (2, 3, 4))
    for name in names[1:]:
        total = g.add("Add", total, g.input(name, (2, 3, 4)))
    product = g.add("Mul", names[0], names[-1])
    model = g.model(g.shift(total, 99, 301), g.shift(product, 7, -5555, div=4096))
    low = 0 if unsigned else -128
    inputs = {name: rng.integers(low, low + 256, (2, 3, 4)) for name in names}
    for x in inputs.values():  # what tells their signs
        x[0, 0, :2] = low, low + 255
    _same(model, inputs)


@_SETTINGS
@given(_SEEDS, st.sampled_from([(1,), (2,), (1, 2)]))
def test_means_of_every_count(seed: int, axes: tuple[int, ...]) -> None:
    rng = np.random.default_rng(seed)
    shape = (1, int(rng.integers(1, 8)), int(rng.integers(1, 8)))
    g = DialectGraph()
    y = g.add("IntegerMean", g.input("x", shape), axes=list(axes), keepdims=1)
    _same(g.model(y), {"x": _signed(rng, *shape)})


def test_pointwise_chains_are_one_table() -> None:
    g = DialectGraph()
    x = g.shift(g.input("x", (1, 256)), 300, 5)
    bent = g.shift(g.add("iHardswish", x, one_over_six=42, six=245, three=122), 9, 1, div=2**14)
    inputs = {"x": np.arange(-128, 128).reshape(1, 256)}
    assert _ops(_same(g.model(bent), inputs)) == ["unary"]


def test_a_window_wholly_in_its_padding() -> None:
    rng = np.random.default_rng(2)
    g = DialectGraph()
    weight = g.constant(_signed(rng, 3, 1, 3, 3))
    x = g.add("Conv", g.input("x", (1, 1, 4, 4)), weight, pads=[3, 3, 3, 3], strides=[2, 2])
    model = g.model(g.shift(x, 31, 7, div=4096, signed=0))
    assert "pad" in _ops(_same(model, {"x": rng.integers(0, 256, (1, 1, 4, 4))}))


def test_an_empty_cache_is_no_input() -> None:
    g = DialectGraph()
    x, cache = g.input("x", (1, 2, 4)), g.input("cache", (1, 0, 4))
    model = g.model(g.shift(g.add("Concat", cache, x, axis=-2), 128))
    graph = _graph(model, {"x": np.zeros((1, 2, 4))})
    assert [graph.source_names[name] for name in graph.inputs] == ["x"]


def test_signs_of_inputs_are_told_by_their_values_or_said() -> None:
    g = DialectGraph()
    model = g.model(g.shift(g.input("x", (1, 2)), 256))
    zero_points = [
        _graph(model, {"x": np.array(values)}).tensors["x"].affine.zero_point
        for values in ([-1, 5], [0, 128], [0, 127])
    ]
    assert zero_points == [0, -128, 0]
    assert "'x' is taken as signed" in graph_from_model(model, "m").notes[0]


def _softmax(g: DialectGraph, x: str) -> str:
    return g.own("iSoftmax", x, coeffA=1, coeffB=9, coeffC=9, log2=3, n_levels=9)


_REFUSED: Mapping[str, Callable[[DialectGraph, str, str], str]] = {
    "sum as output": lambda _g, _x, wide: wide,
    "function as output": lambda g, x, _wide: g.add("iGELU", x, b=-42, one=1929),
    "sum read as it is": lambda g, _x, wide: _softmax(g, wide),
    "16 bits": lambda g, _x, wide: g.shift(wide, 1, n=65536),
    "no power of two": lambda g, _x, wide: g.shift(wide, 1, div=100),
    "wide weights": lambda g, x, _wide: g.shift(g.add("MatMul", x, g.constant([[300]] * 4)), 1),
    "part of a group": lambda g, x, _wide: g.add("ITAPartialMax", x, group_width=3, n_levels=256),
    "product of a sum": lambda g, x, wide: g.shift(g.add("Mul", wide, x), 1),
}


@pytest.mark.parametrize(
    ("build", "words"),
    [
        ("sum as output", "of more than 8 bits"),
        ("function as output", "has more than 8 bits"),
        ("sum read as it is", "iSoftmax_1' is made of the sums of MatMul node 'MatMul_0'"),
        ("16 bits", "has 65536 levels"),
        ("no power of two", "divides by 100"),
        ("wide weights", "weights up to 300"),
        ("part of a group", "groups of 3 in rows of 4"),
        ("product of a sum", "combines sums of more than 8 bits"),
    ],
)
def test_what_is_refused_is_named(build: str, words: str) -> None:
    g = DialectGraph()
    x = g.input("x", (1, 4))
    wide = g.add("MatMul", x, g.constant(np.eye(4)))
    model = g.model(_REFUSED[build](g, x, wide))
    with pytest.raises(UnsupportedError, match=words):
        graph_from_model(model, "m")
    (obstacle,) = survey(model, "m").obstacles
    assert words in obstacle.reason


def test_numbers_that_are_no_integers_are_refused() -> None:
    g = DialectGraph()
    model = g.model(g.shift(g.input("x", (1, 4)), 1.5))
    with pytest.raises(InputError, match="no integers"):
        graph_from_model(model, "m")


def test_a_survey_tells_what_is_joined() -> None:
    model, _ = network(np.random.default_rng(0))
    found = survey(model, "m")
    assert found.runs
    assert ("Conv+RequantShift", 2) in [(one.op, len(one.parts)) for one in found.fused]
