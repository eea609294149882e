"""The pickles of CIFAR-10 for Python, read without running what they ask for.

An unpickler calls whatever a pickle names. This one knows the names that an array of bytes
needs, has classes of its own in their place, and refuses every other.
"""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.errors import InputError
from tinyrig.generator.files import read_file

_WHAT = "pickle of CIFAR-10"
_MOST_BYTES = 1 << 28


class _Ndarray:
    """Stands for numpy's class of arrays."""


class _Kind:
    """Stands for a type of elements."""

    def __init__(self, code: object, *_: object) -> None:
        self.code = code.decode("latin-1") if isinstance(code, bytes) else code

    def __setstate__(self, _: object) -> None:
        """Take the byte order; bytes have none."""


class _Array:
    """Stands for an array, whose shape and bytes come as its state."""

    def __init__(self, kind: object, *_: object) -> None:
        self.values: NDArray[np.uint8] | None = None
        if kind is not _Ndarray:
            raise pickle.UnpicklingError("it rebuilds something other than an array")

    def __setstate__(self, state: object) -> None:
        """Take an array of bytes with two axes; leave any other out."""
        match state:
            case (int(), (int() as rows, int() as columns), _Kind(code="u1"), fortran, bytes(raw)):
                if rows * columns == len(raw):
                    flat = np.frombuffer(raw, np.uint8)
                    self.values = flat.reshape((rows, columns), order="F" if fortran else "C")


def _latin(text: object, encoding: object = "latin1") -> bytes:
    """Stand in for `_codecs.encode`, with which bytes are written for both Pythons."""
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
        raise pickle.UnpicklingError("it encodes something other than bytes")
    return text.encode("latin-1")


_ALLOWED: dict[tuple[str, str], Any] = {
    ("_codecs", "encode"): _latin,
    ("numpy", "ndarray"): _Ndarray,
    ("numpy", "dtype"): _Kind,
    ("numpy.core.multiarray", "_reconstruct"): _Array,
    ("numpy._core.multiarray", "_reconstruct"): _Array,
}


class _Allowing(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """Return what stands in for a name of the list."""
        found = _ALLOWED.get((module, name))
        if found is None:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}")
        return found


def read_batch(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the rows [n, 3072] and the labels of a batch.

    InputError for any other file, and for one that asks for more than arrays, bytes and numbers.
    """
    raw = read_file(path, _WHAT, _MOST_BYTES)
    try:
        held = _Allowing(io.BytesIO(raw), encoding="bytes").load()
    except InputError:
        raise
    except Exception as error:
        # A pickle can make the unpickler raise anything.
        raise InputError(f"{path} is no {_WHAT}: {error}.") from error
    if not isinstance(held, dict):
        raise InputError(f"{path} is no {_WHAT}: it holds no table.")
    rows, labels = (_entry(held, name) for name in ("data", "labels"))
    return _rows(path, rows), _labels(path, labels)


def _entry(held: dict[Any, Any], name: str) -> object:
    return held.get(name.encode(), held.get(name))


def _rows(path: Path, rows: object) -> NDArray[np.uint8]:
    values = rows.values if isinstance(rows, _Array) else None
    if values is None or values.shape[1] != 3072:
        raise InputError(f"{path} is no {_WHAT}: its data are not bytes [n, 3072].")
    return np.ascontiguousarray(values)


def _labels(path: Path, labels: object) -> NDArray[np.int64]:
    listed = labels if isinstance(labels, list) else []
    if not listed or not all(type(label) is int and 0 <= label < 10 for label in listed):
        raise InputError(f"{path} is no {_WHAT}: its labels are not classes 0 to 9.")
    return np.array(listed, np.int64)
