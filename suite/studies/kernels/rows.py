"""The shapes `tinyrig bench kernels` measures, and the modelled cycles each is to reach."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Window
from tinyrig.generator.options import ALL, Options
from tinyrig.generator.planning.sparse_format import SPARSE_FORMATS
from tinyrig.suite.models.case import resolve
from tinyrig.suite.studies.kernels import graphs

_ZERO_WAITS = replace(ALL, cycles="0ws")
"""Kernels are compared by the figures that their targets are of."""

_FASTEST = replace(_ZERO_WAITS, optimize="cycles")
"""Where a balanced plan may take a slower kernel for less scratch."""

_CONVOLUTION, _DEPTHWISE, _REST = 1.3, 1.1, 1.0
_SPARSE = (66, 192, 192)
_DENSE = (1.151, 0.582)
"""Cycles a MAC of that linear layer with dense weights of 16 bits, on both cores."""


@dataclass(frozen=True)
class Swept:
    """The sizes of an attention block of the sweep: S, E = P and H."""

    length: int
    width: int
    heads: int


@dataclass(frozen=True)
class Row:
    """One shape. `work` counts MACs or elements, as `unit` says.

    `targets` are cycles a unit by core, or of the whole where `whole`; `padded` names the row
    whose cost the row may exceed by 10 % instead, and `smaller` the one whose cycles a unit it
    may; `fewer` is how many times fewer cycles than CMSIS-NN's the row is to take; `wide_weights`
    lets its weights have 16 bits; `functions` are the only ones whose cycles count, where named;
    `swept` are the sizes of a block of the sweep; `options` plan it.
    """

    name: str
    make: Callable[[], Graph] = field(repr=False)
    unit: str
    work: int
    targets: Mapping[str, float]
    whole: bool = False
    padded: str | None = None
    smaller: str | None = None
    fewer: float | None = None
    wide_weights: bool = True
    functions: tuple[str, ...] = ()
    swept: Swept | None = None
    options: Options = _ZERO_WAITS


def _targets(m4: float, m7: float | None = None) -> Mapping[str, float]:
    return {"cortex-m4": m4} if m7 is None else {"cortex-m4": m4, "cortex-m7": m7}


def _product(op: str, m: int, k: int, n: int, targets: Mapping[str, float]) -> Row:
    make = {"linear": graphs.linear, "matmul": graphs.matmul}[op]
    return Row(f"{op} {m}x{k}x{n}", lambda: make(m, k, n), "MAC", m * k * n, targets)


def _every_sparse() -> list[Row]:
    """Sparse layers, each to be so many times faster than the dense one is on its core."""
    faster = {("4", 0.3): (2.1, 2.1), ("4", 0.5): (1.4, 1.4), ("2", 0.3): (1.9, 1.9)}
    faster |= {("2x4", 0.3): (2.5, 2.2), ("2x4", 0.5): (1.6, 1.45)}
    return [_sparse(form, density, times) for (form, density), times in faster.items()]


def _sparse(blocks: str, density: float, faster: tuple[float, float]) -> Row:
    m, k, n = _SPARSE
    form = SPARSE_FORMATS[f"sparse{blocks}"]
    name = f"linear {m}x{k}x{n}, {density:g} of its {blocks} blocks"
    targets = _targets(*(dense / times for dense, times in zip(_DENSE, faster, strict=True)))
    return Row(
        name, lambda: graphs.sparse_linear(_SPARSE, form, density), "MAC", m * k * n, targets
    )


def _block(name: str, m4: float, m7: float) -> Row:
    """An attention block as `tinyrig run` takes it; its work is that of the block as given."""
    case = resolve(name, {})
    macs = case.graph.macs()
    row = Row(name, lambda: case.rewritten(ALL).graph, "MAC", macs, _targets(m4, m7), whole=True)
    return replace(row, options=_FASTEST)


def _convolution(
    name: str, channels: tuple[int, int], image: tuple[int, int], window: Window, groups: int = 1
) -> Row:
    fewer = _DEPTHWISE if groups > 1 else _CONVOLUTION
    return _of_graph(name, graphs.conv(channels, image, window, groups), fewer)


def _of_graph(name: str, graph: Graph, fewer: float | None = None) -> Row:
    return Row(name, lambda: graph, "MAC", graph.macs(), {}, fewer=fewer)


def _narrow(m: int, k: int, n: int, targets: Mapping[str, float]) -> Row:
    """A linear layer as it is where flash has no room for weights of 16 bits."""
    row = _product("linear", m, k, n, targets)
    return replace(row, name=f"{row.name}, 8-bit weights", wide_weights=False)


def _elementwise(name: str, make: Callable[[int, int], Graph]) -> Row:
    return Row(name, lambda: make(81, 128), "element", 81 * 128, {}, fewer=_REST)


def _pooling(
    name: str,
    make: Callable[[int, tuple[int, int], Window], Graph],
    kernel: tuple[int, int],
    strides: tuple[int, int],
) -> Row:
    """A pooling of 32 channels of 16x16; its work is the elements that come out."""
    graph = make(32, (16, 16), Window(kernel=kernel, strides=strides))
    work = graph.tensors[graph.outputs[0]].elements
    return Row(name, lambda: graph, "element", work, {}, fewer=_REST)


def _every_dense() -> list[Row]:
    """3x3 layers as a ResNet has them, padded by one."""
    found = []
    for channels, side, stride, targets in (
        ((16, 16), 32, 1, (0.85, 0.47)),
        ((32, 32), 16, 1, (0.69, 0.36)),
        ((64, 64), 8, 1, (0.64, 0.32)),
        ((16, 32), 32, 2, (1.35, 0.70)),
        ((32, 64), 16, 2, (1.35, 0.70)),
    ):
        window = Window(kernel=(3, 3), strides=(stride, stride), pads=(1, 1, 1, 1))
        name = f"conv 3x3 s{stride} {channels[0]}>{channels[1]} {side}x{side}"
        row = _of_graph(name, graphs.conv(channels, (side, side), window))
        found.append(replace(row, targets=_targets(*targets)))
    return found


def _depthwise(
    image: tuple[int, int, int], stride: int, targets: tuple[float, ...], taps: int = 3
) -> Row:
    """A depthwise layer of an image [h, w, channels], padded by half of its window."""
    height, width, channels = image
    half = taps // 2
    window = Window(kernel=(taps, taps), strides=(stride, stride), pads=(half,) * 4)
    graph = graphs.conv((channels, channels), (height, width), window, channels)
    name = f"depthwise {taps}x{taps} s{stride} {height}x{width}x{channels}"
    targeted = _targets(*targets)
    return Row(name, lambda: graph, "MAC", graph.macs(), targeted, options=_FASTEST)


def _every_depthwise() -> list[Row]:
    return [
        _depthwise((48, 48, 8), 1, (2.0, 1.3)),
        _depthwise((16, 16, 128), 1, (2.0, 1.3)),
        _depthwise((25, 5, 64), 1, (2.5, 1.6)),
        _depthwise((12, 12, 64), 1, (2.5, 1.6)),
        _depthwise((6, 6, 128), 1, (2.7, 1.75)),
        _depthwise((48, 48, 16), 2, (3.4, 1.9)),
        _depthwise((24, 24, 32), 2, (3.8, 2.2)),
        _depthwise((12, 12, 64), 2, (4.6, 2.7)),
        _depthwise((24, 24, 32), 1, (2.0, 1.3)),
        *(_larger(taps, stride) for taps in (5, 7) for stride in (1, 2)),
    ]


def _larger(taps: int, stride: int) -> Row:
    """A depthwise layer of more taps, held against 3x3 ones."""
    row = _depthwise((24, 24, 32), stride, (0, 0), taps)
    return replace(row, targets={}, smaller=f"depthwise 3x3 s{stride} 24x24x32")


def _copies() -> list[Row]:
    """What is copied where nothing absorbs it, and the larger of two."""
    found = {
        "pad 81x128": graphs.pad(81, 128),
        "concat 81x128": graphs.concat(81, 128),
        "resize 81x128": graphs.resize(81, 128),
        "max 81x128": graphs.largest(81, 128),
    }
    return [_copied(*item) for item in found.items()]


def _copied(name: str, graph: Graph) -> Row:
    return Row(name, lambda: graph, "element", 81 * 128, _targets(1.2, 0.8))


def _others() -> list[Row]:
    """What other people's graphs have between their layers."""
    found = {
        "reduce max 64x32": graphs.reduced(64, 32, 0),
        "reduce max 81x128 by rows": graphs.reduced(81, 128, 1),
        "argmax 81x128": graphs.argmax(81, 128),
        "divide 81x128": graphs.divide(81, 128, 128),
        "divide 81x128 by rows": graphs.divide(81, 128, 1),
        "resize linear 32 16x16 to 32x32": graphs.between(32, (16, 16), (32, 32)),
    }
    return [_other(*item) for item in found.items()]


