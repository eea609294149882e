"""Masked softmax and rounded attention booted: the bytes of the reference."""

from __future__ import annotations

import numpy as np
import pytest
from chain.boot import prove
from chain.graph_builder import GraphBuilder

from tinyrig.generator.graph.ops import Softmax


def _heads(b: GraphBuilder, x: str, heads: int, width: int) -> list[str]:
    length = b.shape(x)[1]
    return [
        b.transpose(b.reshape(b.linear(x, heads * width), (1, length, heads, width)), (0, 2, 1, 3))
        for _ in range(3)
    ]


@pytest.mark.parametrize("board", ["stm32f427", "stm32h743"])
def test_causal_rows_and_rounded_heads(board: str) -> None:
    """Heads of eight and of two columns that round, then rows under a causal mask."""
    b = GraphBuilder(11)
    x = b.input((1, 13, 16))
    wide = b.attention(*_heads(b, x, 2, 8), 0.3 / 255)
    narrow = b.attention(*_heads(b, x, 8, 2), 1 / 255)
    scores = b.matmul(wide, b.input((1, 2, 8, 13)))
    causal = b.softmax(scores, 3, masked=True)
    node = b.nodes[-1]
    assert isinstance(node, Softmax)
    kept = np.tril(np.ones((1, 1, 13, 13), bool))
    b.nodes[-1] = Softmax(**(vars(node) | {"kept": kept}))
    firmware = prove(b.graph([causal, narrow]), board)
    kernels = {step.kernel.name.rpartition("__")[0] for step in firmware.plan.steps}
    assert "tr_softmax_masked_s8" in kernels
    assert any(name.startswith("tr_attention_s8") for name in kernels)
