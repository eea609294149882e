"""LSTM and GRU booted: the bytes of the reference, on one core and beside a cluster."""

from __future__ import annotations

import numpy as np
import pytest
from chain.boot import prove

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Concat, Node
from tinyrig.generator.graph.tensor import Affine, Tensor
from tinyrig.generator.operators.example import any_affine, drawn
from tinyrig.generator.operators.gru import GRU
from tinyrig.generator.operators.lstm import LSTM
from tinyrig.generator.operators.operator import Operator


def net(units: int, seed: int = 0) -> Graph:
    """Both directions of an LSTM in one tensor, and a GRU of either kind, of shared inputs."""
    rng = np.random.default_rng(seed)
    found = {
        name: Tensor(name, shape, any_affine(rng))
        for name, shape in (("x", (7, 2, 4 * units)), ("z", (7, 2, 3 * units)), ("s", (2, units)))
    }
    inputs = tuple(found)
    nodes: list[Node] = []

    def add(operator: Operator, reads: tuple[str, ...], output: str, **wanted: object) -> Tensor:
        while True:
            made = drawn(operator, rng, [found[name] for name in reads], output, output)
            if all(wanted[key] == _shown(made.node, key) for key in wanted):
                nodes.append(made.node)
                found[output] = made.output
                return made.output

    parts = [
        add(LSTM, ("x", "s", "s"), f"y{way}", reverse=way == 1, sequence=True, shown=False)
        for way in (0, 1)
    ]
    joined = (7, 2, 2, units)
    found["y"] = Tensor("y", joined, Affine(parts[0].affine.scale, parts[0].affine.zero_point))
    nodes.append(Concat(name="y", inputs=("y0", "y1"), outputs=("y",), axis=1))
    add(LSTM, ("x", "s", "s"), "cells", shown=True, sequence=False)
    add(GRU, ("z", "s"), "sums", held=True)
    add(GRU, ("z", "s"), "states", held=False)
    graph = Graph("net", found, tuple(nodes), inputs, ("y", "cells", "sums", "states"))
    graph.validate()
    return graph


def _shown(node: Node, key: str) -> bool:
    value = getattr(node, key)
    return value if isinstance(value, bool) else value is not None


@pytest.mark.parametrize(("board", "units"), [("stm32f427", 5), ("stm32h743", 12)])
def test_recurrent_nets_are_the_reference(board: str, units: int) -> None:
    firmware = prove(net(units), board)
    kernels = {step.kernel.name for step in firmware.plan.steps}
    assert kernels == {"tr_lstm_s8__m4", "tr_gru_s8__m4"}, "a part of a Concat is written in place"
