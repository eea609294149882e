"""Which outputs may be written over the inputs they are made from.

A kernel that goes through its input from front to back no longer needs what lies behind it. How
far the output has to stay behind is a distance between the two addresses (MCUFormer's token
overwriting, Eq. 5, where output tokens no larger than input tokens need none).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tinyrig.generator.operators.operator import Order
from tinyrig.generator.operators.table import call_of
from tinyrig.generator.planning.buffer import align
from tinyrig.generator.planning.call import Call
from tinyrig.generator.planning.kernels import Kernel
from tinyrig.generator.planning.lifetime import Span

Distance = Callable[[Mapping[str, Any], str], int | None]


def overwrite_distance(call: Call, kernel: Kernel) -> int | None:
    """Return how many bytes x must lie behind y at least, or None when they must not overlap.

    Both are addresses of the first element of the call's views.
    """
    order = call_of(call.op).order
    distance = _DISTANCES.get(order)
    if distance is None or kernel.overwrite == "none":
        return None
    if order != "queries" and len(call.reads) != 1:
        return None
    found = distance(call.params, kernel.overwrite)
    return None if found is None else align(found)


def _linear(p: Mapping[str, Any], reading: str) -> int | None:
    """`row`: a row of y is written while its row of x is read; `tile`: after."""
    m, k, n = p["m"], p["k"], p["n"]
    if (p["x_row"], p["x_col"], p["y_row"], p["y_col"]) != (k, 1, n, 1):
        return None
    if reading == "tile":
        return int(max(0, m * (n - k)))
    return int(max(n, m * n - (m - 1) * k))


def _window(params: Mapping[str, Any], _: str) -> int | None:
    """Rows of channels-last images: row o of y is written while x is read from row o*s - pad."""
    p = params["window"]
    if not (_dense(p, "in", "x_stride") and _dense(p, "out", "y_stride")):
        return None
    row_x, row_y = p["in_w"] * p["in_c"], p["out_w"] * p["out_c"]
    image_x, image_y = p["in_h"] * row_x, p["out_h"] * row_y
    return int(
        max(
            batch * (image_y - image_x)
            + (row + 1) * row_y
            - max(0, row * p["stride_h"] - p["pad_top"]) * row_x
            for batch in (0, p["batch"] - 1)
            for row in range(p["out_h"])
        )
    )


def _dense(p: Mapping[str, Any], side: str, strides: str) -> bool:
    """True for a dense channels-last image; the strides of single cells do not count."""
    extents = (p["batch"], p[f"{side}_c"], p[f"{side}_h"], p[f"{side}_w"])
    _, c, h, w = extents
    expected = (h * w * c, 1, w * c, c)
    return all(
        extent == 1 or stride == wanted
        for extent, stride, wanted in zip(extents, p[strides], expected, strict=True)
    )


def _queries(p: Mapping[str, Any], _: str) -> int | None:
    """Of one (batch, head) the queries are read before anything is written."""
    return 0 if p["batch0"] * p["batch1"] == 1 else None


_DISTANCES: Mapping[Order, Distance] = {"rows": _linear, "windows": _window, "queries": _queries}


def overwrites_allowed(
    calls: Sequence[tuple[Call, Kernel, bool]], lives: Mapping[str, Span], outside: set[str]
) -> dict[tuple[str, str], int]:
    """Return the pairs of storages that may overlap, with offsets of views counted in.

    `calls` are the steps with their kernels and whether they stand in a loop; `lives` are the
    first and the last step of every storage in RAM; `outside` are storages that outlive the
    inference. The pair must meet in the step alone: parts of the output's storage that an earlier
    step wrote would lie over what is yet to be read.
    """
    found = {}
    for index, (call, kernel, in_loop) in enumerate(calls):
        if in_loop or not may_overwrite(call, index, lives, outside):
            continue
        distance = overwrite_distance(call, kernel)
        if distance is not None:
            x, y = call.reads[0], call.writes[0]
            found[y.storage, x.storage] = align(distance + y.offset - x.offset)
    return found


def may_overwrite(call: Call, index: int, lives: Mapping[str, Span], outside: set[str]) -> bool:
    """True when a step's output is born where its first input dies, so that they may overlap, and
    no other input lies there."""
    if not call.reads:
        return False
    x, y = call.reads[0], call.writes[0]
    others = {view.storage for view in (*call.reads[1:], y)}
    if x.storage in others or x.storage not in lives or x.storage in outside:
        return False
    return lives[x.storage][1] == index and lives[y.storage][0] == index
