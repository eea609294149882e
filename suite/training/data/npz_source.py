"""Labelled images in one .npz: `x_test` and `y_test`, and to train with `x_train` and `y_train`.

`images` and `labels` alone are taken too: they are judged by. Images are [n, rows, columns] or
[n, rows, columns, bands], of bytes or of reals.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.errors import InputError
from tinyrig.suite.files.npz import read_arrays
from tinyrig.suite.training.data.images import Images, Source

_MOST_CLASSES = 1 << 16


def npz_source(path: Path) -> Source:
    """Return the images of an .npz; InputError when it holds others arrays than these."""
    arrays = read_arrays(path)
    if {"images", "labels"} <= arrays.keys():
        test, train = _images(path, arrays, "images", "labels"), None
    elif {"x_test", "y_test"} <= arrays.keys():
        test = _images(path, arrays, "x_test", "y_test")
        known = {"x_train", "y_train"} <= arrays.keys()
        train = _images(path, arrays, "x_train", "y_train") if known else None
    else:
        raise InputError(
            f"{path} holds {', '.join(sorted(arrays)) or 'nothing'}; images are x_test and y_test, "
            "with x_train and y_train to train with, or images and labels."
        )
    most = max(int(part.labels.max()) for part in (test, train) if part is not None)
    if most >= _MOST_CLASSES:
        raise InputError(f"{path} has a label {most}; at most {_MOST_CLASSES} classes are taken.")
    return Source(path.stem, tuple(map(str, range(most + 1))), test, train)


def _images(path: Path, arrays: dict[str, NDArray[Any]], x: str, y: str) -> Images:
    pixels, labels = arrays[x], arrays[y]
    if pixels.ndim == 3:
        pixels = pixels[..., None]
    if pixels.dtype != np.uint8:
        if pixels.dtype.kind != "f" or not np.isfinite(pixels).all():
            raise InputError(f"{x!r} of {path} holds {pixels.dtype}, not bytes or finite reals.")
        pixels = pixels.astype(np.float32)
    if labels.dtype.kind not in "iu":
        raise InputError(f"{y!r} of {path} holds {labels.dtype}, not whole numbers of classes.")
    return Images(pixels, labels.reshape(-1).astype(np.int64))
