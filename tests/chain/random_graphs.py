"""Random integer graphs: every operator, odd sizes, layout operators in between."""

from __future__ import annotations

import math
from functools import partial

from chain.graph_builder import GraphBuilder
from hypothesis import strategies as st

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Window
from tinyrig.generator.operators.example import drawable
from tinyrig.generator.operators.operator import Operator

_MOST_ELEMENTS = 3000


@st.composite
def random_graphs(draw: st.DrawFn, steps: int = 6) -> Graph:
    """A graph of about `steps` operators with one or two inputs and one or two outputs."""
    builder = GraphBuilder(draw(st.integers(0, 2**32 - 1)))
    shapes = st.one_of(
        st.tuples(st.just(1), st.integers(1, 9), st.integers(1, 19)),
        st.tuples(st.just(1), st.integers(1, 6), st.integers(3, 9), st.integers(3, 9)),
    )
    pool = [builder.input(draw(shapes)) for _ in range(draw(st.integers(1, 2)))]
    for _ in range(steps):
        x = draw(st.sampled_from(pool))
        candidates = [op for op, fits in _OPERATORS.items() if fits(builder.shape(x))]
        pool.append(_APPLY[draw(st.sampled_from(candidates))](draw, builder, x))
    outputs = [pool[-1]]
    if draw(st.booleans()):
        outputs.append(draw(st.sampled_from(pool[len(builder.inputs) : -1] or [pool[-1]])))
    return builder.graph(list(dict.fromkeys(outputs)))


def _small(shape: tuple[int, ...]) -> bool:
    return math.prod(shape) <= _MOST_ELEMENTS


_OPERATORS = {
    "linear": _small,
    "layernorm": lambda _: True,
    "rmsnorm": lambda _: True,
    "unary": lambda _: True,
    "softmax": lambda _: True,
    "add_self": lambda _: True,
    "add_row": lambda _: True,
    "mul_constant": lambda _: True,
    "transpose": lambda s: len(s) > 1,
    "reshape": lambda _: True,
    "slice": lambda _: True,
    "gather": lambda _: True,
    "pad": _small,
    "concat": _small,
    "mean": lambda s: len(s) > 1,
    "self_attention": lambda s: len(s) >= 3 and _small(s),
    "matmul_transposed": lambda s: len(s) in (2, 3, 4) and _small(s),
    "conv": lambda s: len(s) in (3, 4) and _small(s),
    "depthwise": lambda s: len(s) in (3, 4) and _small(s),
    "maxpool": lambda s: len(s) in (3, 4),
    "avgpool": lambda s: len(s) in (3, 4),
}


def _linear(draw: st.DrawFn, b: GraphBuilder, x: str) -> str:
    return b.linear(x, draw(st.integers(1, 20)))


def _layernorm(draw: st.DrawFn, b: GraphBuilder, x: str) -> str:
    return b.layernorm(x)


def _rmsnorm(draw: st.DrawFn, b: GraphBuilder, x: str) -> str:
    return b.rmsnorm(x)


def _unary(draw: st.DrawFn, b: GraphBuilder, x: str) -> str:
    return b.unary(x)


def _softmax(draw: st.DrawFn, b: GraphBuilder, x: str) -> str:
    return b.softmax(x, draw(st.integers(0, len(b.shape(x)) - 1)), masked=draw(st.booleans()))


def _add_self(draw: st.DrawFn, b: GraphBuilder, x: str) -> str:
    return b.add(x, b.unary(x) if draw(st.booleans()) else x)


def _add_row(draw: st.DrawFn, b: GraphBuilder, x: str) -> str:
    row = b.constant((b.shape(x)[-1],))
    return b.add(row, x) if draw(st.booleans()) else b.add(x, row)


def _mul_constant(draw: st.DrawFn, b: GraphBuilder, x: str) -> str:
    shape = [extent if draw(st.booleans()) else 1 for extent in b.shape(x)]
    return b.mul(x, b.constant(tuple(shape)))


def _transpose(draw: st.DrawFn, b: GraphBuilder, x: str) -> str:
    return b.transpose(x, tuple(draw(st.permutations(range(len(b.shape(x)))))))


def _reshape(draw: st.DrawFn, b: GraphBuilder, x: str) -> str:
    total = math.prod(b.shape(x))
    shape = []
    while total > 1 and len(shape) < 3:
        part = draw(st.sampled_from([k for k in range(1, total + 1) if total % k == 0]))
        shape.append(part)
        total //= part
    return b.reshape(x, (*shape, total))


