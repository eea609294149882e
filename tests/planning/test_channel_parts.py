"""Layers by the channels of their outputs: together they are the layer, each with its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from chain.graph_builder import GraphBuilder

from tinyrig.generator.graph.ops import Conv, Linear, Window
from tinyrig.generator.options import ALL
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.search.space import Space
from tinyrig.generator.planning.step import Compute
from tinyrig.generator.planning.tiling.columns import column_parts, columns_of


def layer(kind: str) -> Compute:
    b = GraphBuilder(3)
    if kind == "linear":
        y = b.linear(b.input((9, 40)), 72)
    else:
        y = b.conv(b.input((1, 8, 6, 6)), 72, Window(kernel=(3, 3), pads=(1, 1, 1, 1)))
    found = Space(b.graph([y]), load_board("gap9"), ALL).laid({}).schedule.steps[-1]
    assert isinstance(found, Compute)
    node = found.node
    assert isinstance(node, Linear | Conv)
    multiplier = np.arange(72, dtype=np.int32) + 5
    return replace(
        found, nodes=(replace(node, requant=replace(node.requant, multiplier=multiplier)),)
    )


@pytest.mark.parametrize("kind", ["linear", "conv"])
def test_parts_are_the_layer_together(kind: str) -> None:
    step = layer(kind)
    whole = step.node
    assert isinstance(whole, Linear | Conv)
    ways = list(columns_of(step, 4000))
    assert ways
    for columns in ways:
        parts = column_parts(step, columns)
        assert len(parts) == columns.count
        nodes = [part.node for part in parts if isinstance(part, Compute)]
        own = [node for node in nodes if isinstance(node, Linear | Conv)]
        assert np.array_equal(np.concatenate([n.weight for n in own]), whole.weight)
        assert np.array_equal(np.concatenate([n.start for n in own]), whole.start)
        multipliers = np.concatenate([n.requant.multiplier for n in own])
        assert np.array_equal(multipliers, whole.requant.multiplier)
        assert sum(part.writes[0].size for part in parts) == step.writes[0].size
        assert all(part.reads == step.reads for part in parts)


def test_small_weights_are_left_whole() -> None:
    assert not list(columns_of(layer("linear"), 4 * 72 * 40))
