"""The IDX files of MNIST and its like: a header of sizes, then bytes, compressed by gzip."""

from __future__ import annotations

import math
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.errors import InputError
from tinyrig.generator.files import read_file

_WHAT = "IDX file"
_MOST_FILE = 1 << 28
_MOST_BYTES = 1 << 29
_UNSIGNED_BYTES = 0x08
_GZIP = 31
_MOST_AXES = 4


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Return the bytes of an IDX file by its sizes; InputError for anything else."""
    content = _unpacked(path, read_file(path, _WHAT, _MOST_FILE))
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] != _UNSIGNED_BYTES:
        raise _damaged(path, "it does not begin as one of bytes")
    axes = content[3]
    begin = 4 + 4 * axes
    if not 1 <= axes <= _MOST_AXES or len(content) < begin:
        raise _damaged(path, f"it has {axes} axes")
    sizes = struct.unpack(f">{axes}I", content[4:begin])
    if math.prod(sizes) != len(content) - begin:
        raise _damaged(path, f"its sizes are {sizes}, and it holds {len(content) - begin} bytes")
    return np.frombuffer(content, np.uint8, offset=begin).reshape(sizes)


def _unpacked(path: Path, raw: bytes) -> bytes:
    if raw[:2] != b"\x1f\x8b":
        return raw
    unpacker = zlib.decompressobj(_GZIP)
    try:
        content = unpacker.decompress(raw, _MOST_BYTES)
    except zlib.error as error:
        raise _damaged(path, str(error)) from error
    if unpacker.unconsumed_tail:
        raise _damaged(path, f"it unpacks to more than {_MOST_BYTES} bytes")
    if not unpacker.eof:
        raise _damaged(path, "it is cut off")
    return content


def _damaged(path: Path, reason: str) -> InputError:
    return InputError(f"{path} is no {_WHAT}: {reason}.")
