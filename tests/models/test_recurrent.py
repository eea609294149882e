"""LSTM and GRU of float models: near ONNX Runtime, whatever their form, or refused in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import numpy_helper
from recurrent_models import one_layer, spoken, wake_word

from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.generator.frontends import graph_from_model
from tinyrig.generator.frontends.check import check_model
from tinyrig.generator.frontends.writer import model_of
from tinyrig.generator.graph.graph import Graph
from tinyrig.suite.models.floating import float_source
from tinyrig.suite.models.quantize import observe, quantize_static
from tinyrig.suite.models.ranges import Method
from tinyrig.suite.models.sessions import Feed, float_session
from tinyrig.suite.models.survey import survey
from tinyrig.suite.reference.batched import run_batch
from tinyrig.suite.reference.boundary import dequantize_output, quantize_input
from tinyrig.suite.reference.compare import sqnr_db
from tinyrig.suite.reference.executor import run_reference

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Answers:
    """A model's integer graph, and what both give for the feeds, by output."""

    graph: Graph
    wanted: list[Real]
    found: list[Real]

    def level(self) -> float:
        """Return the least SQNR of an output."""
        return min(map(sqnr_db, self.wanted, self.found))


def answers(model: onnx.ModelProto, feeds: Sequence[Feed]) -> Answers:
    graph = graph_from_model(quantize_static(model, feeds), "case")
    session = float_session(check_model(model))
    names = [info.name for info in model.graph.input]
    wanted = [session.run(None, dict(feed)) for feed in feeds]
    codes = {
        own: np.stack([quantize_input(feed[name], graph.tensors[own].affine) for feed in feeds])
        for own, name in zip(graph.inputs, names, strict=True)
    }
    found = run_batch(graph, codes)
    return Answers(
        graph,
        [np.ravel(one).astype(np.float64) for one in map(np.stack, zip(*wanted, strict=True))],
        [
            dequantize_output(found[name], graph.tensors[name].affine).ravel()
            for name in graph.outputs
        ],
    )


def drawn(
    model: onnx.ModelProto, count: int = 16, seed: int = 3
) -> list[dict[str, NDArray[np.float32]]]:
    """Return feeds of a model: standard normal inputs, states as other calls leave them."""
    rng = np.random.default_rng(seed)
    shapes = {
        info.name: [d.dim_value for d in info.type.tensor_type.shape.dim]
        for info in model.graph.input
    }
    return [
        {
            name: (
                rng.standard_normal(shape) if name == "x" else rng.uniform(-0.9, 0.9, shape)
            ).astype(np.float32)
            for name, shape in shapes.items()
        }
        for _ in range(count)
    ]


@pytest.mark.parametrize(
    ("op", "form"),
    [
        ("LSTM", {"units": 128}),
        ("LSTM", {"units": 64, "layers": 2, "direction": "bidirectional"}),
        ("GRU", {"units": 128, "linear_before_reset": 1}),
        ("GRU", {"units": 64, "layers": 2}),
        ("GRU", {"units": 64, "direction": "bidirectional"}),
    ],
)
def test_wake_word_nets_keep_30_db(op: str, form: dict[str, Any]) -> None:
    made = answers(wake_word(op, **form), spoken(6))
    assert made.level() > 30.0
    recurrent = [node for node in made.graph.nodes if node.op == op.lower()]
    directions = 2 if form.get("direction") == "bidirectional" else 1
    assert len(recurrent) == directions * form.get("layers", 1)
    assert [node.op for node in made.graph.nodes].count("linear") == form.get("layers", 1) + 1


