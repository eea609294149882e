"""Operators that move elements: shapes, order of axes, parts, joins and pads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.generator.frontends.tflite.file import FileOperator, FileTensor
from tinyrig.generator.frontends.tflite.rules import translates
from tinyrig.generator.frontends.tflite.translation import Translation

_LARGEST = 1 << 12


def _axis(op: FileOperator, axis: int, rank: int) -> int:
    if not -rank <= axis < rank:
        raise InputError(f"{op} has the axis {axis} of a tensor of {rank}.")
    return axis % rank


def _shape(op: FileOperator, tensor: FileTensor) -> tuple[int, ...]:
    if min(tensor.shape, default=1) < 1:
        raise InputError(f"{op} writes {tensor} of shape {list(tensor.shape)}: it is empty.")
    return tensor.shape


@translates("RESHAPE", "SQUEEZE", "EXPAND_DIMS", reads=1)
def reshape(at: Translation, op: FileOperator) -> None:
    """To the shape that the file declares, wherever the operator takes it from."""
    at.store(op, at.parts.reshaped(at.real(op, 0), _shape(op, at.output(op))))


@translates("TRANSPOSE")
def transpose(at: Translation, op: FileOperator) -> None:
    """By a constant order of axes."""
    rank, order = len(at.tensor(op, 0).shape), at.integers(op, 1)
    perm = [_axis(op, axis, rank) for axis in order]
    if sorted(perm) != list(range(rank)):
        raise InputError(f"{op} has the order {order[:8]} for a tensor of {rank} axes.")
    at.store(op, at.parts.node("Transpose", [at.real(op, 0)], perm=perm))


@translates("CONCATENATION")
def concatenation(at: Translation, op: FileOperator) -> None:
    """Along any axis; inputs with other scales are quantized to the output's."""
    axis = _axis(op, op.integer("Axis"), len(at.tensor(op, 0).shape))
    values = [at.real(op, slot) for slot in range(len(op.inputs))]
    at.store(op, at.activated(op, at.parts.node("Concat", values, axis=axis)))


@translates("PACK")
def pack(at: Translation, op: FileOperator) -> None:
    """Tensors along an axis that is new."""
    shape = _shape(op, at.output(op))
    axis = _axis(op, op.integer("Axis"), len(shape))
    one = (*shape[:axis], 1, *shape[axis + 1 :])
    values = [at.parts.reshaped(at.real(op, slot), one) for slot in range(len(op.inputs))]
    at.store(op, at.parts.node("Concat", values, axis=axis))


@translates("UNPACK")
def unpack(at: Translation, op: FileOperator) -> None:
    """The tensors along an axis, without it."""
    x = at.tensor(op, 0)
    axis = _axis(op, op.integer("Axis"), len(x.shape))
    for slot, value in enumerate(_split(at, op, 0, axis, [1] * len(op.outputs))):
        at.store(op, at.parts.reshaped(value, (*x.shape[:axis], *x.shape[axis + 1 :])), slot)


