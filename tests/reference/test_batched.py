"""The batched executor answers each sample as the executor of one does."""

from __future__ import annotations

import numpy as np
import pytest
from chain.random_graphs import random_graphs
from hypothesis import given, settings
from numpy.typing import NDArray

from tinyrig.generator.errors import InputError
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.passes.pipeline import run_passes
from tinyrig.suite.models.case import resolve
from tinyrig.suite.reference.batched import run_batch
from tinyrig.suite.reference.executor import run_reference

_COUNT = 3


def _codes(graph: Graph, seed: int) -> dict[str, NDArray[np.int8]]:
    rng = np.random.default_rng(seed)
    shapes = {name: (_COUNT, *graph.tensors[name].shape) for name in graph.inputs}
    return {name: rng.integers(-128, 128, shape, np.int8) for name, shape in shapes.items()}


def _check(graph: Graph, seed: int) -> None:
    codes = _codes(graph, seed)
    found = run_batch(graph, codes)
    for sample in range(_COUNT):
        wanted = run_reference(graph, {name: codes[name][sample] for name in codes})
        for name, array in wanted.items():
            np.testing.assert_array_equal(found[name][sample], array)


@pytest.mark.parametrize(
    "name", ["tinyvit-digits", "ecgformer", "trformer", "mlperf-kws", "tinyformer-block"]
)
def test_zoo(name: str) -> None:
    graph = resolve(name, {}).graph
    _check(graph, 1)
    _check(run_passes(graph), 2)


@settings(max_examples=60, deadline=None)
@given(random_graphs())
def test_random_graphs(graph: Graph) -> None:
    _check(graph, 3)


def test_inputs_of_another_shape_are_refused() -> None:
    graph = resolve("tinyvit-digits", {}).graph
    with pytest.raises(InputError, match="not int8"):
        run_batch(graph, {"image": np.zeros((2, 1, 8, 8), np.int8)})