@st.composite
def layers(draw: st.DrawFn) -> dict[str, Any]:
    """Arguments of `one_layer`."""
    op = draw(st.sampled_from(["LSTM", "GRU"]))
    shown = ["Y", "Y_h", "Y_c"] if op == "LSTM" else ["Y", "Y_h"]
    form = {
        "op": op,
        "steps": draw(st.integers(1, 9)),
        "batch": draw(st.integers(1, 3)),
        "columns": draw(st.integers(1, 9)),
        "units": draw(st.integers(1, 13)),
        "direction": draw(st.sampled_from(["forward", "reverse", "bidirectional"])),
        "outputs": draw(st.lists(st.sampled_from(shown), min_size=1, unique=True).map(sorted)),
        "states": draw(st.booleans()),
        "layout": draw(st.integers(0, 1)),
        "seed": draw(st.integers(0, 9)),
    }
    return form | ({"linear_before_reset": draw(st.integers(0, 1))} if op == "GRU" else {})


LEAST = {"steps": 1, "batch": 1, "columns": 1, "units": 1}


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example({"op": "LSTM", **LEAST, "outputs": ["Y", "Y_h", "Y_c"], "states": True})
@example({"op": "GRU", **LEAST, "outputs": ["Y_h"], "states": True, "linear_before_reset": 1})
@example({"op": "LSTM", "direction": "bidirectional", "outputs": ["Y_c"], "layout": 1})
@example({"op": "GRU", "direction": "reverse", "outputs": ["Y", "Y_h"], "batch": 2, "layout": 1})
@given(form=layers())
def test_any_layer_is_near_onnx_runtime(form: dict[str, Any]) -> None:
    model = one_layer(**form)
    made = answers(model, drawn(model))
    levels = list(map(sqnr_db, made.wanted, made.found))
    assert min(levels) > 28.0, levels
    first = drawn(model, 1)[0]
    one = {
        own: quantize_input(first[info.name], made.graph.tensors[own].affine)
        for own, info in zip(made.graph.inputs, model.graph.input, strict=True)
    }
    alone = run_reference(made.graph, one)
    for name, whole in zip(made.graph.outputs, made.found, strict=True):
        got = dequantize_output(alone[name], made.graph.tensors[name].affine).ravel()
        np.testing.assert_array_equal(got, whole[: got.size])


def test_only_the_last_states_are_kept_where_the_others_are_not_read() -> None:
    model = one_layer("LSTM", steps=20, direction="bidirectional", outputs=["Y_h"])
    made = answers(model, drawn(model))
    assert made.level() > 30.0
    lasting = [made.graph.tensors[n.outputs[0]] for n in made.graph.nodes if n.op == "lstm"]
    assert [one.shape for one in lasting] == [(1, 1, 1, 7)] * 2


def test_a_sequence_in_two_calls_is_the_sequence() -> None:
    """States go out and in as codes; a stream stays near the float one."""
    model = one_layer("LSTM", steps=4, states=True, outputs=["Y", "Y_h", "Y_c"])
    feeds = drawn(model, 24)
    graph = graph_from_model(quantize_static(model, feeds), "case")
    session = float_session(model)
    real = {name: np.zeros((1, 1, 7), np.float32) for name in "hc"}
    held = dict(real)
    wanted, found = [], []
    for feed in feeds[:6]:
        y, *states = session.run(None, {"x": feed["x"], **real})
        real = dict(zip("hc", states, strict=True))
        given_now = {"x": feed["x"], **held}
        codes = {n: quantize_input(given_now[n], graph.tensors[n].affine) for n in graph.inputs}
        out = run_reference(graph, codes)
        mine = {n: dequantize_output(out[n], graph.tensors[n].affine) for n in graph.outputs}
        held = {"h": mine["Y_h"].astype(np.float32), "c": mine["Y_c"].astype(np.float32)}
        wanted.append(y.ravel())
        found.append(mine["Y"].ravel())
    assert sqnr_db(np.concatenate(wanted), np.concatenate(found)) > 25.0


def test_a_state_far_from_zero_holds_on() -> None:
    """Forget gates that are open, and update gates that are shut: the state of 16 bits stays."""
    for op, gate in (("LSTM", 2), ("GRU", 0)):
        model = one_layer(op, steps=60, columns=2, units=4, seed=2)
        bias = next(one for one in model.graph.initializer if one.name == "B")
        data = numpy_helper.to_array(bias).copy()
        data[:, gate * 4 : gate * 4 + 4] = 5.0
        bias.CopyFrom(numpy_helper.from_array(data, "B"))
        assert answers(model, drawn(model)).level() > 27.0