def _other(name: str, graph: Graph) -> Row:
    work = max(graph.tensors[end].elements for end in (graph.inputs[0], graph.outputs[0]))
    return Row(name, lambda: graph, "element", work, {})


def _first_layers() -> list[Row]:
    """Layers of one and three channels, as MLPerf Tiny's networks begin."""
    halved = Window(kernel=(3, 3), strides=(2, 2), pads=(0, 0, 1, 1))
    tall = Window(kernel=(10, 4), strides=(2, 2), pads=(4, 1, 5, 1))
    same = Window(kernel=(3, 3), pads=(1, 1, 1, 1))
    found = {
        "first 3x3 s2 3>8 96x96": graphs.conv((3, 8), (96, 96), halved),
        "first 3x3 3>16 32x32": graphs.conv((3, 16), (32, 32), same),
        "first 10x4 s2 1>64 49x10": graphs.conv((1, 64), (49, 10), tall),
    }
    return [replace(_of_graph(*item), targets=_targets(1.75, 0.92)) for item in found.items()]


def _every_pointwise() -> list[Row]:
    """Pointwise layers of few channels."""
    found = []
    for depth, outputs, side, targets in (
        (16, 32, 24, (1.55, 0.78)),
        (32, 32, 16, (1.33, 0.65)),
        (64, 64, 12, (1.22, 0.58)),
    ):
        graph = graphs.conv((depth, outputs), (side, side), Window(kernel=(1, 1)))
        row = _of_graph(f"pointwise {depth}>{outputs} {side}x{side}", graph)
        found.append(replace(row, targets=_targets(*targets)))
    return found


