"""A network whose weights lie two a byte answers as the reference, from half the flash."""

from __future__ import annotations

from dataclasses import replace

from chain.boot import prove
from chain.graph_builder import GraphBuilder

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Conv, Linear, Window
from tinyrig.generator.options import ALL


def _graph() -> Graph:
    b = GraphBuilder(3)
    x = b.conv(b.input((1, 5, 6, 9)), 9, Window(kernel=(3, 3), pads=(1, 1, 1, 1)))
    x = b.conv(x, 12, Window(kernel=(1, 1), strides=(2, 1)))
    graph = b.graph([b.linear(x, 11)])
    nodes = []
    for node in graph.nodes:
        assert isinstance(node, Conv | Linear)
        nodes.append(replace(node, weight=node.weight >> 4))
    return replace(graph, nodes=tuple(nodes))


def test_convolutions_and_a_linear_layer_by_halves() -> None:
    firmware = prove(_graph(), "stm32f427", replace(ALL, optimize="flash"))
    assert {step.kernel.pack for step in firmware.plan.steps} == {"stream4"}
