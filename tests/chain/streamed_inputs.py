"""Graphs whose input is read by windows, in every layout, and what a plan asks of their readers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from chain.graph_builder import GraphBuilder
from hypothesis import strategies as st

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Window
from tinyrig.generator.options import ALL
from tinyrig.generator.planning.plan import Plan
from tinyrig.generator.verify.walk import executions

ON = replace(ALL, input_streaming=True)


def window(kernel: tuple[int, ...], strides: tuple[int, ...], pads: tuple[int, ...]) -> Window:
    """A window over an image, or over a signal as an image of height 1."""
    if len(kernel) == 1:
        return Window(kernel=(1, *kernel), strides=(1, *strides), pads=(0, pads[0], 0, pads[1]))
    return Window(kernel=kernel, strides=strides, pads=pads)  # type: ignore[arg-type]


@st.composite
def streamed_graphs(draw: st.DrawFn) -> Graph:
    """One to three windows over images or signals, by planes or by cells."""
    b = GraphBuilder(draw(st.integers(0, 999)))
    flat = draw(st.booleans())
    image = (draw(st.integers(4, 20)),) if flat else tuple(draw(st.integers(4, 15)) for _ in "hw")
    images, channels = draw(st.sampled_from([1, 1, 2])), draw(st.integers(1, 3))
    if draw(st.booleans()):
        x = b.input((images, channels, *image))
    else:
        axes = len(image) + 1
        x = b.transpose(b.input((images, *image, channels)), (0, axes, *range(1, axes)))
    for _ in range(draw(st.integers(1, 3))):
        extents = b.shape(x)[2:]
        kernel = tuple(draw(st.integers(1, min(5, extent))) for extent in extents)
        pads = tuple(draw(st.integers(0, size - 1)) for size in (*kernel, *kernel))
        found = window(kernel, tuple(draw(st.integers(1, 4)) for _ in extents), pads)
        if draw(st.booleans()):
            x = b.conv(x, draw(st.integers(1, 5)), found)
        else:
            x = b.maxpool(x, found)
    return b.graph([x])


def asked(plan: Plan) -> Iterator[tuple[str, int, int]]:
    """What an inference asks readers for, in order: the input, its first byte, and how many."""
    for index, turns in executions(plan):
        step = plan.steps[index]
        if step.is_read:
            view = step.call.reads[0]
            at = view.offset + sum(far * turns[loop] for loop, far in view.advances)
            yield view.storage, at, view.size


def patches(seed: int = 5) -> Graph:
    """An image by cells cut into patches, whose last rows no patch has; and two vectors."""
    b = GraphBuilder(seed)
    before = b.linear(b.input((2, 9)), 4)
    image = b.transpose(b.input((1, 26, 24, 2)), (0, 3, 1, 2))
    after = b.linear(b.input((3, 8)), 5)
    tokens = b.conv(image, 8, Window(kernel=(8, 8), strides=(8, 8)))
    return b.graph([before, tokens, after])


def planes(seed: int = 9) -> Graph:
    """An image by planes under overlapping, padded windows of two layers."""
    b = GraphBuilder(seed)
    x = b.conv(b.input((1, 3, 19, 11)), 6, Window(kernel=(5, 3), strides=(2, 1), pads=(2, 1, 2, 1)))
    return b.graph([b.conv(x, 4, Window(kernel=(3, 3), strides=(2, 2), pads=(1, 1, 0, 0)))])