def _sum_of_images() -> Row:
    graph = graphs.add_images(32, (16, 16))
    work = graph.tensors["y"].elements
    name = "add of two scales 16x16x32"
    return Row(name, lambda: graph, "element", work, _targets(7, 4.5))


def _leftovers(op: str, m: int, k: int, n: int, padded: str) -> Row:
    return replace(_product(op, m, k, n, {}), padded=padded)


def _every_leftover() -> list[Row]:
    """Depths 1 to 7 over a multiple of 8, rows and columns that are no multiple of the tile's."""
    padded = "linear 84x256x32"
    return [_leftovers("linear", 82 + left % 2, 248 + left, 31, padded) for left in range(1, 8)]


def _rows(op: str, make: Callable[[int, int], Graph], rows: int, length: int, most: float) -> Row:
    """An operator of rows with one limit for both cores."""
    name, work = f"{op} {rows}x{length}", rows * length
    return Row(name, lambda: make(rows, length), "element", work, _targets(most, most))


def _rows_of_two(op: str, make: Callable[[int, int], Graph], targets: tuple[float, float]) -> Row:
    return replace(_rows(op, make, 81, 128, 0), targets=_targets(*targets))


def _deferred_softmax() -> Row:
    """What makes an attention block's scores exponentials, and adds them up."""
    block = _block("eegformer-mhsa", 0, 0)
    return replace(
        block,
        name=f"softmax deferred, {block.name}",
        unit="element",
        work=8 * 81 * 81,
        targets=_targets(10, 10),
        whole=False,
        functions=("tr_exponentials_of_row",),
    )


def rows() -> list[Row]:
    """Return the target table, and the convolutions and poolings beside it."""
    wide, narrow = _targets(1.20, 0.70), _targets(1.50, 0.95)
    same = Window(kernel=(3, 3), pads=(1, 1, 1, 1))
    return [
        _product("linear", 84, 256, 32, wide),
        _product("linear", 84, 32, 256, narrow),
        _narrow(84, 256, 32, _targets(1.30, 0.70)),
        _product("matmul", 84, 256, 32, wide),
        _product("matmul", 84, 32, 256, narrow),
        *_every_sparse(),
        *_every_leftover(),
        _leftovers("linear", 82, 31, 253, "linear 84x32x256"),
        _leftovers("matmul", 83, 253, 31, "matmul 84x256x32"),
        _leftovers("matmul", 82, 31, 253, "matmul 84x32x256"),
        _rows("softmax", graphs.softmax, 81, 81, 20),
        _deferred_softmax(),
        _rows("layernorm", graphs.layernorm, 81, 32, 12),
        _rows("layernorm", graphs.layernorm, 81, 128, 12),
        _rows("unary", graphs.unary, 81, 128, 5),
        _elementwise("add 81x128", graphs.add),
        _sum_of_images(),
        _rows_of_two("mul", graphs.mul, (4, 2.5)),
        _rows_of_two("transpose", graphs.transpose, (2.5, 1.6)),
        *_copies(),
        _convolution("conv 3x3 16>16 16x16", (16, 16), (16, 16), same),
        *_every_dense(),
        _convolution("pointwise 32>64 8x8", (32, 64), (8, 8), Window(kernel=(1, 1))),
        _convolution("conv 1-D 9 16>16 198", (16, 16), (1, 198), Window(kernel=(1, 9))),
        _convolution("depthwise 3x3 32 16x16", (32, 32), (16, 16), same, 32),
        *_every_pointwise(),
        *_first_layers(),
        *_every_depthwise(),
        _pooling("maxpool 2x2 32 16x16", graphs.maxpool, (2, 2), (2, 2)),
        _pooling("avgpool 2x2 32 16x16", graphs.avgpool, (2, 2), (2, 2)),
        _pooling("avgpool 3x3 32 16x16", graphs.avgpool, (3, 3), (1, 1)),
        Row("mean 64x32", lambda: graphs.mean(64, 32), "element", 64 * 32, {}, fewer=_REST),
        *_others(),
        _block("eegformer-mhsa", 7.8e6, 4.2e6),
        _block("ecgformer-mhsa", 0.78e6, 0.54e6),
        _block("trformer-mhsa", 232e3, 128e3),
    ]


def sweep(heads: int) -> list[Row]:
    """Return attention blocks of S by E = P, 16 to 128 (Fig. 8 and 10 of the paper)."""
    found = []
    for length in (16, 32, 64, 128):
        for width in (16, 32, 64, 128):
            dims = {"S": length, "E": width, "P": width, "H": heads}
            case = resolve("mhsa", dims)
            block = _of_graph(case.name, case.graph)
            found.append(replace(block, swept=Swept(length, width, heads)))
    return found
