"""Masked softmax: its plans pass, and a row that takes another row's mask is seen."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from chain.graph_builder import GraphBuilder
from verify.plans import fault, plan_graph

from tinyrig.generator.operators.reads import READER
from tinyrig.generator.operators.table import kernel_calls
from tinyrig.generator.planning.call import Table
from tinyrig.generator.planning.kernels import all_kernels
from tinyrig.generator.planning.plan import Plan

# What a Fill, a copy or a part of a layer makes is known without a rule of its operator.
_BY_STEP = {"fill_s8", "copy_s8", "read_s8", "linear_s8_s32", "requant_s32_s8"}


def masked(shape: tuple[int, ...], axis: int, kept: np.ndarray, board: str) -> Plan:
    b = GraphBuilder(5)
    graph = b.graph([b.softmax(b.input(shape), axis, masked=True)])
    nodes = (replace(node, kept=kept) if node.op == "softmax" else node for node in graph.nodes)
    return plan_graph(replace(graph, nodes=tuple(nodes)), board)


@pytest.mark.parametrize("board", ["stm32f427", "stm32h743", "gap9"])
@pytest.mark.parametrize("axis", [2, 3])
def test_plans_with_masks_are_sound(board: str, axis: int) -> None:
    rng = np.random.default_rng(2)
    causal = np.tril(np.ones((1, 1, 6, 6), np.bool_))
    for shape in ((2, 3, 6, 6), (1, 2, 6, 6)):
        for kept in (causal, rng.random(shape) < 0.5, np.zeros((1, 1, 1, 1), np.bool_)):
            assert fault(masked(shape, axis, kept, board)) == ""


@pytest.mark.parametrize("axis", [1, 2, 3])
def test_masks_alike_along_any_axes_are_planned(axis: int) -> None:
    shape = (3, 3, 3, 3)
    for extents in product((1, 3), repeat=4):
        kept = np.random.default_rng(1).random(extents) < 0.7
        assert fault(masked(shape, axis, kept, "stm32f427")) == "", extents


@pytest.mark.parametrize("change", ["mask_stride", "first"])
def test_the_mask_of_another_row_is_seen(change: str) -> None:
    plan = masked((4, 3, 6), 2, np.random.default_rng(3).random((4, 3, 6)) < 0.5, "stm32f427")
    (step,) = (step for step in plan.steps if step.call.op == "softmax_masked_s8")
    value = step.call.params[change]
    wrong = (
        replace(value, values=np.append(value.values[:1], value.values[:-1]))
        if isinstance(value, Table)
        else [*value[:-1], 0]
    )
    call = replace(step.call, params={**step.call.params, change: wrong})
    steps = tuple(replace(s, calls=(call,)) if s is step else s for s in plan.steps)
    assert "makes" in fault(replace(plan, steps=steps))


def test_every_operator_of_the_kernels_has_its_rules() -> None:
    assert {kernel.op for kernel in (*all_kernels(), READER)} == set(kernel_calls())
    assert {op for op, call in kernel_calls().items() if call.makes is None} == _BY_STEP
