"""A folder of pictures: a folder a class, or `train` and `test` with such folders in them.

Pictures are .npy arrays of bytes, or PNG and what else Pillow reads, where it is installed.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.errors import InputError, MissingToolError
from tinyrig.generator.files import read_file
from tinyrig.suite.training.data.images import Images, Source

_PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".ppm", ".pgm")
_MOST_BYTES = 1 << 26
_MOST_PIXELS = 1 << 24
_MOST_IMAGES = 200_000


def folder_source(folder: Path) -> Source:
    """Return the pictures of a folder; its classes are the folders' names in their order.

    InputError when it holds none, or pictures of different sizes.
    """
    parts = [folder / "test", folder / "train"]
    if parts[0].is_dir():
        test, train = parts[0], parts[1] if parts[1].is_dir() else None
    else:
        test, train = folder, None
    classes = _classes(test)
    images = _images(test, classes)
    return Source(folder.name, classes, images, None if train is None else _images(train, classes))


def _classes(folder: Path) -> tuple[str, ...]:
    found = tuple(sorted(entry.name for entry in folder.iterdir() if entry.is_dir()))
    if not found:
        raise InputError(f"{folder} has no folder of a class with pictures in it.")
    return found


def _images(folder: Path, classes: tuple[str, ...]) -> Images:
    arrays, labels = list[NDArray[np.uint8]](), list[int]()
    for label, name in enumerate(classes):
        place = folder / name
        for path in sorted(place.iterdir()) if place.is_dir() else ():
            if path.suffix.lower() in (*_PICTURES, ".npy"):
                arrays.append(_picture(path))
                labels.append(label)
        if len(arrays) > _MOST_IMAGES:
            raise InputError(f"{folder} holds more than {_MOST_IMAGES} pictures.")
    if not arrays:
        raise InputError(f"{folder} holds no picture: .npy, {', '.join(_PICTURES)}.")
    sizes = {array.shape for array in arrays}
    if len(sizes) > 1:
        raise InputError(f"The pictures of {folder} differ in size: {sorted(sizes)[:4]}.")
    return Images(np.stack(arrays), np.array(labels, np.int64))


def _picture(path: Path) -> NDArray[np.uint8]:
    raw = read_file(path, "picture", _MOST_BYTES)
    array = _array(path, raw) if path.suffix == ".npy" else _decoded(path, raw)
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim != 3 or array.dtype != np.uint8:
        raise InputError(f"{path} holds {array.dtype} {array.shape}, not bytes of a picture.")
    return array


def _array(path: Path, raw: bytes) -> NDArray[np.uint8]:
    import io

    from tinyrig.suite.files.npy_header import parse_header

    try:
        header = parse_header(raw)
        if header.offset + header.nbytes != len(raw):
            raise ValueError("has another size than it says")
        array: NDArray[np.uint8] = np.load(io.BytesIO(raw), allow_pickle=False)
    except ValueError as error:
        raise InputError(f"{path} is no .npy file of a picture: it {error}.") from error
    return array


def _decoded(path: Path, raw: bytes) -> NDArray[np.uint8]:
    try:
        from PIL import Image
    except ModuleNotFoundError as error:
        raise MissingToolError(
            f"Reading {path} needs the package Pillow: pip install pillow."
        ) from error
    import io

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(raw)) as picture:
                if picture.width * picture.height > _MOST_PIXELS:
                    raise InputError(f"{path} has more than {_MOST_PIXELS} pixels.")
                grey = picture.mode in ("1", "L", "I;16")
                return np.asarray(picture.convert("L" if grey else "RGB"))
    except InputError:
        raise
    except Exception as error:
        # Its decoders raise what they like over a damaged file.
        raise InputError(f"{path} is no picture that can be read: {error}.") from error
