"""How evenly cores share the work of a call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tinyrig.generator.planning.call import Call
from tinyrig.generator.planning.kernels import Kernel

TILE_ROWS = 4
"""Rows of a kernel's inner tile."""

_FEW_BYTES, _MANY_ROWS = 16, 32
"""A window of at most so many bytes, of which a core takes so many at a time."""

_FEW_ITEMS = 64
"""Items of cells, of which cores may leave some idle."""

_WINDOW_CYCLES, _CELL_CYCLES, _PLANE_CYCLES = 60, 12, 21
"""Cycles of a window's copy, of a cell of it, and of each of its bytes where channels lie apart."""

_PAIRED_BYTES = 32
"""Bytes of a row of which a kernel that shares queries by pairs answers two alone."""

_FINDING = 4
"""How many times as long as windows of a tile of cells are looked for its products take."""


def unevenness(call: Call, kernel: Kernel, cores: int) -> float:
    """Return how many times as long as their mean the core works that has most of a call.

    The registry says how the cores share a call of the kernel.

    The formulas of costs share all work evenly; cores share windows, four of a row at a time, and
    queries, of which each works at four at a time. Cores that share windows by their channels copy
    them all, and bytes of planes are copied one by one.
    """
    params: Mapping[str, Any] = call.params
    match kernel.share:
        case "queries" | "pairs":
            return _queries_apart(params, cores, by_pairs=kernel.share == "pairs")
        case "rounds":
            return _rounds_apart(params, kernel.round, cores)
        case "rectangles":
            return _rectangles_apart(params["m"], params["n"], cores)
        case "tiles":
            return _tiles_apart(params["window"], cores)
        case "windows":
            return _windows_apart(params["window"], cores)
        case _:
            return 1.0


def queries_of_round(each: int, cores: int) -> int:
    """Return how many queries all cores answer together, `each` for every one, in whole tiles."""
    return -(-each * cores // TILE_ROWS) * TILE_ROWS


def _queries_apart(params: Mapping[str, Any], cores: int, *, by_pairs: bool) -> float:
    """Return it where cores share queries, four at a time, or the last two of few bytes alone."""
    queries = params["batch0"] * params["batch1"] * params["s"]
    most = -(-queries // cores)
    pairs = by_pairs and params["p"] == _PAIRED_BYTES and most % TILE_ROWS <= 2
    step = 2 if pairs else TILE_ROWS
    return float(-(-most // step) * step * cores / queries)


def _rounds_apart(params: Mapping[str, Any], each: int, cores: int) -> float:
    """Return it where all cores answer the queries of a round together.

    Of none `each`, all there are. They share them by tiles of keys, then by themselves, then by
    tiles of columns: each of the three is about a third of the work.
    """
    most = queries_of_round(each, cores) or params["s"]
    sizes = [min(most, params["s"] - row) for row in range(0, params["s"], most)]
    blocks = [-(-size // TILE_ROWS) for size in sizes]
    apart = sum(-(-size // cores) for size in sizes) * cores / params["s"]
    for lines in (params["t"], params["r"]):
        shares = sum(-(-count * -(-lines // TILE_ROWS) // cores) for count in blocks)
        apart += TILE_ROWS**2 * shares * cores / (params["s"] * lines)
    return float(apart / 3)


def _windows_apart(window: Mapping[str, Any], cores: int) -> float:
    """Return it where windows are shared, by their channels too where there are few."""
    cells = window["kernel_h"] * window["kernel_w"]
    k = cells * window["in_c"]
    copied = _MANY_ROWS if k <= _FEW_BYTES else TILE_ROWS
    in_place = cells == 1 and window["x_stride"][1] == 1
    if in_place and window["stride_h"] * window["stride_w"] == 1:
        return _cells_apart(window, copied, cores)
    most: int = window["out_w"] if in_place else copied
    items: int = window["batch"] * window["out_h"] * -(-window["out_w"] // most)
    groups = cores
    while items < groups:
        groups //= 2
    even = _WINDOW_CYCLES + cells * (_CELL_CYCLES + window["in_c"])
    byte = 1 if window["x_stride"][1] == 1 else _PLANE_CYCLES
    copying = _WINDOW_CYCLES + cells * (_CELL_CYCLES + byte * window["in_c"])
    products = window["out_c"] * (_CELL_CYCLES + k // 2)
    share = -(-items // groups) * groups / items
    return float(share * (copying * cores // groups + products) / (even + products))


def _cells_apart(window: Mapping[str, Any], count: int, cores: int) -> float:
    """Return it where `count` cells at a time are read in place, all of an image as one row's.

    Where whole ones would leave cores idle, these cut the channels.
    """
    outputs: int = window["out_h"] * window["out_w"]
    items: int = window["batch"] * -(-outputs // count)
    groups = cores
    while items < groups or (groups > 1 and items < _FEW_ITEMS and items % groups):
        groups //= 2
    quads, across = -(-window["out_c"] // TILE_ROWS), cores // groups
    share = -(-items // groups) * groups * count / (window["batch"] * outputs)
    return float(share * -(-quads // across) * across / quads)


def _tiles_apart(window: Mapping[str, Any], cores: int) -> float:
    """Return it where channels are cut into such a power of two of parts, tiles of cells into the
    rest, that the core of the most work has the least."""
    outputs: int = window["batch"] * window["out_h"] * window["out_w"]
    tiles, quads = -(-outputs // TILE_ROWS), -(-window["out_c"] // TILE_ROWS)
    across = [1 << bits for bits in range(cores.bit_length())]
    least: int = min(-(-tiles * n // cores) * (_FINDING * -(-quads // n) + 1) for n in across)
    return float(least * cores / (tiles * (_FINDING * quads + 1)))


def _rectangles_apart(rows: int, columns: int, cores: int) -> float:
    """Return it where columns are cut into such a power of two of parts, rows into the rest, that
    the largest rectangle is as small as can be; into all where each has whole tiles of columns."""
    everyone = cores.bit_length() - 1
    whole = columns % (TILE_ROWS * cores) == 0
    cut = [everyone] if whole else range(everyone + 1)
    tiles = -(-columns // TILE_ROWS)
    least = min(
        _lines(-(-rows // (cores >> bits)))
        * _lines(min(columns, -(-tiles // (1 << bits)) * TILE_ROWS))
        for bits in cut
    )
    return least * cores / (4 * rows * columns)


def _lines(count: int) -> int:
    """Return how long lines take, each two in a whole tile; three that no other stands beside have
    no tile."""
    rest = count % TILE_ROWS
    return 2 * (count - rest) + (8 if rest == 3 and count > TILE_ROWS else 3 * rest)
