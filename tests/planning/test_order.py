"""The axis order of an output: what its readers want, at what price, and what wins ties."""

from __future__ import annotations

import pytest
from chain.graph_builder import GraphBuilder

from tinyrig.generator.graph.ops import Window
from tinyrig.generator.planning.order import choose_order, physical_order
from tinyrig.generator.planning.view import View

ONE = Window(kernel=(1, 1))


def chosen(
    b: GraphBuilder, tensor: str, outputs: list[str], *, row_major: bool = False
) -> tuple[int, ...]:
    """The order of a tensor whose producer reads dense inputs."""
    graph = b.graph(outputs)
    node = graph.producers()[tensor]
    reads = [View.contiguous(name, graph.tensors[name].shape) for name in node.inputs]
    return choose_order(
        graph, graph.consumers(), node, reads, lambda view: not row_major or view.is_row_major()
    )


def test_physical_order_goes_from_the_largest_stride_to_the_smallest() -> None:
    view = View.contiguous("s", (2, 3, 4), (2, 0, 1))
    assert physical_order(view) == (2, 0, 1)
    backwards = view.sliced((1, 2, 3), (-1, -1, -1), (2, 3, 4))
    assert physical_order(backwards) == (2, 0, 1)
    assert physical_order(View("s", 0, (3, 3), (4, 4))) == (0, 1), "the earlier axis first"


def test_images_lie_channels_last_where_nobody_minds() -> None:
    b = GraphBuilder(1)
    y = b.conv(b.input((1, 3, 4, 5)), 6, ONE)
    assert chosen(b, y, [b.maxpool(y, ONE)]) == (0, 2, 3, 1)


def test_an_output_of_the_model_is_row_major() -> None:
    b = GraphBuilder(1)
    y = b.conv(b.input((1, 3, 4, 5)), 6, ONE)
    assert chosen(b, y, [y]) == (0, 1, 2, 3)


def test_tokens_of_an_image_lie_as_the_layer_behind_the_transpose_reads_them() -> None:
    b = GraphBuilder(2)
    y = b.conv(b.input((1, 3, 4, 5)), 6, ONE)
    tokens = b.transpose(b.reshape(y, (1, 6, 20)), (0, 2, 1))
    assert chosen(b, y, [b.linear(tokens, 7)]) == (0, 2, 3, 1)


def test_a_flattened_image_lies_in_the_order_of_its_flattening() -> None:
    b = GraphBuilder(3)
    y = b.conv(b.input((1, 3, 4, 5)), 6, ONE)
    assert chosen(b, y, [b.linear(b.reshape(y, (1, 120)), 7)]) == (0, 1, 2, 3)


def test_a_linear_layer_behind_a_transpose_has_its_columns_contiguous() -> None:
    b = GraphBuilder(4)
    y = b.linear(b.input((5, 8)), 6)
    assert chosen(b, y, [b.linear(b.transpose(y, (1, 0)), 3)]) == (1, 0)


def test_without_a_reason_an_elementwise_output_lies_as_its_input() -> None:
    b = GraphBuilder(5)
    y = b.unary(b.input((5, 8)))
    z = b.unary(y)
    graph = b.graph([b.unary(z)])
    node = graph.producers()[z]
    turned = View.contiguous("s", (5, 8), (1, 0))
    order = choose_order(graph, graph.consumers(), node, [turned], lambda _: True)
    assert order == (1, 0)


def test_two_readers_are_weighed_against_each_other() -> None:
    b = GraphBuilder(6)
    y = b.unary(b.input((2, 3, 8)))
    straight, turned = b.linear(y, 4), b.linear(b.transpose(y, (2, 1, 0)), 4)
    assert chosen(b, y, [straight, turned]) == (0, 1, 2), "a tie goes to the native order"
    more = b.linear(b.transpose(y, (2, 1, 0)), 4)
    assert chosen(b, y, [straight, turned, more]) == (2, 1, 0)


def test_an_order_the_kernel_cannot_write_is_not_taken() -> None:
    b = GraphBuilder(7)
    y = b.linear(b.input((5, 8)), 6)
    out = b.linear(b.transpose(y, (1, 0)), 3)
    assert chosen(b, y, [out], row_major=True) == (0, 1)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_softmax_wants_its_last_axis_contiguous(axis: int) -> None:
    b = GraphBuilder(8)
    perm = (*(a for a in range(3) if a != axis), axis)
    y = b.unary(b.input((4, 5, 6)))
    order = chosen(b, y, [b.softmax(b.transpose(y, perm), 2)])
    assert order[-1] == axis
