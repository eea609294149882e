"""Fused weights and low rank: the same function in float, and proven whole through the chain."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from tinyrig.generator.errors import InputError
from tinyrig.generator.graph.ops import Attention, Linear
from tinyrig.generator.options import ALL, NONE, parse_options
from tinyrig.generator.passes.pipeline import run_passes
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.models.case import Case, resolve
from tinyrig.suite.models.rewriting.fused_weights import fuse_weights
from tinyrig.suite.models.rewriting.low_rank import factor_layers, factors, rank_of
from tinyrig.suite.models.sessions import float_session
from tinyrig.suite.rig.run import RunOptions, run_case
from tinyrig.suite.toolchain.toolchain import load_toolchain

FUSED = parse_options(["fused-weights=always"], [])


def answer(model: onnx.ModelProto, x: np.ndarray) -> np.ndarray:
    (y,) = float_session(model).run(None, {model.graph.input[0].name: x})
    return np.asarray(y)


def attention(
    S: int, E: int, P: int, H: int, *, scale: float | None, matmul: bool, seed: int
) -> onnx.ModelProto:
    """One attention over x [S, E]: layers as Gemm or as MatMul and Add, scores maybe scaled."""
    rng = np.random.default_rng(seed)
    constants: list[TensorProto] = []
    nodes = []

    def constant(name: str, value: np.ndarray) -> str:
        constants.append(numpy_helper.from_array(value, name))
        return name

    def layer(name: str, perm: list[int]) -> str:
        weight = rng.normal(size=(E, H * P)).astype(np.float32)
        bias = rng.normal(size=H * P).astype(np.float32)
        w, b = constant(f"{name}.w", weight), constant(f"{name}.b", bias)
        if matmul:
            nodes.append(helper.make_node("MatMul", ["x", w], [f"{name}.p"], name=f"{name}.p"))
            nodes.append(helper.make_node("Add", [b, f"{name}.p"], [name], name=name))
        else:
            nodes.append(helper.make_node("Gemm", ["x", w, b], [name], name=name))
        shape = constant(f"{name}.shape", np.array([S, H, P], dtype=np.int64))
        nodes.append(helper.make_node("Reshape", [name, shape], [f"{name}.s"], name=f"{name}.s"))
        nodes.append(
            helper.make_node("Transpose", [f"{name}.s"], [f"{name}.t"], name=f"{name}.t", perm=perm)
        )
        return f"{name}.t"

    q, k, v = layer("q", [1, 0, 2]), layer("k", [1, 2, 0]), layer("v", [1, 0, 2])
    nodes.append(helper.make_node("MatMul", [q, k], ["scores"], name="scores"))
    scores = "scores"
    if scale is not None:
        factor = constant("factor", np.array(scale, dtype=np.float32))
        nodes.append(helper.make_node("Div", [scores, factor], ["scaled"], name="scaled"))
        scores = "scaled"
    nodes.append(helper.make_node("Softmax", [scores], ["soft"], name="soft", axis=-1))
    nodes.append(helper.make_node("MatMul", ["soft", v], ["y"], name="y"))
    graph = helper.make_graph(
        nodes,
        "attention",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [S, E])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [H, S, P])],
        constants,
    )
    opset = [helper.make_opsetid("", 20)]
    return helper.make_model(graph, opset_imports=opset, ir_version=9)


@settings(max_examples=25, deadline=None)
@given(
    S=st.integers(2, 9),
    E=st.integers(1, 9),
    P=st.integers(1, 6),
    H=st.integers(1, 4),
    scale=st.sampled_from([None, 2.0]),
    matmul=st.booleans(),
    seed=st.integers(0, 99),
)
def test_fused_attention_is_the_same_function(
    S: int, E: int, P: int, H: int, scale: float | None, matmul: bool, seed: int
) -> None:
    model = attention(S, E, P, H, scale=scale, matmul=matmul, seed=seed)
    fused = fuse_weights(model, always=True)
    x = np.random.default_rng(seed + 1).normal(size=(S, E)).astype(np.float32)
    np.testing.assert_allclose(answer(fused, x), answer(model, x), rtol=2e-3, atol=2e-3)
    names = {tensor.name for tensor in fused.graph.initializer}
    assert "k.w" not in names, "the key weights are still there"
    assert "v.w" in names


def test_scores_someone_else_reads_stay() -> None:
    model = attention(4, 4, 4, 2, scale=None, matmul=False, seed=0)
    model.graph.output.append(helper.make_tensor_value_info("scores", TensorProto.FLOAT, [2, 4, 4]))
    assert fuse_weights(model, always=True) is model


@pytest.mark.parametrize(
    ("dims", "saves"),
    # Eq. 9, left: E < P - S / 2 + sqrt(4 P^2 + S^2) / 2.
    [
        ((81, 32, 32, 8), True),
        ((66, 16, 2, 8), False),
        ((5, 32, 32, 8), True),
        ((4, 9, 4, 1), False),
    ],
)
def test_auto_follows_equation_9(dims: tuple[int, int, int, int], saves: bool) -> None:
    model = attention(*dims, scale=None, matmul=False, seed=0)
    assert (fuse_weights(model, always=False) is not model) == saves
    S, E, P, H = dims
    fused_operations = H * S * E * E + H * S * S * E
    assert saves == (fused_operations < 2 * H * S * P * E + H * S * S * P)


@settings(max_examples=25, deadline=None)
@given(K=st.integers(2, 12), N=st.integers(2, 12), ratio=st.floats(0.05, 1.0))
def test_factors_are_the_nearest_of_their_rank(K: int, N: int, ratio: float) -> None:
    weight = np.random.default_rng(K * 100 + N).normal(size=(K, N))
    rank = rank_of(weight, ratio)
    if rank is None:
        assert max(1, round(ratio * min(K, N))) * (K + N) >= K * N
        return
    u, v = factors(weight, rank)
    assert u.size + v.size < weight.size
    left_out = np.linalg.svd(weight, compute_uv=False)[rank:]
    assert np.linalg.norm(weight - u @ v) == pytest.approx(np.linalg.norm(left_out), abs=1e-9)


def test_a_layer_that_has_the_rank_loses_nothing() -> None:
    rng = np.random.default_rng(0)
    model = attention(4, 12, 6, 2, scale=None, matmul=False, seed=0)
    thin = (rng.normal(size=(12, 3)) @ rng.normal(size=(3, 12))).astype(np.float32)
    for tensor in model.graph.initializer:
        if tensor.name.endswith(".w"):
            tensor.CopyFrom(numpy_helper.from_array(thin, tensor.name))
    x = rng.normal(size=(4, 12)).astype(np.float32)
    factored = factor_layers(model, 0.25)
    assert sum(node.op_type == "Gemm" for node in factored.graph.node) == 6
    np.testing.assert_allclose(answer(factored, x), answer(model, x), rtol=2e-3, atol=2e-3)


def proven(case: Case, words: list[str], board: str) -> tuple[int, int]:
    """Return arena and weight bytes of a run that must match its own reference."""
    options = parse_options(words, [])
    outcome = run_case(
        case,
        load_board(board),
        backend("embedded"),
        load_toolchain("zig"),
        case.samples(1),
        RunOptions(options),
        lambda _: None,
    )
    assert outcome.record.check.verdict == "match"
    agreement = outcome.record.check.argmax_agreement
    assert words[0].startswith("low-rank") or (agreement is not None and agreement >= 0.9)
    return outcome.record.memory.arena, outcome.record.memory.flash_weights


@pytest.mark.parametrize("attention_form", ["layerwise", "depth-first", "head-streamed"])
def test_fused_weights_match_on_a_board(attention_form: str) -> None:
    case = resolve("mhsa", {"S": 9, "E": 12, "P": 10, "H": 3})
    # Other plans have weights of 8 and of 16 bits, as is faster.
    form = [f"attention={attention_form}", "optimize=flash"]
    plain = proven(case, ["fused-weights=never", *form], "stm32f427")
    fused = proven(case, ["fused-weights=always", *form], "stm32f427")
    assert fused[1] < plain[1]


def test_low_rank_matches_on_a_board() -> None:
    case = resolve("mhsa", {"S": 9, "E": 12, "P": 10, "H": 3})
    assert proven(case, ["low-rank=0.4"], "stm32f427")[1] < proven(case, ["all"], "stm32f427")[1]


def test_heads_share_their_keys_and_no_key_layer_is_left() -> None:
    case = resolve("trformer-mhsa", {})
    graph = run_passes(case.rewritten(FUSED).graph, FUSED)
    (node,) = (n for n in graph.nodes if isinstance(n, Attention))
    assert graph.tensors[node.inputs[1]].elements == 5 * 32
    assert sum(isinstance(n, Linear) for n in graph.nodes) == 3


def test_all_chooses_by_equation_9() -> None:
    for name, fused in (("eegformer-mhsa", True), ("ecgformer-mhsa", False)):
        case = resolve(name, {})
        layers = [
            sum(isinstance(n, Linear) for n in case.rewritten(options).graph.nodes)
            for options in (NONE, ALL)
        ]
        assert layers == ([4, 3] if fused else [4, 4])


def test_a_quantized_graph_cannot_be_rewritten(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(resolve("tinyvit-digits", {}).zoo.qdq_bytes())  # type: ignore[union-attr]
    case = resolve(str(path), {})
    assert case.rewritten(ALL) is case
    for options in (FUSED, parse_options(["low-rank=0.5"], [])):
        assert not case.allows(options)
        with pytest.raises(InputError, match="quantized already"):
            case.rewritten(options)


def test_a_rewrite_that_changes_nothing_quantizes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "layer.onnx"
    # Eq. 9 lets this attention be.
    model = attention(32, 16, 2, 2, scale=None, matmul=False, seed=1)
    onnx.save_model(model, path)
    rng = np.random.default_rng(2)
    seen = [{"x": rng.normal(size=(32, 16)).astype(np.float32)} for _ in range(4)]
    case = resolve(str(path), {}, seen)
    always = case.rewritten(FUSED)
    monkeypatch.setattr("tinyrig.suite.models.quantize.quantize_static", None)
    assert case.rewritten(ALL).graph is case.graph
    assert case.rewritten(FUSED).graph is always.graph is not case.graph


@pytest.mark.parametrize("wrong", ["", "=0", "=1.5", "=half"])
def test_a_share_is_a_share(wrong: str) -> None:
    with pytest.raises(InputError, match="share above 0 and up to 1"):
        parse_options([f"low-rank{wrong}"], [])
