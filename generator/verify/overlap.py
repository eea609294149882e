"""Whether a call may write where it reads: by the order in which its kernel does both.

What is known of the kernels stands in their headers, is declared as the order of their call
(`generator/operators/operator.py`), and by variant in kernels/registry.toml: of mode `row`, a row
of y is written while its rows of x are read; of mode `tile`, after they were read; of mode
`queries`, an attention has read the queries of its one head before it writes; else, apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.operators.accesses import Accesses, Block
from tinyrig.generator.operators.table import call_of
from tinyrig.generator.planning.call import Call

Moments = NDArray[np.int64]
_NEVER = -1


def apart(block: Block) -> bool:
    """True when no two elements of a block are the same byte."""
    walked = sorted(
        (abs(stride), extent)
        for extent, stride in zip(block.shape, block.strides, strict=True)
        if extent > 1
    )
    span = 0
    for stride, extent in walked:
        if stride <= span:
            return len(np.unique(block.addresses())) == block.addresses().size
        span += stride * (extent - 1)
    return True


def clash(
    call: Call, mode: str, accesses: Accesses, places: tuple[int | None, ...], *, shared: bool
) -> tuple[int, int] | None:
    """Return the range of the bytes a call writes before their last reading, or None.

    `mode` is the kernel's reading mode. `places` are the addresses of the operands it reads and,
    last, of the one it writes; None for constants. A `shared` call is run by several cores, in no
    order.
    """
    write_at = places[-1]
    assert write_at is not None
    low, high = write_at + accesses.write.first, write_at + accesses.write.end
    for number, (block, at) in enumerate(zip(accesses.reads, places, strict=False)):
        if at is None or at + block.end <= low or high <= at + block.first:
            continue
        moments = _moments(call, mode, accesses, number, start=at == write_at, shared=shared)
        found = _early(accesses, number, (at, write_at), (low, high), moments)
        if found is not None:
            return found
    return None


def _early(
    accesses: Accesses,
    number: int,
    places: tuple[int, int],
    written: tuple[int, int],
    moments: tuple[Moments, Moments, bool] | None,
) -> tuple[int, int] | None:
    low, high = written
    block = accesses.reads[number]
    when = np.full(high - low, _NEVER, np.int64)
    addresses = accesses.write.addresses() + (places[1] - low)
    when[addresses] = 0 if moments is None else np.broadcast_to(moments[1], addresses.shape)
    reads = block.addresses() + (places[0] - low)
    inside = (reads >= 0) & (reads < high - low)
    if moments is None:
        needed = np.zeros(int(inside.sum()), np.int64)
    else:
        needed = np.broadcast_to(moments[0], reads.shape)[inside]
    at = reads[inside]
    overwritten = when[at]
    if moments is None:
        wrong = overwritten != _NEVER
    elif moments[2]:
        wrong = (overwritten != _NEVER) & (overwritten != needed)
    else:
        wrong = (overwritten != _NEVER) & (overwritten <= needed)
    if not wrong.any():
        return None
    return int(at[wrong].min()) + low, int(at[wrong].max()) + low + 1


def _moments(
    call: Call, mode: str, accesses: Accesses, number: int, *, start: bool, shared: bool
) -> tuple[Moments, Moments, bool] | None:
    """Return when a read operand and the output are reached, and whether only equal moments may
    share a byte; None where they must lie apart."""
    block, write = accesses.reads[number], accesses.write
    order = call_of(call.op).order
    if order == "same":
        return _numbered(block.shape), _numbered(write.shape), True
    if order == "sums" and start and _dense(block) and _dense(write):
        return 2 * _numbered(block.shape[:-1])[..., None], 2 * _numbered(write.shape) + 1, False
    if order == mode == "queries":
        return _queries(call.params, block, write) if number == 0 else None
    if shared or mode == "none":
        return None
    if order == "rows":
        rows = np.arange(write.shape[0])[:, None]
        return 2 * rows, 2 * rows + (1 if mode == "tile" else 0), False
    rows_of_images = order == "windows" and mode == "row"
    return _window_rows(call.params["window"]) if rows_of_images else None


def _queries(
    p: Mapping[str, Any], block: Block, write: Block
) -> tuple[Moments, Moments, bool] | None:
    """All cores have read the queries of the one (batch, head) before any of them writes."""
    if p["batch0"] * p["batch1"] > 1:
        return None
    return np.zeros(block.shape, np.int64), np.ones(write.shape, np.int64), False


def _numbered(shape: tuple[int, ...]) -> Moments:
    return np.arange(int(np.prod(shape)), dtype=np.int64).reshape(shape)


def _dense(block: Block) -> bool:
    expected = 1
    for extent, stride in zip(reversed(block.shape), reversed(block.strides), strict=True):
        if extent != 1 and stride != expected:
            return False
        expected *= extent
    return True


def _window_rows(p: Any) -> tuple[Moments, Moments, bool]:
    """The last row of the output that reads a row of the input, and the row that is written."""
    rows = np.arange(p["in_h"])
    last = np.minimum((rows + p["pad_top"]) // p["stride_h"], p["out_h"] - 1)
    images = np.arange(p["batch"])[:, None] * p["out_h"]
    read = (images + last)[:, None, :, None]
    written = (images + np.arange(p["out_h"]))[:, None, :, None]
    return read, written, False
