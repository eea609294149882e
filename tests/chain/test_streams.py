"""Streams: the same bytes out, from less memory, for shapes that leave remainders."""

import pytest
from chain.boot import prove
from chain.graph_builder import GraphBuilder
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Window
from tinyrig.generator.options import NONE, Options
from tinyrig.generator.passes.pipeline import run_passes
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.plan import Plan, make_plan

BOARD = "stm32f746"
DEPTH_FIRST = Options(attention="depth-first", mlp_streaming=False, conv_streaming=False)


def planned(graph: Graph, options: Options) -> Plan:
    return make_plan(run_passes(graph, options), load_board(BOARD), options=options)


def encoder(seed: int, s: int, e: int, p: int, h: int) -> Graph:
    """A pre-norm encoder block with random constants."""
    b = GraphBuilder(seed)
    x = b.input((1, s, e))
    normed = b.layernorm(x)
    parts = []
    for _ in range(3):
        split = b.reshape(b.linear(normed, h * p), (1, s, h, p))
        parts.append(b.transpose(split, (0, 2, 1, 3)))
    joined = b.transpose(b.attention(*parts), (0, 2, 1, 3))
    y = b.add(x, b.linear(b.reshape(joined, (1, s, h * p)), e))
    hidden = b.unary(b.linear(b.layernorm(y), 3 * e))
    return b.graph([b.add(y, b.linear(hidden, e))])


@settings(max_examples=14)
@given(
    seed=st.integers(0, 999),
    s=st.integers(2, 40),
    e=st.integers(1, 24),
    p=st.integers(1, 12),
    h=st.integers(1, 5),
)
@pytest.mark.night
def test_an_encoder_streams_bit_for_bit(seed: int, s: int, e: int, p: int, h: int) -> None:
    prove(encoder(seed, s, e, p, h), BOARD)


def test_an_encoder_takes_less_memory_streamed() -> None:
    graph = encoder(1, 40, 16, 8, 6)
    streamed = planned(graph, Options())
    assert any(step.loops for step in streamed.steps)
    assert streamed.clean.size < 0.6 * planned(graph, DEPTH_FIRST).clean.size


@st.composite
def convolution_chains(draw: st.DrawFn) -> Graph:
    """Two to four windows over a batch of images or signals, sometimes flattened at the end."""
    b = GraphBuilder(draw(st.integers(0, 999)))
    images, flat = draw(st.integers(1, 3)), draw(st.booleans())
    side = draw(st.integers(8, 20))
    image = (side,) if flat else (side, draw(st.integers(5, 9)))
    x = b.input((images, draw(st.integers(1, 3)), *image))
    for _ in range(draw(st.integers(2, 4))):
        extents = b.shape(x)[2:]
        kernel = tuple(draw(st.integers(1, min(3, extent))) for extent in extents)
        pads = [draw(st.integers(0, k - 1)) for k in (*kernel, *kernel)]
        strides = tuple(draw(st.integers(1, 2)) for _ in extents)
        if flat:
            window = Window(
                kernel=(1, *kernel), strides=(1, *strides), pads=(0, pads[0], 0, pads[1])
            )
        else:
            window = Window(kernel=kernel, strides=strides, pads=tuple(pads))
        match draw(st.sampled_from(["conv", "maxpool", "avgpool"])):
            case "conv":
                x = b.conv(x, draw(st.integers(1, 6)), window)
            case "maxpool":
                x = b.maxpool(x, window)
            case _:
                x = b.avgpool(x, window, count_include_pad=draw(st.booleans()))
    if images > 1 and draw(st.booleans()):
        size = b.tensors[x].elements // images
        x = b.linear(b.reshape(x, (images, size)), draw(st.integers(1, 5)))
    return b.graph([x])


@settings(max_examples=16)
@given(graph=convolution_chains())
def test_convolutions_stream_bit_for_bit(graph: Graph) -> None:
    prove(graph, BOARD)


def test_a_tokenizer_takes_less_memory_in_strips() -> None:
    b = GraphBuilder(3)
    x = b.input((4, 2, 24, 24))
    x = b.conv(x, 8, Window(kernel=(1, 1)))
    x = b.conv(x, 8, Window(kernel=(3, 3), pads=(1, 1, 1, 1)), groups=8)
    graph = b.graph([b.maxpool(x, Window(kernel=(2, 2), strides=(2, 2)))])
    assert planned(graph, Options()).clean.size < planned(graph, DEPTH_FIRST).clean.size / 2
    prove(graph, BOARD)


@pytest.mark.parametrize("attention", ["layerwise", "depth-first", "head-streamed"])
def test_every_attention_schedule_is_exact(attention: str) -> None:
    prove(encoder(5, 17, 8, 4, 3), BOARD, Options(attention=attention))  # type: ignore[arg-type]


def test_nothing_switched_on_is_exact_and_largest() -> None:
    graph = encoder(6, 17, 8, 4, 3)
    prove(graph, BOARD, NONE)
    assert planned(graph, NONE).clean.size > 3 * planned(graph, Options()).clean.size
