"""Two graphs compared by what the integer reference answers."""

from __future__ import annotations

import numpy as np

from tinyrig.generator.graph.graph import Graph
from tinyrig.suite.reference.executor import run_reference


def answers(graph: Graph) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    shapes = {name: graph.tensors[name].shape for name in graph.inputs}
    inputs = {name: rng.integers(-128, 128, s).astype(np.int8) for name, s in shapes.items()}
    return run_reference(graph, inputs)


def check_equal(before: Graph, after: Graph) -> None:
    expected, got = answers(before), answers(after)
    assert list(got) == list(expected)
    for name in expected:
        assert np.array_equal(got[name], expected[name]), name


def ops(graph: Graph) -> list[str]:
    return [node.op for node in graph.nodes]