@translates("SPLIT")
def split(at: Translation, op: FileOperator) -> None:
    """Into equal parts along a constant axis."""
    shape = at.tensor(op, 1).shape
    axis = _axis(op, _one(at, op, 0), len(shape))
    parts = max(len(op.outputs), 1)
    for slot, value in enumerate(_split(at, op, 1, axis, [shape[axis] // parts] * parts)):
        at.store(op, value, slot)


@translates("SPLIT_V")
def split_by(at: Translation, op: FileOperator) -> None:
    """Into parts of constant extents along a constant axis; one of -1 takes the rest."""
    shape = at.tensor(op, 0).shape
    axis = _axis(op, _one(at, op, 2), len(shape))
    sizes = at.integers(op, 1)
    rest = shape[axis] - sum(size for size in sizes if size >= 0)
    sizes = [rest if size == -1 else size for size in sizes]
    for slot, value in enumerate(_split(at, op, 0, axis, sizes)):
        at.store(op, value, slot)


def _one(at: Translation, op: FileOperator, slot: int) -> int:
    found = at.integers(op, slot)
    if len(found) != 1:
        raise InputError(f"{op} has {len(found)} axes; one is needed.")
    return found[0]


def _split(
    at: Translation, op: FileOperator, slot: int, axis: int, sizes: Sequence[int]
) -> list[str]:
    extent = at.tensor(op, slot).shape[axis]
    if len(sizes) != len(op.outputs) or sum(sizes) != extent or min(sizes, default=0) < 1:
        raise InputError(f"{op} splits {extent} into {len(op.outputs)} parts of {sizes[:8]}.")
    names = [f"{at.parts.label}.part{n}" for n in range(len(sizes))]
    return at.parts.nodes("Split", [at.real(op, slot), at.parts.whole(sizes)], names, axis=axis)


@translates("SLICE")
def slice_(at: Translation, op: FileOperator) -> None:
    """With constant bounds."""
    shape, starts, sizes = at.tensor(op, 0).shape, at.integers(op, 1), at.integers(op, 2)
    if not len(starts) == len(sizes) == len(shape):
        raise InputError(f"{op} has {len(starts)} starts for a tensor of {len(shape)} axes.")
    ends = [
        extent if size == -1 else start + size
        for start, size, extent in zip(starts, sizes, shape, strict=True)
    ]
    at.store(op, _sliced(at, op, starts, ends, [1] * len(shape)))


@translates("STRIDED_SLICE")
def strided_slice(at: Translation, op: FileOperator) -> None:
    """With constant bounds and steps, and axes left out; without an ellipsis or new axes."""
    shape = at.tensor(op, 0).shape
    starts, ends, steps = (at.integers(op, slot) for slot in (1, 2, 3))
    if op.integer("EllipsisMask") or op.integer("NewAxisMask") or op.integer("Offset"):
        raise UnsupportedError(
            f"{op} has an ellipsis, a new axis or relative ends; supported are starts, ends and "
            "steps of each axis: write it as SLICE and RESHAPE."
        )
    if not len(starts) == len(ends) == len(steps) <= len(shape) or 0 in steps:
        raise InputError(f"{op} has the steps {steps[:8]} for a tensor of {len(shape)} axes.")
    masks = [op.integer(name) for name in ("BeginMask", "EndMask", "ShrinkAxisMask")]
    for axis, step in enumerate(steps):
        from_end, to_end, single = (mask >> axis & 1 for mask in masks)
        start = starts[axis] + (shape[axis] if starts[axis] < 0 else 0)
        if single and from_end:
            start = 0 if step > 0 else shape[axis] - 1
        if single:
            starts[axis], ends[axis], steps[axis] = start, start + 1, 1
        elif step > 0:
            starts[axis] = 0 if from_end else starts[axis]
            ends[axis] = shape[axis] if to_end else ends[axis]
        else:
            starts[axis] = shape[axis] - 1 if from_end else starts[axis]
            ends[axis] = -shape[axis] - 1 if to_end else ends[axis]
    value = _sliced(at, op, starts, ends, steps)
    shrunk = masks[2] & ((1 << len(steps)) - 1)
    at.store(op, at.parts.reshaped(value, _shape(op, at.output(op))) if shrunk else value)


def _sliced(
    at: Translation,
    op: FileOperator,
    starts: Sequence[int],
    ends: Sequence[int],
    steps: Sequence[int],
) -> str:
    axes = range(len(starts))
    lists = [at.parts.whole(values) for values in (starts, ends, axes, steps)]
    return at.parts.node("Slice", [at.real(op, 0), *lists])


@translates("GATHER")
def gather(at: Translation, op: FileOperator) -> None:
    """Of constant indices along an axis."""
    if op.integer("BatchDims"):
        raise UnsupportedError(f"{op} has batch axes; supported are indices along one axis.")
    axis = _axis(op, op.integer("Axis"), len(at.tensor(op, 0).shape))
    indices = np.array(at.integers(op, 1), np.int64).reshape(at.tensor(op, 1).shape)
    inputs = [at.real(op, 0), at.parts.constant(indices)]
    at.store(op, at.parts.node("Gather", inputs, axis=axis))


def _pads(at: Translation, op: FileOperator) -> list[int]:
    rank, pads = len(at.tensor(op, 0).shape), at.integers(op, 1)
    if len(pads) != 2 * rank or min(pads, default=0) < 0:
        raise InputError(f"{op} has the pads {pads[:16]} for a tensor of {rank} axes.")
    return [*pads[::2], *pads[1::2]]


@translates("PAD")
def pad(at: Translation, op: FileOperator) -> None:
    """With constant pads, of zeros."""
    at.store(op, at.parts.node("Pad", [at.real(op, 0), at.parts.whole(_pads(at, op))]))


@translates("PADV2")
def pad_with(at: Translation, op: FileOperator) -> None:
    """With constant pads, of a constant."""
    value = at.tensor(op, 2)
    if value.data is None or value.data.size != 1:
        raise UnsupportedError(f"{op} takes its fill from {value}; supported is a constant.")
    inputs = [at.real(op, 0), at.parts.whole(_pads(at, op)), at.real(op, 2)]
    at.store(op, at.parts.node("Pad", inputs))


@translates("MIRROR_PAD")
def mirror_pad(at: Translation, op: FileOperator) -> None:
    """With constant pads, of the cells beside the edge."""
    mode = op.integer("Mode")
    if mode:
        raise UnsupportedError(f"{op} has mode SYMMETRIC; supported is REFLECT.")
    inputs = [at.real(op, 0), at.parts.whole(_pads(at, op))]
    at.store(op, at.parts.node("Pad", inputs, mode="reflect"))


def _sizes(at: Translation, op: FileOperator) -> list[int]:
    """Return the rows and columns that an image is resized to."""
    x, sizes = at.tensor(op, 0), at.integers(op, 1)
    if len(x.shape) != 4 or len(sizes) != 2 or not 1 <= min(sizes) <= max(sizes) <= _LARGEST:
        raise InputError(f"{op} gives {x} of shape {list(x.shape)} the extents {sizes[:8]}.")
    return sizes


@translates("RESIZE_NEAREST_NEIGHBOR")
def resize_nearest(at: Translation, op: FileOperator) -> None:
    """To any extents, by either rule of corners and centres."""
    sizes, value = _sizes(at, op), at.real(op, 0)
    corners, offset = bool(op.integer("AlignCorners")), 0.5 if op.integer("HalfPixelCenters") else 0
    for axis, extent, out in zip((1, 2), at.tensor(op, 0).shape[1:3], sizes, strict=True):
        ends = corners and out > 1
        scale = np.float32(extent - ends) / np.float32(out - ends)
        at_cells = (np.arange(out, dtype=np.float32) + np.float32(offset)) * scale
        cells = np.floor(at_cells + np.float32(0.5) if corners else at_cells)
        indices = np.minimum(cells, extent - 1).astype(np.int64)
        if out != extent or not np.array_equal(indices, np.arange(extent)):
            value = at.parts.node("Gather", [value, at.parts.constant(indices)], axis=axis)
    at.store(op, value)


@translates("RESIZE_BILINEAR")
def resize_bilinear(at: Translation, op: FileOperator) -> None:
    """To any extents, by either rule of corners and centres."""
    x, sizes = at.tensor(op, 0), _sizes(at, op)
    centred = "half_pixel" if op.integer("HalfPixelCenters") else "asymmetric"
    value = at.parts.node(
        "Resize",
        [at.image(op, 0), "", "", at.parts.whole([x.shape[0], x.shape[3], *sizes])],
        mode="linear",
        coordinate_transformation_mode="align_corners" if op.integer("AlignCorners") else centred,
    )
    at.store(op, value, image=True)


@translates("DEPTH_TO_SPACE", "SPACE_TO_DEPTH")
def blocks(at: Translation, op: FileOperator) -> None:
    """Blocks of cells from channels, or to them."""
    size = op.integer("BlockSize")
    if not 1 <= size <= _LARGEST:
        raise InputError(f"{op} has blocks of {size} cells.")
    kind = "DepthToSpace" if op.type == "DEPTH_TO_SPACE" else "SpaceToDepth"
    at.store(op, at.parts.node(kind, [at.image(op, 0)], blocksize=size), image=True)
