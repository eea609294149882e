"""Constants of products, wherever they stand: one scale a channel of the product, or one in all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from float_models import calibrated, model_of, steps_off
from onnx import NodeProto, helper, numpy_helper

N = helper.make_node
RIGHT = [N("MatMul", ["x", "w"], ["y"])]
LEFT = [N("MatMul", ["w", "x"], ["y"])]
TWICE = [N("MatMul", ["x", "w"], ["t"]), N("MatMul", ["w", "t"], ["y"])]
TIED = [N("Gemm", ["x", "w"], ["t"]), N("Gemm", ["t", "w"], ["y"], transB=1)]

Shape = tuple[int, ...]


@pytest.mark.parametrize(
    ("nodes", "weight", "given", "out", "scales"),
    [
        (RIGHT, (16, 4), (1, 6, 16), (1, 6, 4), 4),
        (RIGHT, (1, 16, 4), (1, 6, 16), (1, 6, 4), 4),
        (RIGHT, (1, 1, 16, 4), (6, 16), (1, 1, 6, 4), 4),
        (RIGHT, (3, 16, 4), (3, 6, 16), (3, 6, 4), 1),
        (RIGHT, (16,), (1, 6, 16), (1, 6), 1),
        (LEFT, (4, 6), (1, 6, 16), (1, 4, 16), 4),
        (LEFT, (1, 4, 6), (1, 6, 16), (1, 4, 16), 4),
        (LEFT, (3, 4, 6), (3, 6, 16), (3, 4, 16), 1),
        (LEFT, (6,), (1, 6, 16), (1, 16), 1),
        (TWICE, (6, 6), (1, 6, 6), (1, 6, 6), 1),
        ([N("Gemm", ["x", "w"], ["y"])], (6, 4), (5, 6), (5, 4), 4),
        ([N("Gemm", ["x", "w"], ["y"], transB=1)], (4, 6), (5, 6), (5, 4), 4),
        ([N("Gemm", ["w", "x"], ["y"], transA=1)], (6, 4), (6, 5), (4, 5), 1),
        (TIED, (6, 6), (5, 6), (5, 6), 1),
        ([N("ConvTranspose", ["x", "w"], ["y"])], (6, 4, 3), (1, 6, 7), (1, 4, 9), 4),
        ([N("ConvTranspose", ["x", "w"], ["y"], group=2)], (6, 2, 3), (1, 6, 7), (1, 4, 9), 1),
    ],
)
def test_a_product_with_a_constant_is_quantized(
    nodes: Sequence[NodeProto], weight: Shape, given: Shape, out: Shape, scales: int
) -> None:
    rng = np.random.default_rng(3)
    w = rng.standard_normal(weight).astype(np.float32)
    model = model_of(nodes, {"w": w}, shape=given, out=out)
    feeds = rng.standard_normal((8, *given)).astype(np.float32)
    assert steps_off(model, feeds)[0] < 3.0
    _, quantized = calibrated(model, feeds)
    stored = {t.name: numpy_helper.to_array(t) for t in quantized.graph.initializer}
    found = [
        stored[node.input[1]].size
        for node in quantized.graph.node
        if node.op_type == "DequantizeLinear" and node.input[0] in stored
    ]
    assert set(found) == {scales}
