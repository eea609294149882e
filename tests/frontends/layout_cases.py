"""Random operators that move elements."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from case_families import Families, random_shape, some
from qdq_models import Case, QdqModel

FAMILIES = Families()


def _laid_out(m: QdqModel, value: str) -> Case:
    """Quantize the result, sometimes through another layout operator that stays float."""
    if m.rng.random() < 0.3:
        value = m.node("Reshape", value, m.ints([-1]))
    return m.case(m.quantised(value))


@FAMILIES.add
def reshape(rng: np.random.Generator) -> Case:
    m = QdqModel(rng)
    shape = random_shape(rng, 2, 4)
    target = some(rng, [-1], [0, -1], [1, -1, shape[-1]])
    return m.case(_same_affine(m, m.node("Reshape", m.activation(shape), m.ints(target))))


def _same_affine(m: QdqModel, value: str) -> str:
    return value if m.rng.random() < 0.3 else m.quantised(value)


@FAMILIES.add
def flatten(rng: np.random.Generator) -> Case:
    m = QdqModel(rng)
    shape = random_shape(rng)
    y = m.node("Flatten", m.activation(shape), axis=int(rng.integers(0, len(shape) + 1)))
    return _laid_out(m, y)


@FAMILIES.add
def squeeze(rng: np.random.Generator) -> Case:
    m = QdqModel(rng, some(rng, 11, 13, 21))
    shape = (1, *random_shape(rng, 1, 2), 1)
    x = m.activation(shape)
    if m.opset < 13:
        return _laid_out(m, m.node("Squeeze", x, axes=[0]))
    return _laid_out(m, m.node("Squeeze", x, m.ints(some(rng, [0], [-1], [0, len(shape) - 1]))))


@FAMILIES.add
def unsqueeze(rng: np.random.Generator) -> Case:
    m = QdqModel(rng)
    x = m.activation(random_shape(rng, 1, 3))
    return _laid_out(m, m.node("Unsqueeze", x, m.ints(some(rng, [0], [-1], [0, 2]))))


@FAMILIES.add
def transpose(rng: np.random.Generator) -> Case:
    m = QdqModel(rng)
    shape = random_shape(rng)
    perm = {} if rng.random() < 0.2 else {"perm": [int(a) for a in rng.permutation(len(shape))]}
    return _laid_out(m, m.node("Transpose", m.activation(shape), **perm))


@FAMILIES.add
def concat(rng: np.random.Generator) -> Case:
    m = QdqModel(rng)
    shape = list(random_shape(rng))
    axis = int(rng.integers(0, len(shape)))
    parts = []
    for _ in range(int(rng.integers(1, 4))):
        shape[axis] = int(rng.integers(1, 5))
        parts.append(m.activation(tuple(shape)))
    if rng.random() < 0.4:
        parts.append(m.pair(m.floats(rng.normal(0, 1, shape)), 0.03, 0))
    return m.case(m.quantised(m.node("Concat", *parts, axis=axis - some(rng, 0, len(shape)))))


@FAMILIES.add
def slice_(rng: np.random.Generator) -> Case:
    m = QdqModel(rng)
    shape = random_shape(rng, 1, 4, 12)
    starts, ends, steps = [], [], []
    for extent in shape:
        low, high = sorted(int(n) for n in rng.choice(extent + 1, 2, replace=False))
        step = int(rng.integers(1, 4))
        if rng.random() < 0.25:
            low, high, step = high - 1, low - 1 - extent, -step
            low = some(rng, low, low, 2**31)  # from the last one on
        elif rng.random() < 0.3:
            high = 2**31
        starts.append(
            low if rng.random() < 0.6 or low < 0 else low - extent if low < extent else low
        )
        ends.append(high)
        steps.append(step)
    axes = [int(a) for a in rng.permutation(len(shape))]
    picked = [[values[a] for a in axes] for values in (starts, ends)]
    inputs = [m.ints(picked[0]), m.ints(picked[1]), m.ints(axes), m.ints([steps[a] for a in axes])]
    return _laid_out(m, m.node("Slice", m.activation(shape), *inputs))


@FAMILIES.add
def split(rng: np.random.Generator) -> Case:
    m = QdqModel(rng)
    shape = list(random_shape(rng, 1, 4))
    axis = int(rng.integers(0, len(shape)))
    parts = [int(n) for n in rng.integers(1, 4, int(rng.integers(2, 4)))]
    shape[axis] = sum(parts)
    found = m.nodes(
        "Split", m.activation(tuple(shape)), m.ints(parts), outputs=len(parts), axis=axis
    )
    return m.case(*(m.quantised(name) for name in found))


@FAMILIES.add
def gather(rng: np.random.Generator) -> Case:
    m = QdqModel(rng)
    shape = random_shape(rng)
    axis = int(rng.integers(0, len(shape)))
    size: Sequence[int] = some(rng, (), (int(rng.integers(1, 6)),), (2, 3))
    indices = rng.integers(-shape[axis], shape[axis], size)
    return _laid_out(m, m.node("Gather", m.activation(shape), m.ints(indices), axis=axis))


@FAMILIES.add
def pad(rng: np.random.Generator) -> Case:
    m = QdqModel(rng)
    shape = random_shape(rng)
    pads = [int(n) for n in rng.integers(0, 4, 2 * len(shape))]
    if shape[0] > 1 and rng.random() < 0.3:
        pads[0] = -1
    value = [m.floats(rng.uniform(-1, 1))] if rng.random() < 0.5 else []
    return m.case(m.quantised(m.node("Pad", m.activation(shape), m.ints(pads), *value)))


@FAMILIES.add
def pad_repeated(rng: np.random.Generator) -> Case:
    mode = some(rng, "reflect", "edge", "wrap")
    m = QdqModel(rng, 21)
    shape = random_shape(rng)
    reach = [n if mode == "reflect" else n + 1 for n in shape]
    pads = [int(rng.integers(0, min(n, 4))) for n in reach + reach]
    if shape[0] > 4 and rng.random() < 0.4:
        pads[0] = -1
    return m.case(m.quantised(m.node("Pad", m.activation(shape), m.ints(pads), mode=mode)))


@FAMILIES.add
def expand(rng: np.random.Generator) -> Case:
    m = QdqModel(rng)
    shape = random_shape(rng, 1, 3)
    if rng.random() < 0.5:
        repeats = [int(n) for n in rng.integers(1, 4, len(shape))]
        return _laid_out(m, m.node("Tile", m.activation(shape), m.ints(repeats)))
    ones = tuple(some(rng, n, 1) for n in shape)
    return _laid_out(m, m.node("Expand", m.activation(ones), m.ints([2, *shape])))


@FAMILIES.add
def pass_through(rng: np.random.Generator) -> Case:
    m = QdqModel(rng)
    x = m.activation(random_shape(rng))
    y = m.node("Identity", x) if rng.random() < 0.5 else m.node("Dropout", x)
    return m.case(_same_affine(m, y))


@FAMILIES.add
def depth_to_space(rng: np.random.Generator) -> Case:
    m = QdqModel(rng)
    size, deep, high, wide = (int(n) for n in rng.integers(1, 4, 4))
    x = m.activation((int(rng.integers(1, 3)), deep * size**2, high, wide))
    mode = some(rng, {"mode": "DCR"}, {"mode": "CRD"}, {})
    return _laid_out(m, m.node("DepthToSpace", x, blocksize=size, **mode))


@FAMILIES.add
def space_to_depth(rng: np.random.Generator) -> Case:
    m = QdqModel(rng)
    size, deep, high, wide = (int(n) for n in rng.integers(1, 4, 4))
    x = m.activation((int(rng.integers(1, 3)), deep, high * size, wide * size))
    return _laid_out(m, m.node("SpaceToDepth", x, blocksize=size))


_TRANSFORMS = ("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric")


def _resized(m: QdqModel, shape: tuple[int, ...], **how: object) -> str:
    """Resize the axes behind the channels to any extents, or by any factors."""
    scales = [1.0, 1.0, *(float(s) for s in m.rng.uniform(0.3, 4, len(shape) - 2))]
    if m.rng.random() < 0.4:
        scales[2:] = (float(s) for s in m.rng.choice([0.5, 1.5, 2, 3], len(shape) - 2))
    scales = [max(s, 1 / n) for s, n in zip(scales, shape, strict=True)]
    if m.rng.random() < 0.5:
        given = ["", m.floats(scales)]
    else:
        given = ["", "", m.ints([int(s * n) for s, n in zip(scales, shape, strict=True)])]
    return m.node("Resize", m.activation(shape), *given, **how)


@FAMILIES.add
def resize(rng: np.random.Generator) -> Case:
    m = QdqModel(rng, some(rng, 13, 19, 21))
    shape = (1, *(int(n) for n in rng.integers(1, 9, some(rng, 2, 3))))
    nearest = some(rng, "floor", "ceil", "round_prefer_floor", "round_prefer_ceil")
    transform = some(rng, *_TRANSFORMS)
    how = {"coordinate_transformation_mode": transform, "nearest_mode": nearest}
    return _laid_out(m, _resized(m, shape, mode="nearest", **how))


@FAMILIES.add
def resize_between(rng: np.random.Generator) -> Case:
    m = QdqModel(rng, some(rng, 13, 18, 21))
    mode = some(rng, "linear", "linear", "cubic")
    axes = 2 if mode == "cubic" else some(rng, 1, 2)
    shape = (int(rng.integers(1, 3)), *(int(n) for n in rng.integers(1, 9, axes + 1)))
    how: dict[str, object] = {"mode": mode}
    how["coordinate_transformation_mode"] = some(
        rng, *_TRANSFORMS, *(["half_pixel_symmetric"] if m.opset > 18 else [])
    )
    if m.opset >= 18 and axes == 2 and rng.random() < 0.4:
        how["antialias"] = 1
    if mode == "cubic":
        how |= some(rng, {}, {"exclude_outside": 1}, {"cubic_coeff_a": -0.5})
    y = _resized(m, shape, **how)
    return m.case(m.quantised(y))
