"""CIFAR-10 as its user has it: the binary batches, the Python ones, or an .npz of either.

Nothing is downloaded. A record of a binary batch is a class and 3,072 bytes, the planes of red,
green and blue, row by row.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.errors import InputError
from tinyrig.generator.files import read_file
from tinyrig.suite.training.data.images import Images, Source
from tinyrig.suite.training.data.pickles import read_batch

CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
_RECORD = 3073
_MOST_BYTES = _RECORD * 60_000
_BATCHES = range(1, 6)


def cifar_folder(folder: Path) -> Source | None:
    """Return the images of a folder of batches, None where it has none."""
    for ending in (".bin", ""):
        test = folder / f"test_batch{ending}"
        if not test.is_file():
            continue
        parts = [folder / f"data_batch_{n}{ending}" for n in _BATCHES]
        known = [_file(part) for part in parts if part.is_file()]
        train = None
        if known:
            pixels = np.concatenate([images.pixels for images in known])
            train = Images(pixels, np.concatenate([images.labels for images in known]))
        return Source("cifar-10", CLASSES, _file(test), train)
    return None


def cifar_file(path: Path) -> Source:
    """Return the images of one batch, to judge by."""
    return Source("cifar-10", CLASSES, _file(path))


def _file(path: Path) -> Images:
    if path.suffix != ".bin":
        return _images(*read_batch(path))
    raw = np.frombuffer(read_file(path, "binary batch of CIFAR-10", _MOST_BYTES), np.uint8)
    if not raw.size or raw.size % _RECORD:
        raise InputError(
            f"{path} is no binary batch of CIFAR-10: its {raw.size} bytes are no whole number of "
            f"records of {_RECORD}."
        )
    records = raw.reshape(-1, _RECORD)
    if records[:, 0].max() >= len(CLASSES):
        raise InputError(f"{path} is no binary batch of CIFAR-10: it has a class above 9.")
    return _images(records[:, 1:], records[:, 0].astype(np.int64))


def _images(rows: NDArray[np.uint8], labels: NDArray[np.int64]) -> Images:
    return Images(rows.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), labels)