def _slice(draw: st.DrawFn, b: GraphBuilder, x: str) -> str:
    starts, steps, shape = [], [], []
    for extent in b.shape(x):
        step = draw(st.sampled_from([1, 1, 2, -1]))
        start = draw(st.integers(0, extent - 1))
        room = extent - start if step > 0 else start + 1
        starts.append(start)
        steps.append(step)
        shape.append(draw(st.integers(1, -(-room // abs(step)))))
    return b.slice(x, tuple(starts), tuple(steps), tuple(shape))


def _gather(draw: st.DrawFn, b: GraphBuilder, x: str) -> str:
    axis = draw(st.integers(0, len(b.shape(x)) - 1))
    index = st.integers(0, b.shape(x)[axis] - 1)
    return b.gather(x, axis, tuple(draw(st.lists(index, min_size=1, max_size=5))))


def _pad(draw: st.DrawFn, b: GraphBuilder, x: str) -> str:
    sides = [tuple(draw(st.integers(0, 2)) for _ in b.shape(x)) for _ in range(2)]
    return b.pad(x, sides[0], sides[1])


def _concat(draw: st.DrawFn, b: GraphBuilder, x: str) -> str:
    parts = [x, b.linear(x, b.shape(x)[-1])]
    if draw(st.booleans()):
        parts.append(b.constant(b.shape(x)))
    return b.concat(draw(st.permutations(parts)), draw(st.integers(0, len(b.shape(x)) - 1)))


def _mean(draw: st.DrawFn, b: GraphBuilder, x: str) -> str:
    rank = len(b.shape(x))
    axes = draw(st.sets(st.integers(0, rank - 1), min_size=1, max_size=rank - 1))
    return b.mean(x, tuple(sorted(axes)), keepdims=draw(st.booleans()))


def _self_attention(draw: st.DrawFn, b: GraphBuilder, x: str) -> str:
    heads, width = draw(st.integers(1, 3)), draw(st.integers(1, 7))
    flat = b.reshape(x, (1, math.prod(b.shape(x)[:-1]), b.shape(x)[-1]))
    length = b.shape(flat)[1]
    parts = []
    for _ in range(3):
        wide = b.linear(flat, heads * width)
        split = b.reshape(wide, (1, length, heads, width))
        parts.append(b.transpose(split, (0, 2, 1, 3)))
    y = b.attention(*parts, draw(st.sampled_from([None, 1 / 255, 0.1 / 255])))
    return b.reshape(b.transpose(y, (0, 2, 1, 3)), (1, length, heads * width))


def _matmul_transposed(draw: st.DrawFn, b: GraphBuilder, x: str) -> str:
    rank = len(b.shape(x))
    return b.matmul(x, b.transpose(x, (*range(rank - 2), rank - 1, rank - 2)))


def _window(draw: st.DrawFn, shape: tuple[int, ...]) -> Window:
    image = (1, shape[2]) if len(shape) == 3 else shape[2:]
    kernel = tuple(draw(st.integers(1, min(3, extent))) for extent in image)
    flat = len(shape) == 3
    pads = [draw(st.integers(0, kernel[i % 2] - 1)) for i in range(4)]
    if flat:
        pads[0] = pads[2] = 0
    strides = (1 if flat else draw(st.integers(1, 2)), draw(st.integers(1, 3)))
    return Window(kernel=kernel, strides=strides, pads=tuple(pads))


def _conv(draw: st.DrawFn, b: GraphBuilder, x: str) -> str:
    channels = b.shape(x)[1]
    groups = draw(st.sampled_from([g for g in (1, 2, 3) if channels % g == 0]))
    width = groups * draw(st.integers(1, 5))
    return b.conv(x, width, _window(draw, b.shape(x)), groups)


def _depthwise(draw: st.DrawFn, b: GraphBuilder, x: str) -> str:
    channels = b.shape(x)[1]
    return b.conv(x, channels, _window(draw, b.shape(x)), channels)


def _maxpool(draw: st.DrawFn, b: GraphBuilder, x: str) -> str:
    return b.maxpool(x, _window(draw, b.shape(x)))


def _avgpool(draw: st.DrawFn, b: GraphBuilder, x: str) -> str:
    window = _window(draw, b.shape(x))
    return b.avgpool(x, window, count_include_pad=draw(st.booleans()))


def _drawable(shape: tuple[int, ...], operator: Operator) -> bool:
    least, most = operator.ranks
    return _small(shape) and least <= len(shape) <= most and bool(_shapes(shape, operator))


def _shapes(shape: tuple[int, ...], operator: Operator) -> tuple[tuple[int, ...], ...]:
    """The shapes of operands, the first given; none when that is none of the operator's."""
    if operator.shapes is None:
        return (shape,) * operator.operands
    tried = (operator.shapes((*shape[:-1], last)) for last in range(1, shape[-1] + 1))
    return next((tuple(found) for found in tried if found[0] == shape), ())


def _drawn(draw: st.DrawFn, b: GraphBuilder, x: str, operator: Operator) -> str:
    _, *shapes = _shapes(b.shape(x), operator)
    others = [b.unary(x) if draw(st.booleans()) else x for _ in shapes]
    return b.drawn(operator, [x, *map(partial(_part, b), others, shapes)])


def _part(b: GraphBuilder, x: str, shape: tuple[int, ...]) -> str:
    """The first elements of a tensor, as many as a shape has."""
    if b.shape(x) == shape:
        return x
    flat = b.reshape(x, (math.prod(b.shape(x)),))
    return b.reshape(b.gather(flat, 0, tuple(range(math.prod(shape)))), shape)


_APPLY = {name: globals()[f"_{name}"] for name in _OPERATORS}
_APPLY |= {name: partial(_drawn, operator=operator) for name, operator in drawable().items()}
_OPERATORS |= {name: partial(_drawable, operator=operator) for name, operator in drawable().items()}