def test_weights_of_zero_leave_the_bias() -> None:
    model = one_layer("GRU", units=3)
    for one in model.graph.initializer:
        if one.name in ("W", "R"):
            data = numpy_helper.to_array(one).copy()
            data[:, ::2] = 0.0
            one.CopyFrom(numpy_helper.from_array(data, one.name))
    assert answers(model, drawn(model)).level() > 30.0


def test_lengths_that_are_the_whole_sequence_change_nothing() -> None:
    model = one_layer("LSTM", lengths="lengths", batch=2)
    assert answers(model, drawn(model)).level() > 30.0


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "clip": ({"clip": 2.0}, "leave clip out"),
    "activations": ({"activations": ["Sigmoid", "Relu", "Tanh"]}, "Sigmoid, Relu, Tanh"),
    "coupled gates": ({"input_forget": 1}, "input_forget"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_other_cells_are_refused_in_words(case: str) -> None:
    form, words = REFUSED[case]
    model = one_layer("LSTM", **form)
    (found,) = survey(model, "case", drawn(model)).obstacles
    assert words in str(found)


def test_shorter_lengths_and_peepholes_are_refused() -> None:
    model = one_layer("LSTM", lengths="lengths", batch=2)
    lengths = next(one for one in model.graph.initializer if one.name == "lengths")
    lengths.CopyFrom(numpy_helper.from_array(np.array([6, 4], np.int32), "lengths"))
    with pytest.raises(UnsupportedError, match="pad or cut"):
        answers(model, drawn(model))
    model = one_layer("LSTM")
    node = model.graph.node[0]
    node.input.extend(["", "", "P"])
    model.graph.initializer.append(numpy_helper.from_array(np.ones((1, 21), np.float32), "P"))
    with pytest.raises(UnsupportedError, match="peepholes"):
        answers(model, drawn(model))


def test_a_layer_that_others_quantized_around_is_refused() -> None:
    model = quantize_static(one_layer("GRU"), drawn(one_layer("GRU")))
    node = next(one for one in model.graph.node if one.op_type == "GRU")
    sizes = next(one for one in model.graph.initializer if one.name == node.input[1])
    data = numpy_helper.to_array(sizes) + np.float32(0.5)
    sizes.CopyFrom(numpy_helper.from_array(data, sizes.name))
    with pytest.raises(UnsupportedError, match="--calibration"):
        graph_from_model(model, "case")


def test_no_method_clips_what_goes_back_into_a_step() -> None:
    model = one_layer("LSTM", steps=30)
    plain = model_of(float_source(model))
    feeds = drawn(model, 200)
    feeds[0]["x"][0, 0, 0] = 400.0
    methods: tuple[Method, ...] = ("minmax", "percentile")
    ranges = {one: observe(plain, feeds, (), one) for one in methods}
    assert {found["Y"] for found in ranges.values()} == {ranges["minmax"]["Y"]}
    assert len({found["x"] for found in ranges.values()}) > 1


def test_parameters_are_those_of_the_float_model() -> None:
    model = one_layer("LSTM", columns=5, units=7)
    assert answers(model, drawn(model)).graph.parameters == 28 * (5 + 7 + 2)


def test_activations_named_as_they_are_by_default_run() -> None:
    model = one_layer("GRU", activations=["sigmoid", "TANH"])
    assert answers(model, drawn(model)).level() > 30.0


@pytest.mark.parametrize("name", ["W", "R", "B"])
def test_operands_of_other_shapes_are_refused(name: str) -> None:
    model = one_layer("LSTM")
    one = next(tensor for tensor in model.graph.initializer if tensor.name == name)
    data = numpy_helper.to_array(one)
    one.CopyFrom(numpy_helper.from_array(data[:, :-1].copy(), name))
    with pytest.raises(InputError, match=f"has {name} of shape"):
        answers(model, drawn(one_layer("LSTM")))
