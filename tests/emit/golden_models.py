"""The two tiny models whose C is kept, and where it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from chain.graph_builder import GraphBuilder

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Window
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.rig.firmware import plan_project

BOARD = "stm32f746"
FOLDER = Path(__file__).parent / "golden"


def convolutional() -> Graph:
    """Convolution, pooling, a transpose, a dense layer and softmax."""
    b = GraphBuilder(11)
    x = b.input((1, 2, 6, 6))
    y = b.conv(x, 3, Window(kernel=(3, 3), strides=(1, 1), pads=(1, 1, 1, 1)))
    y = b.maxpool(y, Window(kernel=(2, 2), strides=(2, 2), pads=(0, 0, 0, 0)))
    y = b.transpose(b.reshape(y, (1, 3, 9)), (0, 2, 1))
    y = b.softmax(b.linear(b.layernorm(y), 4), 2)
    return b.graph([b.mean(y, (1,), keepdims=False)])


def attention() -> Graph:
    """Self-attention of two heads between its projections, and the sum around it."""
    b = GraphBuilder(12)
    x = b.input((1, 3, 4))
    parts = []
    for _ in range(3):
        split = b.reshape(b.linear(x, 4), (1, 3, 2, 2))
        parts.append(b.transpose(split, (0, 2, 1, 3)))
    y = b.attention(*parts)
    y = b.linear(b.reshape(b.transpose(y, (0, 2, 1, 3)), (1, 3, 4)), 4)
    return b.graph([b.add(x, y)])


MODELS = {"attention": attention, "convolutional": convolutional}


def model_files(name: str) -> Mapping[str, str]:
    """Return the model's own files, without the kernels and the platform."""
    graph = MODELS[name]()
    sizes = [graph.tensors[entry].elements for entry in graph.inputs]
    sample = np.arange(sum(sizes), dtype=np.int8).tobytes()
    _, project = plan_project(graph, load_board(BOARD), sample)
    return {
        path.removeprefix("model/"): text
        for path, text in project.files.items()
        if path.startswith("model/")
    }
