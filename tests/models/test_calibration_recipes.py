"""Channels equalized and biases corrected: the same function, and decibels where they count."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx
import pytest
from float_models import model_of
from numpy.typing import NDArray
from onnx import NodeProto, helper, numpy_helper

from tinyrig.generator.errors import InputError
from tinyrig.generator.frontends.writer import model_of as written
from tinyrig.suite.models.equalize import equalized, pairs_of
from tinyrig.suite.models.floating import float_source
from tinyrig.suite.models.layers import layers_of
from tinyrig.suite.models.methods import quantize_by
from tinyrig.suite.models.quantize import quantize_static
from tinyrig.suite.models.recipe import Recipe, choice_of, recipe_of
from tinyrig.suite.models.sessions import Feed, float_session
from tinyrig.suite.reference.compare import sqnr_db

Floats = NDArray[np.float64]
N = helper.make_node
IMAGE = (1, 3, 8, 8)


def unlike(channels: int, seed: int) -> Floats:
    """Factors of channels, from 2^-4 to 2^4."""
    return 2.0 ** np.random.default_rng(seed).uniform(-4, 4, channels)


def convolutions(*, unequal: bool = True) -> onnx.ModelProto:
    """Conv, depthwise Conv, Conv, Gemm; what each divides a channel by the next multiplies back."""
    rng = np.random.default_rng(5)
    one, two = (unlike(8, seed) if unequal else np.ones(8) for seed in (1, 2))
    image = (-1, 1, 1, 1)
    weights = {
        "w0": rng.normal(0, 0.4, (8, 3, 3, 3)) * one.reshape(image),
        "b0": rng.normal(0, 0.2, 8) * one,
        "w1": rng.normal(0, 0.5, (8, 1, 3, 3)) * (two / one).reshape(image),
        "b1": rng.normal(0, 0.2, 8) * two,
        "w2": rng.normal(0, 0.5, (8, 8, 1, 1)) / two.reshape(1, -1, 1, 1),
        "b2": rng.normal(0, 0.2, 8),
        "flat": np.array([1, 8]),
        "w3": rng.normal(0, 0.5, (5, 8)),
        "b3": rng.normal(0, 0.2, 5),
    }
    nodes = [
        N("Conv", ["x", "w0", "b0"], ["c0"], name="c0", pads=[1] * 4),
        N("Relu", ["c0"], ["r0"], name="r0"),
        N("Conv", ["r0", "w1", "b1"], ["c1"], name="c1", group=8, pads=[1] * 4),
        N("Relu", ["c1"], ["r1"], name="r1"),
        N("Conv", ["r1", "w2", "b2"], ["c2"], name="c2"),
        N("GlobalAveragePool", ["c2"], ["p"], name="p"),
        N("Reshape", ["p", "flat"], ["f"], name="f"),
        N("Gemm", ["f", "w3", "b3"], ["y"], name="y", transB=1),
    ]
    return model_of(nodes, reals(weights), shape=IMAGE, out=(1, 5))


def dense(*, seed: int = 0, outlier: float = 1.0) -> onnx.ModelProto:
    """Two MatMuls with biases and a Relu between, in whose rows one weight may be far larger."""
    rng = np.random.default_rng(seed)
    w0, w1 = rng.normal(0, 0.2, (32, 24)), rng.normal(0, 0.2, (24, 6))
    w0[0] = outlier * w0[0]
    factors = unlike(24, seed)
    weights = {
        "w0": w0 * factors,
        "b0": 0.1 * factors,
        "w1": w1 / factors[:, None],
        "b1": w1[0] / factors[0],
    }
    nodes = [
        N("MatMul", ["x", "w0"], ["m0"], name="m0"),
        N("Add", ["m0", "b0"], ["a0"], name="a0"),
        N("Relu", ["a0"], ["r0"], name="r0"),
        N("MatMul", ["r0", "w1"], ["m1"], name="m1"),
        N("Add", ["b1", "m1"], ["y"], name="y"),
    ]
    return model_of(nodes, reals(weights), shape=(1, 7, 32), out=(1, 7, 6))


def reals(weights: dict[str, NDArray[np.generic]]) -> dict[str, NDArray[np.generic]]:
    return {k: v.astype(np.float32) if v.dtype.kind == "f" else v for k, v in weights.items()}


def drawn(
    shape: Sequence[int], count: int = 12, mean: float = 0.0, spread: float = 1.0
) -> list[Feed]:
    rng = np.random.default_rng(9)
    return [{"x": rng.normal(mean, spread, shape).astype(np.float32)} for _ in range(count)]


def level(model: onnx.ModelProto, feeds: list[Feed], recipe: str) -> float:
    sessions = [float_session(one) for one in (model, quantize_static(model, feeds, recipe))]
    wanted, found = (np.stack([one.run(None, dict(f))[0] for f in feeds]) for one in sessions)
    return sqnr_db(wanted.ravel().astype(float), found.ravel().astype(float))


@pytest.mark.parametrize("model", [convolutions(), dense()], ids=["convolutions", "dense"])
def test_channels_of_unlike_size_gain_decibels(model: onnx.ModelProto) -> None:
    shape = [d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim]
    feeds = drawn(shape)
    before, after = level(model, feeds, "minmax"), level(model, feeds, "minmax+equalize")
    assert after > before + 4.0 and after > 30.0, (before, after)


def test_equalizing_undoes_what_scaled_the_channels() -> None:
    """It comes near the net whose channels are alike."""
    feeds = drawn(IMAGE)
    alike = level(convolutions(unequal=False), feeds, "minmax")
    assert level(convolutions(), feeds, "minmax+equalize") > alike - 2.0


@pytest.mark.parametrize("model", [convolutions(), dense()], ids=["convolutions", "dense"])
def test_an_equalized_net_is_the_same_function(model: onnx.ModelProto) -> None:
    shape = [d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim]
    feeds = drawn(shape)
    made = written(equalized(float_source(model), feeds))
    for feed in feeds:
        (wanted,), (found,) = (float_session(one).run(None, dict(feed)) for one in (model, made))
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)


def test_pairs_are_layers_that_alone_share_a_tensor() -> None:
    assert [(p.first.product.name, p.second.product.name) for p in pairs(convolutions())] == [
        ("c0", "c1"),
        ("c1", "c2"),
    ]
    assert [(p.first.product.name, p.second.product.name) for p in pairs(dense())] == [("m0", "m1")]
    for spoiled in (
        N("LeakyRelu", ["a0"], ["r0"], name="r0"),
        N("Clip", ["a0", "zero", "six"], ["r0"], name="r0"),
    ):
        assert not pairs(with_node(dense(), spoiled))
    shown = dense()
    shown.graph.output.append(helper.make_tensor_value_info("r0", 1, (1, 7, 24)))
    assert not pairs(shown)


def pairs(model: onnx.ModelProto) -> list:  # type: ignore[type-arg]
    return pairs_of(float_source(model))


def with_node(model: onnx.ModelProto, node: NodeProto) -> onnx.ModelProto:
    """Return a model with the node of that name another."""
    at = [one.name for one in model.graph.node].index(node.name)
    model.graph.node[at].CopyFrom(node)
    for name, value in (("zero", 0.0), ("six", 6.0)):
        model.graph.initializer.append(numpy_helper.from_array(np.float32(value), name))
    return model


def test_a_dead_channel_is_left_as_it_is() -> None:
    model = dense()
    for one in model.graph.initializer:
        if one.name == "w1":
            data = numpy_helper.to_array(one).copy()
            data[3] = 0.0
            one.CopyFrom(numpy_helper.from_array(data, "w1"))
    source = equalized(float_source(model), drawn((1, 7, 32)))
    rows = layers_of(source)[0].rows(source.values)
    np.testing.assert_allclose(
        rows[3], layers_of(float_source(model))[0].rows(float_source(model).values)[3]
    )


def test_corrected_biases_take_off_what_rounding_adds() -> None:
    """Weights whose steps one makes coarse that nothing comes to, on inputs far from zero."""
    model, feeds = dense(outlier=60.0), drawn((1, 7, 32), mean=2.0, spread=0.3)
    for feed in feeds:
        feed["x"][..., 0] = 0.0
    before, after = level(model, feeds, "minmax"), level(model, feeds, "minmax+bias")
    assert after > before + 3.0, (before, after)


def test_a_layer_without_a_bias_gets_one() -> None:
    model = convolutions()
    for node in model.graph.node:
        if node.name in ("c2", "y"):
            del node.input[2:]
    feeds = drawn(IMAGE, mean=1.0)
    assert level(model, feeds, "minmax+bias") > level(model, feeds, "minmax") - 0.5


def test_a_recipe_tells_what_it_gained() -> None:
    made = quantize_by(dense(), drawn((1, 7, 32)), "mse+bias+equalize")
    assert made.method == "mse+equalize+bias"
    (note,) = made.notes
    assert "SQNR on 12 calibration inputs of mse " in note and "mse+equalize+bias " in note


def test_best_tries_recipes_too() -> None:
    made = quantize_by(dense(), drawn((1, 7, 32)), "best")
    assert made.method in ("minmax+equalize", "minmax+equalize+bias", "mse+equalize+bias")
    assert made.notes[0].count(" dB") == 9


def test_words_of_recipes() -> None:
    assert choice_of("entropy+bias+equalize") == "entropy+equalize+bias"
    assert recipe_of("minmax+equalize") == Recipe("minmax", equalize=True)
    for word in ("best+bias", "minmax+", "+bias", "minmax+bias+bias", "mean", ""):
        with pytest.raises(InputError, match="is none of"):
            choice_of(word)
