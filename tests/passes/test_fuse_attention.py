"""Attention without the attention matrix: where it is found, and how near it stays."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from chain.graph_builder import GraphBuilder
from passes.comparing import answers, ops

from tinyrig.generator.graph.ops import Attention, Softmax
from tinyrig.generator.graph.tensor import Tensor
from tinyrig.generator.options import NONE, Options
from tinyrig.generator.passes.fuse_attention import fuse_attention
from tinyrig.generator.passes.pipeline import run_passes
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.plan import make_plan
from tinyrig.suite.models.case import Case, resolve
from tinyrig.suite.reference.compare import sqnr_db
from tinyrig.suite.reference.executor import run_reference
from tinyrig.suite.rig.oracle import oracle_outputs
from tinyrig.suite.rig.verdict import own_outputs, quantized_inputs

BLOCKS = ("eegformer-mhsa", "ecgformer-mhsa", "trformer-mhsa")
NETWORKS = ("eegformer", "ecgformer", "trformer", "tinyvit-digits", "encoder")


@cache
def _case(name: str) -> Case:
    return resolve(name, {"S": 16, "E": 24, "P": 8, "H": 3} if name == "encoder" else {})


@pytest.mark.parametrize("name", [*BLOCKS, *NETWORKS])
def test_found_in_every_zoo_model(name: str) -> None:
    before = _case(name).graph
    after = run_passes(before)
    softmaxes = sum(isinstance(node, Softmax) for node in before.nodes)
    assert softmaxes > 0
    assert sum(isinstance(node, Attention) for node in after.nodes) == softmaxes
    assert not any(isinstance(node, Softmax) for node in after.nodes)
    assert after.macs() == before.macs()


@pytest.mark.parametrize(
    ("options", "board"),
    [(Options(), "stm32f427"), (Options(), "stm32h743"), (NONE, "stm32h743")],
    ids=["m4", "m7", "unoptimised"],
)
@pytest.mark.parametrize("name", BLOCKS)
def test_attention_blocks_move_no_bytes(name: str, options: Options, board: str) -> None:
    """Heads are split, transposed and joined by strides alone: no step only copies."""
    plan = make_plan(run_passes(_case(name).graph, options), load_board(board), options=options)
    moving = [step.name for step in plan.steps if step.op in ("copy", "fill", "gather")]
    assert moving == []


@pytest.mark.parametrize("name", BLOCKS)
def test_fused_result_is_the_graph_s_or_exact_softmax_rounded_once(name: str) -> None:
    """From the same int8 scores: the three operators' bytes where it rounds as they do; elsewhere
    within a step of real arithmetic, and nearer than they are."""
    graph = _case(name).graph
    fused = fuse_attention(graph)
    (attention,) = (node for node in fused.nodes if isinstance(node, Attention))
    (softmax,) = (node for node in graph.nodes if isinstance(node, Softmax))
    y = attention.outputs[0]
    errors: dict[str, list[np.ndarray]] = {"plain": [], "fused": []}
    for sample in _case(name).samples(4, seed=9):
        inputs = quantized_inputs(graph, sample)
        plain, got = (run_reference(one, inputs, keep=True) for one in (graph, fused))
        if attention.rounding is not None:
            np.testing.assert_array_equal(got[y], plain[y])
            continue
        weights = _real_softmax(graph.tensors[softmax.inputs[0]], plain[softmax.inputs[0]])
        exact = weights @ _real(graph.tensors[attention.inputs[2]], plain[attention.inputs[2]])
        steps = exact / graph.tensors[y].affine.scale + graph.tensors[y].affine.zero_point
        errors["plain"].append(plain[y] - np.clip(steps, -128, 127))
        errors["fused"].append(got[y] - np.clip(steps, -128, 127))
    if attention.rounding is not None:
        return
    plain_rms, fused_rms = (np.sqrt(np.mean(np.square(errors[key]))) for key in errors)
    assert np.abs(errors["fused"]).max() < 0.6, "half a step of rounding, and the table's own"
    assert fused_rms < plain_rms


def _real(tensor: Tensor, codes: np.ndarray) -> np.ndarray:
    return (codes.astype(np.float64) - tensor.affine.zero_point) * tensor.affine.scale


def _real_softmax(tensor: Tensor, codes: np.ndarray) -> np.ndarray:
    real = _real(tensor, codes)
    weights = np.exp(real - real.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize("name", BLOCKS)
def test_block_is_no_further_from_float(name: str) -> None:
    case = _case(name)
    samples = case.samples(4, seed=9)
    expected = np.stack([outputs[0] for outputs in oracle_outputs(case.oracle_model, samples)])
    noise = []
    for graph in (case.graph, fuse_attention(case.graph)):
        codes = [run_reference(graph, quantized_inputs(graph, sample)) for sample in samples]
        answers = np.stack([own_outputs(graph, one)[graph.outputs[0]] for one in codes])
        noise.append(sqnr_db(expected, answers))
    assert noise[1] >= noise[0] - 0.3


def _chain(b: GraphBuilder, *, transpose: bool = True, rank: int = 3) -> tuple[list[str], str]:
    lead = (1,) * (rank - 2)
    q, v = b.input((*lead, 5, 4)), b.input((*lead, 6, 3))
    if transpose:
        k = b.input((*lead, 6, 4))
        swap = (*range(rank - 2), rank - 1, rank - 2)
        keys = b.transpose(k, swap)
    else:
        keys = b.input((*lead, 4, 6))
    scores = b.matmul(q, keys)
    b.nodes[-1] = replace(b.nodes[-1], lut=None)
    weights = b.softmax(scores, rank - 1)
    y = b.matmul(weights, v)
    b.nodes[-1] = replace(b.nodes[-1], lut=None)
    return [scores, weights], y


@pytest.mark.parametrize("rank", [2, 3, 4])
@pytest.mark.parametrize("transpose", [True, False])
def test_chain_by_hand(transpose: bool, rank: int) -> None:
    b = GraphBuilder(5)
    _, y = _chain(b, transpose=transpose, rank=rank)
    graph = b.graph([y])
    after = fuse_attention(graph)
    assert ops(after).count("attention") == 1
    assert "softmax" not in ops(after)
    assert answers(after)[y].shape == answers(graph)[y].shape


@pytest.mark.parametrize("which", [0, 1])
def test_inner_tensors_somebody_reads_stay(which: int) -> None:
    b = GraphBuilder(6)
    inner, y = _chain(b)
    graph = b.graph([y, b.unary(inner[which])])
    after = fuse_attention(graph)
    assert ops(after) == ops(graph)


def test_softmax_over_another_axis_stays() -> None:
    b = GraphBuilder(7)
    q, k, v = (b.input((1, 4, 4)) for _ in range(3))
    y = b.matmul(b.softmax(b.matmul(q, k), 1), v)
    graph = b.graph([y])
    assert ops(fuse_attention(graph)) == ops(graph)


def test_probabilities_as_the_right_operand_stay() -> None:
    b = GraphBuilder(8)
    q, k, v = (b.input((1, 4, 4)) for _ in range(3))
    y = b.matmul(v, b.softmax(b.matmul(q, k), 2))
    graph = b.graph([y])
    assert ops(fuse_attention(graph)) == ops(graph)


def test_layerwise_keeps_the_matrix() -> None:
    assert "softmax" in ops(run_passes(_case("trformer-mhsa").graph, NONE))
