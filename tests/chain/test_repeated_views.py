"""Operators on views that name a byte more than once, and on several views of one storage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from chain.boot import prove
from chain.graph_builder import GraphBuilder
from frontends.qdq_models import Case, QdqModel, compare
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyrig.generator.frontends import graph_from_model
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.options import ALL, NONE, Options

QUICK = replace(ALL, arena="greedy")
_CHAINS = 4
"""Chains that share one boot."""


def row_for_all(b: GraphBuilder, x: str) -> str:
    """Slice a row and expand it: as many elements as there are bytes, and a quarter named."""
    rows, width = b.shape(x)
    return b.gather(b.slice(x, (1, 0), (1, 1), (1, width)), 0, (0,) * rows)


def tiled(b: GraphBuilder, x: str) -> str:
    rows, width = b.shape(x)
    half = b.slice(x, (0, 0), (1, 1), (rows // 2, width))
    return b.concat([half, half], 0)


def equal_rows(b: GraphBuilder, x: str) -> str:
    return b.gather(x, 0, (2,) * b.shape(x)[0])


def windows(b: GraphBuilder, x: str) -> str:
    rows, width = b.shape(x)
    parts = [b.slice(x, (i, 0), (1, 1), (2, width)) for i in range(rows // 2)]
    return b.concat(parts, 0)


def backwards(b: GraphBuilder, x: str) -> str:
    rows, width = b.shape(x)
    return b.slice(x, (rows - 1, 0), (-1, 1), (rows, width))


REPEATS: dict[str, Callable[[GraphBuilder, str], str]] = {
    "row": row_for_all, "tile": tiled, "gather": equal_rows, "windows": windows,
    "backwards": backwards,
}  # fmt: skip
READS: dict[str, Callable[[GraphBuilder, str], str]] = {
    "unary": lambda b, v: b.unary(v),
    "softmax": lambda b, v: b.softmax(v, 1),
    "layernorm": lambda b, v: b.layernorm(v),
    "with itself": lambda b, v: b.add(v, v),
    "linear": lambda b, v: b.linear(v, 5),
}


def every_operator_on_every_view(rows: int) -> Graph:
    b = GraphBuilder(rows)
    outputs = []
    for repeat in REPEATS.values():
        for read in READS.values():
            made = b.unary(b.input((rows, 8)))
            outputs.append(read(b, repeat(b, made)))
    for repeat in REPEATS.values():
        made = b.unary(b.input((rows, 8)))
        outputs.append(b.mul(made, repeat(b, made)))
        made = b.unary(b.input((rows, 8)))
        outputs.append(b.unary(b.add(repeat(b, made), made)))
    return b.graph(outputs)


@pytest.mark.parametrize("rows", [4, 26])
def test_every_operator_is_right_on_every_view(rows: int) -> None:
    prove(every_operator_on_every_view(rows), "stm32f427", QUICK)


def test_a_second_part_does_not_lie_over_what_the_first_reads() -> None:
    b = GraphBuilder(7)
    wide = b.linear(b.input((4, 16)), 24)
    other = b.add(b.linear(b.mean(wide, (0,), keepdims=True), 24), b.constant((6, 24)))
    joined = b.concat([b.linear(wide, 24), other], 0)
    prove(b.graph([b.linear(joined, 8)]), "stm32f427")


@st.composite
def view_chains(draw: st.DrawFn) -> Graph:
    """Chains of moves and elementwise operators; one graph holds several, so that a boot serves."""
    b = GraphBuilder(draw(st.integers(0, 2**32 - 1)))
    outputs = []
    for _ in range(_CHAINS):
        x = b.unary(b.input((draw(st.integers(2, 6)), draw(st.integers(1, 9)))))
        kept = [x]
        for _ in range(draw(st.integers(2, 7))):
            x = _moved(draw, b, x) if draw(st.booleans()) else _worked(draw, b, x, kept)
            kept.append(x)
        outputs.append(b.unary(x))
    return b.graph(outputs)


def _moved(draw: st.DrawFn, b: GraphBuilder, x: str) -> str:
    shape = b.shape(x)
    axis = draw(st.integers(0, len(shape) - 1))
    extent = shape[axis]
    match draw(st.sampled_from(["slice", "gather", "equal", "transpose", "reshape", "tile"])):
        case "slice":
            start = draw(st.integers(0, extent - 1))
            step = draw(st.sampled_from([-2, -1, 1, 2]))
            count = start // -step + 1 if step < 0 else (extent - 1 - start) // step + 1
            starts, steps, sizes = [0] * len(shape), [1] * len(shape), list(shape)
            starts[axis], steps[axis], sizes[axis] = start, step, draw(st.integers(1, count))
            return b.slice(x, tuple(starts), tuple(steps), tuple(sizes))
        case "gather":
            indices = st.lists(st.integers(0, extent - 1), min_size=1, max_size=6)
            return b.gather(x, axis, tuple(draw(indices)))
        case "equal":
            return b.gather(x, axis, (draw(st.integers(0, extent - 1)),) * draw(st.integers(1, 6)))
        case "transpose":
            return b.transpose(x, tuple(draw(st.permutations(range(len(shape))))))
        case "reshape":
            return b.reshape(x, (shape[0] * shape[1], 1) if draw(st.booleans()) else shape[::-1])
        case _:
            return b.concat([x, x], axis) if extent <= 6 else x


def _worked(draw: st.DrawFn, b: GraphBuilder, x: str, kept: list[str]) -> str:
    alike = [name for name in kept if b.shape(name) == b.shape(x)]
    match draw(st.sampled_from(["unary", "add", "mul", "softmax", "layernorm"])):
        case "unary":
            return b.unary(x)
        case "add":
            return b.add(x, draw(st.sampled_from(alike)))
        case "mul":
            return b.mul(draw(st.sampled_from(alike)), x)
        case "softmax":
            return b.softmax(x, draw(st.integers(0, len(b.shape(x)) - 1)))
        case _:
            return b.layernorm(x)


@settings(max_examples=8)
@given(graph=view_chains(), switches=st.sampled_from([ALL, NONE]))
def test_random_chains_of_views_answer_as_the_reference(graph: Graph, switches: Options) -> None:
    prove(graph, "stm32h743", switches)


def tables_around(move: Callable[[QdqModel, str], str], shape: tuple[int, ...]) -> Case:
    """Tanh, a move that repeats rows, Tanh: with a quantizer of one scale in between."""
    m = QdqModel(np.random.default_rng(11))
    made = m.pair(m.node("Tanh", m.activation(shape)), 0.01, 3)
    moved = m.pair(move(m, made), 0.01, 3)
    return m.case(m.pair(m.node("Tanh", moved), 0.008, -20))


def sliced_and_expanded(m: QdqModel, x: str) -> str:
    row = m.node("Slice", x, m.ints([0]), m.ints([1]), m.ints([0]), m.ints([1]))
    return m.node("Expand", m.pair(row, 0.01, 3), m.ints([4, 8]))


@pytest.mark.parametrize(
    "case",
    [
        tables_around(sliced_and_expanded, (4, 8)),
        tables_around(lambda m, x: m.node("Tile", x, m.ints([3, 1])), (1, 8)),
    ],
    ids=["expand", "tile"],
)
def test_models_that_repeat_a_row_answer_as_onnx_runtime(case: Case) -> None:
    assert compare(case).largest <= 1
    prove(graph_from_model(case.model, "repeated"), "stm32f427")
